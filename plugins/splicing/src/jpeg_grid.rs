// SPDX-License-Identifier: MIT OR Apache-2.0
//! JPEG grids: does a region come from another grid than the rest of the picture?
//!
//! # What it tests
//! Each pixel votes for the origin of the 8x8 grid on which its surroundings have
//! the most zero coefficients. The *main grid* is the one that the whole picture votes for, if it
//! does so more than chance explains. A *foreign* region votes for another origin.
//!
//! # Why it works
//! JPEG sets small coefficients to zero on the grid of its blocks, and the zeros outlast decoding.
//! What is pasted keeps its own grid, 63 times in 64 at another origin.
//!
//! # When it does not apply
//! A last compression that is as strong as the first erases older grids. A picture that never was a
//! JPEG has no main grid; only foreign regions are looked for then. A main grid whose origin is not
//! (0, 0) means that the picture was cropped, not forged. A region *without* a grid is not looked
//! for: in a JPEG it is texture or saturation, and the paper's test for pictures saved without loss
//! spoke on 46 of 617 authentic ones.
//!
//! # Constants and their source
//! All from the paper, but for the lattice of `votes.rs`: a voting pixel stands for those around it,
//! at most for one block.
//!
//! # References
//! Nikoukhah, Anger, Colom, Morel, Grompone von Gioi, "ZERO: a local JPEG grid origin detector based
//! on the number of DCT zeros and its applications in image forensics", IPOL 11, 2021.

use assay_plugin_api::prelude::*;
use assay_signal::stats::nfa::log10_nfa;

use crate::site_map::{grow, SiteRegion};
use crate::votes::{VoteMap, NO_VOTE};
use crate::zero_counts::Picture;

/// Origins of an 8x8 grid.
const ORIGINS: usize = 64;
/// Pixels of an independent block.
const BLOCK_PIXELS: usize = 64;
/// Farthest distance of two pixels of one region, px along each axis [Nikoukhah 2021, §3].
const NEAR_PX: usize = 9;
/// Shortest side that has voting pixels to speak of, px.
pub(crate) const SHORTEST_SIDE_PX: usize = 64;

/// The origin of a grid: `(x, y)`, each `0..8`.
pub type Origin = (u8, u8);

/// A region whose grid is not that of the picture.
#[derive(Clone, Debug)]
pub struct GridRegion {
    /// The origin that it votes for.
    pub origin: Origin,
    /// Expected number of such regions in a picture without a grid, log10; below 0.
    pub log10_nfa: f64,
    /// Where.
    pub place: SiteRegion,
}

/// What the votes say.
#[derive(Clone, Debug)]
pub struct Grids {
    /// Origin of the picture's grid and its log10 NFA.
    pub main: Option<(Origin, f64)>,
    /// Regions with another grid, the most significant first.
    pub foreign: Vec<GridRegion>,
}

/// Looks for the main grid and for regions that break it.
///
/// # Errors
/// `NotApplicable` when a side is below 64 px; `Cancelled`.
pub fn measure(evidence: &Evidence<'_>) -> Result<Grids, NoScore> {
    let luma = evidence.luma()?;
    let shorter = luma.width().min(luma.height());
    if shorter < SHORTEST_SIDE_PX {
        return Err(NoScore::not_applicable(format!(
            "The picture is {shorter} px on its shorter side; the grid test needs \
             {SHORTEST_SIDE_PX} px."
        )));
    }
    let check = || evidence.check_cancelled();
    let picture = Picture::new(luma.samples(), luma.width(), luma.height(), luma.row_stride());
    let map = VoteMap::of(&picture, check)?;
    let tests = log10_tests(luma.width(), luma.height());
    let main = main_grid(&map, tests);
    let main_vote = main.map(|(vote, _)| vote);
    let foreign = regions(&map, tests, |vote| Some(vote) != main_vote);
    Ok(Grids { main: main.map(|(vote, log10_nfa)| (origin_of(vote), log10_nfa)), foreign })
}

fn origin_of(vote: u8) -> Origin {
    (vote % 8, vote / 8)
}

/// log10 of the number of tests: every rectangle of the picture with every pair of origins.
fn log10_tests(width: usize, height: usize) -> f64 {
    2.0 * ((ORIGINS * width * height) as f64).log10()
}

/// The most voted origin and its log10 NFA, if it is below 0.
fn main_grid(map: &VoteMap, log10_tests: f64) -> Option<(u8, f64)> {
    let mut counts = [0_usize; ORIGINS];
    for &vote in &map.votes {
        if let Some(count) = counts.get_mut(usize::from(vote)) {
            *count += 1;
        }
    }
    let (vote, &count) = (0_u8..).zip(&counts).max_by_key(|&(vote, count)| (count, !vote))?;
    let log10_nfa = sites_nfa(map, log10_tests, map.asked, count);
    (log10_nfa < 0.0).then_some((vote, log10_nfa))
}

/// log10 NFA of `voting` out of `all` sites voting alike.
fn sites_nfa(map: &VoteMap, log10_tests: f64, all: usize, voting: usize) -> f64 {
    let blocks = |sites: usize| (sites * map.pixels_per_site() / BLOCK_PIXELS) as u64;
    log10_tests + log10_nfa(1.0, blocks(all), blocks(voting), 1.0 / ORIGINS as f64)
}

/// Pixels below which no region can be significant, even if all of its pixels vote alike.
fn fewest_pixels(log10_tests: f64) -> usize {
    (BLOCK_PIXELS as f64 * log10_tests / (ORIGINS as f64).log10()).ceil() as usize
}

/// The regions of like votes that are significant, the most significant first.
fn regions(map: &VoteMap, log10_tests: f64, wanted: impl Fn(u8) -> bool) -> Vec<GridRegion> {
    let fewest = fewest_pixels(log10_tests).div_ceil(map.pixels_per_site());
    let near = (NEAR_PX / map.step).max(1);
    let grown = grow(&map.votes, map.columns, near, fewest, |vote| vote != NO_VOTE && wanted(vote));
    let significant = |(vote, place): (u8, SiteRegion)| {
        let bounding = place.columns() * place.rows();
        let log10_nfa = sites_nfa(map, log10_tests, bounding, place.sites.len());
        let origin = origin_of(vote);
        (log10_nfa < 0.0).then(|| GridRegion { origin, log10_nfa, place: place.closed(near, map) })
    };
    let mut found: Vec<GridRegion> = grown.into_iter().filter_map(significant).collect();
    found.sort_by(|a, b| a.log10_nfa.total_cmp(&b.log10_nfa));
    found
}
