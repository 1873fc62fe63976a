// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where a picture was altered, by the collection's mask, against where a detector's heatmap says so.
//!
//! A pixel of the mask is altered when any of its channels is not 0. Each takes the heat of the cell
//! over it (nearest cell, nothing interpolated), so that a heatmap of coarse cells is judged by every
//! pixel. A pixel is called altered when its heat is at least the threshold.
//!
//! *References.* Matthews 1975 (correlation); Mann and Whitney 1947 (AUC as a rank statistic).

use std::path::Path;

use assay_plugin_api::heatmap::Heatmap;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::record::Facts;
use super::run::read;
use crate::analysis::cell_at;
use crate::image::decode::decode;
use crate::image::{DecodeError, DecodeLimits, Format};

/// Heat from which a pixel is called altered, in the figures at a fixed threshold.
pub const THRESHOLD: f32 = 0.5;
/// Changed whenever other counts are kept of a heatmap, so that cached ones are not taken for these.
pub const COUNTS: u32 = 2;

/// The altered pixels of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    width: u32,
    height: u32,
    /// Row by row.
    altered: Vec<bool>,
    digest: String,
}

/// A mask that nothing can be compared with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MaskError {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// The file is no picture.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The file's pixels are not exactly what was saved.
    #[error("is a {format}, in which untouched pixels are not exactly 0; save it as PNG")]
    Lossy {
        /// The format.
        format: &'static str,
    },
    /// No pixel is altered.
    #[error("has no altered pixel, all are 0; leave the column mask empty")]
    Empty,
    /// The mask is of another picture.
    #[error(
        "is {width} x {height} px, its picture {picture_width} x {picture_height} px; make it of \
             the stored picture's size, not turned"
    )]
    Size {
        /// Columns of the mask.
        width: u32,
        /// Rows of the mask.
        height: u32,
        /// Columns of the picture.
        picture_width: u32,
        /// Rows of the picture.
        picture_height: u32,
    },
}

/// The pixels of one picture by what they are and what a heatmap calls them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaskCounts {
    /// Altered pixels, at least 1.
    pub altered: u64,
    /// Pixels that are not.
    pub untouched: u64,
    /// Twice the pairs of an altered and an untouched pixel in which the altered one is hotter, and
    /// once those of equal heat: at most `2 * altered * untouched`.
    pub twice_hotter: u64,
    /// What is called altered at [`THRESHOLD`].
    pub fixed: Called,
    /// What is called altered at the threshold that gives the highest F1 of this picture.
    pub best: Called,
}

/// The pixels that are called altered at one threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    /// Those that are altered.
    pub hits: u64,
    /// Those that are not.
    pub false_alarms: u64,
}

impl MaskCounts {
    /// Matthews's correlation of altered and called at [`THRESHOLD`], -1..=1 [Matthews 1975]; 0 when
    /// all pixels are called or none. `None` for a picture that is altered throughout.
    #[must_use]
    pub fn mcc(&self) -> Option<f64> {
        if self.altered == 0 || self.untouched == 0 {
            return None;
        }
        let (altered, untouched) = (self.altered as f64, self.untouched as f64);
        let (hits, false_alarms) = (self.fixed.hits as f64, self.fixed.false_alarms as f64);
        let called = hits + false_alarms;
        let spared = altered + untouched - called;
        if called == 0.0 || spared == 0.0 {
            return Some(0.0);
        }
        // `hits * right - false_alarms * missed`, less the product that both contain.
        let covariance = hits * untouched - false_alarms * altered;
        Some(covariance / (called * spared * altered * untouched).sqrt())
    }

    /// The probability that an altered pixel is hotter than an untouched one, ties counted half
    /// [Mann & Whitney 1947]: 0.5 for a constant heatmap. `None` for a picture that is altered
    /// throughout.
    #[must_use]
    pub fn pixel_auc(&self) -> Option<f64> {
        let pairs = self.altered as f64 * self.untouched as f64;
        (pairs > 0.0).then(|| self.twice_hotter as f64 / (2.0 * pairs))
    }
}

impl Called {
    /// `2 * hits / (called + altered)`: the harmonic mean of precision and recall, 0..=1.
    #[must_use]
    pub fn f1(self, altered: u64) -> f64 {
        2.0 * self.hits as f64 / (self.hits + self.false_alarms + altered) as f64
    }

    /// `hits / (called or altered)`: intersection over union, 0..=1.
    #[must_use]
    pub fn iou(self, altered: u64) -> f64 {
        self.hits as f64 / (self.false_alarms + altered) as f64
    }
}

impl Mask {
    /// Reads a mask; it is decoded as pictures are, without alpha.
    ///
    /// # Errors
    /// When the file cannot be read or decoded within `limits`, is lossy, or has no altered pixel.
    pub fn read(path: &Path, limits: &DecodeLimits) -> Result<Self, MaskError> {
        let bytes = read(path, limits.max_file_bytes)?;
        let decoded = decode(&bytes, limits)?;
        if let format @ (Format::Jpeg | Format::Heic) = decoded.format {
            return Err(MaskError::Lossy { format: format.as_str() });
        }
        let pixels = decoded.rgb.chunks_exact(3);
        let altered: Vec<_> = pixels.map(|rgb| rgb.iter().any(|&sample| sample != 0)).collect();
        if !altered.contains(&true) {
            return Err(MaskError::Empty);
        }
        let digest = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { width: decoded.width, height: decoded.height, altered, digest })
    }

    /// SHA-256 of the mask's file, hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Checks that the mask is of the picture's size.
    ///
    /// # Errors
    /// When it is not, with both sizes.
    pub fn check_size(&self, picture: &Facts) -> Result<(), MaskError> {
        let (width, height) = (self.width, self.height);
        if (width, height) == (picture.width, picture.height) {
            return Ok(());
        }
        let (picture_width, picture_height) = (picture.width, picture.height);
        Err(MaskError::Size { width, height, picture_width, picture_height })
    }

    /// Compares a heatmap of the same picture with the mask.
    #[must_use]
    pub fn counts(&self, heatmap: &Heatmap) -> MaskCounts {
        let width = self.width.max(1) as usize;
        let heats = heatmap.values.iter();
        let mut cells: Vec<_> = heats.map(|&heat| (heat, Called::default())).collect();
        for (index, &is_altered) in self.altered.iter().enumerate() {
            let cell = cell_at(heatmap, index % width, index / width);
            let Some((_, pixels)) = cells.get_mut(cell) else { continue };
            pixels.hits += u64::from(is_altered);
            pixels.false_alarms += u64::from(!is_altered);
        }
        cells.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let altered = cells.iter().map(|(_, pixels)| pixels.hits).sum();
        let untouched: u64 = cells.iter().map(|(_, pixels)| pixels.false_alarms).sum();
        let mut twice_hotter = 0;
        let (mut called, mut fixed, mut best) =
            (Called::default(), Called::default(), Called::default());
        // Cells of one heat are called altered together: every threshold is tried that differs.
        for tie in cells.chunk_by(|a, b| a.0 == b.0) {
            let hotter = called;
            for (_, pixels) in tie {
                called.hits += pixels.hits;
                called.false_alarms += pixels.false_alarms;
            }
            let not_hotter = untouched - hotter.false_alarms;
            let colder = untouched - called.false_alarms;
            twice_hotter += (called.hits - hotter.hits) * (not_hotter + colder);
            if tie.first().is_some_and(|(heat, _)| *heat >= THRESHOLD) {
                fixed = called;
            }
            if called.f1(altered) > best.f1(altered) {
                best = called;
            }
        }
        MaskCounts { altered, untouched, twice_hotter, fixed, best }
    }
}
