// SPDX-License-Identifier: MIT OR Apache-2.0
//! The quantisation tables that an earlier compression may have had, and how much a coefficient
//! speaks for each.
//!
//! *The statistic.* A coefficient that was a multiple of `q` and was disturbed since by a normal error
//! of deviation `sigma` has a mean of `cos(2 pi x / q)` of `exp(-2 pi^2 sigma^2 / q^2)`, which is
//! also the best weight for it; one that never was has a mean of at most 0 if the density of
//! magnitudes falls and is convex, once those below `q / 2` are left out: they crowd around zero in any
//! picture.

use assay_signal::jpeg::quality::{ijg_table, TableKind};
use assay_signal::jpeg::tables::NATURAL_FROM_ZIGZAG;

/// Coefficients of a block that are looked at, the first in zigzag order, DC included.
pub(super) const FREQUENCIES: usize = 10;
/// Tables that are tried.
pub(super) const TABLES: usize = 32;
/// IJG qualities whose luma tables are tried: between them the first steps differ by one, if at all.
const QUALITIES: [u8; 24] = [
    40, 46, 50, 55, 60, 65, 70, 73, 75, 78, 80, 82, 84, 86, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97,
];
/// The first steps in zigzag order of luma tables that are no IJG tables: an image editor's, as found
/// in files that it wrote, and flat ones like those of several cameras.
const OTHERS: [[u16; FREQUENCIES]; TABLES - QUALITIES.len()] = [
    [16, 11, 11, 11, 12, 11, 16, 12, 12, 16],
    [12, 8, 8, 8, 9, 8, 12, 9, 9, 12],
    [6, 4, 4, 4, 5, 4, 6, 5, 5, 6],
    [18, 14, 14, 22, 16, 22, 35, 21, 21, 35],
    [10, 7, 7, 11, 8, 11, 18, 10, 10, 18],
    [6, 4, 4, 7, 5, 7, 11, 6, 6, 11],
    [8, 8, 8, 8, 8, 8, 8, 8, 8, 8],
    [4, 4, 4, 4, 4, 4, 4, 4, 4, 4],
];
/// Bins of a magnitude to its unit.
const BINS_PER_UNIT: f32 = 2.0;
/// Magnitudes that AC coefficients and DC are looked at up to: larger ones are rare or do not exist.
const MOST: (f32, f32) = (160.0, 1024.0);
/// Weight below which a step is too fine to be told.
const LEAST_WEIGHT: f64 = 0.05;

/// Sums of the weighted cosines, and of their variances if nothing is there, for each table.
pub(super) type Sums = [[f32; TABLES]; 2];

/// What a coefficient says, by frequency and magnitude; the last row of each stands for all that is
/// larger, and says nothing.
pub(super) struct Tables {
    rows: [Vec<Sums>; FREQUENCIES],
    speaking: bool,
}

/// The first steps of a table in zigzag order.
pub(super) fn steps(table: usize) -> [u16; FREQUENCIES] {
    let Some(&quality) = QUALITIES.get(table) else {
        let other = table.checked_sub(QUALITIES.len()).and_then(|other| OTHERS.get(other));
        return other.copied().unwrap_or([1; FREQUENCIES]);
    };
    let natural = ijg_table(quality, TableKind::Luma);
    std::array::from_fn(|k| {
        let index = NATURAL_FROM_ZIGZAG.get(k).copied().map(usize::from);
        index.and_then(|index| natural.get(index)).copied().unwrap_or(1)
    })
}

/// The mean of the cosine of a coefficient of this step after an error of this deviation.
pub(super) fn concentration(step: u16, sigma: f64) -> f64 {
    let phase = std::f64::consts::TAU * sigma / f64::from(step);
    (-0.5 * phase * phase).exp()
}

impl Tables {
    /// What coefficients say that were disturbed by an error of deviation `sigma` since.
    pub(super) fn new(sigma: f64) -> Self {
        let mut speaking = false;
        let mut rows: [Vec<Sums>; FREQUENCIES] = std::array::from_fn(|k| {
            let most = if k == 0 { MOST.1 } else { MOST.0 };
            vec![[[0.0; TABLES]; 2]; (most * BINS_PER_UNIT) as usize + 2]
        });
        for table in 0..TABLES {
            for (k, (step, rows)) in steps(table).into_iter().zip(&mut rows).enumerate() {
                let weight = concentration(step, sigma);
                if step < 2 || weight < LEAST_WEIGHT {
                    continue;
                }
                speaking = true;
                let from = if k == 0 { 0.0 } else { 0.5 * f64::from(step) };
                let looked_at = rows.len() - 1;
                for (bin, [cosines, variances]) in rows.iter_mut().take(looked_at).enumerate() {
                    let magnitude = bin as f64 / f64::from(BINS_PER_UNIT);
                    let phase = std::f64::consts::TAU * magnitude / f64::from(step);
                    if magnitude >= from {
                        cosines[table] = (weight * phase.cos()) as f32;
                        variances[table] = (0.5 * weight * weight) as f32;
                    }
                }
            }
        }
        Self { rows, speaking }
    }

    /// Whether any step of any table could be told.
    pub(super) fn speak(&self) -> bool {
        self.speaking
    }

    /// What coefficient `k` of value `x` says; DC without its level shift. Nothing beyond the largest
    /// magnitude.
    #[inline(always)]
    pub(super) fn of(&self, k: usize, x: f32) -> &Sums {
        let rows = &self.rows[k];
        &rows[((x.abs() * BINS_PER_UNIT + 0.5) as usize).min(rows.len() - 1)]
    }
}
