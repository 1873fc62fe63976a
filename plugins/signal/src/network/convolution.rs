// SPDX-License-Identifier: MIT OR Apache-2.0
//! A convolution in which every output sees every input of its window, as a matrix product.
//!
//! The windows of a row of outputs are gathered, each as one row of inputs of the product.

use super::fixed::Count;
use super::product::Matrix;
use super::window::{Sight, Window};
use super::Instructions;

/// Weights in the order row of the window, column of the window, input channel.
#[derive(Clone, Debug)]
pub(super) struct Convolution {
    matrix: Matrix,
    window: Window,
}

impl Convolution {
    /// From `weights[(window row, window column, input), output]` and a bias an output.
    pub(super) fn new(counts: [Count; 2], window: Window, weights: &[f32], biases: &[f32]) -> Self {
        Self { matrix: Matrix::new(counts, weights, biases), window }
    }

    /// One row of outputs, held within `limits`; `patches` is scratch.
    pub(super) fn row(
        &self,
        instructions: Instructions,
        sight: Sight<'_>,
        patches: &mut Vec<i16>,
        limits: [i16; 2],
        outputs: &mut [i16],
    ) {
        let (depth, side) = (self.matrix.depth(), self.window.side);
        let channels = depth / (side * side);
        patches.clear();
        patches.resize(self.window.output_length(sight.width) * depth, 0);
        for (at, patch) in patches.chunks_exact_mut(depth).enumerate() {
            let (columns, start) = self.window.inside(at, sight.width);
            let [skipped, seen] = [columns.start, columns.len()].map(|n| n * channels);
            let lines = patch.chunks_exact_mut(side * channels).skip(sight.first);
            for (line, row) in lines.zip(sight.values.chunks_exact(sight.width * channels)) {
                line[skipped..][..seen].copy_from_slice(&row[start * channels..][..seen]);
            }
        }
        self.matrix.multiply(instructions, patches, limits, outputs);
    }
}
