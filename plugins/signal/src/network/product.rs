// SPDX-License-Identifier: MIT OR Apache-2.0
//! The matrix product behind every convolution: rows of inputs times a matrix of weights.
//!
//! *How it is fast.* The weights lie in panels of [`WIDTH`] output channels, so that the innermost
//! loop reads them in order. [`ROWS`] rows of inputs are multiplied with a panel at a time: 4 x 16
//! sums are eight registers of AVX2, which leaves room for the weights and the broadcast input. On the
//! shapes of EfficientNet-Lite0 the compiler's vectors do 50 to 55 thousand million products a second
//! where the processor's FMA units can do 59 and the crate `matrixmultiply` does 24 to 54.
//!
//! *Order.* A sum starts at the bias and takes its products in the order of the inputs, whatever the
//! sizes, so its bits depend on nothing but its terms and whether products are fused.

use crate::fma_dispatch;
use crate::simd::{multiply_add, Fma};

/// Output channels of a panel.
const WIDTH: usize = 16;
/// Rows of inputs that are multiplied at a time.
const ROWS: usize = 4;

/// A matrix of `depth` inputs by `width` outputs, with a bias an output.
#[derive(Clone, Debug)]
pub(super) struct Matrix {
    depth: usize,
    width: usize,
    /// `depth` rows of [`WIDTH`] outputs a panel; missing outputs of the last are 0.
    weights: Vec<[f32; WIDTH]>,
    /// One a panel.
    biases: Vec<[f32; WIDTH]>,
}

impl Matrix {
    /// From `weights[input * biases.len() + output]`, at least one of both.
    pub(super) fn new(weights: &[f32], biases: &[f32]) -> Self {
        let width = biases.len();
        let depth = weights.len() / width;
        let panels = || (0..width).step_by(WIDTH);
        let row = |outputs: &[f32], first: usize| {
            let mut row = [0.0; WIDTH];
            row.iter_mut().zip(&outputs[first..]).for_each(|(to, &from)| *to = from);
            row
        };
        let mut in_panels = Vec::with_capacity(panels().len() * depth);
        for first in panels() {
            in_panels.extend(weights.chunks_exact(width).map(|inputs| row(inputs, first)));
        }
        let biases = panels().map(|first| row(biases, first)).collect();
        Self { depth, width, weights: in_panels, biases }
    }

    /// Inputs of a row.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// For each row of `depth` inputs: its product with the weights plus the biases, held within
    /// `limits`, as a row of `width` outputs.
    pub(super) fn multiply(
        &self,
        fma: Option<Fma>,
        inputs: &[f32],
        limits: [f32; 2],
        outputs: &mut [f32],
    ) {
        let panels = self.weights.chunks_exact(self.depth).zip(&self.biases);
        for (index, (weights, bias)) in panels.enumerate() {
            let panel = Panel { weights, bias, first: index * WIDTH };
            multiply_panel(fma, inputs, panel, limits, outputs, self.width);
        }
    }
}

#[derive(Clone, Copy)]
struct Panel<'a> {
    /// One an input.
    weights: &'a [[f32; WIDTH]],
    bias: &'a [f32; WIDTH],
    /// The first of its outputs among those of the matrix.
    first: usize,
}

impl Panel<'_> {
    /// The products of `N` rows of inputs, each as long as the panel.
    // Indices, because of iterators the compiler makes no vectors here: 128 ms a crop, not 7.
    #[allow(clippy::needless_range_loop)]
    #[inline(always)]
    fn product<const FUSED: bool, const N: usize>(&self, rows: [&[f32]; N]) -> [[f32; WIDTH]; N] {
        let rows = rows.map(|row| &row[..self.weights.len()]);
        let mut sums = [*self.bias; N];
        for (input, weights) in self.weights.iter().enumerate() {
            for row in 0..N {
                let value = rows[row][input];
                for output in 0..WIDTH {
                    sums[row][output] =
                        multiply_add::<FUSED>(value, weights[output], sums[row][output]);
                }
            }
        }
        sums
    }

    #[inline(always)]
    fn store(&self, sums: &[f32; WIDTH], [low, high]: [f32; 2], row: &mut [f32]) {
        let row = &mut row[self.first..];
        let held = sums.map(|sum| sum.max(low).min(high));
        match row.first_chunk_mut::<WIDTH>() {
            Some(row) => *row = held,
            // The last panel of a width that is no multiple of its own.
            None => row.iter_mut().zip(held).for_each(|(to, held)| *to = held),
        }
    }
}

#[inline(always)]
fn multiply_panel_portable<const FUSED: bool>(
    inputs: &[f32],
    panel: Panel<'_>,
    limits: [f32; 2],
    outputs: &mut [f32],
    width: usize,
) {
    let depth = panel.weights.len();
    let blocks = inputs.chunks(ROWS * depth).zip(outputs.chunks_mut(ROWS * width));
    for (inputs, outputs) in blocks {
        if inputs.len() == ROWS * depth {
            let rows = std::array::from_fn::<_, ROWS, _>(|row| &inputs[row * depth..][..depth]);
            let sums = panel.product::<FUSED, ROWS>(rows);
            for (sums, row) in sums.iter().zip(outputs.chunks_exact_mut(width)) {
                panel.store(sums, limits, row);
            }
        } else {
            let rows = inputs.chunks_exact(depth).zip(outputs.chunks_exact_mut(width));
            for (inputs, row) in rows {
                let [sums] = panel.product::<FUSED, 1>([inputs]);
                panel.store(&sums, limits, row);
            }
        }
    }
}

fma_dispatch! {
    fn multiply_panel(
        inputs: &[f32],
        panel: Panel<'_>,
        limits: [f32; 2],
        outputs: &mut [f32],
        width: usize,
    ) = multiply_panel_portable
}
