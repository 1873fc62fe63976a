// SPDX-License-Identifier: MIT OR Apache-2.0
//! The samples that a network is given.

use super::{MOST_CHANNELS_IN, MOST_SIDE};
use crate::traces::Picture;

/// Levels of a rectangle, at most [`MOST_SIDE`] a side, with 1 to [`MOST_CHANNELS_IN`] channels.
#[derive(Clone, Debug, PartialEq)]
pub struct Crop {
    height: usize,
    width: usize,
    channels: usize,
    levels: Vec<f32>,
}

impl Crop {
    /// From rows of samples whose channels lie together, levels `0..=255` as a rule; `None` when
    /// sides or channels are out of bounds or `levels` is not `height * width * channels` long.
    #[must_use]
    pub fn new(height: usize, width: usize, channels: usize, levels: Vec<f32>) -> Option<Self> {
        let is_bounded = (1..=MOST_SIDE).contains(&height)
            && (1..=MOST_SIDE).contains(&width)
            && (1..=MOST_CHANNELS_IN).contains(&channels);
        let fits = is_bounded && levels.len() == height * width * channels;
        fits.then_some(Self { height, width, channels, levels })
    }

    /// The `side` x `side` pixels of a picture whose upper left is `(x, y)`, three channels; `None`
    /// when they do not lie in the picture or `side` is out of bounds.
    #[must_use]
    pub fn of_picture(picture: &Picture<'_>, x: usize, y: usize, side: usize) -> Option<Self> {
        let rows = y..y.checked_add(side).filter(|&end| end <= picture.height())?;
        let pixels = rows.flat_map(|row| picture.pixels(x, row, side));
        Self::new(side, side, 3, pixels.flatten().map(|&level| f32::from(level)).collect())
    }

    /// Rows, px.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Columns, px.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Channels of a sample.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The samples row by row, channels together.
    #[must_use]
    pub fn levels(&self) -> &[f32] {
        &self.levels
    }
}
