// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a picture's blocks fall into own and foreign ones, and what that is worth.

use assay_signal::morphology::{connected_components, Mask};

use super::mixture::Mixture;
use super::subspace::{Vector, DIMENSIONS};

/// A block of which enough is unsaturated.
#[derive(Clone, Copy)]
pub(super) struct Block {
    /// Place among the block positions, row by row.
    pub(super) at: usize,
    pub(super) vector: Vector,
    /// Logarithm of the mean residual.
    pub(super) texture: f64,
}

/// Numbers that tell a foreign part from a change of texture.
pub(super) const NUMBERS: usize = 6;

/// What the two groups of blocks look like: logarithms of the distance between them and of the variance
/// inside the own and the foreign one, the share of the foreign group that hangs together, the logarithm
/// of its border, and the difference of texture. `None` where one of them has less than three blocks.
pub(super) fn numbers(
    mixture: &Mixture,
    blocks: &[Block],
    (columns, rows): (usize, usize),
) -> Option<[f64; NUMBERS]> {
    let mut mask = Mask::from_elem((rows, columns), false);
    let (mut foreign, mut own) = (Group::default(), Group::default());
    for block in blocks {
        let is_foreign = mixture.log_ratio(&block.vector) > 0.0;
        if is_foreign { &mut foreign } else { &mut own }.add(block);
        mask[[block.at / columns, block.at % columns]] = is_foreign;
    }
    if foreign.count < 3.0 || own.count < 3.0 {
        return None;
    }
    let largest = connected_components(&mask).list.iter().map(|part| part.size).max()?;
    let changes = mask.windows((1, 2)).into_iter().filter(|w| w[[0, 0]] != w[[0, 1]]).count()
        + mask.windows((2, 1)).into_iter().filter(|w| w[[0, 0]] != w[[1, 0]]).count();
    Some([
        mixture.separation.max(1e-3).ln(),
        own.variance().max(1e-3).ln(),
        foreign.variance().max(1e-3).ln(),
        largest as f64 / foreign.count,
        (changes as f64 / foreign.count.sqrt()).max(1e-3).ln(),
        (foreign.texture / foreign.count - own.texture / own.count).abs(),
    ])
}

#[derive(Default)]
struct Group {
    count: f64,
    sums: Vector,
    squares: Vector,
    texture: f64,
}

impl Group {
    fn add(&mut self, block: &Block) {
        self.count += 1.0;
        self.texture += block.texture;
        for (i, value) in block.vector.iter().enumerate() {
            self.sums[i] += value;
            self.squares[i] += value * value;
        }
    }

    fn mean(&self, direction: usize) -> f64 {
        self.sums[direction] / self.count
    }

    /// Mean over the directions.
    fn variance(&self) -> f64 {
        let each = (0..DIMENSIONS).map(|i| self.squares[i] / self.count - self.mean(i).powi(2));
        each.sum::<f64>() / DIMENSIONS as f64
    }
}
