// SPDX-License-Identifier: MIT OR Apache-2.0
//! A convolution of each channel by itself.
//!
//! Channels lie together in memory, so [`WIDTH`] of them are computed at once, for some outputs side by
//! side that share inputs. Two rows of the window go together, interleaved, as the instructions add two
//! products. A row of outputs is gone through for some channels before the next ones, whose weights then
//! stay in the first-level cache. Channels that are no multiple of [`WIDTH`], and windows of other sides
//! than 3 and 5, are computed one output at a time.

use super::fixed::{Count, Whole};
use super::lanes::{held, lanes_dispatch, ordered, Ending, Lanes, WeightPairs, WIDTH};
use super::window::{Sight, Window};
use super::Instructions;

/// Weights, biases and factors of all channels, as they are needed one by one and [`WIDTH`] at a time.
#[derive(Clone, Debug)]
pub(super) struct Depthwise {
    window: Window,
    /// One a channel.
    channels: Vec<Whole>,
    /// For [`WIDTH`] channels at a time.
    blocks: Vec<Block>,
}

#[derive(Clone, Debug)]
struct Block {
    /// `[window row][window column]`: the weights of that row and of the next, which is 0 after the last.
    weights: Vec<WeightPairs>,
    biases: [i32; WIDTH],
    factors: [f32; WIDTH],
}

impl Depthwise {
    /// From `weights[(window row, window column), channel]` and a bias a channel.
    pub(super) fn new(counts: [Count; 2], window: Window, weights: &[f32], biases: &[f32]) -> Self {
        let column = |channel: usize| weights.iter().skip(channel).step_by(biases.len()).copied();
        let of = |(channel, &bias): (usize, &f32)| {
            Whole::of(counts, &column(channel).collect::<Vec<_>>(), bias)
        };
        let channels: Vec<Whole> = biases.iter().enumerate().map(of).collect();
        let is_wide = channels.len().is_multiple_of(WIDTH) && matches!(window.side, 3 | 5);
        let wide = if is_wide { channels.as_chunks::<WIDTH>().0 } else { &[] };
        let blocks = wide.iter().map(|channels| Block::of(window, channels)).collect();
        Self { window, channels, blocks }
    }

    /// One row of outputs, held within `limits`.
    pub(super) fn row(
        &self,
        instructions: Instructions,
        sight: Sight<'_>,
        limits: [i16; 2],
        outputs: &mut [i16],
    ) {
        if self.blocks.is_empty() {
            self.row_by_one(sight, limits, outputs);
        } else {
            convolve_row(instructions, self, sight, limits, outputs);
        }
    }

    fn row_by_one(&self, sight: Sight<'_>, limits: [i16; 2], outputs: &mut [i16]) {
        let (count, side) = (self.channels.len(), self.window.side);
        for (at, outputs) in outputs.chunks_exact_mut(count).enumerate() {
            let (columns, start) = self.window.inside(at, sight.width);
            for (channel, (output, whole)) in outputs.iter_mut().zip(&self.channels).enumerate() {
                let mut sum = whole.bias;
                let lines = whole.weights.chunks_exact(side).skip(sight.first);
                for (weights, row) in lines.zip(sight.values.chunks_exact(sight.width * count)) {
                    let samples = row[start * count..].iter().skip(channel).step_by(count);
                    for (&weight, &sample) in weights[columns.clone()].iter().zip(samples) {
                        sum += i32::from(weight) * i32::from(sample);
                    }
                }
                *output = held(sum, whole.factor, limits);
            }
        }
    }
}

impl Block {
    fn of(window: Window, channels: &[Whole; WIDTH]) -> Self {
        let taps = window.side * window.side;
        let weight =
            |whole: &Whole, tap: usize| whole.weights.get(tap).copied().unwrap_or_default();
        let pairs = |tap: usize| {
            channels.each_ref().map(|whole| [weight(whole, tap), weight(whole, tap + window.side)])
        };
        Self {
            weights: (0..taps).map(|tap| ordered(pairs(tap))).collect(),
            biases: ordered(channels.each_ref().map(|whole| whole.bias)),
            factors: ordered(channels.each_ref().map(|whole| whole.factor)),
        }
    }
}

/// [`WIDTH`] channels of a row.
#[derive(Clone, Copy)]
struct Row<'a> {
    block: &'a Block,
    index: usize,
    /// Such blocks of channels.
    blocks: usize,
    sight: Sight<'a>,
    padding: usize,
}

impl Row<'_> {
    /// Adds a row or two of inputs, of which `interleaved` gives a column, to the sums of `N` outputs
    /// side by side. The columns of the first window start at `start`, counted from the padding's first;
    /// those outside the row add nothing, and there are some only at an `EDGE`.
    #[allow(clippy::needless_range_loop)]
    #[inline(always)]
    fn add<L: Lanes, const SIDE: usize, const STRIDE: usize, const N: usize, const EDGE: bool>(
        &self,
        lanes: L,
        line: usize,
        start: usize,
        interleaved: impl Fn(usize) -> L::Pairs,
        sums: &mut [L::Sums; N],
    ) {
        let Some(weights) = self.block.weights[line * SIDE..].first_chunk::<SIDE>() else { return };
        for column in 0..(N - 1) * STRIDE + SIDE {
            let from = (start + column).wrapping_sub(self.padding);
            if EDGE && from >= self.sight.width {
                continue;
            }
            let values = interleaved(from);
            for output in 0..N {
                if (output * STRIDE..output * STRIDE + SIDE).contains(&column) {
                    let weights = lanes.weights(&weights[column - output * STRIDE]);
                    sums[output] = lanes.add(sums[output], values, weights);
                }
            }
        }
    }

    /// The sums of `N` outputs side by side, from the `first` on.
    #[inline(always)]
    fn sums<L: Lanes, const SIDE: usize, const STRIDE: usize, const N: usize, const EDGE: bool>(
        &self,
        lanes: L,
        first: usize,
    ) -> [L::Sums; N] {
        let (width, start) = (self.sight.width * self.blocks, first * STRIDE);
        let mut sums = [lanes.start(&self.block.biases); N];
        let rows = self.sight.values.as_chunks::<WIDTH>().0;
        for (pair, rows) in rows.chunks(2 * width).enumerate() {
            let line = self.sight.first + 2 * pair;
            let (above, below) = rows.split_at(width);
            let at = |column: usize| column * self.blocks + self.index;
            if below.is_empty() {
                let one = |column| lanes.interleaved(&above[at(column)], &[0; WIDTH]);
                self.add::<L, SIDE, STRIDE, N, EDGE>(lanes, line, start, one, &mut sums);
            } else {
                let two = |column| lanes.interleaved(&above[at(column)], &below[at(column)]);
                self.add::<L, SIDE, STRIDE, N, EDGE>(lanes, line, start, two, &mut sums);
            }
        }
        sums
    }

    /// All outputs of the row, mostly `N` at a time.
    #[inline(always)]
    fn outputs<L: Lanes, const SIDE: usize, const STRIDE: usize, const N: usize>(
        &self,
        lanes: L,
        window: Window,
        limits: [i16; 2],
        outputs: &mut [[i16; WIDTH]],
    ) {
        let ending = Ending { factors: &self.block.factors, limits };
        let count = window.output_length(self.sight.width);
        let whole = window.whole(self.sight.width);
        let mut at = 0;
        while at < count {
            // The last of these may repeat some outputs of the one before.
            let first = at.min(count.saturating_sub(N));
            if count < N {
                let [sums] = self.sums::<L, SIDE, STRIDE, 1, true>(lanes, at);
                outputs[at * self.blocks + self.index] = lanes.end(sums, ending);
                at += 1;
                continue;
            }
            let sums = if whole.start <= first && first + N <= whole.end {
                self.sums::<L, SIDE, STRIDE, N, false>(lanes, first)
            } else {
                self.sums::<L, SIDE, STRIDE, N, true>(lanes, first)
            };
            for (output, sums) in sums.into_iter().enumerate() {
                outputs[(first + output) * self.blocks + self.index] = lanes.end(sums, ending);
            }
            at = first + N;
        }
    }
}

#[inline(always)]
fn convolve_blocks<L: Lanes, const BLOCK: usize>(
    lanes: L,
    layer: &Depthwise,
    sight: Sight<'_>,
    limits: [i16; 2],
    outputs: &mut [i16],
) {
    let (window, blocks) = (layer.window, layer.blocks.len());
    let outputs = outputs.as_chunks_mut::<WIDTH>().0;
    let padding = window.padding(sight.width);
    for (index, block) in layer.blocks.iter().enumerate() {
        let row = Row { block, index, blocks, sight, padding };
        match (window.side, window.stride) {
            (3, 1) => row.outputs::<L, 3, 1, BLOCK>(lanes, window, limits, outputs),
            (3, _) => row.outputs::<L, 3, 2, BLOCK>(lanes, window, limits, outputs),
            (_, 1) => row.outputs::<L, 5, 1, BLOCK>(lanes, window, limits, outputs),
            _ => row.outputs::<L, 5, 2, BLOCK>(lanes, window, limits, outputs),
        }
    }
}

lanes_dispatch! {
    fn convolve_row(
        layer: &Depthwise,
        sight: Sight<'_>,
        limits: [i16; 2],
        outputs: &mut [i16],
    ) = convolve_blocks
}
