// SPDX-License-Identifier: MIT OR Apache-2.0
//! The line of least squares through measured points, and how far they lie from it.

/// `fixed + slope * x`.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its value at 0.
    pub fixed: f64,
    /// What one more of `x` adds.
    pub slope: f64,
    /// Each point's `y` less the line's, in the order of the points.
    pub residuals: Vec<f64>,
}

impl Line {
    /// Through points `(x, y)`; `None` where less than two of their `x` differ.
    #[must_use]
    pub fn through(points: &[(f64, f64)]) -> Option<Self> {
        let count = points.len() as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
        let (middle, height) = (mean(|point| point.0), mean(|point| point.1));
        let spread: f64 = points.iter().map(|(x, _)| (x - middle).powi(2)).sum();
        let together: f64 = points.iter().map(|(x, y)| (x - middle) * (y - height)).sum();
        let slope = together / spread;
        if !slope.is_finite() {
            return None;
        }
        let fixed = height - slope * middle;
        let residuals = points.iter().map(|(x, y)| y - fixed - slope * x).collect();
        Some(Self { fixed, slope, residuals })
    }

    /// Its value at `x`.
    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        self.fixed + self.slope * x
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_found_again_and_a_bend_stays_in_the_residuals() {
        let line = Line::through(&[(1.0, 5.0), (2.0, 7.0), (4.0, 11.0)]).unwrap();
        assert_eq!((line.fixed, line.slope), (3.0, 2.0));
        assert_eq!(line.residuals, [0.0; 3]);
        let bent = Line::through(&[(0.0, 0.0), (1.0, 3.0), (2.0, 0.0)]).unwrap();
        assert_eq!(bent.residuals, [-1.0, 2.0, -1.0]);
        assert_eq!(bent.at(7.0), 1.0);
    }

    #[test]
    fn points_above_each_other_make_no_line() {
        assert_eq!(Line::through(&[(2.0, 1.0), (2.0, 3.0)]), None);
        assert_eq!(Line::through(&[]), None);
    }

    proptest! {
        #[test]
        fn no_other_line_lies_nearer(
            points in proptest::collection::vec((0.0_f64..50.0, 0.0_f64..9.0), 3..20),
            turn in -0.5_f64..0.5,
            lift in -1.0_f64..1.0,
        ) {
            let Some(line) = Line::through(&points) else { return Ok(()) };
            let own: f64 = line.residuals.iter().map(|rest| rest * rest).sum();
            let other = |(x, y): &(f64, f64)| (y - line.at(*x) - lift - turn * x).powi(2);
            let others: f64 = points.iter().map(other).sum();
            prop_assert!(own <= others + 1e-9);
        }
    }
}
