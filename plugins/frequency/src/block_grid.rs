// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which block grid a codec has laid over the pixels, so that its peaks are not held against them.
//!
//! # What it tests
//! First the file's format. Where that has no blocks: whether the jumps between columns (and between
//! rows) are largest at one phase modulo 8, the same in most parts of the picture, as in a JPEG that
//! was saved as something else.
//!
//! # Why it works
//! JPEG codes each 8x8 block by itself, which leaves jumps at the borders that the inside does not
//! have. For each tile, the phase with the largest mean second difference across a pixel border is
//! its vote; without a grid each of the 8 phases has probability 1/8, so `NFA = 8 * B(n, k, 1/8)`
//! for `k` equal votes of `n` tiles. Both axes must agree that there is a grid.
//!
//! # When it does not apply
//! WebP and HEIC count as block-coded even when they are lossless. High JPEG qualities leave nothing to measure, and little is lost then: such a grid makes no peaks
//! either. An up-sampler by 8 can pass for a grid; its peaks are then left out as well, to the
//! benefit of the doubt.
//!
//! # Constants and their source
//! [`MOST_LOG10_NFA`]: one false grid in 1,000 pictures an axis. Block sides: 8 (JPEG), 16
//! (macroblocks of VP8; smallest coding units of HEVC are 8, common ones 16).
//!
//! # References
//! Nikoukhah et al., "ZERO: a local JPEG grid origin detector based on the number of DCT zeros and
//! its applications in image forensics", IPOL 2021 (a-contrario votes for a grid origin); Fan, de
//! Queiroz, "Identification of bitmap compression history", IEEE TIP 2003 (blockiness).

use assay_plugin_api::evidence::keys;
use assay_plugin_api::prelude::*;
use assay_signal::spectrum::spread_tiles;
use assay_signal::stats::nfa::log10_binomial_tail;

/// Largest log10 NFA of a grid.
const MOST_LOG10_NFA: f64 = -3.0;
/// Side of a tile, px.
const TILE_PX: usize = 64;
/// Most tiles looked at.
const MOST_TILES: usize = 64;
/// Side of a JPEG block, px.
const BLOCK: usize = 8;

/// Returns the side of the codec's blocks, px; `None` when the picture shows no grid.
///
/// # Errors
/// `NotApplicable` when the host has no luma.
pub fn block_px(evidence: &Evidence<'_>) -> Result<Option<u32>, NoScore> {
    Ok(match evidence.text_fact(keys::FORMAT).as_deref() {
        Some("JPEG") => Some(8),
        Some("WEBP" | "HEIC") => Some(16),
        _ => is_measurable(evidence.luma()?).then_some(8),
    })
}

/// Returns whether both axes show a grid of 8 px.
#[must_use]
pub fn is_measurable(luma: Luma8<'_>) -> bool {
    let corners = spread_tiles(luma.width(), luma.height(), TILE_PX, TILE_PX, MOST_TILES);
    let (mut columns, mut rows) = ([0_usize; BLOCK], [0_usize; BLOCK]);
    for &(x, y) in &corners {
        let [across, down] = jumps(luma, x, y);
        for (votes, jumps) in [(&mut columns, across), (&mut rows, down)] {
            if let Some(phase) = strict_maximum(&jumps) {
                votes[phase] += 1;
            }
        }
    }
    [columns, rows].iter().all(|votes| {
        let (most, n) = (votes.iter().copied().max().unwrap_or(0), votes.iter().sum::<usize>());
        (BLOCK as f64).log10() + log10_binomial_tail(n as u64, most as u64, 1.0 / BLOCK as f64)
            < MOST_LOG10_NFA
    })
}

/// Sums of absolute second differences across the pixel border before each phase, along both axes,
/// for a tile whose corner is a multiple of 8.
fn jumps(luma: Luma8<'_>, x: usize, y: usize) -> [[u32; BLOCK]; 2] {
    let mut sums = [[0_u32; BLOCK]; 2];
    let row = |y: usize| &luma.row(y)[x..][..TILE_PX];
    for dy in 0..TILE_PX {
        for (i, quad) in row(y + dy).windows(4).enumerate() {
            sums[0][(i + 2) % BLOCK] += across([quad[0], quad[1], quad[2], quad[3]]);
        }
    }
    for dy in 0..TILE_PX - 3 {
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| row(y + dy + i));
        let quads = a.iter().zip(b).zip(c.iter().zip(d));
        let sum: u32 = quads.map(|((&a, &b), (&c, &d))| across([a, b, c, d])).sum();
        sums[1][(dy + 2) % BLOCK] += sum;
    }
    // The phases 2 to 6 occur once more than the others within the tile.
    for sums in &mut sums {
        for (phase, sum) in sums.iter_mut().enumerate() {
            let times = (2..TILE_PX as u32 - 1).filter(|i| *i as usize % BLOCK == phase).count();
            *sum = *sum * 8 / times as u32;
        }
    }
    sums
}

/// How far the step between the middle two exceeds that of the line through both sides, in halves.
fn across([a, b, c, d]: [u8; 4]) -> u32 {
    let [a, b, c, d] = [a, b, c, d].map(i32::from);
    (3 * (c - b) - (d - a)).unsigned_abs()
}

fn strict_maximum(jumps: &[u32; BLOCK]) -> Option<usize> {
    let most = jumps.iter().copied().max()?;
    let mut places = (0..BLOCK).filter(|&phase| jumps[phase] == most);
    let first = places.next()?;
    places.next().is_none().then_some(first)
}
