// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which blocks are flat enough to show noise, and whether there are enough of them.
//!
//! # What it tests
//! Applicability, by measured facts.
//!
//! # Why it works
//! The unsaturated blocks are split into equally many of each brightness, and of each the third with
//! the least structure between 4x4 cells is taken. Without the split, noise that grows with
//! brightness would let only dark blocks pass for flat, and hide its own growth.
//!
//! # When it does not apply
//! Fewer than [`FEWEST_BLOCKS`] unsaturated flat blocks: the detector abstains.
//!
//! # Constants and their source
//! [`MOST_TEXTURE`]: 4x4 means of noise of standard deviation 40 deviate by 10, and no usable
//! photograph is noisier; the others were fixed before any measurement.

use crate::blocks::{Block, Blocks};

/// Fewest flat blocks for an answer.
pub const FEWEST_BLOCKS: usize = 9;
/// Share of the unsaturated blocks taken as flat.
const SHARE: f64 = 1.0 / 3.0;
/// Largest standard deviation between the 4x4 means of a flat block, 8-bit levels.
const MOST_TEXTURE: f32 = 10.0;

/// Levels of brightness that are selected from separately.
const BRIGHTNESS_LEVELS: usize = 8;

/// Returns the flattest unsaturated blocks of each brightness, darkest level first; `None` when
/// there are fewer than [`FEWEST_BLOCKS`].
#[must_use]
pub fn select(blocks: &Blocks) -> Option<Vec<&Block>> {
    let mut usable: Vec<&Block> = blocks.usable().collect();
    usable.sort_by(|a, b| a.mean.total_cmp(&b.mean));
    let level_size = usable.len().div_ceil(BRIGHTNESS_LEVELS).max(1);
    let mut flat = Vec::new();
    for level in usable.chunks_mut(level_size) {
        level.sort_by(|a, b| a.texture.total_cmp(&b.texture));
        let wanted = (level.len() as f64 * SHARE).ceil() as usize;
        flat.extend(level.iter().take(wanted).filter(|block| block.texture <= MOST_TEXTURE));
    }
    (flat.len() >= FEWEST_BLOCKS).then_some(flat)
}
