// SPDX-License-Identifier: MIT OR Apache-2.0
//! One layer: what it computes, and what becomes of its map.

use super::convolution::Convolution;
use super::depthwise::Depthwise;
use super::fixed::Count;
use super::product::Matrix;
use super::window::Window;

/// A layer, checked by the reader: its operation takes the channels of the layer before it, and the
/// map that it adds exists and has its shape.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) operation: Operation,
    pub(super) window: Window,
    /// Channels of its map.
    pub(super) channels: usize,
    /// Adds the map of the `n`-th layer before, after the activation.
    pub(super) skip: Option<usize>,
    pub(super) activation: Activation,
    /// How its map counts.
    pub(super) count: Count,
    /// Whether its map is read out.
    pub(super) tap: bool,
    /// Whether its map is kept whole; set by [`mark_whole`].
    pub(super) whole: bool,
}

/// Marks the layers whose maps are kept whole: those without activation, which are narrow where a
/// network has bottlenecks, those that a later layer adds, and the last.
pub(super) fn mark_whole(layers: &mut [Layer]) {
    for index in 0..layers.len() {
        let added = layers[index].skip.and_then(|skip| index.checked_sub(skip));
        if let Some(added) = added.and_then(|added| layers.get_mut(added)) {
            added.whole = true;
        }
        layers[index].whole |= layers[index].activation == Activation::None;
    }
    if let Some(last) = layers.last_mut() {
        last.whole = true;
    }
}

#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// Every output channel sees every input channel of its sample.
    Pointwise(Matrix),
    /// Every output channel sees every input channel of its window.
    Convolution(Convolution),
    /// Every channel by itself.
    Depthwise(Depthwise),
}

/// What follows the bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activation {
    None,
    /// `min(max(x, 0), 6)`.
    Relu6,
}

impl Activation {
    /// Least and largest value that it lets through, as a map of that count has them.
    pub(super) fn limits(self, count: Count) -> [i16; 2] {
        match self {
            Self::None => [i16::MIN, i16::MAX],
            Self::Relu6 => [0, (6.0 * count.steps) as i16],
        }
    }
}
