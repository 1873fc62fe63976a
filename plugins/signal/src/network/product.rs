// SPDX-License-Identifier: MIT OR Apache-2.0
//! The matrix product behind every convolution: rows of inputs times a matrix of weights.
//!
//! *How it is fast.* The weights lie in panels of [`WIDTH`] output channels, two inputs together, so that
//! the innermost loop reads them in order and each instruction adds two products. Some rows of inputs are
//! multiplied with a panel at a time, as many as there are registers for their sums.

use super::fixed::{Count, Whole};
use super::lanes::{lanes_dispatch, ordered, Ending, Lanes, WeightPairs, WIDTH};
use super::Instructions;

/// A matrix of `depth` inputs by `width` outputs, with a bias an output.
#[derive(Clone, Debug)]
pub(super) struct Matrix {
    depth: usize,
    width: usize,
    /// Pairs of inputs of a panel; of an odd depth the last has a 0.
    pairs: usize,
    /// `pairs` rows of [`WIDTH`] outputs a panel; missing outputs of the last are 0.
    weights: Vec<WeightPairs>,
    /// One a panel.
    biases: Vec<[i32; WIDTH]>,
    /// One a panel.
    factors: Vec<[f32; WIDTH]>,
}

impl Matrix {
    /// From `weights[input * biases.len() + output]`, at least one of both.
    pub(super) fn new(counts: [Count; 2], weights: &[f32], biases: &[f32]) -> Self {
        let width = biases.len();
        let depth = weights.len() / width;
        let pairs = depth.div_ceil(2);
        let column = |output: usize| weights.iter().skip(output).step_by(width).copied();
        let outputs: Vec<Whole> = biases
            .iter()
            .enumerate()
            .map(|(output, &bias)| Whole::of(counts, &column(output).collect::<Vec<_>>(), bias))
            .collect();
        let mut matrix = Self {
            depth,
            width,
            pairs,
            weights: Vec::with_capacity(width.div_ceil(WIDTH) * pairs),
            biases: Vec::new(),
            factors: Vec::new(),
        };
        for panel in outputs.chunks(WIDTH) {
            let of = |lane: usize| panel.get(lane);
            let lanes = || std::array::from_fn::<_, WIDTH, _>(|lane| lane);
            matrix.biases.push(ordered(lanes().map(|lane| of(lane).map_or(0, |one| one.bias))));
            matrix
                .factors
                .push(ordered(lanes().map(|lane| of(lane).map_or(1.0, |one| one.factor))));
            matrix.weights.extend((0..pairs).map(|pair| {
                let weight = |lane: usize, input: usize| {
                    of(lane).and_then(|one| one.weights.get(input)).copied().unwrap_or(0)
                };
                ordered(lanes().map(|lane| [weight(lane, 2 * pair), weight(lane, 2 * pair + 1)]))
            }));
        }
        matrix
    }

    /// Inputs of a row.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// For each row of `depth` inputs: its product with the weights plus the biases, held within
    /// `limits`, as a row of `width` outputs.
    pub(super) fn multiply(
        &self,
        instructions: Instructions,
        inputs: &[i16],
        limits: [i16; 2],
        outputs: &mut [i16],
    ) {
        let panels = self.weights.chunks_exact(self.pairs).zip(&self.biases).zip(&self.factors);
        for (index, ((weights, biases), factors)) in panels.enumerate() {
            let ending = Ending { factors, limits };
            let [depth, width, first] = [self.depth, self.width, index * WIDTH];
            let panel = Panel { weights, biases, ending, depth, width, first };
            multiply_panel(instructions, inputs, panel, outputs);
        }
    }
}

#[derive(Clone, Copy)]
struct Panel<'a> {
    weights: &'a [WeightPairs],
    biases: &'a [i32; WIDTH],
    ending: Ending<'a>,
    /// Inputs of a row.
    depth: usize,
    /// Outputs of a row.
    width: usize,
    /// The first of its own among them.
    first: usize,
}

impl Panel<'_> {
    /// The products of `N` rows of inputs, one behind the other.
    // Indices, because of iterators the compiler makes no good loop here.
    #[allow(clippy::needless_range_loop)]
    #[inline(always)]
    fn product<L: Lanes, const N: usize>(&self, lanes: L, inputs: &[i16]) -> [L::Sums; N] {
        let whole = self.depth / 2;
        let rows: [&[i16]; N] =
            std::array::from_fn(|row| &inputs[row * self.depth..][..self.depth]);
        let pairs = rows.map(|row| &row.as_chunks::<2>().0[..whole]);
        let mut sums = [lanes.start(self.biases); N];
        for (at, weights) in self.weights[..whole].iter().enumerate() {
            let weights = lanes.weights(weights);
            for row in 0..N {
                sums[row] = lanes.add(sums[row], lanes.repeated(pairs[row][at]), weights);
            }
        }
        if let Some(weights) = self.weights.get(whole) {
            let weights = lanes.weights(weights);
            for row in 0..N {
                let last = lanes.repeated([rows[row][self.depth - 1], 0]);
                sums[row] = lanes.add(sums[row], last, weights);
            }
        }
        sums
    }

    /// The outputs of `N` rows of inputs.
    #[inline(always)]
    fn rows<L: Lanes, const N: usize>(&self, lanes: L, inputs: &[i16], outputs: &mut [i16]) {
        let sums = self.product::<L, N>(lanes, inputs);
        for (sums, row) in sums.into_iter().zip(outputs.chunks_exact_mut(self.width)) {
            let row = &mut row[self.first..];
            let held = lanes.end(sums, self.ending);
            match row.first_chunk_mut::<WIDTH>() {
                Some(row) => *row = held,
                // The last panel of a width that is no multiple of its own.
                None => row.iter_mut().zip(held).for_each(|(to, held)| *to = held),
            }
        }
    }
}

#[inline(always)]
fn multiply_rows<L: Lanes, const BLOCK: usize>(
    lanes: L,
    inputs: &[i16],
    panel: Panel<'_>,
    outputs: &mut [i16],
) {
    let mut inputs = inputs.chunks_exact(BLOCK * panel.depth);
    let mut outputs = outputs.chunks_exact_mut(BLOCK * panel.width);
    for (inputs, outputs) in inputs.by_ref().zip(outputs.by_ref()) {
        panel.rows::<L, BLOCK>(lanes, inputs, outputs);
    }
    let rows = inputs.remainder().chunks_exact(panel.depth);
    for (inputs, outputs) in rows.zip(outputs.into_remainder().chunks_exact_mut(panel.width)) {
        panel.rows::<L, 1>(lanes, inputs, outputs);
    }
}

lanes_dispatch! {
    fn multiply_panel(inputs: &[i16], panel: Panel<'_>, outputs: &mut [i16]) = multiply_rows
}
