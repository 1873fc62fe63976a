// SPDX-License-Identifier: MIT OR Apache-2.0
//! `peak`: peaks of the spectrum on the lattice of 1/16 cycle per pixel.
//!
//! *What it tests.* At frequencies `(i, j) / 16`, `i, j = 0..=8`, the log power minus the median of
//! the ring around it (7x7 without its inner 3x3), both signs of `j` averaged; summed up over
//! families of lattice points.
//!
//! *Why it works.* Upsampling by 2, 4, 8 or 16 repeats the kernel's grid: a periodic residual whose
//! energy sits exactly on these points.
//!
//! *When it does not apply.* Any resampling moves the peaks off the lattice; JPEG makes its own
//! at multiples of 1/8.
//!
//! *Constants and their source.* 1/16 cycle per pixel is 8 bins of a 128 px tile.
//!
//! *References.* Zhang et al., "Detecting and simulating artifacts in GAN fake images", WIFS 2019;
//! Marra et al., "Do GANs leave artificial fingerprints?", MIPR 2019.

use ndarray::Array2;

use super::spectra::TILE;
use crate::stats::robust::median;

/// Bins between lattice points.
const LATTICE: usize = 8;
/// Lattice points along an axis, DC to the Nyquist frequency.
const POINTS: usize = TILE / 2 / LATTICE + 1;
/// Outer and inner radius of the ring of neighbours, bins.
const RING: isize = 3;
const CORE: isize = 1;

const NAMES: [&str; 13] =
    ["22", "02", "20", "44", "04", "40", "24", "88", "08", "80", "g8", "g16", "max"];

pub(super) fn push(spectrum: &Array2<f32>, values: &mut Vec<f32>) {
    // heights[j][i]: j along y, i along x.
    let mut heights = [[0.0_f32; POINTS]; POINTS];
    for (j, line) in heights.iter_mut().enumerate() {
        for (i, height) in line.iter_mut().enumerate() {
            if (i, j) == (0, 0) {
                continue;
            }
            let (v, u) = ((j * LATTICE) as isize, (i * LATTICE) as isize);
            let up = height_above_ring(spectrum, v, u);
            *height = if j == 0 { up } else { (up + height_above_ring(spectrum, -v, u)) / 2.0 };
        }
    }
    let at = |j: usize, i: usize| heights[j][i];
    let mean = |wanted: &dyn Fn(usize, usize) -> bool| {
        let points = (0..POINTS).flat_map(|j| (0..POINTS).map(move |i| (j, i)));
        let chosen = points.filter(|&(j, i)| (j, i) != (0, 0) && wanted(j, i));
        let (sum, count) = chosen.fold((0.0, 0.0), |(sum, n), (j, i)| (sum + at(j, i), n + 1.0));
        sum / count
    };
    let is_multiple = |j: usize, i: usize, of: usize| j.is_multiple_of(of) && i.is_multiple_of(of);
    let highest = heights.iter().flatten().copied();
    // DC stands as 0 in `heights`; leaving it out keeps a maximum below zero possible.
    let highest = highest.skip(1).fold(f32::NEG_INFINITY, f32::max);
    values.extend([
        at(8, 8),
        at(0, 8),
        at(8, 0),
        at(4, 4),
        at(0, 4),
        at(4, 0),
        (at(4, 8) + at(8, 4)) / 2.0,
        (at(2, 2) + at(6, 6) + at(2, 6) + at(6, 2)) / 4.0,
        (at(0, 2) + at(0, 6)) / 2.0,
        (at(2, 0) + at(6, 0)) / 2.0,
        mean(&|j, i| is_multiple(j, i, 2) && !is_multiple(j, i, 4)),
        mean(&|j, i| !is_multiple(j, i, 2)),
        highest,
    ]);
}

fn height_above_ring(spectrum: &Array2<f32>, v: isize, u: isize) -> f32 {
    let offsets = || -RING..=RING;
    let ring = offsets().flat_map(|dv| offsets().map(move |du| (dv, du)));
    let ring = ring.filter(|(dv, du)| dv.abs().max(du.abs()) > CORE);
    let mut around: Vec<f32> = ring.map(|(dv, du)| at(spectrum, v + dv, u + du)).collect();
    at(spectrum, v, u) - median(&mut around).unwrap_or_default()
}

/// The spectrum of a real tile anywhere on the torus of frequencies, from its stored half.
fn at(spectrum: &Array2<f32>, v: isize, u: isize) -> f32 {
    let tile = TILE as isize;
    let u = u.rem_euclid(tile);
    let (v, u) = if 2 * u > tile { (-v, tile - u) } else { (v, u) };
    spectrum[[v.rem_euclid(tile) as usize, u as usize]]
}

pub(super) fn names() -> Vec<String> {
    NAMES.iter().map(ToString::to_string).collect()
}
