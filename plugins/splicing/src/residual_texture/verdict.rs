// SPDX-License-Identifier: MIT OR Apache-2.0
//! What two groups of blocks are worth: log odds, and how often authentic pictures show as much.
//!
//! Weights, intercept and tails are printed by `training/residual_texture.py`.

use super::split::NUMBERS;

/// Weight of each of [`super::split::numbers`] in the log odds of a foreign part: a logistic
/// regression at an even prior on 128 splices made from authentic pictures, saved at quality 75 to 100,
/// against 551 authentic ones. Halves that were left out are ranked with an area under the curve of
/// 0.67.
const WEIGHTS: [f64; NUMBERS] = [1.4998, 0.6856, 0.478, 0.5226, 0.5532, -0.5863];
const INTERCEPT: f64 = -5.0556;
/// Pixels below which a picture belongs to a bucket, and the bucket's tail over 207, 182, 162 and 47
/// authentic pictures; the scale covers both the mean and the largest excess. The last, of few
/// pictures, has the widest scale of the others.
const BUCKETS: [(usize, Tail); 4] = [
    (130_000, Tail { start: 0.727, scale: 0.88 }),
    (400_000, Tail { start: 0.895, scale: 0.51 }),
    (1_000_000, Tail { start: 1.349, scale: 0.36 }),
    (usize::MAX, Tail { start: 0.657, scale: 0.88 }),
];
/// Share of the authentic pictures beyond the start of a tail.
const TAIL_SHARE: f64 = 0.05;
/// Share of the authentic pictures that may show a region.
const FALSE_ALARMS: f64 = 0.005;
/// Natural log odds of a forgery before looking, for the cells: one picture in five. At an even prior
/// one authentic picture in five would have cells above 0.
const PRIOR_LOG_ODDS: f64 = -1.386;
/// Weight of a block's log likelihood ratio beside the picture's: overlapping directions and a fit to
/// the same blocks make it bold.
const BLOCK_WEIGHT: f32 = 0.25;
/// Most that a block's ratio adds or takes, so that its exponential is finite.
const MOST_OF_BLOCK: f32 = 60.0;

/// An exponential tail.
struct Tail {
    /// Log odds that [`TAIL_SHARE`] of the authentic pictures exceed.
    start: f64,
    /// Mean excess of those.
    scale: f64,
}

/// What a picture's groups are worth.
pub(super) struct Verdict {
    /// Natural log odds of a foreign part at an even prior.
    pub(super) log_odds: f64,
    log10_tail: f64,
}

/// Judges a picture of so many pixels.
pub(super) fn of(numbers: &[f64; NUMBERS], pixels: usize) -> Verdict {
    let weighed = numbers.iter().zip(&WEIGHTS).map(|(number, weight)| number * weight);
    let log_odds = (INTERCEPT + weighed.sum::<f64>()).clamp(-12.0, 12.0);
    let bucket = BUCKETS.iter().find(|(below, _)| pixels < *below);
    let log10_tail = bucket.map_or(0.0, |(_, tail)| {
        TAIL_SHARE.log10() - (log_odds - tail.start) / tail.scale * std::f64::consts::LOG10_E
    });
    Verdict { log_odds, log10_tail }
}

impl Verdict {
    /// log10 of the share of authentic pictures that show as much, where it is below
    /// [`FALSE_ALARMS`].
    pub(super) fn log10_nfa(&self) -> Option<f64> {
        (self.log10_tail < FALSE_ALARMS.log10()).then_some(self.log10_tail)
    }

    /// Natural log odds that a cell is foreign, from its log likelihood ratio.
    pub(super) fn cell_log_odds(&self) -> impl Fn(f32) -> f32 {
        let against = (-(self.log_odds + PRIOR_LOG_ODDS)).exp() as f32;
        // Both must hold: ln(p q / (1 - p q)) with p and q the logistic of either, where
        // 1 / (p q) = (1 + exp(-picture)) (1 + exp(-block)).
        move |log_ratio| {
            let block = (BLOCK_WEIGHT * log_ratio).clamp(-MOST_OF_BLOCK, MOST_OF_BLOCK);
            -(against + (-block).exp() * (1.0 + against)).ln()
        }
    }
}
