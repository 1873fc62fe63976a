// SPDX-License-Identifier: MIT OR Apache-2.0
//! Taking out of a residual or a fingerprint what is not one sensor's own.
//!
//! # What it tests
//! Nothing by itself; without it two cameras of one model look alike.
//!
//! # Why it works
//! Row and column readout, demosaicing and the 8x8 grid of JPEG leave periodic patterns that all
//! cameras of a model share. Each of the four sub-lattices of the 2x2 mosaic gets rows and columns
//! of mean 0, which removes what repeats along an axis; then a Wiener filter in the Fourier domain
//! keeps the white part of the spectrum and lowers its peaks.
//!
//! # When it does not apply
//! Patterns of a model that are not periodic, such as traces of lens correction, remain.
//!
//! # Constants and their source
//! The filter's noise variance is the variance of the plane itself [Chen 2008, section III-C].
//!
//! # References
//! Chen, Fridrich, Goljan, Lukáš, "Determining image origin and integrity using sensor noise",
//! IEEE TIFS 2008, section III-C; Fridrich, "Sensor defects in digital image forensic", in Digital
//! Image Forensics, Springer 2013, section 6.3.

use rustfft::num_complex::Complex32;

use super::shrinkage::keep_noise;
use super::transform::{Spectrum, Transform};
use crate::Samples;

/// Returns the plane with rows and columns of mean 0 on each sub-lattice, Wiener-filtered in the
/// Fourier domain; same shape. Empty and constant planes come back as zeros.
#[must_use]
pub fn cleaned(mut plane: Samples) -> Samples {
    let (height, width) = plane.dim();
    zero_means(&mut plane);
    let variance = sample_variance(&plane);
    if variance <= 0.0 {
        plane.fill(0.0);
        return plane;
    }
    let transform = Transform::new(width, height);
    let mut spectrum = transform.forward(&plane);
    drop(plane);
    flatten(&mut spectrum, variance);
    transform.inverse(spectrum)
}

/// Takes from each sample the means of its row and of its column on its sub-lattice, and gives the
/// sub-lattice's mean back, which both contain.
pub(super) fn zero_means(plane: &mut Samples) {
    let width = plane.ncols();
    let height = plane.nrows();
    for parity in 0..2 {
        let rows = (height + 1 - parity) / 2;
        let mut columns = vec![0.0_f64; width];
        let mut row_means = Vec::with_capacity(rows);
        let mut totals = [0.0_f64; 2];
        for y in (parity..height).step_by(2) {
            let mut sums = [0.0_f64; 2];
            for (x, &sample) in plane.row(y).iter().enumerate() {
                columns[x] += f64::from(sample);
                sums[x % 2] += f64::from(sample);
            }
            let means = [0, 1].map(|phase| sums[phase] / length_of(phase, width));
            totals = [0, 1].map(|phase| totals[phase] + means[phase]);
            row_means.push(means);
        }
        let count = rows.max(1) as f64;
        let means = totals.map(|total| total / count);
        let corrections = columns.iter().enumerate();
        let corrections: Vec<f64> =
            corrections.map(|(x, sum)| means[x % 2] - sum / count).collect();
        for (y, row_mean) in (parity..height).step_by(2).zip(row_means) {
            for (x, (sample, correction)) in
                plane.row_mut(y).iter_mut().zip(&corrections).enumerate()
            {
                *sample += (correction - row_mean[x % 2]) as f32;
            }
        }
    }
}

/// How many of `length` samples have this parity; at least 1.
fn length_of(parity: usize, length: usize) -> f64 {
    ((length + 1 - parity) / 2).max(1) as f64
}

/// The variance of a sample, of mean 0 by construction; 0 for less than two of them.
fn sample_variance(plane: &Samples) -> f32 {
    let squares: f64 = plane.iter().map(|&sample| f64::from(sample) * f64::from(sample)).sum();
    let sum: f64 = plane.iter().map(|&sample| f64::from(sample)).sum();
    let count = plane.len() as f64;
    if count < 2.0 {
        return 0.0;
    }
    ((squares - sum * sum / count) / (count - 1.0)) as f32
}

/// Keeps of each frequency the share that is white noise of this variance a sample. A frequency and
/// its mirror image have one gain, the mean of what the window around either says: windows do not
/// wrap at the ends of the spectrum.
fn flatten(spectrum: &mut Spectrum, variance: f32) {
    let (width, height) = (spectrum.width, spectrum.height);
    let scale = 1.0 / (width as f32 * height as f32).sqrt();
    let magnitude = |value: Complex32| value.norm() * scale;
    let mut kept = Samples::zeros((width, height));
    let columns = kept.as_slice_mut().unwrap_or_default().chunks_exact_mut(height);
    for (u, column) in columns.enumerate() {
        let source = &spectrum.values[u.min(width - u) * height..][..height];
        if 2 * u <= width {
            column.iter_mut().zip(source).for_each(|(to, &value)| *to = magnitude(value));
        } else {
            let mirrored = source.iter().take(1).chain(source.iter().skip(1).rev());
            column.iter_mut().zip(mirrored).for_each(|(to, &value)| *to = magnitude(value));
        }
    }
    keep_noise(&mut kept, variance);
    let kept = kept.as_slice().unwrap_or_default();
    for (u, column) in spectrum.values.chunks_exact_mut(height).enumerate() {
        let direct = &kept[u * height..][..height];
        let mirrored = &kept[(width - u) % width * height..][..height];
        let mirrored = mirrored.iter().take(1).chain(mirrored.iter().skip(1).rev());
        for ((value, direct), mirrored) in column.iter_mut().zip(direct).zip(mirrored) {
            let before = magnitude(*value);
            let gain = if before > 0.0 { 0.5 * (direct + mirrored) / before } else { 0.0 };
            *value *= gain;
        }
    }
}
