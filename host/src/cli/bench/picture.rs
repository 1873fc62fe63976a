// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pictures to measure with: smooth shapes with grain, a JPEG of about two bits a pixel, as a camera's.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::cli::CommandError;

/// Sides of a picture, as most cameras have them.
const ASPECT: f64 = 4.0 / 3.0;
/// The IJG quality that makes two bits a pixel of it.
const QUALITY: u8 = 88;
/// Most levels that grain adds or takes.
const GRAIN: u64 = 8;

/// Writes a picture of so many megapixels, always the same one, and returns its width and height.
pub(super) fn write(megapixels: f64, file: &Path) -> Result<(u16, u16), CommandError> {
    let width = (megapixels * 1e6 * ASPECT).sqrt().round();
    let (width, height) = (width as u16, (width / ASPECT).round() as u16);
    let mut encoder = Encoder::new(BufWriter::new(File::create(file)?), QUALITY);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    encoder.encode(&samples(width, height), width, height, ColorType::Rgb)?;
    Ok((width, height))
}

fn samples(width: u16, height: u16) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    // Xorshift [Marsaglia 2003].
    let mut grain = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % (2 * GRAIN + 1)) as f32 - GRAIN as f32
    };
    let mut rgb = Vec::with_capacity(usize::from(width) * usize::from(height) * 3);
    for y in 0..height {
        for x in 0..width {
            let (u, v) = (f32::from(x) / 97.0, f32::from(y) / 61.0);
            let shape = 128.0 + 60.0 * (u.sin() * v.cos()) + 30.0 * (u * 0.31 + v * 0.7).sin();
            let tint = [0.0, 12.0 * (v * 0.2).cos(), -9.0 * (u * 0.2).sin()];
            rgb.extend(tint.map(|tint| (shape + tint + grain()).clamp(0.0, 255.0) as u8));
        }
    }
    rgb
}
