// SPDX-License-Identifier: MIT OR Apache-2.0
//! How much the last compression can disturb a coefficient of another grid.
//!
//! *How.* The wave of such a coefficient lies across up to four blocks of the last grid; its error is
//! the sum of theirs, each with the square of its share in the wave. The error of a quantised
//! coefficient is at most evenly spread over its step, with a variance of `q^2 / 12`; one that was
//! rounded to 0 is off by less. Rounding to whole samples adds its own.

use assay_signal::dct::{basis, SIDE};
use assay_signal::jpeg::tables::NATURAL_FROM_ZIGZAG;

use super::scan::Grid;
use super::tables::FREQUENCIES;
use super::transform::PLACES;

/// Deviation of the error that rounding to whole samples of red, green, blue and luma leaves.
pub(super) const ROUNDING_SIGMA: f64 = 0.4;

/// Share of the deviation of evenly spread errors that is usually left: many coefficients were near 0
/// and moved by less than half a step.
const USUAL: f64 = 0.6;

/// The usual deviation of the error of a low coefficient of another grid, whose last steps are given
/// in natural order.
pub(super) fn usual(steps: &[u16; 64]) -> f64 {
    let low = NATURAL_FROM_ZIGZAG.iter().take(FREQUENCIES);
    let squares = low.filter_map(|&natural| steps.get(usize::from(natural)));
    let mean = squares.map(|&step| f64::from(step).powi(2)).sum::<f64>() / FREQUENCIES as f64;
    (ROUNDING_SIGMA.powi(2) + USUAL.powi(2) * mean / 12.0).sqrt()
}

/// The largest deviation of the error of each coefficient of blocks that lie `grid` off those of the
/// last compression, whose luma steps are given in natural order.
pub(super) fn largest(grid: Grid, steps: &[u16; 64]) -> [f64; FREQUENCIES] {
    let (across, down) = (shares(grid.x), shares(grid.y));
    PLACES.map(|(u, v)| {
        let mut variance = ROUNDING_SIGMA * ROUNDING_SIGMA;
        for (row, of_row) in steps.as_chunks::<SIDE>().0.iter().zip(&down[v]) {
            for (&step, of_column) in row.iter().zip(&across[u]) {
                variance += of_row * of_column * f64::from(step).powi(2) / 12.0;
            }
        }
        variance.sqrt()
    })
}

/// For each wave of 8 samples that begins `offset` into a block the energy that each frequency of the
/// blocks below has in it.
fn shares(offset: usize) -> [[f64; SIDE]; SIDE] {
    let waves = basis();
    let part = |wave: &[f32], of_block: &[f32]| {
        let products = wave.iter().zip(of_block).map(|(a, b)| f64::from(a * b));
        products.sum::<f64>().powi(2)
    };
    let split = SIDE - offset % SIDE;
    waves.map(|wave| {
        let (first, second) = wave.split_at(split);
        waves.map(|of_block| part(first, &of_block[SIDE - split..]) + part(second, &of_block))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_keeps_its_energy_wherever_it_begins() {
        for offset in 0..SIDE {
            for of_wave in shares(offset) {
                assert!((of_wave.iter().sum::<f64>() - 1.0).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn equal_steps_disturb_every_coefficient_alike() {
        let sigma = (ROUNDING_SIGMA.powi(2) + 12.0_f64.powi(2) / 12.0).sqrt();
        for of_grid in [Grid { x: 0, y: 0 }, Grid { x: 3, y: 6 }] {
            for deviation in largest(of_grid, &[12; 64]) {
                assert!((deviation - sigma).abs() < 1e-4);
            }
        }
    }
}
