// SPDX-License-Identifier: MIT OR Apache-2.0
//! The averaged spectrum as a picture.
//!
//! # What it shows
//! How far each frequency stands out of the natural spectrum around it, on a logarithmic scale of
//! deviations: black up to the level, white from [`WHITE_DEVIATIONS`] on. Frequency 0 is in the centre,
//! x to the right, y downwards; the edges are half a cycle per px. 256 x 256 px, grey, as PNG.
//!
//! # Constants and their source
//! 16 grey levels: with them the file stays below the contract's 64 kB for a value, whatever it shows.

use base64::prelude::{Engine as _, BASE64_STANDARD};

use crate::peaks::Coarse;
use crate::spectra::Spectra;

/// Side of the picture, px.
pub const SIDE_PX: usize = 256;
/// Deviations that are white.
const WHITE_DEVIATIONS: f32 = 30.0;
/// Largest grey level.
const WHITE: f32 = 15.0;

/// Returns the picture as PNG in base64; `None` when it cannot be encoded.
#[must_use]
pub fn base64_png(spectra: &Spectra, coarse: &Coarse) -> Option<String> {
    let side = spectra.side as isize;
    // Small tiles have fewer bins: each is drawn as a square.
    let zoom = (SIDE_PX / spectra.side).max(1) as isize;
    let half = (SIDE_PX / 2) as isize;
    let level = |y: isize, x: isize| {
        let (v, u) = ((y - half).div_euclid(zoom), (x - half).div_euclid(zoom));
        if (v, u) == (0, 0) {
            return 0;
        }
        let (row, column) = if u < 0 { (-v, -u) } else { (v, u) };
        let background = coarse.at(row.rem_euclid(side) as usize, column as usize);
        let deviations = background.deviations(spectra.at(v, u)).max(0.0);
        (WHITE * deviations.ln_1p() / WHITE_DEVIATIONS.ln_1p()).round().min(WHITE) as u8
    };
    let size = SIDE_PX as isize;
    let pairs = (0..size).flat_map(|y| (0..size).step_by(2).map(move |x| (y, x)));
    let packed: Vec<u8> = pairs.map(|(y, x)| level(y, x) << 4 | level(y, x + 1)).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIDE_PX as u32, SIDE_PX as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Four);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&packed).ok()?;
    writer.finish().ok()?;
    Some(BASE64_STANDARD.encode(bytes))
}
