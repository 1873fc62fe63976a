// SPDX-License-Identifier: MIT OR Apache-2.0
//! The law of one DCT frequency before quantisation, and what single and double quantisation make
//! of it.
//!
//! *The law.* Within a class of equally busy blocks a coefficient is a scale times a variable that
//! is the same for all classes. Its law is counted on the shifted grid and leans on a Laplacian
//! where counts are few.
//!
//! *Single.* `P(x) = P[q2 (x - 1/2) <= u < q2 (x + 1/2)]`.
//!
//! *Double.* The first quantisation moves the mass within half a step `q1` of `k q1` onto `k q1`;
//! decoding to whole samples adds a normal error; the second quantises that
//! [Bianchi and Piva 2012, eq. 4-8].

use super::blocks::{Shifted, CLASSES};

/// Magnitudes of quantised coefficients that are told apart; the last stands for all above.
pub(crate) const LEVELS: usize = 32;
/// Standard deviation of the error of decoding: samples of red, green and blue are rounded, and so
/// is the luma of the second compression, `sqrt(1/12 (0.299^2 + 0.587^2 + 0.114^2) + 1/12)`.
const DECODING_SIGMA: f64 = 0.35;
/// Width of a bin of the law, in scales.
const BIN: f64 = 0.125;
/// Bins of the law; what lies above is one more.
const BINS: usize = 96;
/// Weight of the Laplacian in the law, in coefficients.
const LAPLACIAN_WEIGHT: f64 = 30.0;
/// Smallest scale: that of rounding to whole samples.
const LEAST_SCALE: f64 = 0.3;
/// Coefficients of a class below which its scale is taken for the step.
const FEWEST_OF_CLASS: usize = 6;
/// Share of coefficients that follow no model: bounds what one coefficient can say.
const OUTLIERS: f64 = 0.01;
/// Standard deviations beyond which less than 1e-15 is left.
const SURE: f64 = 8.0;
/// Largest ratio of two probabilities that is believed.
const MOST_RATIO: f64 = 100.0;

/// Probability of each magnitude, by class.
pub(crate) type Masses = [[f64; LEVELS]; CLASSES];

/// The law of a frequency.
pub(crate) struct Law {
    scales: [f64; CLASSES],
    /// `P[|u| / scale < i BIN]`.
    below: [f64; BINS + 2],
}

impl Law {
    /// Counts the law of frequency number `index` on the shifted grid; `step` stands for the scale
    /// of classes that are hardly there.
    pub(crate) fn of(shifted: &[Shifted], index: usize, step: f64) -> Self {
        let value =
            |block: &Shifted| f64::from(block.values.get(index).copied().unwrap_or_default().abs());
        let mut sums = [(0, 0.0); CLASSES];
        for block in shifted {
            if let Some((count, sum)) = sums.get_mut(usize::from(block.class)) {
                *count += 1;
                *sum += value(block);
            }
        }
        let scales = sums.map(|(count, sum)| {
            if count < FEWEST_OF_CLASS {
                step
            } else {
                (sum / count as f64).max(LEAST_SCALE)
            }
        });
        let mut counts = [0.0; BINS + 1];
        for block in shifted {
            let scale = scales.get(usize::from(block.class)).copied().unwrap_or(step);
            let bin = ((value(block) / scale / BIN) as usize).min(BINS);
            if let Some(count) = counts.get_mut(bin) {
                *count += 1.0;
            }
        }
        let total = shifted.len() as f64 + LAPLACIAN_WEIGHT;
        let mut below = [0.0; BINS + 2];
        let mut sum = 0.0;
        for (bin, (count, below)) in counts.iter().zip(&mut below).enumerate() {
            *below = sum / total;
            let (from, to) = (bin as f64 * BIN, (bin + 1) as f64 * BIN);
            let beyond = if bin == BINS { 0.0 } else { (-to).exp() };
            sum += count + LAPLACIAN_WEIGHT * ((-from).exp() - beyond);
        }
        if let Some(last) = below.last_mut() {
            *last = 1.0;
        }
        Self { scales, below }
    }

    /// `P[0 <= u < edge]` of a class, on one side only.
    fn one_sided(&self, scale: f64, edge: f64) -> f64 {
        let place = (edge / scale / BIN).min((BINS + 1) as f64);
        let bin = place.floor() as usize;
        let at = |bin: usize| self.below.get(bin).copied().unwrap_or(1.0);
        let fraction = place - bin as f64;
        0.5 * (at(bin) + fraction * (at(bin + 1) - at(bin)))
    }

    /// `P[from <= u < to]`; the law is symmetric.
    fn mass(&self, scale: f64, from: f64, to: f64) -> f64 {
        let signed = |edge: f64| self.one_sided(scale, edge.abs()).copysign(edge);
        (signed(to) - signed(from)).max(0.0)
    }

    /// Probability of each magnitude after one quantisation by `step`.
    pub(crate) fn single(&self, step: f64) -> Masses {
        self.scales.map(|scale| {
            let mut masses = std::array::from_fn(|x| {
                let x = x as f64;
                let sides = if x == 0.0 { 1.0 } else { 2.0 };
                sides * self.mass(scale, (x - 0.5) * step, (x + 0.5) * step)
            });
            with_the_rest(&mut masses);
            masses
        })
    }

    /// Probability of each magnitude after quantisation by `first` and then by `last`.
    pub(crate) fn double(&self, first: f64, last: f64) -> Masses {
        let mut masses = [[0.0; LEVELS]; CLASSES];
        let most = ((LEVELS as f64 + 1.0) * last / first).ceil() as i32;
        let reach = (4.0 * DECODING_SIGMA / last).ceil() as i32;
        let mut below = self.scales.map(|scale| -self.one_sided(scale, 0.5 * first));
        for k in 0..=most {
            let from = f64::from(k) * first;
            let sides = if k == 0 { 1.0 } else { 2.0 };
            let mut held = self.scales.map(|scale| self.one_sided(scale, from + 0.5 * first));
            for (held, below) in held.iter_mut().zip(&mut below) {
                let above = *held;
                *held = sides * (above - std::mem::replace(below, above)).max(0.0);
            }
            let nearest = (from / last).round() as i32;
            let edge = |x: i32| normal_below(((f64::from(x) + 0.5) * last - from) / DECODING_SIGMA);
            let mut lower = edge(nearest - reach - 1);
            for x in nearest - reach..=nearest + reach {
                let upper = edge(x);
                let share = upper - std::mem::replace(&mut lower, upper);
                let level = x.unsigned_abs() as usize;
                if share == 0.0 || level >= LEVELS {
                    continue;
                }
                for (masses, held) in masses.iter_mut().zip(held) {
                    if let Some(mass) = masses.get_mut(level) {
                        *mass += held * share;
                    }
                }
            }
            if below.iter().all(|&below| below >= 0.5) {
                break;
            }
        }
        masses.iter_mut().for_each(with_the_rest);
        masses
    }
}

/// Gives the last level whatever the others leave.
fn with_the_rest(masses: &mut [f64; LEVELS]) {
    if let Some((last, others)) = masses.split_last_mut() {
        *last = (1.0 - others.iter().sum::<f64>()).max(0.0);
    }
}

/// How much likelier each magnitude is after two quantisations than after one, outliers allowed.
pub(crate) fn ratio(double: &Masses, single: &Masses) -> Masses {
    let mut ratios = *double;
    for (ratio, single) in ratios.iter_mut().flatten().zip(single.iter().flatten()) {
        let believed = (ratio.max(1e-9) / single.max(1e-9)).min(MOST_RATIO);
        *ratio = OUTLIERS + (1.0 - OUTLIERS) * believed;
    }
    ratios
}

/// `P[Z < z]` of the standard normal law, to 1.5e-7 [Abramowitz and Stegun 7.1.26].
fn normal_below(z: f64) -> f64 {
    if z.abs() > SURE {
        return if z < 0.0 { 0.0 } else { 1.0 };
    }
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let series = t
        * (0.254_829_592
            + t * (-0.284_496_736
                + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    let above = 0.5 * series * (-x * x).exp();
    if z < 0.0 {
        above
    } else {
        1.0 - above
    }
}
