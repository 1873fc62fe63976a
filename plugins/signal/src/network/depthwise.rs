// SPDX-License-Identifier: MIT OR Apache-2.0
//! A convolution of each channel by itself.
//!
//! Channels lie together in memory, so [`WIDE`] of them are computed at once, for [`PIXELS`] outputs
//! side by side that share the weights; what is left over goes one channel or one output at a time.
//! A sum starts at the bias and takes the window row by row, so its bits do not depend on the block
//! that it is computed in.

use super::window::{Sight, Window};
use crate::fma_dispatch;
use crate::simd::{multiply_add, Fma};

/// Channels of a block.
const WIDE: usize = 16;
/// Outputs of a block.
const PIXELS: usize = 4;

/// Weights `[(window row, window column), channel]` and a bias a channel.
#[derive(Clone, Debug)]
pub(super) struct Depthwise {
    window: Window,
    weights: Vec<f32>,
    biases: Vec<f32>,
}

impl Depthwise {
    /// From `weights[(window row, window column), channel]` and a bias a channel.
    pub(super) fn new(window: Window, weights: Vec<f32>, biases: Vec<f32>) -> Self {
        Self { window, weights, biases }
    }

    /// One row of outputs, held within `limits`.
    pub(super) fn row(
        &self,
        fma: Option<Fma>,
        sight: Sight<'_>,
        limits: [f32; 2],
        outputs: &mut [f32],
    ) {
        convolve_row(fma, self, sight, limits, outputs);
    }
}

/// `N` outputs side by side, from the part of their windows that lies within the row.
#[derive(Clone, Copy)]
struct Place {
    /// First and one past the last column of the window that is seen.
    columns: [usize; 2],
    /// Column of the input that the first seen column of the first window lies on.
    start: usize,
}

impl Depthwise {
    /// Channels `channel..channel + C` of `N` outputs at `place`.
    // Indices, as in the matrix product: iterators are not made into vectors here.
    #[allow(clippy::needless_range_loop)]
    #[inline(always)]
    fn block<const FUSED: bool, const N: usize, const C: usize>(
        &self,
        sight: Sight<'_>,
        place: Place,
        channel: usize,
    ) -> [[f32; C]; N] {
        let channels = self.biases.len();
        let Window { side, stride } = self.window;
        let mut sums = [chunk(&self.biases, channel); N];
        let lines = self.weights.chunks_exact(side * channels).skip(sight.first);
        for (line, row) in lines.zip(sight.values.chunks_exact(sight.width * channels)) {
            for column in place.columns[0]..place.columns[1] {
                let weights: [f32; C] = chunk(line, column * channels + channel);
                let from = place.start + column - place.columns[0];
                for pixel in 0..N {
                    let at = (from + pixel * stride) * channels + channel;
                    let samples: [f32; C] = chunk(row, at);
                    for c in 0..C {
                        sums[pixel][c] =
                            multiply_add::<FUSED>(samples[c], weights[c], sums[pixel][c]);
                    }
                }
            }
        }
        sums
    }

    /// `N` outputs at `place`, all channels.
    #[inline(always)]
    fn pixels<const FUSED: bool, const N: usize>(
        &self,
        sight: Sight<'_>,
        place: Place,
        limits: [f32; 2],
        outputs: &mut [f32],
    ) {
        let channels = self.biases.len();
        let wide = channels - channels % WIDE;
        for channel in (0..wide).step_by(WIDE) {
            let sums = self.block::<FUSED, N, WIDE>(sight, place, channel);
            store(&sums, limits, outputs, channels, channel);
        }
        for channel in wide..channels {
            let sums = self.block::<FUSED, N, 1>(sight, place, channel);
            store(&sums, limits, outputs, channels, channel);
        }
    }
}

#[inline(always)]
fn chunk<const C: usize>(samples: &[f32], at: usize) -> [f32; C] {
    let mut chunk = [0.0; C];
    chunk.copy_from_slice(&samples[at..at + C]);
    chunk
}

#[inline(always)]
fn store<const N: usize, const C: usize>(
    sums: &[[f32; C]; N],
    [low, high]: [f32; 2],
    outputs: &mut [f32],
    channels: usize,
    channel: usize,
) {
    for (sums, output) in sums.iter().zip(outputs.chunks_exact_mut(channels)) {
        let held = sums.map(|sum| sum.max(low).min(high));
        output[channel..channel + C].copy_from_slice(&held);
    }
}

#[inline(always)]
fn convolve_row_portable<const FUSED: bool>(
    layer: &Depthwise,
    sight: Sight<'_>,
    limits: [f32; 2],
    outputs: &mut [f32],
) {
    let (channels, window) = (layer.biases.len(), layer.window);
    let count = window.output_length(sight.width);
    let place = |at: usize| {
        let (columns, start) = window.inside(at, sight.width);
        Place { columns: [columns.start, columns.end], start }
    };
    let is_whole = |at: usize| window.inside(at, sight.width).0 == (0..window.side);
    let mut at = 0;
    while at < count {
        // The windows between two that are whole are whole too.
        let outputs = &mut outputs[at * channels..];
        if at + PIXELS <= count && is_whole(at) && is_whole(at + PIXELS - 1) {
            layer.pixels::<FUSED, PIXELS>(sight, place(at), limits, outputs);
            at += PIXELS;
        } else {
            layer.pixels::<FUSED, 1>(sight, place(at), limits, outputs);
            at += 1;
        }
    }
}

fma_dispatch! {
    fn convolve_row(
        layer: &Depthwise,
        sight: Sight<'_>,
        limits: [f32; 2],
        outputs: &mut [f32],
    ) = convolve_row_portable
}
