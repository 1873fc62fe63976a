// SPDX-License-Identifier: MIT OR Apache-2.0
//! Squares of cells in which too many votes are against the picture's pattern.
//!
//! # Null model
//! A vote is against the pattern with a chance that depends on the detail of its cell alone, as it does
//! in the picture as a whole; parts of authentic pictures exceed that by at most [`SLACK`], and a part
//! without the pattern is of two minds. Votes are independent. Tests: all squares that are looked at.

use assay_signal::morphology::{close, connected_components, Mask};
use assay_signal::stats::nfa::log10_nfa;

use crate::trace::Region;

/// Sides of the squares, cells; squares of one side are a quarter of it apart.
const SIDES: [usize; 9] = [6, 8, 12, 16, 24, 32, 48, 64, 96];
/// Share of a square's cells that must vote.
const LEAST_VOTING: f64 = 0.6;
/// What the share of votes against may exceed the expected one by. Squares of 104 px in 26 of 28 authentic
/// pictures with a pattern exceeded it by 0.05 to 0.11, in two by 0.12 and 0.19.
const SLACK: f64 = 0.1;
/// Largest chance of a vote against, whatever the detail, where none are typical, and what it grows by with
/// the typical share: squares of 104 px in authentic pictures whose typical share is 0.05, 0.1 and 0.15 had
/// at most 0.14, 0.33 and 0.47.
const MOST_CHANCE: (f64, f64) = (0.1, 2.5);
/// Expected false alarms that authentic pictures have beyond the model, log10: votes of neighbours are
/// not independent.
const UNMODELLED: f64 = 4.0;
/// Gaps of a region up to twice this are filled, cells; parts so many times smaller than the largest are
/// splinters.
const CLOSING: usize = 1;
const SPLINTERS: usize = 8;
/// Half a side of the square around a cell whose votes say whether it belongs to a region, cells.
const REACH: usize = 3;

/// What the vote of a cell counts as.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    /// It is against the picture's pattern.
    pub(super) is_against: bool,
    /// The chance of that, `0..=1`, in a cell with so much detail.
    pub(super) chance: f64,
}

/// Votes, those against the pattern, and those expected to be.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    pub(super) all: f64,
    pub(super) against: f64,
    pub(super) expected: f64,
}

impl Sum {
    fn plus(self, other: Self, sign: f64) -> Self {
        Self {
            all: self.all + sign * other.all,
            against: self.against + sign * other.against,
            expected: self.expected + sign * other.expected,
        }
    }

    /// The sum with one vote more.
    pub(super) fn with(self, Said { is_against, chance }: Said) -> Self {
        let against = f64::from(u8::from(is_against));
        self.plus(Self { all: 1.0, against, expected: chance }, 1.0)
    }

    pub(super) fn share(self) -> f64 {
        self.against / self.all.max(1.0)
    }
}

/// Sums over all cells above and to the left.
pub(super) struct Counts {
    columns: usize,
    rows: usize,
    sums: Vec<Sum>,
}

impl Counts {
    /// `votes` row by row, `None` for a cell without one.
    pub(super) fn of(votes: &[Option<Said>], columns: usize) -> Self {
        let rows = votes.len() / columns.max(1);
        let stride = columns + 1;
        let mut sums = vec![Sum::default(); stride * (rows + 1)];
        for (row, votes) in votes.chunks_exact(columns.max(1)).enumerate() {
            let mut run = Sum::default();
            for (column, vote) in votes.iter().enumerate() {
                run = vote.map_or(run, |said| run.with(said));
                let above = sums[row * stride + column + 1];
                sums[(row + 1) * stride + column + 1] = above.plus(run, 1.0);
            }
        }
        Self { columns, rows, sums }
    }

    /// The sum over the cells `left..right` of rows `top..bottom`.
    fn within(&self, (left, top): (usize, usize), (right, bottom): (usize, usize)) -> Sum {
        let at = |column: usize, row: usize| self.sums[row * (self.columns + 1) + column];
        let (with_corner, twice) = (at(right, bottom).plus(at(left, top), 1.0), at(right, top));
        with_corner.plus(twice.plus(at(left, bottom), 1.0), -1.0)
    }

    /// Squares of one side with enough votes: corner, votes, those against.
    pub(super) fn squares(&self, side: usize) -> impl Iterator<Item = ((usize, usize), Sum)> + '_ {
        let step = (side / 4).max(1);
        let corners = move |cells: usize| (0..(cells + 1).saturating_sub(side)).step_by(step);
        let places =
            corners(self.rows).flat_map(move |row| corners(self.columns).map(move |x| (x, row)));
        places.filter_map(move |(x, y)| {
            let sum = self.within((x, y), (x + side, y + side));
            (sum.all >= LEAST_VOTING * (side * side) as f64).then_some(((x, y), sum))
        })
    }

    /// Median over squares of 8 cells a side of the share of votes for the pattern; 0 without any.
    pub(super) fn typical_share(&self) -> f64 {
        let side = 8.min(self.columns).min(self.rows).max(1);
        let mut shares: Vec<f64> = self.squares(side).map(|(_, sum)| 1.0 - sum.share()).collect();
        shares.sort_by(f64::total_cmp);
        shares.get(shares.len() / 2).copied().unwrap_or(0.0)
    }
}

/// A significant square.
struct Found {
    log10_nfa: f64,
    corner: (usize, usize),
    side: usize,
    /// Share of its votes against the pattern.
    share: f64,
}

/// The significant regions, the most significant first, and for each cell the share of votes against
/// around it (`0..=1`). `typical` is what it is in most of the picture.
pub(super) fn find(counts: &Counts, typical: f64) -> (Vec<Region>, Vec<f32>) {
    let tests = SIDES.iter().map(|&side| counts.squares(side).count()).sum::<usize>().max(1) as f64;
    let most_chance = (MOST_CHANCE.0 + MOST_CHANCE.1 * typical).min(0.5);
    let mut covered = Mask::from_elem((counts.rows, counts.columns), false);
    let mut found: Vec<Found> = Vec::new();
    for side in SIDES {
        for (corner, sum) in counts.squares(side) {
            let chance = (sum.expected / sum.all + SLACK).min(most_chance);
            if sum.share() <= chance {
                continue;
            }
            let nfa = UNMODELLED + log10_nfa(tests, sum.all as u64, sum.against as u64, chance);
            if nfa < 0.0 {
                square_cells(corner, side).for_each(|cell| covered[cell] = true);
                found.push(Found { log10_nfa: nfa, corner, side, share: sum.share() });
            }
        }
    }
    let shares = around(counts);
    found.sort_by(|a, b| a.log10_nfa.total_cmp(&b.log10_nfa).then(a.corner.cmp(&b.corner)));
    let Some(first) = found.first() else { return (Vec::new(), shares) };
    let from = 0.5 * (typical + first.share) as f32;
    let mut mask = covered;
    for (is_set, &share) in mask.iter_mut().zip(&shares) {
        *is_set &= share > from;
    }
    let components = connected_components(&close(&mask, CLOSING));
    let mut regions: Vec<Region> = Vec::new();
    for label in (1_u32..).take(components.list.len()) {
        let cells = components.labels.iter().enumerate().filter(|(_, &of)| of == label);
        let cells: Vec<usize> = cells.map(|(at, _)| at).collect();
        let within = |at: (usize, usize)| components.labels.get(at) == Some(&label);
        let of_region = |of: &&Found| square_cells(of.corner, of.side).any(within);
        let nfa = found.iter().find(of_region).map(|of| of.log10_nfa);
        regions.extend(nfa.map(|log10_nfa| Region { cells, log10_nfa, source_cells: Vec::new() }));
    }
    let most = regions.iter().map(|region| region.cells.len()).max().unwrap_or(0);
    regions.retain(|region| SPLINTERS * region.cells.len() >= most);
    regions.sort_by(|a, b| a.log10_nfa.total_cmp(&b.log10_nfa));
    (regions, shares)
}

/// Row and column of each cell of a square.
pub(super) fn square_cells(
    (x, y): (usize, usize),
    side: usize,
) -> impl Iterator<Item = (usize, usize)> {
    (y..y + side).flat_map(move |row| (x..x + side).map(move |column| (row, column)))
}

/// Share of votes against in the square around each cell.
fn around(counts: &Counts) -> Vec<f32> {
    let places =
        (0..counts.rows).flat_map(|row| (0..counts.columns).map(move |column| (column, row)));
    let share = |(column, row): (usize, usize)| {
        let from = (column.saturating_sub(REACH), row.saturating_sub(REACH));
        let to = ((column + REACH + 1).min(counts.columns), (row + REACH + 1).min(counts.rows));
        counts.within(from, to).share() as f32
    };
    places.map(share).collect()
}
