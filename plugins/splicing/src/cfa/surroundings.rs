// SPDX-License-Identifier: MIT OR Apache-2.0
//! Does the pattern come back at once beyond a region's border?
//!
//! Cameras that correct the distortion of their lens move pixels by fractions that change slowly over
//! the picture, and the pattern fades, vanishes and comes back at the other phase in wide rings. What
//! is pasted ends within a cell or two. So the pattern must be as clear just outside a region as cells with
//! as much detail have it, and the region must be no ring, and everywhere else the pattern must be
//! about as clear. Where one region is of that kind, so may be the others: none is kept.

use assay_signal::morphology::{dilate, Mask};

use super::windows::{square_cells, Counts, Said, Sum};
use crate::trace::Region;

/// Cells beyond the border that a region may blur, and cells beyond it that must have the pattern.
const HALO: (usize, usize) = (2, 7);
/// Votes around a region below which nothing is known.
const FEWEST_VOTES: f64 = 24.0;
/// What the share of votes against around a region may exceed the expected one by. Around pastes of our own
/// making it does by less; around the regions of a camera that corrects its lens by 0.1 to 0.4.
const SLACK: f64 = 0.06;

/// Side of the squares that must have the pattern elsewhere, cells, their distance from any region, and what
/// the share of votes against may exceed the expected one by: 0.12 in most authentic pictures.
const ELSEWHERE: (usize, usize, f64) = (12, 4, 0.15);
/// Share of the box around a region that the region fills at least. Rings fill 0.1; ellipses 0.8.
const LEAST_FILLED: f64 = 0.3;

/// Whether the pattern ends and comes back at once at the border of every region, and is clear elsewhere.
pub(super) fn are_sharp(
    regions: &[Region],
    counts: &Counts,
    said: &[Option<Said>],
    columns: usize,
) -> bool {
    let rows = said.len() / columns.max(1);
    let mask = |regions: &mut dyn Iterator<Item = &Region>| {
        let mut mask = Mask::from_elem((rows, columns), false);
        for at in regions.flat_map(|region| &region.cells) {
            if let Some(cell) = mask.get_mut((at / columns, at % columns)) {
                *cell = true;
            }
        }
        mask
    };
    let blurred = dilate(&mask(&mut regions.iter()), HALO.0);
    let (side, distance, slack) = ELSEWHERE;
    let near = dilate(&mask(&mut regions.iter()), distance);
    let is_elsewhere =
        |corner| square_cells(corner, side).all(|cell| near.get(cell) == Some(&false));
    let is_missing = |sum: &Sum| sum.share() > sum.expected / sum.all + slack;
    if counts.squares(side).any(|(corner, sum)| is_missing(&sum) && is_elsewhere(corner)) {
        return false;
    }
    regions.iter().all(|region| {
        let around = dilate(&mask(&mut std::iter::once(region)), HALO.1);
        let halo = around.iter().zip(&blurred).zip(said);
        let halo = halo.filter(|((&near, &inside), _)| near && !inside);
        let sum = halo.filter_map(|(_, said)| *said).fold(Sum::default(), Sum::with);
        is_compact(&region.cells, columns)
            && sum.all >= FEWEST_VOTES
            && sum.share() <= sum.expected / sum.all + SLACK
    })
}

fn is_compact(cells: &[usize], columns: usize) -> bool {
    let range = |of: &dyn Fn(&usize) -> usize| {
        let (least, most) = cells
            .iter()
            .map(of)
            .fold((usize::MAX, 0), |(least, most), at| (least.min(at), most.max(at + 1)));
        most.saturating_sub(least)
    };
    let boxed = range(&|at| at % columns) * range(&|at| at / columns);
    cells.len() as f64 >= LEAST_FILLED * boxed as f64
}
