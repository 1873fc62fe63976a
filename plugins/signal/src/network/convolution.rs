// SPDX-License-Identifier: MIT OR Apache-2.0
//! A convolution in which every output sees every input of its window, as a matrix product.
//!
//! The windows of a row of outputs are gathered, each as one row of inputs of the product.

use super::product::Matrix;
use super::window::{Sight, Window};
use crate::simd::Fma;

/// Weights in the order row of the window, column of the window, input channel.
#[derive(Clone, Debug)]
pub(super) struct Convolution {
    matrix: Matrix,
    window: Window,
}

impl Convolution {
    /// From `weights[(window row, window column, input), output]` and a bias an output.
    pub(super) fn new(window: Window, weights: &[f32], biases: &[f32]) -> Self {
        Self { matrix: Matrix::new(weights, biases), window }
    }

    /// One row of outputs, held within `limits`; `patches` is scratch.
    pub(super) fn row(
        &self,
        fma: Option<Fma>,
        sight: Sight<'_>,
        patches: &mut Vec<f32>,
        limits: [f32; 2],
        outputs: &mut [f32],
    ) {
        let (depth, side) = (self.matrix.depth(), self.window.side);
        let channels = depth / (side * side);
        patches.clear();
        patches.resize(self.window.output_length(sight.width) * depth, 0.0);
        for (at, patch) in patches.chunks_exact_mut(depth).enumerate() {
            let (columns, start) = self.window.inside(at, sight.width);
            let [skipped, seen] = [columns.start, columns.len()].map(|n| n * channels);
            let lines = patch.chunks_exact_mut(side * channels).skip(sight.first);
            for (line, row) in lines.zip(sight.values.chunks_exact(sight.width * channels)) {
                line[skipped..][..seen].copy_from_slice(&row[start * channels..][..seen]);
            }
        }
        self.matrix.multiply(fma, patches, limits, outputs);
    }
}
