// SPDX-License-Identifier: MIT OR Apache-2.0
//! A perceptual hash: 64 bits that change little when the picture is saved again or resized.
//!
//! **Method.** The luma on 32 x 32 samples, its DCT-II, the coefficients of frequencies 1 to 8 along both
//! axes, so neither the mean nor what varies along one axis alone; a bit says whether a coefficient is
//! above their median. Mirroring a picture changes the sign of the odd frequencies and turning it
//! exchanges the axes, so that the hashes of all eight positions come from one transform.
//!
//! **References.** Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010,
//! section 3.2.1 (the DCT hash of pHash).

use std::f64::consts::PI;

use assay_signal::Samples;

use super::plane;

/// Side of the plane that is transformed [Zauner 2010].
const SIDE: usize = 32;
/// Frequencies along each axis [Zauner 2010].
const FREQUENCIES: usize = 8;
/// Positions of a picture: four turns, each as it is and mirrored.
pub(super) const POSITIONS: usize = 8;

/// The hashes of a picture in its eight positions; the first is that of the picture as it is.
pub(super) fn hashes(plane: &Samples) -> [u64; POSITIONS] {
    let coefficients = coefficients(&plane::of_plane(plane, (SIDE, SIDE)));
    std::array::from_fn(|position| bits(&placed(&coefficients, position)))
}

/// Bits in which two hashes differ, 0..=64.
pub(super) fn distance(one: u64, other: u64) -> u32 {
    (one ^ other).count_ones()
}

type Coefficients = [[f64; FREQUENCIES]; FREQUENCIES];

/// By vertical and horizontal frequency, 1 to 8.
fn coefficients(plane: &Samples) -> Coefficients {
    let wave = |frequency: usize, at: usize| {
        (((2 * at + 1) * (frequency + 1)) as f64 * PI / (2 * SIDE) as f64).cos()
    };
    let waves: [[f64; SIDE]; FREQUENCIES] =
        std::array::from_fn(|frequency| std::array::from_fn(|at| wave(frequency, at)));
    let rows: Vec<[f64; FREQUENCIES]> = plane
        .outer_iter()
        .map(|row| {
            waves.map(|wave| row.iter().zip(wave).map(|(&sample, w)| f64::from(sample) * w).sum())
        })
        .collect();
    std::array::from_fn(|v| {
        std::array::from_fn(|u| {
            let column = rows.iter().map(|row| row.get(u).copied().unwrap_or(0.0));
            column.zip(waves.get(v).into_iter().flatten()).map(|(sum, wave)| sum * wave).sum()
        })
    })
}

/// The coefficients of the picture mirrored left to right (bit 0), upside down (bit 1), and with its
/// axes exchanged before that (bit 2).
fn placed(coefficients: &Coefficients, position: usize) -> Coefficients {
    let has = |bit: usize| position >> bit & 1 == 1;
    // Index 0 is frequency 1: an odd frequency has an even index.
    let sign = |is_mirrored: bool, index: usize| {
        if is_mirrored && index.is_multiple_of(2) {
            -1.0
        } else {
            1.0
        }
    };
    std::array::from_fn(|v| {
        std::array::from_fn(|u| {
            let value = if has(2) { coefficients[u][v] } else { coefficients[v][u] };
            value * sign(has(0), u) * sign(has(1), v)
        })
    })
}

fn bits(coefficients: &Coefficients) -> u64 {
    let mut sorted = *coefficients.as_flattened().first_chunk::<64>().unwrap_or(&[0.0; 64]);
    sorted.sort_by(f64::total_cmp);
    let median = (sorted[31] + sorted[32]) / 2.0;
    let bit = |hash: u64, &value: &f64| hash << 1 | u64::from(value > median);
    coefficients.as_flattened().iter().fold(0, bit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A smooth picture without any symmetry.
    fn picture(seed: u64) -> Samples {
        let phase = seed as f32 * 1.7;
        Samples::from_shape_fn((96, 128), |(y, x)| {
            let (x, y) = (x as f32 / 20.0, y as f32 / 17.0);
            120.0 + 40.0 * (x + phase).sin() * (y * 1.3).cos() + 30.0 * (x * y * 0.4 + phase).sin()
        })
    }

    fn reversed(plane: &Samples, across: bool, down: bool) -> Samples {
        let (rows, columns) = plane.dim();
        Samples::from_shape_fn((rows, columns), |(y, x)| {
            plane[[if down { rows - 1 - y } else { y }, if across { columns - 1 - x } else { x }]]
        })
    }

    #[test]
    fn a_mirrored_or_turned_picture_has_the_hash_of_that_position() {
        let picture = picture(3);
        let known = hashes(&picture);
        let near = |plane: &Samples, position: usize| {
            assert!(distance(hashes(plane)[0], known[position]) <= 1, "{position}");
        };
        near(&reversed(&picture, true, false), 1);
        near(&reversed(&picture, false, true), 2);
        near(&reversed(&picture, true, true), 3);
        near(&picture.t().to_owned(), 4);
        near(&reversed(&picture.t().to_owned(), true, false), 5);
    }

    #[test]
    fn half_of_the_bits_are_set_and_other_pictures_differ_in_many() {
        for seed in 0..20 {
            let hash = hashes(&picture(seed))[0];
            assert_eq!(hash.count_ones(), 32);
        }
        assert!(distance(hashes(&picture(1))[0], hashes(&picture(2))[0]) > 8);
    }

    proptest! {
        #[test]
        fn brightness_and_contrast_do_not_change_the_hash(seed in 0_u64..50, gain in 0.3_f32..2.0, lift in -50.0_f32..50.0) {
            let picture = picture(seed);
            let changed = picture.mapv(|sample| sample * gain + lift);
            prop_assert!(distance(hashes(&picture)[0], hashes(&changed)[0]) <= 2);
        }
    }
}
