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
use crate::dct::{scaled_8, SCALE, SIDE};
use crate::{avx2_dispatch, Samples};

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
    let mut sums = [[0.0; BLOCK]; 2];
    add_blocks(plane, &mut sums);
    let blocks = ((plane.nrows() / SIDE) * (plane.ncols() / SIDE)) as f64;
    // Only here divided by what the transform scales its outputs with.
    let scale =
        |position: usize| f64::from(SCALE[position / SIDE]) * f64::from(SCALE[position % SIDE]);
    let [magnitude, square] = sums;
    Profile {
        magnitude: std::array::from_fn(|at| magnitude[at] / scale(at) / blocks),
        square: std::array::from_fn(|at| square[at] / (scale(at) * scale(at)) / blocks),
    }
}

/// Adds the magnitudes and the squares of the blocks' scaled coefficients.
#[inline(always)]
fn add_blocks_portable(plane: &Samples, sums: &mut [[f64; BLOCK]; 2]) {
    for block_row in 0..plane.nrows() / SIDE {
        let rows: [&[[f32; SIDE]]; SIDE] =
            std::array::from_fn(|y| row(plane, block_row * SIDE + y).as_chunks().0);
        // Sums of one row of blocks are short enough for f32; [horizontal][vertical frequency].
        let mut partial = [[[0.0_f32; SIDE]; SIDE]; 2];
        for column in 0..plane.ncols() / SIDE {
            let block = rows.map(|row| row.get(column).copied().unwrap_or_default());
            let coefficients = scaled_lanes(transposed(scaled_lanes(block)));
            for (u, line) in coefficients.iter().enumerate() {
                for v in 0..SIDE {
                    partial[0][u][v] += line[v].abs();
                    partial[1][u][v] += line[v] * line[v];
                }
            }
        }
        for (sums, partial) in sums.iter_mut().zip(&partial) {
            for (at, sum) in sums.iter_mut().enumerate() {
                *sum += f64::from(partial[at % SIDE][at / SIDE]);
            }
        }
    }
}

avx2_dispatch! {
    fn add_blocks(plane: &Samples, sums: &mut [[f64; BLOCK]; 2]) = add_blocks_portable
}

/// The transform along the lines' index, each lane by itself.
#[inline(always)]
fn scaled_lanes(lines: [[f32; SIDE]; SIDE]) -> [[f32; SIDE]; SIDE] {
    let mut outputs = [[0.0; SIDE]; SIDE];
    for lane in 0..SIDE {
        let scaled = scaled_8(std::array::from_fn(|line| lines[line][lane]));
        for (output, scaled) in outputs.iter_mut().zip(scaled) {
            output[lane] = scaled;
        }
    }
    outputs
}

#[inline(always)]
fn transposed(lines: [[f32; SIDE]; SIDE]) -> [[f32; SIDE]; SIDE] {
    std::array::from_fn(|x| std::array::from_fn(|y| lines[y][x]))
}

pub(super) fn mean_names() -> Vec<String> {
    (1..BLOCK).map(|position| format!("m{position}")).collect()
}

pub(super) fn shape_names() -> Vec<String> {
    (1..BLOCK).map(|position| format!("k{position}")).collect()
}
