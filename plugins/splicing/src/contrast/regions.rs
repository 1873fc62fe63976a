// SPDX-License-Identifier: MIT OR Apache-2.0
//! Squares with too many odd values, and the cells that share them.
//!
//! # Null model
//! A value that is regular in the rest of the picture is odd in a square with at most [`CHANCE`], and
//! every second one independently of the others. Tests: all squares of all sides, in each channel.

use assay_plugin_api::plane::Rgb8;
use assay_signal::morphology::{close, connected_components, dilate, Mask};
use assay_signal::stats::nfa::log10_nfa;

use super::histograms::{counted, Histogram, Tiles, CHANNELS, TILE_PX, VALUES};
use super::odd::{odd_values, Odd, Tally};
use crate::trace::{Region, CELL_PX};

/// Sides of the squares, tiles; squares of one side are half of it apart.
const SIDES: [usize; 5] = [4, 6, 8, 12, 16];
/// Judged values below which a square says nothing.
const FEWEST_VALUES: usize = 20;
/// Largest chance of an odd value: one square in 1,000 of 526 authentic pictures has a larger share.
const CHANCE: f64 = 0.03;
/// Expected false alarms that authentic pictures have beyond the model, log10: pictures that went through a
/// curve as a whole show it less in places; the two of 526 that pass the other tests had 0.1 and 0.8.
const UNMODELLED: f64 = 1.0;
/// Judged values that count as one: a value is also its neighbours' neighbour.
const DEPENDENT: usize = 2;
/// Cells along a tile.
const CELLS: usize = TILE_PX / CELL_PX;
/// Share of a cell's evidence that counts, set by hand: pixels of a cell are not independent.
const INDEPENDENT: f32 = 0.25;
/// Least and largest log odds of a cell.
const ODDS: (f32, f32) = (-4.0, 4.0);
/// Gaps of a region up to twice this are filled, cells, and cells below which there is no region.
const CLOSING: usize = 1;
const FEWEST_CELLS: usize = 16;

/// A significant square.
struct Found {
    log10_nfa: f64,
    corner: (usize, usize),
    side: usize,
}

/// Squares that were looked at, and those that are significant.
pub(super) struct Squares {
    pub(super) told: usize,
    found: Vec<Found>,
}

/// Looks at all squares.
pub(super) fn squares(tiles: &Tiles, whole: &[Histogram; CHANNELS]) -> Squares {
    let places = |side: usize| {
        let corners = move |tiles: usize| (0..(tiles + 1).saturating_sub(side)).step_by(side / 2);
        corners(tiles.rows).flat_map(move |y| corners(tiles.columns).map(move |x| (x, y)))
    };
    let tests = (CHANNELS * SIDES.iter().map(|&side| places(side).count()).sum::<usize>()) as f64;
    let mut squares = Squares { told: 0, found: Vec::new() };
    for side in SIDES {
        for corner in places(side) {
            let of_square = tiles.square(corner, side);
            let tallies =
                of_square.iter().zip(whole).map(|(part, whole)| Tally::against(part, whole));
            let tallies = tallies.filter(|tally| tally.judged >= FEWEST_VALUES);
            let nfas: Vec<f64> = tallies.map(|tally| nfa(tests, tally)).collect();
            squares.told += usize::from(!nfas.is_empty());
            let least = nfas.into_iter().fold(0.0, f64::min);
            if least < 0.0 {
                squares.found.push(Found { log10_nfa: least, corner, side });
            }
        }
    }
    squares.found.sort_by(|a, b| a.log10_nfa.total_cmp(&b.log10_nfa).then(a.corner.cmp(&b.corner)));
    squares
}

fn nfa(tests: f64, tally: Tally) -> f64 {
    let half = |count: usize| (count / DEPENDENT) as u64;
    UNMODELLED + log10_nfa(tests, half(tally.judged), half(tally.odd), CHANCE)
}

/// The regions that the significant squares lie in, the most significant first, and the log odds of each
/// cell of the picture's whole tiles; 0 away from the squares.
pub(super) fn regions(
    rgb: &Rgb8<'_>,
    tiles: &Tiles,
    whole: &[Histogram; CHANNELS],
    squares: &Squares,
) -> (Vec<Region>, Vec<f32>) {
    let (columns, rows) = (tiles.columns * CELLS, tiles.rows * CELLS);
    let mut log_odds = vec![0.0_f32; columns * rows];
    let mut covered = Mask::from_elem((tiles.rows, tiles.columns), false);
    for of in &squares.found {
        tiles_of(of).for_each(|tile| covered[tile] = true);
    }
    let components = connected_components(&covered);
    let mut regions = Vec::new();
    for label in (1_u32..).take(components.list.len()) {
        let is_inside = |tile: (usize, usize)| components.labels.get(tile) == Some(&label);
        let Some(best) = squares.found.iter().find(|of| tiles_of(of).all(is_inside)) else {
            continue;
        };
        let own = Mask::from_shape_fn((tiles.rows, tiles.columns), is_inside);
        let near = dilate(&own, best.side / 2);
        let of_square = tiles.square(best.corner, best.side);
        let odd: [Vec<Odd>; CHANNELS] =
            std::array::from_fn(|at| odd_values(&of_square[at], &whole[at]));
        let raw: Vec<f32> = (0..columns * rows)
            .map(|at| {
                let (column, row) = (at % columns, at / columns);
                let is_near = near.get((row / CELLS, column / CELLS)) == Some(&true);
                if is_near {
                    of_cell(rgb, (column, row), &odd)
                } else {
                    ODDS.0
                }
            })
            .collect();
        let smooth = |at: usize| around(&raw, columns, rows, at);
        let mask = Mask::from_shape_fn((rows, columns), |(row, column)| {
            smooth(row * columns + column) > 0.0
        });
        let parts = connected_components(&close(&mask, CLOSING));
        for (part, component) in (1_u32..).zip(&parts.list) {
            if component.size < FEWEST_CELLS {
                continue;
            }
            let cells = parts.labels.iter().enumerate().filter(|(_, &of)| of == part);
            let cells: Vec<usize> = cells.map(|(at, _)| at).collect();
            for &at in &cells {
                log_odds[at] = smooth(at).clamp(0.0, ODDS.1);
            }
            regions.push(Region { cells, log10_nfa: best.log10_nfa, source_cells: Vec::new() });
        }
    }
    regions.sort_by(|a, b| a.log10_nfa.total_cmp(&b.log10_nfa));
    (regions, log_odds)
}

/// Row and column of each tile of a square.
fn tiles_of(of: &Found) -> impl Iterator<Item = (usize, usize)> {
    let ((x, y), side) = (of.corner, of.side);
    (y..y + side).flat_map(move |row| (x..x + side).map(move |column| (row, column)))
}

/// Log odds that a cell went through the curve: Poisson counts of the odd values, against those that their
/// neighbours let expect.
fn of_cell(rgb: &Rgb8<'_>, (column, row): (usize, usize), odd: &[Vec<Odd>; CHANNELS]) -> f32 {
    let mut counts = [[0_u8; VALUES]; CHANNELS];
    for y in row * CELL_PX..(row + 1) * CELL_PX {
        for (_, values) in counted(rgb, y, column * CELL_PX..(column + 1) * CELL_PX) {
            for (counts, value) in counts.iter_mut().zip(values) {
                value.into_iter().for_each(|value| counts[usize::from(value)] += 1);
            }
        }
    }
    let of_value = |(counts, odd): (&[u8; VALUES], &Odd)| {
        let count = |value: Option<u8>| value.map_or(0.0, |at| f32::from(counts[usize::from(at)]));
        let beside = count(odd.value.checked_sub(1)) + count(odd.value.checked_add(1));
        0.5 * beside * (1.0 - odd.ratio) + count(Some(odd.value)) * odd.ratio.ln()
    };
    let pairs =
        counts.iter().zip(odd).flat_map(|(counts, odd)| odd.iter().map(move |odd| (counts, odd)));
    (INDEPENDENT * pairs.map(of_value).sum::<f32>()).clamp(ODDS.0, ODDS.1)
}

/// Mean over a cell and those next to it.
fn around(values: &[f32], columns: usize, rows: usize, at: usize) -> f32 {
    let (column, row) = (at % columns, at / columns);
    let next = |at: usize, most: usize| at.saturating_sub(1)..(at + 2).min(most);
    let cells = next(row, rows).flat_map(|y| next(column, columns).map(move |x| y * columns + x));
    let (sum, count) = cells.fold((0.0, 0.0), |(sum, count), at| (sum + values[at], count + 1.0));
    sum / count
}
