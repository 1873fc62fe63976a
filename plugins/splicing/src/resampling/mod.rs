// SPDX-License-Identifier: MIT OR Apache-2.0
//! Resampling: was a part scaled or turned while the rest was not?
//!
//! # What it tests
//! The size of the second differences of brightness, in windows of 128 px. [Where](spectrum) its
//! spectrum has a square lattice of peaks, the window was resampled by a factor and an angle that
//! belong to the peaks. Neighbouring windows with a period that the rest of the picture lacks make a
//! [region](regions); its [extent](locate) is what follows the period.
//!
//! # Why it works
//! Interpolated samples are weighted means of their neighbours, and the weights repeat with the
//! grid of the source. So does the variance of what a fixed predictor leaves. What is pasted is
//! nearly always brought to size first.
//!
//! # When it does not apply
//! Below 128 px a side. JPEG below quality 90 or so removes the trace. Frequencies on JPEG's own
//! lattice of multiples of 1/8 are left out, and with them enlargement by 2, whose frequency is
//! 1/2; so are factors below 1.09 alone. Unequal scaling along the axes has no square lattice.
//! A picture that was resampled as a whole is no forgery: its period is everywhere. A pattern of
//! the scene makes the second differences themselves periodic, not only their size; such
//! regions are left out. Making smaller with a wide filter leaves little. Saturated and drawn areas
//! say nothing.
//!
//! # Constants and their source
//! Beside each. They were chosen on pastes of our own making (pieces of photographs of 96 to 192 px,
//! scaled by 0.7 to 2 and turned by up to 45 degrees, saved without loss and as JPEG 75 to 98) and on
//! authentic pictures of one half of our sources; what the model card reports is the other half.
//!
//! # References
//! Popescu, Farid, "Exposing digital forgeries by detecting traces of re-sampling", IEEE TSP 53,
//! 2005. Kirchner, "Fast and reliable resampling detection by spectral analysis of fixed linear
//! predictor residue", MM&Sec 2008. Mahdian, Saic, "Blind authentication using periodic properties of
//! interpolation", IEEE TIFS 3, 2008. Desolneux, Moisan, Morel, "From Gestalt Theory to Image
//! Analysis", 2008. Jensen, "Enumerations of lattice animals and trees", J. Stat. Phys. 102, 2001.

mod locate;
mod regions;
mod spectrum;

use assay_plugin_api::plane::Luma8;
use assay_plugin_api::prelude::*;

use self::regions::{Grid, Periodic};
use self::spectrum::{Differences, Spectra, WINDOW_PX};
use crate::trace::Trace;
use crate::traces::silent;

/// Windows of a picture that the time allows, about.
const MOST_WINDOWS: usize = 200;
/// Distance of neighbouring windows at least, px.
const LEAST_STEP_PX: usize = 32;
/// Distance from which windows are independent, px.
const INDEPENDENT_PX: usize = WINDOW_PX / 2;
/// Windows of a region in which the scene's own pattern is looked for.
const MOST_CHECKED: usize = 12;
/// Mean strength of the second differences themselves, the larger of both directions, from which a
/// pattern of the scene explains the period; noise has 1.5.
const PATTERN: f32 = 3.5;

/// Looks for resampled regions.
///
/// # Errors
/// `NotApplicable` for pictures below 130 px a side; `Cancelled`.
pub fn measure(evidence: &Evidence<'_>) -> Result<Trace, NoScore> {
    let luma = evidence.luma()?;
    let shorter = luma.width().min(luma.height());
    if shorter < WINDOW_PX + 2 {
        return Err(NoScore::not_applicable(format!(
            "The picture is {shorter} px on its shorter side; windows with a border need {} px.",
            WINDOW_PX + 2
        )));
    }
    let windows = Windows::of(&luma);
    let mut spectra = Spectra::new();
    let mut log_strengths = Vec::with_capacity(windows.xs.len() * windows.ys.len());
    for at in 0..windows.xs.len() * windows.ys.len() {
        if at % windows.xs.len() == 0 {
            evidence.check_cancelled()?;
        }
        log_strengths.push(spectra.log_strengths(&luma, windows.corner(at), &Differences::Sizes));
    }
    let found = regions::find(windows.grid(), &log_strengths);
    let Some(mut found) = found else {
        return Err(NoScore::not_applicable(
            "The picture was resampled as a whole: most of it has one period of interpolation.",
        ));
    };
    evidence.check_cancelled()?;
    found.retain(|periodic| !is_pattern(&luma, &windows, &mut spectra, &log_strengths, periodic));
    if found.is_empty() {
        let cells = silent(luma.width(), luma.height());
        return Ok(Trace { cells, regions: Vec::new() });
    }
    Ok(locate::trace(&luma, &windows, &found))
}

/// Corners of the windows along either axis, px.
struct Windows {
    xs: Vec<usize>,
    ys: Vec<usize>,
    step_px: usize,
}

impl Windows {
    /// Spread evenly over a picture of at least 130 px a side, from border to border.
    fn of(luma: &Luma8<'_>) -> Self {
        let spacing = (luma.pixels() as f64 / MOST_WINDOWS as f64).sqrt().ceil() as usize;
        let step_px = spacing.max(LEAST_STEP_PX);
        let along = |side: usize| {
            let free = side.saturating_sub(WINDOW_PX + 2);
            let gaps = free.div_ceil(step_px);
            (0..=gaps).map(|i| 1 + i * free / gaps.max(1)).collect()
        };
        Self { xs: along(luma.width()), ys: along(luma.height()), step_px }
    }

    fn corner(&self, at: usize) -> (usize, usize) {
        let columns = self.xs.len().max(1);
        let place = |along: &[usize], at: usize| along.get(at).copied().unwrap_or(1);
        (place(&self.xs, at % columns), place(&self.ys, at / columns))
    }

    fn grid(&self) -> Grid {
        let side = (self.step_px as f64 / INDEPENDENT_PX as f64).min(1.0);
        Grid { columns: self.xs.len(), rows: self.ys.len(), density: side * side }
    }
}

/// Whether the second differences themselves have the period, as a pattern of the scene has.
fn is_pattern(
    luma: &Luma8<'_>,
    windows: &Windows,
    spectra: &mut Spectra,
    log_strengths: &[Option<Vec<f32>>],
    periodic: &Periodic,
) -> bool {
    let index = periodic.frequency.u * spectrum::BINS + periodic.frequency.v;
    let said = |at: usize| {
        let window = log_strengths.get(at).and_then(Option::as_ref);
        window.and_then(|window| window.get(index)).map_or(0.0, |log| log.exp())
    };
    let mut strongest = periodic.windows.clone();
    strongest.sort_by(|&a, &b| said(b).total_cmp(&said(a)).then(a.cmp(&b)));
    strongest.truncate(MOST_CHECKED);
    let of_pattern: Vec<f32> = strongest
        .iter()
        .filter_map(|&at| spectra.log_strengths(luma, windows.corner(at), &Differences::Signed))
        .filter_map(|window| Some(window.get(index)?.exp()))
        .collect();
    of_pattern.iter().sum::<f32>() > PATTERN * of_pattern.len() as f32
}
