// SPDX-License-Identifier: MIT OR Apache-2.0
//! A file decoded within small limits, and all that the host says of it afterwards.

use std::sync::Arc;
use std::time::{Duration, Instant};

use assay::cancel::Cancel;
use assay::image::evidence::{CallEvidence, ImageEvidence};
use assay::image::{DecodeError, DecodeLimits};
use assay_plugin_api::evidence::{keys, Evidence};

/// Limits under which one run takes milliseconds.
const LIMITS: DecodeLimits = DecodeLimits {
    max_file_bytes: 1 << 20,
    max_pixels: 1 << 18,
    min_side: 1,
    max_memory_bytes: 64 << 20,
};

/// Decodes a file and asks for everything that detectors may ask for.
///
/// # Panics
/// When what comes out contradicts itself.
pub fn decode(bytes: &[u8]) {
    match ImageEvidence::from_bytes(bytes.to_vec(), &LIMITS) {
        Ok(image) => ask(image),
        Err(error) => check_error(&error),
    }
}

/// Decodes a file whose first bytes are those of a format, so that mutations go on behind them.
pub fn decode_as(mark: &[u8], data: &[u8]) {
    let mut file = data.to_vec();
    let length = mark.len().min(file.len());
    file[..length].copy_from_slice(&mark[..length]);
    decode(&file);
}

fn check_error(error: &DecodeError) {
    assert!(!error.to_string().is_empty() && !error.code().is_empty());
}

fn ask(image: ImageEvidence) {
    let pixels = image.width() as usize * image.height() as usize;
    assert!(pixels as u64 <= LIMITS.max_pixels && pixels > 0);
    assert_eq!(image.rgb().len(), pixels * 3);
    assert_eq!(image.luma().len(), pixels);
    assert!((1..=8).contains(&image.orientation()));
    if let Some(found) = image.luma_coefficients() {
        let blocks = found.block_columns as usize * found.block_rows as usize;
        assert_eq!(found.values().len(), blocks * 64);
    }
    let until = Instant::now() + Duration::from_secs(60);
    let call = CallEvidence::new(Arc::new(image), Cancel::default(), until, None);
    let evidence = Evidence::new(call.as_source());
    assert!(evidence.rgb().is_ok() && evidence.luma().is_ok());
    let _ = (evidence.jpeg_luma_dqt().is_ok(), evidence.jpeg_luma_coefficients().is_ok());
    if let Some(block) = evidence.blob(keys::EXIF) {
        let _ = assay::image::metadata::camera_name(block);
    }
    let _ = (evidence.blob(keys::XMP), evidence.blob(keys::ICC));
}
