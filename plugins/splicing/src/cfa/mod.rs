// SPDX-License-Identifier: MIT OR Apache-2.0
//! Colour filter array: is there a part without the pattern of demosaicing that the rest has?
//!
//! # What it tests
//! Which half of the quincunx of green pixels looks interpolated, [voted](votes) on by every cell of
//! 8x8 px. Where the picture as a whole votes for one half, [squares](windows) with too many votes
//! against it are foreign: the other half was interpolated there, or neither.
//!
//! # Why it works
//! A Bayer sensor measures green at every second pixel, and demosaicing gives the others values near
//! the mean of their neighbours. What is pasted brings the pattern at another phase (every second
//! shift), or, scaled, turned, painted or blurred, has none.
//!
//! # When it does not apply
//! Where the pattern is not clear in the whole picture: after scaling, after JPEG below quality 95 or
//! so, after denoising in the camera. Most pictures of the web lack it. Cells out of focus, in shadow
//! and in fine texture are less sure, so each is compared with cells of as much detail. What is as
//! smooth as the smoothest parts (blur, medians) therefore passes, and a picture whose pattern is weak
//! can only show the other phase. Every second shift of a piece keeps the phase of green; red and blue
//! are not looked at. A camera that corrects the distortion of its lens leaves the pattern in rings;
//! pictures with a region [whose border](surroundings) is not sharp have none.
//!
//! # Constants and their source
//! Beside each; they were read off 30 authentic pictures with a pattern, of one half of our sources, and
//! off pastes made from them.
//!
//! # References
//! Popescu, Farid, "Exposing digital forgeries in color filter array interpolated images", IEEE TSP
//! 53, 2005. Ferrara, Bianchi, De Rosa, Piva, "Image forgery localization via fine-grained analysis of
//! CFA artifacts", IEEE TIFS 7, 2012. Bammey, Grompone von Gioi, Morel, "An adaptive neural network
//! for unsupervised mosaic consistency analysis in image forensics", CVPR 2020 (votes of blocks and
//! their binomial law). Choi, Choi, Lee, "Estimation of color filter array pattern based on intermediate
//! values", ICIP 2011.

mod surroundings;
mod votes;
mod windows;

use assay_plugin_api::plane::Rgb8;
use assay_plugin_api::prelude::*;

use self::votes::{Greens, Half, Vote};
use self::windows::{Counts, Said};
use crate::trace::{Cells, Trace, CELL_PX};
use crate::traces::silent;

/// Shortest side, px.
const SHORTEST_SIDE_PX: usize = 128;
/// Rows of cells that decide whether the pattern is there, before the rest is looked at.
const SAMPLED_ROWS: usize = 48;
/// Share of votes for the pattern from which it is clear. 31 of 900 authentic pictures of the
/// collections reach it, nearly all of them camera originals at high quality.
const LEAST_SHARE: f64 = 0.65;
/// Classes of detail in which the chance of a vote against the pattern is counted.
const CLASSES: usize = 8;
/// Log odds of cells outside any region, and most that a cell says.
const ELSEWHERE: f32 = -1.0;
const MOST_ODDS: f32 = 4.0;
/// Log odds for each unit of the share of votes against beyond the least in the region.
const ODDS_PER_SHARE: f32 = 12.0;

/// Looks for regions without the picture's pattern.
///
/// # Errors
/// `NotApplicable` below 128 px a side and where the picture has no clear pattern; `Cancelled`.
pub fn measure(evidence: &Evidence<'_>) -> Result<Trace, NoScore> {
    let rgb = evidence.rgb()?;
    let shorter = rgb.width().min(rgb.height());
    if shorter < SHORTEST_SIDE_PX {
        return Err(NoScore::not_applicable(format!(
            "The picture is {shorter} px on its shorter side; votes on the colour filter need \
             {SHORTEST_SIDE_PX} px."
        )));
    }
    let main = main_half(evidence, &rgb)?;
    let columns = rgb.width() / CELL_PX;
    let mut votes = Vec::with_capacity(columns * (rgb.height() / CELL_PX));
    let mut greens = Greens::new(rgb.width());
    for row in 0..rgb.height() / CELL_PX {
        if row % 64 == 0 {
            evidence.check_cancelled()?;
        }
        votes.extend(votes::of_row(&rgb, row, &mut greens));
    }
    let said = said(&votes, main);
    let counts = Counts::of(&said, columns);
    let share = counts.typical_share();
    if share < LEAST_SHARE {
        return Err(unclear(share));
    }
    let (mut regions, shares) = windows::find(&counts, 1.0 - share);
    if !surroundings::are_sharp(&regions, &counts, &said, columns) {
        regions.clear();
    }
    evidence.check_cancelled()?;
    Ok(on_cells((rgb.width(), rgb.height()), columns, regions, &shares))
}

/// The half that most of a sample of the picture's cells vote for.
///
/// # Errors
/// `NotApplicable` where they are not of one mind; `Cancelled`.
fn main_half(evidence: &Evidence<'_>, rgb: &Rgb8<'_>) -> Result<Half, NoScore> {
    let rows = rgb.height() / CELL_PX;
    let mut greens = Greens::new(rgb.width());
    let mut counts = [0_usize; 2];
    for row in (0..rows).step_by(rows.div_ceil(SAMPLED_ROWS).max(1)) {
        evidence.check_cancelled()?;
        for vote in votes::of_row(rgb, row, &mut greens).into_iter().flatten() {
            counts[usize::from(vote.half == Half::Odd)] += 1;
        }
    }
    let [even, odd] = counts;
    let share = even.max(odd) as f64 / (even + odd).max(1) as f64;
    // A foreign part of a third leaves this of a clear pattern.
    if share < 0.5 + 0.6 * (LEAST_SHARE - 0.5) {
        return Err(unclear(share));
    }
    Ok(if even > odd { Half::Even } else { Half::Odd })
}

/// Sets the votes against those of cells with as much detail: [`CLASSES`] classes of equal size.
fn said(votes: &[Option<Vote>], main: Half) -> Vec<Option<Said>> {
    let mut energies: Vec<u32> = votes.iter().flatten().map(|vote| vote.energy).collect();
    energies.sort_unstable();
    let border = |class: usize| energies.get(energies.len() * class / CLASSES).copied();
    let borders: Vec<u32> = (1..CLASSES).filter_map(border).collect();
    let class = |vote: &Vote| borders.partition_point(|&border| border <= vote.energy);
    let mut counts = [[0.0_f64; 2]; CLASSES];
    for vote in votes.iter().flatten() {
        let count = &mut counts[class(vote)];
        count[0] += 1.0;
        count[1] += f64::from(u8::from(vote.half != main));
    }
    let of_vote = |vote: &Vote| {
        let [all, against] = counts[class(vote)];
        Said { is_against: vote.half != main, chance: against / all.max(1.0) }
    };
    votes.iter().map(|vote| vote.as_ref().map(of_vote)).collect()
}

fn unclear(share: f64) -> NoScore {
    NoScore::not_applicable(format!(
        "The picture has no clear pattern of demosaicing: {:.0} % of its cells are of one mind, and \
         50 % are by chance.",
        100.0 * share
    ))
}

/// From whole cells to all cells of the picture.
fn on_cells(
    (width, height): (usize, usize),
    columns: usize,
    mut regions: Vec<crate::trace::Region>,
    shares: &[f32],
) -> Trace {
    let mut cells = silent(width, height);
    if regions.is_empty() {
        return Trace { cells, regions };
    }
    cells.log_odds.fill(ELSEWHERE);
    let of_all = cells.columns;
    for region in &mut regions {
        let inside = region.cells.iter().filter_map(|&at| shares.get(at)).copied();
        let least = inside.fold(1.0, f32::min);
        for at in &mut region.cells {
            let share = shares.get(*at).copied().unwrap_or(0.0);
            *at = *at / columns * of_all + *at % columns;
            if let Some(cell) = cells.log_odds.get_mut(*at) {
                *cell = (0.5 + ODDS_PER_SHARE * (share - least)).min(MOST_ODDS);
            }
        }
    }
    Trace { cells: Cells { columns: of_all, log_odds: cells.log_odds }, regions }
}
