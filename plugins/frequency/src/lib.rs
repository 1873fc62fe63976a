// SPDX-License-Identifier: MIT OR Apache-2.0
//! Frequency analysis: are there periodic traces in the spectrum of the residual?
//!
//! # What it tests
//! [Peaks](peaks) that stand out in more tiles than chance allows, with their period in pixels and
//! their number of false alarms; and how the spectrum [falls off](radial).
//!
//! # Why it works
//! Generators up-sample by whole factors, which repeats the spectrum and leaves a lattice of peaks,
//! and shape the highest band in their own way. Peaks that the codec's [block grid](block_grid)
//! explains are left out. A small logistic [model] weighs the fall-off, a fixed step the peaks; the
//! score is calibrated, so it stays near 0.5 unless the evidence is strong.
//!
//! # When it does not apply
//! Below 128 px on a side. Real pictures of screens, weaves and prints are periodic too; resizing
//! and JPEG remove most generators' peaks. The README is the model card.
//!
//! # References
//! Each cue's file.

use assay_plugin_api::prelude::*;
use assay_signal::calibration::Calibration;

pub mod block_grid;
pub mod model;
pub mod peaks;
pub mod radial;
pub mod spectra;
pub mod verbal;
pub mod votes;

use peaks::Peak;
use spectra::Analyser;

/// The detector.
#[derive(Debug)]
pub struct Frequency {
    calibration: Calibration,
    /// Planned once; each call works on a clone with its own buffers.
    analyser: Analyser,
}

impl Detector for Frequency {
    const ID: &'static str = "frequency";
    const MODEL_KEY: &'static str = "frequency";
    const RESULT_KEY: &'static str = "frequency_analysis";
    const TITLE: &'static str = "Frequency analysis";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const LICENCE: &'static str = "MIT OR Apache-2.0";
    const KIND: Kind = Kind::Generation;
    const INPUTS: &'static [Input] = &[Input::Luma];

    fn card() -> ModelCard {
        ModelCard::new(
            "A high score means that the spectrum has the periodic peaks or the fall-off of \
             generated pictures.",
        )
        .method(
            "Peaks by an a-contrario vote of tiles (binomial tail times number of tests), without \
             those on the codec's grid; fall-off and direction of the mean log spectrum weighed by \
             a logistic model and calibrated.",
        )
        .trained_on(
            "505 generated and 581 real pictures, each re-encoded to the same five states of size \
             and JPEG compression.",
        )
        .limits(
            "Weak evidence: held-out AUC 0.62 against all real pictures, 0.69 against camera \
             originals (JPEG quality 90). Peaks are rare on current generators (7 of 505) and gone \
             after rescaling. Peaks of 2, 4 and 8 px cannot be told from the grid in a JPEG. \
             Screens, weaves and prints have peaks of their own. Needs 128 px.",
        )
        .reference("Zhang, Karaman, Chang, WIFS 2019 (up-sampling peaks)")
        .reference("Durall, Keuper, Keuper, CVPR 2020 (up-convolution and the spectrum)")
        .reference("Corvi et al., ICASSP 2023 (spectra of diffusion models)")
        .reference("Desolneux, Moisan, Morel, From Gestalt Theory to Image Analysis, 2008 (NFA)")
    }

    fn new(_: &Params) -> Result<Self, String> {
        let calibration = model::calibration().map_err(|error| error.to_string())?;
        Ok(Self { calibration, analyser: Analyser::default() })
    }

    fn detect(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore> {
        let spectra = self.analyser.clone().measure(evidence)?;
        let block_px = block_grid::block_px(evidence)?;
        let on_grid = |peak: &Peak| block_px.is_some_and(|side| peak.on_block_grid(side));
        let (grid, peaks): (Vec<_>, Vec<_>) = peaks::find(&spectra).into_iter().partition(on_grid);
        let radial = radial::measure(&spectra);
        let score = self
            .calibration
            .score(model::combined_logit(&radial, &peaks))
            .and_then(Score::new)
            .ok_or_else(|| NoScore::failed("The spectrum gave no number; report this picture."))?;
        let report = Report::new(score).detail(verbal::detail(&peaks, score.get()));
        Ok(verbal::describe(report, &peaks, grid.len(), block_px, &radial, spectra.tiles))
    }
}

export_detector!(Frequency);
