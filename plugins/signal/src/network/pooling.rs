// SPDX-License-Identifier: MIT OR Apache-2.0
//! Mean and standard deviation of each channel of a map.

use crate::avx2_dispatch;

/// Sums over the samples of a map so far, in `f64` and in the order of the samples: no error builds
/// up, and the result does not depend on how many rows come at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool {
    samples: usize,
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl Pool {
    /// Empties the pool for a map of that many channels.
    pub(super) fn restart(&mut self, channels: usize) {
        self.samples = 0;
        for sums in [&mut self.sums, &mut self.squares] {
            sums.clear();
            sums.resize(channels, 0.0);
        }
    }

    /// Takes more samples, channels together.
    pub(super) fn add(&mut self, values: &[f32]) {
        self.samples += values.len() / self.sums.len().max(1);
        add_samples(values, &mut self.sums, &mut self.squares);
    }

    /// The mean of each channel, then the standard deviation of each (divided by samples - 1; 0 for
    /// one sample).
    pub(super) fn push_features(&self, features: &mut Vec<f32>) {
        let samples = self.samples as f64;
        features.extend(self.sums.iter().map(|sum| (sum / samples) as f32));
        features.extend(self.sums.iter().zip(&self.squares).map(|(sum, squares)| {
            let deviations = (squares - sum * sum / samples).max(0.0);
            (deviations / (samples - 1.0).max(1.0)).sqrt() as f32
        }));
    }
}

#[inline(always)]
fn add_samples_portable(values: &[f32], sums: &mut [f64], squares: &mut [f64]) {
    for sample in values.chunks_exact(sums.len()) {
        for ((&value, sum), square) in sample.iter().zip(&mut *sums).zip(&mut *squares) {
            let value = f64::from(value);
            *sum += value;
            *square += value * value;
        }
    }
}

avx2_dispatch! {
    /// Adds each sample's channels and their squares to the channels' sums.
    fn add_samples(values: &[f32], sums: &mut [f64], squares: &mut [f64]) = add_samples_portable
}
