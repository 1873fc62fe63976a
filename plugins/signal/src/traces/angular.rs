// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ang`: the direction of high frequencies.
//!
//! *What it tests.* The mean log power between a quarter and a half cycle per pixel in four sectors
//! of 22.5 degrees from the horizontal frequency axis, minus the mean of the four.
//!
//! *Why it works.* Square convolution kernels and nearest-neighbour upsampling favour axes and
//! diagonals differently from round optics; so does a Bayer mosaic.
//!
//! *When it does not apply.* Strongly oriented scenes (fences, blinds) have a direction of their
//! own.
//!
//! *Constants and their source.* 32 to 64 cycles per 128 px tile: above the scene, below the
//! corners.
//!
//! *References.* Corvi et al., CVPRW 2023, section 3.2 (angular spectra).

use ndarray::Array2;

use super::spectra::row_frequency;

const SECTORS: usize = 4;
const SECTOR_DEGREES: f32 = 22.5;
/// Squares of the radii between which power is read, cycles a tile.
const INNER_SQUARED: usize = 32 * 32;
const OUTER_SQUARED: usize = 64 * 64;

pub(super) fn push(spectrum: &Array2<f32>, values: &mut Vec<f32>) {
    let mut sectors = [(0.0_f64, 0.0_f64); SECTORS];
    for ((v, u), &value) in spectrum.indexed_iter() {
        let v = row_frequency(v);
        let squared = v * v + u * u;
        if squared <= INNER_SQUARED || squared > OUTER_SQUARED {
            continue;
        }
        let angle = (v as f32).atan2(u as f32).to_degrees();
        // The vertical axis itself, at 90 degrees, is in no sector.
        if let Some((sum, count)) = sectors.get_mut((angle / SECTOR_DEGREES) as usize) {
            *sum += f64::from(value);
            *count += 1.0;
        }
    }
    let means = sectors.map(|(sum, count)| sum / count);
    let level = means.iter().sum::<f64>() / SECTORS as f64;
    values.extend(means.map(|mean| (mean - level) as f32));
}

pub(super) fn names() -> Vec<String> {
    (0..SECTORS).map(|sector| sector.to_string()).collect()
}
