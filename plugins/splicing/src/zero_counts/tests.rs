// SPDX-License-Identifier: MIT OR Apache-2.0
use assay_signal::dct::forward;
use proptest::prelude::*;

use super::*;

fn naive(picture: &Picture<'_>, x: usize, y: usize) -> (u8, bool) {
    let pixel = |i: usize| picture.row(y + i / 8)[x + i % 8];
    let coefficients = forward(&std::array::from_fn(|i| f32::from(pixel(i))));
    let zeros = coefficients[1..].iter().filter(|c| c.abs() < ZERO_BELOW).count() as u8;
    let along_x = (0..64).all(|i| pixel(i) == pixel(i / 8 * 8));
    let along_y = (0..64).all(|i| pixel(i) == pixel(i % 8));
    (zeros, along_x || along_y)
}

fn counted(picture: &Picture<'_>) -> Vec<(u8, bool)> {
    let mut counter = ZeroCounter::dense(picture.width);
    let positions = picture.height - 7;
    let mut all = Vec::new();
    for top in (0..positions).step_by(BAND) {
        let rows = BAND.min(positions - top);
        counter.band(picture, top, rows);
        for i in 0..rows {
            let (counts, constant) = counter.row(i);
            all.extend(counts.iter().zip(constant).map(|(&count, &flag)| (count, flag != 0)));
        }
    }
    all
}

/// Noise of amplitude `noise` on a ramp, with a flat and a striped corner.
fn sample(width: usize, height: usize, noise: u32) -> Vec<u8> {
    let mut state = 12345_u32;
    (0..width * height)
        .map(|i| {
            let (x, y) = (i % width, i / width);
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            match (x < 14, y < 14) {
                (true, true) => 77,
                (true, false) if y < 30 => (y * 5) as u8,
                (false, true) if x < 30 => (x * 7) as u8,
                _ => (x + y / 2 + ((state >> 16) % (noise + 1)) as usize) as u8,
            }
        })
        .collect()
}

#[test]
fn counts_and_flags_equal_the_definition_over_bands_and_strips() {
    for (width, height, noise) in [(150, 50, 1), (8, 8, 3), (140, 47, 0), (136, 40, 9)] {
        let samples = sample(width, height, noise);
        let picture = Picture::new(&samples, width, height, width);
        for (i, found) in counted(&picture).into_iter().enumerate() {
            let (x, y) = (i % (width - 7), i / (width - 7));
            assert_eq!(found, naive(&picture, x, y), "({x}, {y}) of {width}x{height}");
        }
    }
}

proptest! {
    #[test]
    fn the_avx2_kernels_equal_the_portable_ones_bit_for_bit(seed in any::<u64>()) {
        let mut state = seed | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 56) as u8
        };
        let line: Line = std::array::from_fn(|_| std::array::from_fn(|_| next()));
        let (mut fast, mut plain) = ([[0.0; STRIP]; 8], [[0.0; STRIP]; 8]);
        transform_row(&line, &mut fast);
        transform_row_portable(&line, &mut plain);
        prop_assert_eq!(fast.map(|lane| lane.map(f32::to_bits)),
            plain.map(|lane| lane.map(f32::to_bits)));

        let block: Vec<[Lane; 8]> = (0..8).map(|_| fast.map(|lane| lane.map(|v| v * 0.01))).collect();
        let thresholds = SCALE.map(|a| SCALE.map(|b| ZERO_BELOW * a * b));
        let (mut fast, mut plain) = ([0; STRIP], [0; STRIP]);
        count_zeros(&block, &thresholds, &mut fast);
        count_zeros_portable(&block, &thresholds, &mut plain);
        prop_assert_eq!(fast, plain);
    }
}
