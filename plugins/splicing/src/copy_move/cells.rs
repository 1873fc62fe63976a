// SPDX-License-Identifier: MIT OR Apache-2.0
//! Copies as cells of the picture: log odds of each, and regions.

use super::copies::Copy;
use crate::trace::{Cells, Region, Trace, CELL_PX};

/// Log odds of a cell that a copy fills: one authentic picture in 200 shows one.
const LARGEST_LOG_ODDS: f64 = 5.0;
/// Share of a region's cells above which it is another map's region again.
const SAME_SHARE: f64 = 0.5;

/// A picture's cells.
#[derive(Clone, Copy)]
pub(super) struct Lattice {
    /// Size of the picture, px.
    pub(super) width: usize,
    pub(super) height: usize,
    /// Px of the picture along a px of the plane.
    pub(super) factor: usize,
}

impl Lattice {
    fn columns(&self) -> usize {
        self.width.div_ceil(CELL_PX)
    }

    fn cells(&self) -> usize {
        self.columns() * self.height.div_ceil(CELL_PX)
    }

    /// Shares of the cells that places of the plane cover, each of `area` px of it.
    fn covered(&self, places: impl Iterator<Item = [f32; 2]>, area: f32) -> Vec<f32> {
        let mut covered = vec![0.0_f32; self.cells()];
        let factor = self.factor as f32;
        let share = area * factor * factor / (CELL_PX * CELL_PX) as f32;
        for place in places {
            let [x, y] = place.map(|v| ((v + 0.5) * factor) as usize);
            if x < self.width && y < self.height {
                covered[y / CELL_PX * self.columns() + x / CELL_PX] += share;
            }
        }
        covered.iter_mut().for_each(|share| *share = share.min(1.0));
        covered
    }

    /// What the copies say of the picture.
    pub(super) fn trace(&self, mut copies: Vec<Copy>) -> Trace {
        copies.sort_by(|a, b| a.log10_nfa.total_cmp(&b.log10_nfa));
        let mut log_odds = vec![0.0_f32; self.cells()];
        let mut taken = vec![false; self.cells()];
        let mut regions: Vec<Region> = Vec::new();
        for copy in copies {
            let evidence = (-copy.log10_nfa * std::f64::consts::LN_10).min(LARGEST_LOG_ODDS) as f32;
            let there = copy.pixels.iter().map(|place| copy.map.apply(place));
            let sides = [
                self.covered(copy.pixels.iter(), 1.0),
                self.covered(there, copy.map.determinant().abs()),
            ];
            for side in &sides {
                for (odds, &share) in log_odds.iter_mut().zip(side) {
                    *odds = odds.max(evidence * (2.0 * share - 1.0));
                }
            }
            let [mut source, mut cells] = sides.map(|side| {
                let filled = side.iter().enumerate().filter(|(_, &share)| share > 0.5);
                filled.map(|(index, _)| index).collect::<Vec<usize>>()
            });
            if cells.first() < source.first() {
                std::mem::swap(&mut source, &mut cells);
            }
            let again = cells.iter().chain(&source).filter(|&&cell| taken[cell]).count();
            let is_new = (again as f64) < SAME_SHARE * (cells.len() + source.len()) as f64;
            if is_new && !cells.is_empty() && !source.is_empty() {
                cells.iter().chain(&source).for_each(|&cell| taken[cell] = true);
                let log10_nfa = copy.log10_nfa;
                regions.push(Region { cells, log10_nfa, source_cells: source });
            }
        }
        Trace { cells: Cells { columns: self.columns(), log_odds }, regions }
    }
}
