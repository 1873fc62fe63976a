// SPDX-License-Identifier: MIT OR Apache-2.0
//! Logistic regression with a ridge, by Newton's steps: for the leakage floor, a dozen features.

/// Weight of the ridge against the mean log-likelihood, in standardised features.
const RIDGE: f64 = 1e-2;
/// Newton's steps; with a ridge a handful suffices.
const STEPS: usize = 25;
/// Length of a step, squared, at which the fit has settled.
const SETTLED: f64 = 1e-16;
/// Deviation below which a feature counts as constant.
const CONSTANT: f64 = 1e-9;

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub struct Logistic {
    means: Vec<f64>,
    deviations: Vec<f64>,
    /// The offset, then a weight for each feature.
    weights: Vec<f64>,
}

impl Logistic {
    /// Fits rows of equal length; each class counts the same, whatever its size. `None` without
    /// both classes.
    #[must_use]
    pub fn fit(rows: &[(Vec<f64>, bool)]) -> Option<Self> {
        let positives = rows.iter().filter(|(_, is_positive)| *is_positive).count();
        let negatives = rows.len() - positives;
        if positives == 0 || negatives == 0 {
            return None;
        }
        let columns = rows.first()?.0.len();
        let n = rows.len() as f64;
        let column = |index: usize| rows.iter().filter_map(move |(row, _)| row.get(index).copied());
        let means: Vec<_> = (0..columns).map(|c| column(c).sum::<f64>() / n).collect();
        let variance =
            |(c, mean): (usize, &f64)| column(c).map(|v| (v - mean).powi(2)).sum::<f64>() / n;
        let deviation = |variance: f64| variance.sqrt();
        let deviations = means.iter().enumerate().map(variance).map(deviation).collect();
        let mut model = Self { means, deviations, weights: vec![0.0; columns + 1] };
        let standard: Vec<_> =
            rows.iter().map(|(row, class)| (model.standard(row), *class)).collect();
        for _ in 0..STEPS {
            let mut gradient: Vec<_> = model.weights.iter().map(|weight| -RIDGE * weight).collect();
            let mut hessian = vec![vec![0.0; columns + 1]; columns + 1];
            for (index, row) in hessian.iter_mut().enumerate() {
                if let Some(cell) = row.get_mut(index) {
                    *cell = RIDGE;
                }
            }
            for (row, is_positive) in &standard {
                let share = 0.5 / if *is_positive { positives } else { negatives } as f64;
                let p = model.of_standard(row);
                let error = share * (f64::from(u8::from(*is_positive)) - p);
                let curvature = share * p * (1.0 - p);
                for ((value, slope), line) in row.iter().zip(&mut gradient).zip(&mut hessian) {
                    *slope += error * value;
                    for (other, cell) in row.iter().zip(line) {
                        *cell += curvature * value * other;
                    }
                }
            }
            let step = solve(hessian, gradient)?;
            model.weights.iter_mut().zip(&step).for_each(|(weight, step)| *weight += step);
            if step.iter().map(|step| step * step).sum::<f64>() < SETTLED {
                break;
            }
        }
        Some(model)
    }

    /// The probability that a row is positive, at even odds of the classes.
    #[must_use]
    pub fn probability(&self, row: &[f64]) -> f64 {
        self.of_standard(&self.standard(row))
    }

    fn of_standard(&self, row: &[f64]) -> f64 {
        let logit: f64 = row.iter().zip(&self.weights).map(|(value, weight)| value * weight).sum();
        1.0 / (1.0 + (-logit).exp())
    }

    /// One, then the features less their mean over their deviation; 0 for a constant one.
    fn standard(&self, row: &[f64]) -> Vec<f64> {
        let scales = self.means.iter().zip(&self.deviations);
        let features = row.iter().zip(scales).map(|(value, (mean, deviation))| {
            if *deviation < CONSTANT {
                0.0
            } else {
                (value - mean) / deviation
            }
        });
        std::iter::once(1.0).chain(features).collect()
    }
}

/// Solves a symmetric positive definite system by elimination; a ridge keeps the pivots off 0. `None`
/// where it does not.
#[must_use]
pub fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let n = right.len();
    for pivot in 0..n {
        let (row, value) = (matrix.get(pivot)?.clone(), *right.get(pivot)?);
        let divisor = *row.get(pivot)?;
        if divisor.abs() < f64::MIN_POSITIVE {
            return None;
        }
        for below in pivot + 1..n {
            let factor = matrix.get(below)?.get(pivot)? / divisor;
            let line = matrix.get_mut(below)?;
            line.iter_mut().zip(&row).for_each(|(cell, above)| *cell -= factor * above);
            *right.get_mut(below)? -= factor * value;
        }
    }
    let mut solution = vec![0.0; n];
    for index in (0..n).rev() {
        let row = matrix.get(index)?;
        let known: f64 = row.iter().zip(&solution).skip(index + 1).map(|(a, b)| a * b).sum();
        *solution.get_mut(index)? = (right.get(index)? - known) / row.get(index)?;
    }
    Some(solution)
}
