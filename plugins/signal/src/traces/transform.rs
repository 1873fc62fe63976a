// SPDX-License-Identifier: MIT OR Apache-2.0
//! `dct`: the profile of 8x8 block DCT coefficients.
//!
//! *What it tests.* Per AC position the log of the mean magnitude, minus its mean over the 63
//! positions, for Y, Cb and Cr; for Y also the log ratio of the mean square to the squared mean:
//! how heavy the tails are.
//!
//! *Why it works.* Compression history, resampling and synthesis each bend the profile of a natural
//! picture in their own way; the tails tell sparse texture from noise.
//!
//! *When it does not apply.* Blocks are those of the crop's own grid: on a re-cropped JPEG they
//! straddle the compression's blocks, which the training has seen.
//!
//! *Constants and their source.* Floors of 0.05 levels and 0.01 squared levels keep empty positions
//! finite.
//!
//! *References.* Frank et al., "Leveraging frequency analysis for deep fake image recognition", ICML
//! 2020; Lam and Goodman, "A mathematical analysis of the DCT coefficient distributions", IEEE TIP
//! 9 (2000).

use super::row;
use crate::dct::{forward, SIDE};
use crate::Samples;

/// Samples of a block.
const BLOCK: usize = SIDE * SIDE;
/// Positions without DC.
const AC: usize = BLOCK - 1;
/// Floor of a mean magnitude, levels.
const MAGNITUDE_FLOOR: f64 = 0.05;
/// Floor of a mean square, squared levels.
const SQUARE_FLOOR: f64 = 0.01;

/// Mean magnitude and mean square by position, natural order.
struct Profile {
    magnitude: [f64; BLOCK],
    square: [f64; BLOCK],
}

pub(super) fn push(planes: [&Samples; 3], values: &mut Vec<f32>) {
    let profiles = planes.map(profile);
    for profile in &profiles {
        let logs: Vec<f64> =
            profile.magnitude[1..].iter().map(|m| (m + MAGNITUDE_FLOOR).ln()).collect();
        let level = logs.iter().sum::<f64>() / AC as f64;
        values.extend(logs.iter().map(|log| (log - level) as f32));
    }
    let [luma, ..] = &profiles;
    let pairs = luma.square.iter().zip(&luma.magnitude).skip(1);
    values.extend(pairs.map(|(square, magnitude)| {
        ((square + SQUARE_FLOOR).ln() - 2.0 * (magnitude + MAGNITUDE_FLOOR).ln()) as f32
    }));
}

fn profile(plane: &Samples) -> Profile {
    let mut sums = [[0.0_f64; BLOCK]; 2];
    let (rows, columns) = (plane.nrows() / SIDE, plane.ncols() / SIDE);
    for block_row in 0..rows {
        // Sums of one row of blocks are short enough for f32.
        let mut partial = [[0.0_f32; BLOCK]; 2];
        for column in 0..columns {
            let coefficients = forward(&block(plane, block_row, column));
            for (position, coefficient) in coefficients.into_iter().enumerate() {
                partial[0][position] += coefficient.abs();
                partial[1][position] += coefficient * coefficient;
            }
        }
        for (sums, partial) in sums.iter_mut().zip(&partial) {
            for (sum, &value) in sums.iter_mut().zip(partial) {
                *sum += f64::from(value);
            }
        }
    }
    let blocks = (rows * columns) as f64;
    let [magnitude, square] = sums.map(|sums| sums.map(|sum| sum / blocks));
    Profile { magnitude, square }
}

fn block(plane: &Samples, block_row: usize, column: usize) -> [f32; BLOCK] {
    let mut samples = [0.0; BLOCK];
    let (lines, _) = samples.as_chunks_mut::<SIDE>();
    for (y, line) in lines.iter_mut().enumerate() {
        let input = row(plane, block_row * SIDE + y).as_chunks::<SIDE>().0;
        *line = input.get(column).copied().unwrap_or_default();
    }
    samples
}

pub(super) fn mean_names() -> Vec<String> {
    (1..BLOCK).map(|position| format!("m{position}")).collect()
}

pub(super) fn shape_names() -> Vec<String> {
    (1..BLOCK).map(|position| format!("k{position}")).collect()
}
