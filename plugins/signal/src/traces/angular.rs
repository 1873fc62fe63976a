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

use std::sync::LazyLock;

use ndarray::Array2;

use super::spectra::{row_frequency, TILE};

const SECTORS: usize = 4;
const SECTOR_DEGREES: f32 = 22.5;
/// Squares of the radii between which power is read, cycles a tile.
const INNER_SQUARED: usize = 32 * 32;
const OUTER_SQUARED: usize = 64 * 64;

/// The bins that are read with their sectors, by their places row by row.
static SECTOR_OF_BIN: LazyLock<Vec<(usize, usize)>> = LazyLock::new(|| {
    let bins = (0..TILE).flat_map(|v| (0..=TILE / 2).map(move |u| (row_frequency(v), u)));
    let sector = |(at, (v, u)): (usize, (usize, usize))| {
        let squared = v * v + u * u;
        let angle = (v as f32).atan2(u as f32).to_degrees();
        let sector = (angle / SECTOR_DEGREES) as usize;
        let is_between = squared > INNER_SQUARED && squared <= OUTER_SQUARED;
        // The vertical axis itself, at 90 degrees, is in no sector.
        (is_between && sector < SECTORS).then_some((at, sector))
    };
    bins.enumerate().filter_map(sector).collect()
});

pub(super) fn push(spectrum: &Array2<f32>, values: &mut Vec<f32>) {
    let mut sectors = [(0.0_f64, 0.0_f64); SECTORS];
    let bins = spectrum.as_slice().unwrap_or_default();
    for &(at, sector) in SECTOR_OF_BIN.iter() {
        if let (Some(&value), Some((sum, count))) = (bins.get(at), sectors.get_mut(sector)) {
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
