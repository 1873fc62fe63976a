// SPDX-License-Identifier: MIT OR Apache-2.0
//! A monotone map from a detector's score to what it is worth on a collection.
//!
//! *What.* Logistic: slope (not negative) and offset on the log-odds of the score. Isotonic: the
//! shares of positives in equal parts of the scores, pooled until none falls, joined by lines.
//!
//! *Why.* Log-odds add up in fusion only if they mean what they say.
//!
//! *When it does not apply.* To fewer than two classes. Isotonic maps need hundreds of pictures: at
//! the ends of the scores each part rests on a fiftieth of them.
//!
//! *Constants and their source.* The ridge is the normal prior of the slope, mean 1 (the detector's
//! own calibration holds) and deviation 3, seen against so many pictures.
//!
//! *References.* Platt 1999 (logistic); Ayer et al. 1955 and Zadrozny and Elkan 2002 (isotonic).

use serde::Serialize;

use super::ridge::{Case, Regression};
use crate::fusion::ensemble::logit;
use crate::policy::Calibration;

/// Deviation of the slope's prior around 1.
const SLOPE_DEVIATION: f64 = 3.0;
/// Largest slope, as in a policy.
const MOST_SLOPE: f64 = 50.0;
/// Parts of equal share before pooling; fewer than a policy's most knots.
const PARTS: usize = 50;
/// Decimals of what is written to a policy.
const DECIMALS: f64 = 1e6;

/// Which maps are fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Slope and offset.
    #[value(name = "platt")]
    Logistic,
    /// Knots; needs hundreds of pictures.
    Isotonic,
}

/// One score, clamped off 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Within 0..1.
    pub score: f64,
    /// The class.
    pub is_positive: bool,
    /// How much it counts, above 0; all together 1.
    pub share: f64,
}

/// A number as a policy has it: six decimals.
#[must_use]
pub fn written(number: f64) -> f64 {
    // `+ 0.0` makes no difference but to minus zero.
    (number * DECIMALS).round() / DECIMALS + 0.0
}

/// The map of a shape through points of `pictures` pictures; `None` without both classes.
#[must_use]
pub fn fit(points: &[Point], pictures: usize, shape: Shape) -> Option<Calibration> {
    match shape {
        Shape::Logistic => logistic(points, pictures),
        Shape::Isotonic => isotonic(points),
    }
}

fn logistic(points: &[Point], pictures: usize) -> Option<Calibration> {
    let case = |point: &Point| Case {
        features: vec![logit(point.score)],
        is_positive: point.is_positive,
        share: point.share,
    };
    let cases: Vec<_> = points.iter().map(case).collect();
    let ridge = 1.0 / (SLOPE_DEVIATION.powi(2) * pictures.max(1) as f64);
    let fitted = Regression::fit(&cases, &[1.0], ridge, [0.0, MOST_SLOPE])?;
    let slope = written(*fitted.weights.first()?);
    Some(Calibration::Logistic { slope, offset: written(fitted.offset) })
}

/// Scores of one part: their share, its positives, and the sum of the scores.
#[derive(Clone, Copy, Default)]
struct Part {
    share: f64,
    positive: f64,
    scores: f64,
}

impl Part {
    fn add(&mut self, other: Self) {
        self.share += other.share;
        self.positive += other.positive;
        self.scores += other.scores;
    }

    fn rate(&self) -> f64 {
        self.positive / self.share
    }
}

fn isotonic(points: &[Point]) -> Option<Calibration> {
    let positives = points.iter().filter(|point| point.is_positive).count();
    if positives == 0 || positives == points.len() {
        return None;
    }
    let mut pooled: Vec<Part> = Vec::new();
    for part in parts(points) {
        pooled.push(part);
        while let [.., before, last] = pooled.as_mut_slice() {
            if before.rate() < last.rate() {
                break;
            }
            before.add(*last);
            pooled.pop();
        }
    }
    let mut knots: Vec<[f64; 2]> = Vec::new();
    for part in &pooled {
        let knot = [written(part.scores / part.share), written(part.rate()).clamp(0.0, 1.0)];
        match knots.last_mut() {
            // Scores that differ in later decimals than a policy has.
            Some(last) if last[0] >= knot[0] => last[1] = knot[1],
            _ => knots.push(knot),
        }
    }
    Some(Calibration::Knots { knots })
}

/// The points by score in parts of about equal share; equal scores are in one part.
fn parts(points: &[Point]) -> Vec<Part> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.score.total_cmp(&b.score));
    let total: f64 = sorted.iter().map(|point| point.share).sum();
    let mut parts: Vec<Part> = Vec::new();
    let mut now = Part::default();
    for tie in sorted.chunk_by(|a, b| a.score == b.score) {
        for point in tie {
            let positive = if point.is_positive { point.share } else { 0.0 };
            now.add(Part { share: point.share, positive, scores: point.share * point.score });
        }
        if now.share * PARTS as f64 >= total {
            parts.push(std::mem::take(&mut now));
        }
    }
    match parts.last_mut() {
        Some(last) if now.share > 0.0 => last.add(now),
        None => parts.push(now),
        Some(_) => {}
    }
    parts
}
