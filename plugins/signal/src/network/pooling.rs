// SPDX-License-Identifier: MIT OR Apache-2.0
//! Mean and standard deviation of each channel of a map.

use crate::avx2_dispatch;

/// Sums over the samples of a map so far, in whole numbers: they do not depend on how many rows come at a
/// time, nor on any order.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool {
    samples: usize,
    sums: Vec<i64>,
    squares: Vec<i64>,
}

impl Pool {
    /// Empties the pool for a map of that many channels.
    pub(super) fn restart(&mut self, channels: usize) {
        self.samples = 0;
        for sums in [&mut self.sums, &mut self.squares] {
            sums.clear();
            sums.resize(channels, 0);
        }
    }

    /// Takes more samples, channels together.
    pub(super) fn add(&mut self, values: &[i16]) {
        self.samples += values.len() / self.sums.len().max(1);
        add_samples(values, &mut self.sums, &mut self.squares);
    }

    /// The mean of each channel, then the standard deviation of each (divided by samples - 1; 0 for
    /// one sample), of a map that has so many steps in 1.
    pub(super) fn push_features(&self, steps: f32, features: &mut Vec<f32>) {
        let (samples, steps) = (self.samples as f64, f64::from(steps));
        features.extend(self.sums.iter().map(|&sum| (sum as f64 / samples / steps) as f32));
        features.extend(self.sums.iter().zip(&self.squares).map(|(&sum, &squares)| {
            let sum = sum as f64;
            let deviations = (squares as f64 - sum * sum / samples).max(0.0);
            ((deviations / (samples - 1.0).max(1.0)).sqrt() / steps) as f32
        }));
    }
}

#[inline(always)]
fn add_samples_portable(values: &[i16], sums: &mut [i64], squares: &mut [i64]) {
    for sample in values.chunks_exact(sums.len()) {
        for ((&value, sum), square) in sample.iter().zip(&mut *sums).zip(&mut *squares) {
            let value = i32::from(value);
            *sum += i64::from(value);
            *square += i64::from(value * value);
        }
    }
}

avx2_dispatch! {
    /// Adds each sample's channels and their squares to the channels' sums.
    fn add_samples(values: &[i16], sums: &mut [i64], squares: &mut [i64]) = add_samples_portable
}
