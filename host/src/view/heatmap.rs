// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where in the picture, as files or within the answer.

use std::io::Cursor;

use base64::prelude::{Engine as _, BASE64_STANDARD};
use image::{DynamicImage, ImageFormat, ImageResult};

use super::body::{FoundRegionBody, HeatmapBody};
use crate::analysis::Localisation;
use crate::image::evidence::ImageEvidence;

/// The picture with the heat over it, and the heat alone (8-bit grey, of the picture's size), as
/// PNGs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heatmap {
    /// Written to files.
    Files {
        /// Path of the overlay.
        overlay_path: String,
        /// Path of the mask.
        mask_path: String,
    },
    /// Within the answer, base64.
    Inline {
        /// The overlay.
        overlay: String,
        /// The mask.
        mask: String,
    },
}

impl Heatmap {
    /// Draws what was found in `image`.
    ///
    /// # Errors
    /// When a PNG cannot be written.
    pub fn inline(found: &Localisation, image: &ImageEvidence) -> ImageResult<Self> {
        let (width, height) = (image.width(), image.height());
        let mask = found.mask(width, height);
        let overlay = found.overlay(width, height, image.rgb(), image.orientation());
        let overlay = overlay.unwrap_or_default();
        Ok(Self::Inline { overlay: base64_png(overlay.into())?, mask: base64_png(mask.into())? })
    }

    /// The object in the answer, with the regions beside the drawings.
    pub(super) fn body(
        &self,
        [width, height]: [u32; 2],
        cell_px: Option<u32>,
        regions: Vec<FoundRegionBody>,
    ) -> HeatmapBody {
        let body = HeatmapBody { width, height, cell_px, regions, ..HeatmapBody::default() };
        match self.clone() {
            Self::Files { overlay_path, mask_path } => {
                HeatmapBody { overlay_path: Some(overlay_path), mask_path: Some(mask_path), ..body }
            }
            Self::Inline { overlay, mask } => HeatmapBody {
                overlay_png_base64: Some(overlay),
                mask_png_base64: Some(mask),
                ..body
            },
        }
    }
}

fn base64_png(picture: DynamicImage) -> ImageResult<String> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png)?;
    Ok(BASE64_STANDARD.encode(bytes.into_inner()))
}
