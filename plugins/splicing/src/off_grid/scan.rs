// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which grid, which table and which part of the picture stand out.
//!
//! *How.* The picture is cut into 8x8 tiles. For each of the 64 grids and each table the cosines of
//! all coefficients of a tile are summed; the sums of every rectangle of tiles, divided by their
//! deviation, follow from those.
//!
//! *Null model.* The last compression leaves periods of its own on other grids: between two blocks a
//! coefficient is a fixed mixture of multiples of its steps. A picture has no handedness, so what
//! that mixture gives on a grid that lies `(dx, dy)` off the last one it gives as well on those that
//! lie `(-dx, dy)`, `(dx, -dy)` and `(-dx, -dy)` off, where an earlier compression would not be: the
//! most that they reach is taken off. Grids without a mirror image of their own, 0 or 4 px off along
//! both axes, are not looked at. Without a last compression all other grids are the null.

use assay_plugin_api::prelude::*;
use assay_signal::avx2_dispatch;

use super::tables::{Sums, Tables, FREQUENCIES, TABLES};
use super::transform::{Pixels, SHIFTS};
use crate::trace::CELL_PX;

/// Tiles along each axis.
const TILES: usize = 8;
/// Grids.
const GRIDS: usize = SHIFTS * SHIFTS;
/// Most blocks of each grid that are transformed, in pictures of at most [`SMALL`] blocks and in larger
/// ones: of those a region has enough blocks, and the time counts.
const MOST_BLOCKS: (usize, usize) = (6144, 3072);
const SMALL: usize = 32_768;
/// Variance that is added: a few coefficients are no evidence.
const LEAST_VARIANCE: f32 = 4.0;

/// A grid: the offset of its blocks, px, each below 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Along x.
    pub x: usize,
    /// Along y.
    pub y: usize,
}

impl Grid {
    pub(super) fn of(index: usize) -> Self {
        Self { x: index % SHIFTS, y: index / SHIFTS }
    }

    fn index(self) -> usize {
        self.y * SHIFTS + self.x
    }

    /// The grid that lies as far off `from` as this one, turned over along the axes that are named.
    fn mirrored(self, from: Self, along: (bool, bool)) -> Self {
        let turn = |at: usize, from: usize, turn: bool| match turn {
            true => (2 * from + SHIFTS - at) % SHIFTS,
            false => at,
        };
        Self { x: turn(self.x, from.x, along.0), y: turn(self.y, from.y, along.1) }
    }
}

/// What stands out most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Winner {
    pub(super) grid: Grid,
    pub(super) table: usize,
    /// By how many deviations it exceeds the null.
    pub(super) deviations: f32,
    rectangle: Rectangle,
    size: (usize, usize),
}

/// First tile and the tile after the last, along x and y.
type Rectangle = ((usize, usize), (usize, usize));

/// All tiles.
const WHOLE: Rectangle = ((0, TILES), (0, TILES));

/// Every rectangle of tiles.
fn rectangles() -> impl Iterator<Item = Rectangle> {
    let spans = || (0..TILES).flat_map(|from| (from + 1..=TILES).map(move |to| (from, to)));
    spans().flat_map(move |columns| spans().map(move |rows| (columns, rows)))
}

impl Winner {
    /// Whether the block at `(x, y)` begins in the part that stands out.
    pub(super) fn covers(&self, x: usize, y: usize) -> bool {
        let (columns, rows) = self.rectangle;
        let (tile_x, tile_y) = (tile(x, self.size.0), tile(y, self.size.1));
        (columns.0..columns.1).contains(&tile_x) && (rows.0..rows.1).contains(&tile_y)
    }
}

fn tile(at: usize, length: usize) -> usize {
    (at * TILES / length.max(1)).min(TILES - 1)
}

/// Sums of all grids.
pub(super) struct Scan {
    /// By grid, then over all tiles before a corner: 9x9 corners.
    integrals: Vec<[Sums; (TILES + 1) * (TILES + 1)]>,
    size: (usize, usize),
    /// Usable blocks of all grids.
    blocks: usize,
}

impl Scan {
    /// Sums the coefficients of a picture.
    ///
    /// # Errors
    /// `Cancelled`.
    pub(super) fn of(
        evidence: &Evidence<'_>,
        pixels: &Pixels<'_>,
        tables: &Tables,
    ) -> Result<Self, NoScore> {
        let size = (pixels.width(), pixels.height());
        let whole = |side: usize| ((side + 1).saturating_sub(2 * CELL_PX)) / CELL_PX;
        let (across, down) = (whole(size.0), whole(size.1));
        let most = if across * down <= SMALL { MOST_BLOCKS.0 } else { MOST_BLOCKS.1 };
        let mut stride = 1;
        while (across / stride) * (down / stride) > most {
            stride += 1;
        }
        let mut sums = vec![[[[0.0; TABLES]; 2]; TILES * TILES]; GRIDS];
        let mut blocks = 0;
        for row in (0..down).step_by(stride) {
            evidence.check_cancelled()?;
            for dy in 0..SHIFTS {
                for column in (0..across).step_by(stride) {
                    let (x, y) = (column * CELL_PX, row * CELL_PX + dy);
                    let group = pixels.group(x, y);
                    let at = tile(y, size.1) * TILES + tile(x, size.0);
                    for dx in 0..SHIFTS {
                        if !group.detailed[dx] || !pixels.is_unclipped(x + dx, y) {
                            continue;
                        }
                        blocks += 1;
                        let said = std::array::from_fn(|k| tables.of(k, group.coefficients[k][dx]));
                        add_all(&mut sums[dy * SHIFTS + dx][at], &said);
                    }
                }
            }
        }
        let integrals = sums.iter().map(integral).collect();
        Ok(Self { integrals, size, blocks })
    }

    /// Usable blocks of a grid, on average.
    pub(super) fn blocks_of_a_grid(&self) -> usize {
        self.blocks / GRIDS
    }

    /// The grid that stands out most in the whole picture, whatever the null, and where it does.
    pub(super) fn main(&self) -> Option<Winner> {
        let of_grid = |at: usize| {
            let of_tables = (0..TABLES).zip(self.deviations(at, WHOLE));
            of_tables.map(move |(table, deviations)| self.winner_of(at, table, deviations, WHOLE))
        };
        let best = |a: &Winner, b: &Winner| a.deviations.total_cmp(&b.deviations);
        let main = (0..GRIDS).flat_map(of_grid).max_by(best)?;
        let at = main.grid.index();
        let within = |rectangle| {
            let deviations = self.deviations(at, rectangle)[main.table];
            self.winner_of(at, main.table, deviations, rectangle)
        };
        rectangles().map(within).max_by(best)
    }

    fn winner_of(&self, at: usize, table: usize, deviations: f32, rectangle: Rectangle) -> Winner {
        Winner { grid: Grid::of(at), table, deviations, rectangle, size: self.size }
    }

    /// What stands out most beside the grid of the last compression, if there was one.
    ///
    /// # Errors
    /// `Cancelled`.
    pub(super) fn winner(
        &self,
        evidence: &Evidence<'_>,
        last: Option<Grid>,
    ) -> Result<Option<Winner>, NoScore> {
        let mut best: Option<Winner> = None;
        let mut all = vec![[0.0; TABLES]; GRIDS];
        for (tested, rectangle) in rectangles().enumerate() {
            if tested % TILES == 0 {
                evidence.check_cancelled()?;
            }
            for (at, of_grid) in all.iter_mut().enumerate() {
                *of_grid = self.deviations(at, rectangle);
            }
            let highest = last.is_none().then(|| two_highest(&all));
            for (at, of_grid) in all.iter().enumerate() {
                for (table, &own) in of_grid.iter().enumerate() {
                    let most = best.map_or(0.0, |best| best.deviations);
                    if own <= most {
                        continue;
                    }
                    let null = match (last, &highest) {
                        (Some(last), _) => null_by_mirrors(&all, Grid::of(at), last, table),
                        (None, Some(highest)) => {
                            let [first, second] = highest[table];
                            Some(if own < first { first } else { second })
                        }
                        (None, None) => None,
                    };
                    let deviations = null.map_or(0.0, |null| own - null.max(0.0));
                    if deviations > most {
                        best = Some(self.winner_of(at, table, deviations, rectangle));
                    }
                }
            }
        }
        Ok(best)
    }

    /// For each table the sum over a rectangle, in its deviations if there is nothing.
    fn deviations(&self, grid: usize, ((left, right), (top, bottom)): Rectangle) -> [f32; TABLES] {
        let corner = |column: usize, row: usize| &self.integrals[grid][row * (TILES + 1) + column];
        let corners =
            [corner(left, top), corner(right, top), corner(left, bottom), corner(right, bottom)];
        let mut deviations = [0.0; TABLES];
        standardise(&corners, &mut deviations);
        deviations
    }
}

#[inline(always)]
fn standardise_portable(corners: &[&Sums; 4], deviations: &mut [f32; TABLES]) {
    let [a, b, c, d] = corners;
    for (table, out) in deviations.iter_mut().enumerate() {
        let of =
            |which: usize| d[which][table] - b[which][table] - c[which][table] + a[which][table];
        *out = of(0) / (of(1).max(0.0) + LEAST_VARIANCE).sqrt();
    }
}

#[inline(always)]
fn add_all_portable(sums: &mut Sums, said: &[&Sums; FREQUENCIES]) {
    for (which, sums) in sums.iter_mut().enumerate() {
        let mut total = *sums;
        for said in said {
            for (total, said) in total.iter_mut().zip(&said[which]) {
                *total += said;
            }
        }
        *sums = total;
    }
}

avx2_dispatch! {
    /// Writes what a sum over a rectangle is in its deviations, from the sums before its corners.
    fn standardise(corners: &[&Sums; 4], deviations: &mut [f32; TABLES]) = standardise_portable
}
avx2_dispatch! {
    /// Adds what each coefficient of a block says.
    fn add_all(sums: &mut Sums, said: &[&Sums; FREQUENCIES]) = add_all_portable
}

/// The most that the mirror images of a grid reach; `None` without any.
fn null_by_mirrors(all: &[[f32; TABLES]], grid: Grid, last: Grid, table: usize) -> Option<f32> {
    let turned = [(true, false), (false, true), (true, true)];
    let images = turned.map(|along| grid.mirrored(last, along));
    let others = images.into_iter().filter(|&image| image != grid);
    others.filter_map(|image| Some(all.get(image.index())?[table])).reduce(f32::max)
}

/// For each table the two highest of all grids.
fn two_highest(all: &[[f32; TABLES]]) -> [[f32; 2]; TABLES] {
    std::array::from_fn(|table| {
        all.iter().fold([f32::NEG_INFINITY; 2], |[first, second], of| match of[table] {
            value if value > first => [value, first],
            value => [first, second.max(value)],
        })
    })
}

fn add(sums: &mut Sums, said: &Sums) {
    for (sums, said) in sums.iter_mut().zip(said) {
        for (sum, said) in sums.iter_mut().zip(said) {
            *sum += said;
        }
    }
}

/// Sums over all tiles before each corner.
fn integral(tiles: &[Sums; TILES * TILES]) -> [Sums; (TILES + 1) * (TILES + 1)] {
    let mut corners = [[[0.0; TABLES]; 2]; (TILES + 1) * (TILES + 1)];
    for row in 0..TILES {
        let mut line = [[0.0; TABLES]; 2];
        for column in 0..TILES {
            add(&mut line, &tiles[row * TILES + column]);
            let mut sum = corners[row * (TILES + 1) + column + 1];
            add(&mut sum, &line);
            corners[(row + 1) * (TILES + 1) + column + 1] = sum;
        }
    }
    corners
}
