// SPDX-License-Identifier: MIT OR Apache-2.0
//! A small picture of the synthetic camera and its residual by github.com/polimi-ispl/prnu-python;
//! `plugins/training/golden_prnu.py` made the file.

use assay_signal::prnu::cleaning::cleaned;
use assay_signal::prnu::denoise::residual;
use assay_signal::prnu::LumaPlane;
use assay_signal::Samples;

const GOLDEN: &str = include_str!("../data/golden_prnu.csv");
/// Columns and rows: odd, so that every level has a border of its own.
const SIZE: (usize, usize) = (47, 39);

fn columns() -> (Vec<u8>, [Samples; 2]) {
    let rows = GOLDEN.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let rows: Vec<Vec<&str>> = rows.collect();
    let luma = rows.iter().map(|row| row[0].parse().unwrap()).collect();
    let plane = |column: usize| {
        let values = rows.iter().map(|row| row[column].parse().unwrap()).collect();
        Samples::from_shape_vec((SIZE.1, SIZE.0), values).unwrap()
    };
    (luma, [plane(1), plane(2)])
}

/// Largest difference, grey levels.
fn distance(a: &Samples, b: &Samples) -> f32 {
    assert_eq!(a.dim(), b.dim());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn residual_is_that_of_the_reference_to_a_thousandth_of_a_grey_level() {
    let (luma, [expected, _]) = columns();
    let found = residual(LumaPlane::new(SIZE.0, SIZE.1, SIZE.0, &luma).unwrap());
    assert!(distance(&found, &expected) < 1e-3, "{}", distance(&found, &expected));
}

#[test]
fn cleaned_residual_is_that_of_the_reference_to_a_thousandth_of_a_grey_level() {
    let (luma, [_, expected]) = columns();
    let found = cleaned(residual(LumaPlane::new(SIZE.0, SIZE.1, SIZE.0, &luma).unwrap()));
    assert!(distance(&found, &expected) < 1e-3, "{}", distance(&found, &expected));
}
