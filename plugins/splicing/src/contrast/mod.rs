// SPDX-License-Identifier: MIT OR Apache-2.0
//! Contrast enhancement: did a part go through a curve that the rest did not go through?
//!
//! # What it tests
//! [Histograms](histograms) of squares are looked at for [gaps and peaks](odd): values that far fewer, or
//! far more, pixels have than the values next to them. [Squares](regions) with too many of them, at values
//! that are regular in the rest of the picture, are regions of their own; which cells belong to one is told
//! by whether they keep clear of its gaps.
//!
//! # Why it works
//! Noise makes the histogram of what a sensor took smooth from one value to the next. A curve (contrast,
//! gamma, levels, equalisation) is applied to whole numbers and rounds to whole numbers: where it is steeper
//! than 1 it skips values, where it is flatter it brings two to one.
//!
//! # When it does not apply
//! A JPEG saved after the curve blurs the gaps away, so pictures whose last save was a JPEG cannot carry
//! the trace; other lossy formats leave nothing to find. Neither can one that went through a curve as a
//! whole, and at values that only the region has there is nothing to compare it with. A region that was
//! resampled or blurred after the curve, and curves applied to other numbers than red, green and blue
//! (lightness, more than 8 bits), are not found; curves that lower the contrast seldom. Which part went
//! through the curve is not told from the statistics alone: a region may be what was pasted into a picture
//! or what was brightened in it.
//!
//! # Constants and their source
//! Beside each, chosen on authentic pictures without JPEG tables and on curves applied to places of them
//! (the README says which).
//!
//! # References
//! Stamm, Liu, "Forensic detection of image manipulation using statistical intrinsic fingerprints", IEEE
//! TIFS 5, 2010 (gaps and peaks). Cao, Zhao, Ni, Li, "Contrast enhancement-based forensics in digital
//! images", IEEE TIFS 9, 2014 (gaps by zero bins, peak and gap vectors of blocks). Desolneux, Moisan,
//! Morel, "From Gestalt Theory to Image Analysis", 2008.

mod histograms;
mod odd;
mod regions;

use assay_plugin_api::prelude::*;

use self::histograms::{Tiles, TILE_PX};
use self::odd::Tally;
use crate::trace::{Trace, CELL_PX};
use crate::traces::silent;

/// Shortest side, px.
const SHORTEST_SIDE_PX: usize = 128;
/// Share of odd values of the whole picture's histogram from which it went through a curve as a whole:
/// 431 of 526 authentic pictures after such a curve reach it, none of them without.
const LARGEST_SHARE: f64 = 0.12;
/// Log odds of cells outside any region.
const ELSEWHERE: f32 = -1.0;

/// Looks for regions that went through a curve of their own.
///
/// # Errors
/// `NotApplicable` below 128 px a side, for a JPEG, for a picture that went through a curve as a whole and
/// where too few values occur often enough; `Cancelled`.
pub fn measure(evidence: &Evidence<'_>) -> Result<Trace, NoScore> {
    if evidence.jpeg_luma_dqt().is_ok() {
        return Err(NoScore::not_applicable(
            "The last save was a JPEG, whose rounding fills the gaps that a curve leaves in a histogram.",
        ));
    }
    let rgb = evidence.rgb()?;
    let shorter = rgb.width().min(rgb.height());
    if shorter < SHORTEST_SIDE_PX {
        return Err(NoScore::not_applicable(format!(
            "The picture is {shorter} px on its shorter side; histograms of regions need \
             {SHORTEST_SIDE_PX} px."
        )));
    }
    let tiles = Tiles::of(&rgb, || evidence.check_cancelled())?;
    let whole = tiles.whole();
    let share = whole.iter().map(|whole| Tally::of(whole).share()).fold(0.0, f64::max);
    if share >= LARGEST_SHARE {
        return Err(NoScore::not_applicable(format!(
            "{:.0} % of the values of the whole picture are gaps or peaks of its histogram: it went \
             through a curve as a whole, or has few values.",
            100.0 * share
        )));
    }
    evidence.check_cancelled()?;
    let squares = regions::squares(&tiles, &whole);
    if squares.told == 0 {
        return Err(NoScore::not_applicable(
            "No region has enough values that the rest of the picture has too, each often enough to \
             tell a gap from chance.",
        ));
    }
    evidence.check_cancelled()?;
    let (mut regions, log_odds) = regions::regions(&rgb, &tiles, &whole, &squares);
    let mut cells = silent(rgb.width(), rgb.height());
    if regions.is_empty() {
        return Ok(Trace { cells, regions });
    }
    cells.log_odds.fill(ELSEWHERE);
    let columns = tiles.columns * (TILE_PX / CELL_PX);
    let to_all = |at: usize| at / columns * cells.columns + at % columns;
    for region in &mut regions {
        for at in &mut region.cells {
            let said = log_odds.get(*at).copied().unwrap_or(0.0);
            *at = to_all(*at);
            if let Some(cell) = cells.log_odds.get_mut(*at) {
                *cell = said;
            }
        }
    }
    Ok(Trace { cells, regions })
}
