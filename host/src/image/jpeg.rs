// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lends out what the JPEG reader of the signal crate finds: tables at once, coefficients when
//! somebody first asks for them.

use assay_signal::jpeg::{read_luma_coefficients, ComponentCoefficients, JpegFile, Limits};

/// Tables and coding of a JPEG file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JpegFacts {
    /// Steps for luma, in natural order.
    pub luma_table: Option<[u16; 64]>,
    /// Steps for chroma, in natural order.
    pub chroma_table: Option<[u16; 64]>,
    /// The IJG quality that the tables are nearest to, 1..=100.
    pub quality: Option<u8>,
    /// Progressive coding.
    pub is_progressive: bool,
    /// The chroma sampling: `4:2:0`.
    pub subsampling: Option<String>,
}

impl JpegFacts {
    pub(super) fn of(file: &JpegFile<'_>) -> Self {
        let frame = file.frame().ok();
        Self {
            luma_table: file.luma_dqt().copied(),
            chroma_table: file.chroma_dqt().copied(),
            quality: file.quality().map(|estimate| estimate.quality),
            is_progressive: frame.is_some_and(|frame| frame.is_progressive()),
            subsampling: frame.map(|frame| frame.subsampling().to_owned()),
        }
    }
}

/// The quantised luma coefficients of a file that was decoded to `pixels` pixels; `None` when it
/// has no luma, or when any of them are missing: blocks that were never coded would be read as
/// flat ones.
pub(crate) fn luma_coefficients(bytes: &[u8], pixels: u64) -> Option<ComponentCoefficients> {
    let limits = Limits { max_pixels: pixels, ..Limits::default() };
    let coefficients = read_luma_coefficients(bytes, &limits).ok()?;
    coefficients.is_complete().then_some(coefficients)
}
