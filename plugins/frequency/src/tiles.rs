// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the picture is looked at.
//!
//! # What it tests
//! Nothing by itself. It chooses square tiles: evenly over the picture, and only where something was
//! recorded.
//!
//! # Why it works
//! A generator's lattice lies over the whole picture, so a sample of places shows it; the even spread
//! lets an object's own pattern fill few of them. Clipped and empty places have no spectrum and would
//! only dilute the share of places that have one.
//!
//! # When it does not apply
//! Below 128 px on a side.
//!
//! # Constants and their source
//! [`LARGE_PX`]: in 256 px a lattice of 1/64 cycle per px has four bins a step, which leaves bins
//! between its own to compare with. [`LARGE_FROM_PX`]: from there on four large tiles fit with no more
//! than half of a side shared, where Hann windows are nearly independent [Welch 1967, §4].
//! [`MOST_TILES`]: what fits half the time of decoding a picture of 12 MP.
//!
//! # References
//! Welch, "The use of fast Fourier transform for the estimation of power spectra", 1967.

use assay_plugin_api::prelude::*;
use assay_signal::spectrum::spread_tiles;

/// Side of a tile, px, in pictures below [`LARGE_FROM_PX`].
pub const SMALL_PX: usize = 128;
/// Side of a tile, px, in larger pictures.
pub const LARGE_PX: usize = 256;
/// Shorter side of a picture from which tiles are large, px.
pub const LARGE_FROM_PX: usize = 384;
/// Most tiles looked at.
pub const MOST_TILES: usize = 24;
/// Share of a tile's side between neighbours, at least: 3/4 for small tiles, 1/2 for large ones, of
/// which a picture of 384 px would otherwise have one.
const STEPS_PX: [usize; 2] = [SMALL_PX * 3 / 4, LARGE_PX / 2];
/// Places considered for each that is kept.
const CANDIDATES: usize = 2;
/// Samples of a tile that are looked at along each side to tell whether something was recorded.
const PROBES: usize = 16;
/// Largest share of probes that may be black or white.
const MOST_CLIPPED: f64 = 0.5;

/// Side of the tiles and their top left corners `(x, y)`, multiples of 8 px, in raster order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tiles {
    /// Side of each, px.
    pub side: usize,
    /// Their corners.
    pub corners: Vec<(usize, usize)>,
}

/// Chooses tiles; `None` below 128 px a side. Where nothing was recorded at all the tiles are those of
/// the even spread.
#[must_use]
pub fn choose(luma: Luma8<'_>) -> Option<Tiles> {
    let (width, height) = (luma.width(), luma.height());
    let shorter = width.min(height);
    if shorter < SMALL_PX {
        return None;
    }
    let (side, step) =
        if shorter < LARGE_FROM_PX { (SMALL_PX, STEPS_PX[0]) } else { (LARGE_PX, STEPS_PX[1]) };
    let even = spread_tiles(width, height, side, step, MOST_TILES);
    let candidates = spread_tiles(width, height, side, step, CANDIDATES * MOST_TILES);
    let recorded: Vec<_> =
        candidates.into_iter().filter(|&(x, y)| is_recorded(luma, x, y, side)).collect();
    // Every tile of the even spread is good where enough are: the spread of the most is only for
    // pictures with empty parts.
    let good =
        |corners: &[(usize, usize)]| corners.iter().all(|&(x, y)| is_recorded(luma, x, y, side));
    if recorded.is_empty() || good(&even) {
        return Some(Tiles { side, corners: even });
    }
    let kept = recorded.len().min(MOST_TILES);
    let corners =
        (0..kept).filter_map(|i| recorded.get(i * recorded.len() / kept).copied()).collect();
    Some(Tiles { side, corners })
}

/// Whether a tile is neither clipped nor of one value, by probes on an even grid.
fn is_recorded(luma: Luma8<'_>, x: usize, y: usize, side: usize) -> bool {
    let (mut clipped, mut low, mut high) = (0_usize, u8::MAX, u8::MIN);
    for row in (y..y + side).step_by(side / PROBES) {
        for &sample in luma.row(row)[x..x + side].iter().step_by(side / PROBES) {
            clipped += usize::from(sample == u8::MIN || sample == u8::MAX);
            (low, high) = (low.min(sample), high.max(sample));
        }
    }
    low < high && clipped as f64 <= MOST_CLIPPED * (PROBES * PROBES) as f64
}
