// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lends out what the JPEG reader of the signal crate finds: tables at once, coefficients when
//! somebody first asks for them.

use assay_signal::jpeg::{read_luma_coefficients, ComponentCoefficients, JpegFile, Limits};

/// Tables and coding of a JPEG file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct JpegFacts {
    /// 64 steps in natural order.
    pub(super) luma_table: Option<[u16; 64]>,
    /// 64 steps in natural order.
    pub(super) chroma_table: Option<[u16; 64]>,
    pub(super) quality: Option<u8>,
    pub(super) is_progressive: bool,
    pub(super) subsampling: Option<&'static str>,
}

impl JpegFacts {
    pub(super) fn of(file: &JpegFile<'_>) -> Self {
        let frame = file.frame().ok();
        Self {
            luma_table: file.luma_dqt().copied(),
            chroma_table: file.chroma_dqt().copied(),
            quality: file.quality().map(|estimate| estimate.quality),
            is_progressive: frame.is_some_and(|frame| frame.is_progressive()),
            subsampling: frame.map(|frame| frame.subsampling()),
        }
    }
}

/// The quantised luma coefficients of a file that was decoded to `pixels` pixels; `None` when it
/// has no luma, or when any of them are missing: blocks that were never coded would be read as
/// flat ones.
pub(super) fn luma_coefficients(bytes: &[u8], pixels: u64) -> Option<ComponentCoefficients> {
    let limits = Limits { max_pixels: pixels, ..Limits::default() };
    let coefficients = read_luma_coefficients(bytes, &limits).ok()?;
    coefficients.is_complete().then_some(coefficients)
}
