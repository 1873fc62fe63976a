// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which cells follow a period that windows of 128 px have shown.
//!
//! Around each cell the size of the second differences is multiplied by the wave of the period, and
//! by that turned by a quarter. The power of either sum, in units of its energy, has a mean of 1
//! where the period is missing. A cell belongs to the region where the powers together reach a share of
//! what they have in the strongest windows.

use assay_plugin_api::plane::Luma8;
use assay_signal::filter::{local_mean, Border};
use assay_signal::morphology::{connected_components, Mask};
use assay_signal::Samples;

use super::regions::Periodic;
use super::spectrum::{Frequency, WINDOW_PX};
use super::Windows;
use crate::trace::{Cells, Region, Trace, CELL_PX};
use crate::traces::silent;

/// Cells to either side of one whose samples are summed with it: 56 px together.
const REACH: usize = 3;
/// Log odds of cells far from any region, and most that a cell says.
const ELSEWHERE: f32 = -1.0;
const MOST_ODDS: f32 = 4.0;
/// Share of the mean power in the windows that a cell of the region has at least, and least power: one
/// cell in 25 without the period exceeds it.
const OF_MEAN: f32 = 0.3;
const LEAST_POWER: f32 = 5.0;
/// Log odds of a cell with twice the least power of the region.
const ODDS: f32 = 3.0;
/// Second differences count up to this many times the mean of a cell's surroundings.
const MOST_OF_MEAN: f32 = 3.0;

/// The trace of a picture with at least one set of windows.
pub(super) fn trace(luma: &Luma8<'_>, windows: &Windows, found: &[Periodic]) -> Trace {
    let mut cells = silent(luma.width(), luma.height());
    cells.log_odds.fill(ELSEWHERE);
    let rows = luma.height().div_ceil(CELL_PX);
    let mut regions = Vec::new();
    for periodic in found {
        let area = Area::around(windows, periodic, (cells.columns, rows));
        let odds = area.log_odds(luma, windows, periodic);
        let inside = area.largest(&odds, cells.columns);
        for (at, &odds) in area.cells(cells.columns).zip(odds.iter()) {
            let is_inside = inside.binary_search(&at).is_ok();
            if let Some(cell) = cells.log_odds.get_mut(at) {
                *cell = cell.max(if is_inside { odds } else { odds.min(0.0) });
            }
        }
        let region = |cells| Region { cells, log10_nfa: periodic.log10_nfa, source_cells: vec![] };
        regions.extend((!inside.is_empty()).then(|| region(inside)));
    }
    Trace { cells: Cells { columns: cells.columns, log_odds: cells.log_odds }, regions }
}

/// A box of cells.
struct Area {
    left: usize,
    top: usize,
    columns: usize,
    rows: usize,
}

impl Area {
    /// The box around the windows of a set, with room beyond.
    fn around(windows: &Windows, periodic: &Periodic, (columns, rows): (usize, usize)) -> Self {
        let room = WINDOW_PX / 2;
        let (mut left, mut top, mut right, mut bottom) = (usize::MAX, usize::MAX, 0, 0);
        for &at in &periodic.windows {
            let (x, y) = windows.corner(at);
            (left, top) = (left.min(x.saturating_sub(room)), top.min(y.saturating_sub(room)));
            right = right.max(x + WINDOW_PX + room);
            bottom = bottom.max(y + WINDOW_PX + room);
        }
        let (left, top) = ((left / CELL_PX).min(columns), (top / CELL_PX).min(rows));
        let (right, bottom) = ((right / CELL_PX).min(columns), (bottom / CELL_PX).min(rows));
        let side = |from: usize, to: usize| to.saturating_sub(from);
        Self { left, top, columns: side(left, right), rows: side(top, bottom) }
    }

    /// Indices of its cells in a picture with so many columns.
    fn cells(&self, of_picture: usize) -> impl Iterator<Item = usize> + '_ {
        let row = move |row: usize| (self.top + row) * of_picture + self.left;
        (0..self.rows).flat_map(move |at| row(at)..row(at) + self.columns)
    }

    /// What each cell says of the period.
    fn log_odds(&self, luma: &Luma8<'_>, windows: &Windows, periodic: &Periodic) -> Samples {
        let powers = self.powers(luma, periodic.frequency);
        let in_window = |row: usize, column: usize| {
            let x = (self.left + column) * CELL_PX + CELL_PX / 2;
            let y = (self.top + row) * CELL_PX + CELL_PX / 2;
            periodic.core.iter().any(|&at| {
                let (left, top) = windows.corner(at);
                let near = |from: usize, at: usize| {
                    (from + WINDOW_PX / 4..from + WINDOW_PX * 3 / 4).contains(&at)
                };
                near(left, x) && near(top, y)
            })
        };
        let (mut sum, mut count) = (0.0_f32, 0.0_f32);
        for ((row, column), power) in powers.indexed_iter() {
            if in_window(row, column) {
                (sum, count) = (sum + power, count + 1.0);
            }
        }
        let from = (OF_MEAN * sum / f32::max(count, 1.0)).max(LEAST_POWER);
        powers.mapv(|power| (ODDS * (power / from - 1.0)).clamp(-MOST_ODDS, MOST_ODDS))
    }

    /// The sum of both powers around each cell.
    fn powers(&self, luma: &Luma8<'_>, frequency: Frequency) -> Samples {
        let turn = std::f32::consts::TAU / WINDOW_PX as f32;
        let (u, v) = (turn * frequency.u as f32, turn * frequency.v as f32);
        let phases = [(u, v), (-v, u)];
        // Real and imaginary sums of both waves, then energy and mean.
        let mut sums: [Samples; 5] =
            std::array::from_fn(|_| Samples::zeros((self.rows, self.columns)));
        for row in 0..self.rows {
            for column in 0..self.columns {
                let (left, top) = ((self.left + column) * CELL_PX, (self.top + row) * CELL_PX);
                let sizes = sizes(luma, left, top);
                let mean = sizes.iter().sum::<f32>() / sizes.len() as f32;
                let most = MOST_OF_MEAN * mean + 1.0;
                for (at, size) in sizes.iter().enumerate() {
                    let value = size.min(most) - mean;
                    let (x, y) = (at % CELL_PX, at / CELL_PX);
                    let place = ((left % WINDOW_PX + x) as f32, (top % WINDOW_PX + y) as f32);
                    for (wave, (across, down)) in phases.into_iter().enumerate() {
                        let (sin, cos) = (across * place.0 + down * place.1).sin_cos();
                        sums[2 * wave][[row, column]] += value * cos;
                        sums[2 * wave + 1][[row, column]] += value * sin;
                    }
                    sums[4][[row, column]] += value * value;
                }
            }
        }
        let [a, b, c, d, energy] = sums.map(|sums| local_mean(&sums, REACH, Border::Clamp));
        let cells = ((2 * REACH + 1) * (2 * REACH + 1)) as f32;
        let power = &a * &a + &b * &b + &c * &c + &d * &d;
        power * energy.mapv(|energy| cells / energy.max(1e-3))
    }

    /// Indices in the picture of the largest connected set of cells that speak for the period.
    fn largest(&self, odds: &Samples, of_picture: usize) -> Vec<usize> {
        let mask: Mask = odds.mapv(|odds| odds > 0.0);
        let components = connected_components(&mask);
        let sizes = (1_u32..).zip(&components.list);
        let Some((label, _)) = sizes.max_by_key(|(label, of)| (of.size, std::cmp::Reverse(*label)))
        else {
            return Vec::new();
        };
        let cells = self.cells(of_picture).zip(&components.labels);
        cells.filter(|(_, &of)| of == label).map(|(at, _)| at).collect()
    }
}

/// Sizes of the second differences of a cell, row by row; 0 at the border of the picture.
fn sizes(luma: &Luma8<'_>, left: usize, top: usize) -> [f32; CELL_PX * CELL_PX] {
    std::array::from_fn(|at| {
        let (x, y) = (left + at % CELL_PX, top + at / CELL_PX);
        if x == 0 || y == 0 || x + 1 >= luma.width() || y + 1 >= luma.height() {
            return 0.0;
        }
        let along = |y: usize| {
            let row = &luma.row(y)[x - 1..x + 2];
            i32::from(row[0]) - 2 * i32::from(row[1]) + i32::from(row[2])
        };
        0.25 * (along(y - 1) - 2 * along(y) + along(y + 1)).abs() as f32
    })
}
