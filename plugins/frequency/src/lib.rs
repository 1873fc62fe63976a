// SPDX-License-Identifier: MIT OR Apache-2.0
//! Frequency analysis: are there periodic traces in the spectrum of the residual?
//!
//! # What it tests
//! [Patterns](lattice) of period 4 to 64 px that are in step over the whole picture; [peaks] of the averaged
//! spectrum at any frequency; and how the spectrum [falls off](radial).
//!
//! # Why it works
//! Generators up-sample by whole factors, which repeats the spectrum and leaves a lattice of peaks,
//! and shape the highest band in their own way. What the codec's [tables](codec_grid) and
//! [block grid](block_grid) explain, a sensor's mosaic and what is content do not count ([judgement]). A
//! small logistic [model] weighs the fall-off, a fixed step the traces; the score is calibrated, so it
//! stays near 0.5 unless the evidence is strong. Whether the picture was [resized](resampling) is told and
//! not weighed; the averaged spectrum is handed over as a [picture].
//!
//! # When it does not apply
//! Below 128 px on a side. Resizing and strong JPEG remove most generators' lattices. The README is the
//! model card.
//!
//! # References
//! Each cue's file.

use assay_plugin_api::prelude::*;
use assay_signal::calibration::Calibration;

pub mod background;
pub mod block_grid;
pub mod codec_grid;
pub mod judgement;
pub mod lattice;
pub mod model;
pub mod peaks;
pub mod picture;
pub mod radial;
pub mod resampling;
pub mod spectra;
pub mod tiles;
pub mod verbal;

use judgement::{Judgement, Picture};
use peaks::Coarse;
use radial::Radial;
use resampling::Resampling;
use spectra::{Analyser, Spectra};

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
            "A high score means that the spectrum has the periodic traces or the fall-off of \
             generated pictures.",
        )
        .method(
            "Lattices of 4 to 64 px by the phases of tiles, with NFA, beyond what the JPEG's tables \
             explain; peaks of the averaged spectrum against the natural spectrum around them; \
             fall-off and direction of the mean log spectrum weighed by a logistic model and \
             calibrated.",
        )
        .trained_on(
            "505 generated and 581 real pictures, each re-encoded to the same five states of size \
             and JPEG compression.",
        )
        .limits(
            "Weak evidence: held-out AUC 0.62 against all real pictures, 0.69 against camera \
             originals (JPEG quality 90). Lattices are rare on current generators (20 of 505 as \
             collected, 6 after JPEG 90, 1 and 1 of 581 real pictures) and gone after rescaling. \
             Periods of 2 px, and of 4 px along rows and columns, are a sensor's too and do not \
             count. Needs 128 px.",
        )
        .reference("Zhang, Karaman, Chang, WIFS 2019 (up-sampling peaks)")
        .reference("Durall, Keuper, Keuper, CVPR 2020 (up-convolution and the spectrum)")
        .reference("Corvi et al., ICASSP 2023 (spectra of diffusion models)")
        .reference("Gallagher, CRV 2005 (traces of interpolation)")
        .reference("Desolneux, Moisan, Morel, From Gestalt Theory to Image Analysis, 2008 (NFA)")
    }

    fn new(_: &Params) -> Result<Self, String> {
        let calibration = model::calibration().map_err(|error| error.to_string())?;
        Ok(Self { calibration, analyser: Analyser::default() })
    }

    fn detect(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore> {
        let found = Found::of(&mut self.analyser.clone(), evidence)?;
        let score = self
            .calibration
            .score(model::combined_logit(&found.radial, &found.judgement.counted))
            .and_then(Score::new)
            .ok_or_else(|| NoScore::failed("The spectrum gave no number; report this picture."))?;
        Ok(verbal::describe(Report::new(score), &found))
    }
}

/// Everything that is measured of a picture.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its spectra.
    pub spectra: Spectra,
    /// The natural level of the averaged spectrum.
    pub coarse: Coarse,
    /// How the averaged spectrum falls off.
    pub radial: Radial,
    /// Side of the codec's blocks, px.
    pub block_px: Option<u32>,
    /// Its periodic traces.
    pub judgement: Judgement,
    /// Whether and by what it was resized.
    pub resampling: Option<Resampling>,
}

impl Found {
    /// Measures a picture.
    ///
    /// # Errors
    /// `NotApplicable` below 128 px a side, for a flat picture and without luma; `Cancelled`.
    pub fn of(analyser: &mut Analyser, evidence: &Evidence<'_>) -> Result<Self, NoScore> {
        let luma = evidence.luma()?;
        let spectra = analyser.measure(evidence)?;
        let block_px = block_grid::block_px(evidence)?;
        let expected = codec_grid::expected(evidence, luma, &spectra);
        let patterns = lattice::find(&lattice::measure(&spectra, &expected));
        let coarse = Coarse::of(&spectra);
        let peaks = peaks::find(&spectra, &coarse);
        let resampling = resampling::find(evidence, luma, &spectra)?;
        let picture = Picture {
            block_px,
            is_explained: evidence.jpeg_luma_dqt().is_ok(),
            is_resized: resampling.is_some_and(|found| !found.may_be_a_lattice()),
        };
        let judgement = judgement::judge(&spectra, &patterns, &peaks, picture);
        let radial = radial::measure(&spectra);
        Ok(Self { spectra, coarse, radial, block_px, judgement, resampling })
    }
}

export_detector!(Frequency);
