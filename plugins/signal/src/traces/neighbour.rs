// SPDX-License-Identifier: MIT OR Apache-2.0
//! `npr`: relations of neighbouring pixels within 2x2 cells.
//!
//! *What it tests.* For each pixel the absolute differences to its right, lower and lower right
//! neighbour, and the cross difference of the four: their mean by the pixel's place in a 2x2 cell,
//! how much the places differ, and the share of differences below half a level.
//!
//! *Why it works.* The last upsampling by 2 in a decoder makes the four pixels of a cell depend on
//! one value, so that differences inside and across cells differ.
//!
//! *When it does not apply.* A resize moves the cells; JPEG blurs the difference of places.
//!
//! *Constants and their source.* Differences are held at 30 levels, so that edges do not decide.
//!
//! *References.* Tan et al., "Rethinking the up-sampling operations in CNN-based generative
//! networks" (NPR), CVPR 2024.

use super::row;
use crate::{avx2_dispatch, Samples};

/// Differences above this many levels count as this many.
const LARGEST: f32 = 30.0;
/// A difference below this many levels counts as none.
const NONE: f32 = 0.5;
/// Keeps the logarithm of a flat plane finite, levels.
const FLOOR: f64 = 0.02;
/// Lanes of a row that are summed apart; even, so that a lane keeps its column's parity.
const LANES: usize = 8;

#[derive(Clone, Copy, Default)]
struct Tally {
    held: [f32; LANES],
    none: [f32; LANES],
}

impl Tally {
    #[inline(always)]
    fn add(&mut self, lane: usize, difference: f32) {
        self.held[lane] += difference.min(LARGEST);
        self.none[lane] += f32::from(u8::from(difference < NONE));
    }
}

/// Sums of the four differences.
#[derive(Default)]
struct Sums {
    /// `[difference][2 * (row parity) + column parity]`.
    held: [[f64; 4]; 4],
    none: [f64; 4],
}

#[inline(always)]
fn add_plane_portable(plane: &Samples, [height, width]: [usize; 2], sums: &mut Sums) {
    for y in 0..height {
        let (here, below) = (row(plane, y), row(plane, y + 1));
        let tallies = tally_row(here, below, width);
        for (difference, tally) in tallies.iter().enumerate() {
            for lane in 0..LANES {
                sums.held[difference][2 * (y % 2) + lane % 2] += f64::from(tally.held[lane]);
                sums.none[difference] += f64::from(tally.none[lane]);
            }
        }
    }
}

avx2_dispatch! {
    /// Adds up the differences of the first `height` rows and `width` columns.
    fn add_plane(plane: &Samples, size: [usize; 2], sums: &mut Sums) = add_plane_portable
}

pub(super) fn push(plane: &Samples, values: &mut Vec<f32>) {
    let (height, width) = plane.dim();
    // Both sides even, with a neighbour to the right and below.
    let (height, width) = ((height - 2) / 2 * 2, (width - 2) / 2 * 2);
    let mut sums = Sums::default();
    add_plane(plane, [height, width], &mut sums);
    let Sums { held: sums, none } = sums;
    let pixels = (height * width) as f64;
    let logs = sums.map(|places| places.map(|sum| (sum / (pixels / 4.0) + FLOOR).ln()));
    let means = logs.map(|places| places.iter().sum::<f64>() / 4.0);
    values.extend(means[1..].iter().map(|mean| (mean - means[0]) as f32));
    values.extend(logs.map(|places| {
        let highest = places.iter().copied().fold(f64::MIN, f64::max);
        (highest - places.iter().copied().fold(f64::MAX, f64::min)) as f32
    }));
    values.extend(none.map(|count| (count / pixels) as f32));
}

#[inline(always)]
fn tally_row(here: &[f32], below: &[f32], width: usize) -> [Tally; 4] {
    let mut tallies = [Tally::default(); 4];
    let mut x = 0;
    while x + LANES <= width {
        let window = |row: &[f32], from: usize| -> [f32; LANES] {
            row.get(from..from + LANES).and_then(|w| w.try_into().ok()).unwrap_or_default()
        };
        let (a, b) = (window(here, x), window(here, x + 1));
        let (c, d) = (window(below, x), window(below, x + 1));
        for lane in 0..LANES {
            let pixels = [a[lane], b[lane], c[lane], d[lane]];
            for (tally, difference) in tallies.iter_mut().zip(differences(pixels)) {
                tally.add(lane, difference);
            }
        }
        x += LANES;
    }
    for x in x..width {
        let pixels = [here[x], here[x + 1], below[x], below[x + 1]];
        for (tally, difference) in tallies.iter_mut().zip(differences(pixels)) {
            tally.add(x % LANES, difference);
        }
    }
    tallies
}

#[inline(always)]
fn differences([here, right, below, across]: [f32; 4]) -> [f32; 4] {
    [
        (right - here).abs(),
        (below - here).abs(),
        (across - here).abs(),
        (across - below - right + here).abs(),
    ]
}

pub(super) fn names() -> Vec<String> {
    let ratios = (1..4).map(|k| format!("d{k}"));
    let places = (0..4).map(|k| format!("ph{k}"));
    let none = (0..4).map(|k| format!("z{k}"));
    ratios.chain(places).chain(none).collect()
}
