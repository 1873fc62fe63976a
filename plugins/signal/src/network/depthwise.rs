// SPDX-License-Identifier: MIT OR Apache-2.0
//! A convolution of each channel by itself.
//!
//! Channels lie together in memory, so [`WIDE`] of them are computed at once, for [`PIXELS`] outputs
//! side by side that share the weights: 16 x 6 sums are twelve registers of AVX2. A row is gone through
//! for some channels before the next ones, whose weights then stay in the first-level cache. A sum starts
//! at the bias and takes the window row by row, so its bits do not depend on the block that it is computed
//! in.

use super::window::{Sight, Window};
use crate::fma_dispatch;
use crate::simd::{multiply_add, Fma};

/// Channels of a block.
const WIDE: usize = 16;
/// Where they are no multiple of it.
const NARROW: usize = 8;
/// Outputs of a block.
const PIXELS: usize = 6;

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
    /// The `block`-th `C` channels of `N` outputs at `place`; `C` divides the channels.
    // Indices, as in the matrix product: iterators are not made into vectors here.
    #[allow(clippy::needless_range_loop)]
    #[inline(always)]
    fn block<const FUSED: bool, const N: usize, const C: usize>(
        &self,
        sight: Sight<'_>,
        place: Place,
        block: usize,
    ) -> [[f32; C]; N] {
        let channels = self.biases.len();
        let blocks = channels / C;
        let Window { side, stride } = self.window;
        let mut sums = [self.biases.as_chunks::<C>().0[block]; N];
        let lines = self.weights.chunks_exact(side * channels).skip(sight.first);
        for (line, row) in lines.zip(sight.values.chunks_exact(sight.width * channels)) {
            let (line, row) = (line.as_chunks::<C>().0, row.as_chunks::<C>().0);
            for column in place.columns[0]..place.columns[1] {
                let weights = line[column * blocks + block];
                let from = (place.start + column - place.columns[0]) * blocks + block;
                for pixel in 0..N {
                    let samples = row[from + pixel * stride * blocks];
                    for c in 0..C {
                        sums[pixel][c] =
                            multiply_add::<FUSED>(samples[c], weights[c], sums[pixel][c]);
                    }
                }
            }
        }
        sums
    }

    /// All channels of a row of outputs, `C` channels and mostly `N` outputs at a time.
    #[inline(always)]
    fn blocks<const FUSED: bool, const N: usize, const C: usize>(
        &self,
        sight: Sight<'_>,
        [low, high]: [f32; 2],
        outputs: &mut [f32],
    ) {
        let blocks = self.biases.len() / C;
        let outputs = outputs.as_chunks_mut::<C>().0;
        let count = self.window.output_length(sight.width);
        let whole = self.window.whole(sight.width);
        let place = |at: usize| {
            let (columns, start) = self.window.inside(at, sight.width);
            Place { columns: [columns.start, columns.end], start }
        };
        let hold = |sum: f32| sum.max(low).min(high);
        for block in 0..blocks {
            let mut at = 0;
            while at < count {
                if whole.contains(&at) && whole.len() >= N {
                    // The last of these may repeat some outputs of the one before.
                    let first = at.min(whole.end - N);
                    let sums = self.block::<FUSED, N, C>(sight, place(first), block);
                    for pixel in 0..N {
                        outputs[(first + pixel) * blocks + block] = sums[pixel].map(hold);
                    }
                    at = first + N;
                } else {
                    let [sums] = self.block::<FUSED, 1, C>(sight, place(at), block);
                    outputs[at * blocks + block] = sums.map(hold);
                    at += 1;
                }
            }
        }
    }
}

#[inline(always)]
fn convolve_row_portable<const FUSED: bool>(
    layer: &Depthwise,
    sight: Sight<'_>,
    limits: [f32; 2],
    outputs: &mut [f32],
) {
    match layer.biases.len() {
        channels if channels % WIDE == 0 => {
            layer.blocks::<FUSED, PIXELS, WIDE>(sight, limits, outputs);
        }
        channels if channels % NARROW == 0 => {
            layer.blocks::<FUSED, PIXELS, NARROW>(sight, limits, outputs);
        }
        _ => layer.blocks::<FUSED, PIXELS, 1>(sight, limits, outputs),
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
