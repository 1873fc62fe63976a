// SPDX-License-Identifier: MIT OR Apache-2.0
//! Monotone maps from a detector's raw statistic to its score.
//!
//! *What it does.* A raw statistic (a logit, a log NFA) orders pictures; a calibration turns it into
//! the share of pictures with such a value for which the hypothesis holds, at an even prior.
//!
//! *Why by constructor.* A calibration that is not monotone would rank pictures differently from
//! the statistic that was measured, so no value of [`Calibration`] can be one: the constructors
//! refuse it, and there is no other way to make one.
//!
//! *References.* Platt, "Probabilistic outputs for support vector machines", 1999 (logistic);
//! Zadrozny and Elkan, "Transforming classifier scores into accurate multiclass probability
//! estimates", KDD 2002 (isotonic).

/// Largest absolute raw value that is told apart; keeps every intermediate result finite.
pub const MAX_RAW: f64 = 1e12;

/// Why a calibration was refused.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum CalibrationError {
    /// The logistic map would fall or be undefined.
    #[error(
        "logistic calibration needs a slope within 0..=1e12 and an offset within -1e12..=1e12, found \
         slope {slope}, offset {offset}; fit it again"
    )]
    Logistic {
        /// The slope given.
        slope: f64,
        /// The offset given.
        offset: f64,
    },
    /// The logistic map would reach scores outside `0..=1`, or none at all.
    #[error(
        "calibrated scores must span a range within 0..=1, found {low}..={high}; fit it again"
    )]
    Range {
        /// The smallest score given.
        low: f64,
        /// The largest score given.
        high: f64,
    },
    /// The knots of the isotonic map are too few.
    #[error("isotonic calibration needs at least one knot; fit it on more pictures")]
    NoKnot,
    /// A knot of the isotonic map is out of order or out of range.
    #[error(
        "isotonic calibration needs rising raw values within -1e12..=1e12 and scores within 0..=1 \
         that never fall; knot {index} has raw {raw}, score {score}; fit it again"
    )]
    Knot {
        /// Which knot, from 0.
        index: usize,
        /// Its raw value.
        raw: f64,
        /// Its score.
        score: f64,
    },
}

/// A map from a raw statistic to a score in `0..=1` that never falls.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration(Map);

#[derive(Clone, Debug, PartialEq)]
enum Map {
    Logistic { slope: f64, offset: f64, low: f64, high: f64 },
    Isotonic(Vec<(f64, f64)>),
}

impl Calibration {
    /// `1 / (1 + exp(-(slope * raw + offset)))`.
    ///
    /// # Errors
    /// When `slope` is negative or a number is not finite (or beyond [`MAX_RAW`]).
    pub fn logistic(slope: f64, offset: f64) -> Result<Self, CalibrationError> {
        Self::logistic_within(slope, offset, 0.0, 1.0)
    }

    /// The logistic map held within `low..=high`, the range of scores that the calibration sample
    /// is large enough to support.
    ///
    /// # Errors
    /// When `slope` is negative, a number is not finite, or not `0 <= low <= high <= 1`.
    pub fn logistic_within(
        slope: f64,
        offset: f64,
        low: f64,
        high: f64,
    ) -> Result<Self, CalibrationError> {
        if !((0.0..=MAX_RAW).contains(&slope) && offset.abs() <= MAX_RAW) {
            return Err(CalibrationError::Logistic { slope, offset });
        }
        if !(0.0 <= low && low <= high && high <= 1.0) {
            return Err(CalibrationError::Range { low, high });
        }
        Ok(Self(Map::Logistic { slope, offset, low, high }))
    }

    /// Steps through `(raw, score)` knots with straight lines between them; constant outside.
    ///
    /// # Errors
    /// When there is no knot, raw values do not rise strictly, or scores fall or leave `0..=1`.
    pub fn isotonic(knots: Vec<(f64, f64)>) -> Result<Self, CalibrationError> {
        if knots.is_empty() {
            return Err(CalibrationError::NoKnot);
        }
        let mut before = (f64::NEG_INFINITY, 0.0);
        for (index, &(raw, score)) in knots.iter().enumerate() {
            let rises = raw.abs() <= MAX_RAW && raw > before.0;
            if !rises || !(before.1..=1.0).contains(&score) {
                return Err(CalibrationError::Knot { index, raw, score });
            }
            before = (raw, score);
        }
        Ok(Self(Map::Isotonic(knots)))
    }

    /// The score of a raw value, in `0..=1`. A NaN has no score: the answer is `None`.
    #[must_use]
    pub fn score(&self, raw: f64) -> Option<f64> {
        if raw.is_nan() {
            return None;
        }
        let raw = raw.clamp(-MAX_RAW, MAX_RAW);
        Some(match &self.0 {
            Map::Logistic { slope, offset, low, high } => {
                (1.0 / (1.0 + (-(slope * raw + offset)).exp())).clamp(*low, *high)
            }
            Map::Isotonic(knots) => interpolate(knots, raw),
        })
    }
}

fn interpolate(knots: &[(f64, f64)], raw: f64) -> f64 {
    let above = knots.partition_point(|&(at, _)| at < raw);
    let (Some(&first), Some(&last)) = (knots.first(), knots.last()) else { return 0.5 };
    match (above.checked_sub(1).and_then(|below| knots.get(below)), knots.get(above)) {
        (None, _) => first.1,
        (_, None) => last.1,
        (Some(&(x0, y0)), Some(&(x1, y1))) => {
            let share = (raw - x0) / (x1 - x0);
            (y0 + share * (y1 - y0)).clamp(y0, y1)
        }
    }
}
