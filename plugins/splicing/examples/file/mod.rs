// SPDX-License-Identifier: MIT OR Apache-2.0
//! The evidence of a file: its pixels, and the coefficients and the table of a JPEG.

use std::error::Error;

use assay_plugin_api::evidence::keys;
use assay_plugin_api::testing::EvidenceBuilder;
use assay_signal::jpeg::{read_luma_coefficients, JpegFile, Limits};

pub(crate) fn evidence(path: &str) -> Result<EvidenceBuilder, Box<dyn Error>> {
    let bytes = std::fs::read(path)?;
    let picture = image::load_from_memory(&bytes)?.to_rgb8();
    let (width, height) = picture.dimensions();
    let evidence = EvidenceBuilder::from_rgb(width, height, picture.into_raw());
    let Ok(read) = read_luma_coefficients(&bytes, &Limits::default()) else { return Ok(evidence) };
    let Some(&steps) = JpegFile::parse(&bytes)?.luma_dqt() else { return Ok(evidence) };
    let (columns, rows) = (read.block_columns, read.block_rows);
    Ok(evidence
        .coefficients(keys::JPEG_LUMA, columns, rows, read.values)
        .table(keys::JPEG_DQT_LUMA, &steps))
}
