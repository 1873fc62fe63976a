// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which enrolled camera took the picture, and where the picture lacks that camera's pattern.
//!
//! # What it tests
//! Whether the residual carries the sensor pattern of one of the cameras of a folder; if so, whether
//! every part of the picture does.
//!
//! # Why it works
//! No two sensors have the same photosites ([`assay_signal::prnu`]). The share of pictures of no
//! enrolled camera that are given one is bounded: every camera, shift and scale that is tried counts.
//!
//! # When it does not apply
//! Without the parameter `cameras` nothing is looked for. A pattern that is not found says nothing:
//! the picture may be of a camera that is not enrolled, or have been compressed, warped or enlarged.
//!
//! # Constants and their source
//! In [`assay_signal::prnu`]; the false-alarm rate is a parameter.
//!
//! # References
//! Chen, Fridrich, Goljan, Lukáš, IEEE TIFS 2008; Goljan, Fridrich, Filler, SPIE 7254, 2009.

use std::path::Path;

use assay_plugin_api::prelude::*;
use assay_signal::prnu::cleaning::cleaned;
use assay_signal::prnu::enrolled::{digest, read_folder};
use assay_signal::prnu::fingerprint::weighted_residual;
use assay_signal::prnu::identify::{identify, Likeness, Question, USUAL_FALSE_ALARMS};
use assay_signal::prnu::local::{presence, Presence, CELL_PX};
use assay_signal::prnu::search::aligned;
use assay_signal::prnu::weight::weights;
use assay_signal::prnu::{Fingerprint, LumaPlane};

/// Parameter: the folder of fingerprint files.
const FOLDER: &str = "cameras";
/// Parameter: pictures of no enrolled camera that may be given one, as a share.
const RATE: &str = "camera_false_alarms";
/// Most boxes in a finding; the contract allows 256.
const MOST_REGIONS: usize = 64;
/// Smallest and largest rate that can be asked for.
const RATES: (f64, f64) = (1e-12, 0.1);

/// The enrolled cameras.
#[derive(Debug)]
pub struct Cameras {
    enrolled: Vec<Fingerprint>,
    digest: String,
    question: Question,
}

/// What was found in one picture.
#[derive(Debug)]
pub struct Trace<'a> {
    cameras: &'a Cameras,
    size: [usize; 2],
    best: Option<Likeness>,
    presence: Option<Presence>,
}

/// The parameters that an operator may set.
#[must_use]
pub fn params() -> Vec<ParamSpec> {
    vec![
        ParamSpec::choice(FOLDER, "", &[]).doc(
            "Folder of fingerprint files of `assay camera enrol`, absolute or from the working \
             folder; read once. Empty: no camera is looked for.",
        ),
        ParamSpec::real(RATE, USUAL_FALSE_ALARMS, RATES.0, RATES.1).doc(
            "Share of pictures of no enrolled camera that may be given one, over all cameras, \
             shifts and scales.",
        ),
    ]
}

impl Cameras {
    /// Reads the folder that the parameters name; `None` when they name none.
    ///
    /// # Errors
    /// When the folder or a file in it is wrong.
    pub fn read(params: &Params) -> Result<Option<Self>, String> {
        let folder = params.text(FOLDER);
        if folder.is_empty() {
            return Ok(None);
        }
        let enrolled = read_folder(Path::new(folder)).map_err(|error| error.to_string())?;
        let question = Question { false_alarms: params.real(RATE), ..Question::default() };
        Ok(Some(Self { digest: digest(&enrolled), enrolled, question }))
    }

    /// Looks for every camera in a picture.
    ///
    /// # Errors
    /// `NotApplicable` without luma; `Cancelled`.
    pub fn trace(&self, evidence: &Evidence<'_>) -> Result<Trace<'_>, NoScore> {
        let luma = evidence.luma()?;
        let size @ [width, height] = [luma.width(), luma.height()];
        let plane = LumaPlane::new(width, height, luma.row_stride(), luma.samples())
            .ok_or_else(|| NoScore::not_applicable("The host's luma has no whole rows."))?;
        evidence.check_cancelled()?;
        let weighted = weighted_residual(plane);
        evidence.check_cancelled()?;
        let picture = cleaned(weighted);
        let check = || evidence.check_cancelled();
        let found = identify(&picture, &self.enrolled, &self.question, check)?;
        let best = found.into_iter().next();
        let matched = best.filter(|likeness| likeness.is_match);
        let camera = matched.and_then(|likeness| self.enrolled.get(likeness.camera));
        let presence = matched.zip(camera).and_then(|(likeness, camera)| {
            let pattern = aligned(&camera.pattern(), &likeness.fit.place, width, height);
            presence(&picture, &pattern, &weights(plane), likeness.fit.pce)
        });
        Ok(Trace { cameras: self, size, best, presence })
    }
}

impl Trace<'_> {
    /// The camera that took the picture, if one did.
    #[must_use]
    pub fn camera(&self) -> Option<&str> {
        let matched = self.best.filter(|likeness| likeness.is_match)?;
        Some(self.cameras.enrolled.get(matched.camera)?.name())
    }

    /// The sentence for a person, when a camera was found.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        let lacks = self.presence.as_ref().is_some_and(|found| !found.lacking.is_empty());
        let parts = if lacks { "; parts of the picture lack it" } else { "" };
        Some(format!("Sensor pattern of the enrolled camera {} found{parts}", self.camera()?))
    }

    /// Adds findings, attributes and, when a camera was found, the map of where its pattern is lacking.
    #[must_use]
    pub fn describe(&self, mut report: Report) -> Report {
        let count = self.cameras.enrolled.len();
        report = report
            .attribute("enrolled_cameras", i64::try_from(count).unwrap_or(i64::MAX))
            .attribute("cameras_sha256", self.cameras.digest.clone());
        let Some(best) = &self.best else { return report };
        let name = self.cameras.enrolled.get(best.camera).map_or("", Fingerprint::name);
        let Some(camera) = self.camera() else {
            let text = "The sensor pattern of no enrolled camera was found in the picture.";
            return report.finding(
                Finding::new("noise.fingerprint.none", Severity::Info, text)
                    .value("nearest", name)
                    .value("pce", best.fit.pce),
            );
        };
        let place = &best.fit.place;
        let offset = |at: isize| i64::try_from(at).unwrap_or(i64::MAX);
        let text =
            format!("The picture carries the sensor pattern of the enrolled camera {camera}.");
        report = report.attribute("device_fingerprint", camera).finding(
            Finding::new("noise.fingerprint.found", Severity::Warning, text)
                .value("camera", camera)
                .value("pce", best.fit.pce)
                .value("log10_nfa", best.fit.log10_false_alarms)
                .value("x_px", offset(place.x))
                .value("y_px", offset(place.y))
                .value("scale", place.scale),
        );
        match &self.presence {
            Some(presence) => self.draw(report, presence),
            None => report,
        }
    }

    fn draw(&self, mut report: Report, presence: &Presence) -> Report {
        let [width, height] = self.size;
        let (rows, columns) = presence.heat.dim();
        let last = |cells: usize| cells.saturating_sub(1);
        let heat = |column: usize, row: usize| {
            let cell = (row.min(last(rows)), column.min(last(columns)));
            presence.heat.get(cell).copied().unwrap_or(0.0)
        };
        let map = Heatmap::covering(width, height, CELL_PX, heat);
        report = report.heatmap(map).attribute("heatmap_localises", true);
        if presence.lacking.is_empty() {
            return report;
        }
        let text = "Parts of the picture lack the sensor pattern that the rest carries, where it \
                    should be visible: they were replaced, painted over, blurred, or emptied by \
                    compression.";
        let window = i64::try_from(presence.window_px).unwrap_or(i64::MAX);
        let finding = Finding::new("noise.fingerprint.missing", Severity::Notice, text)
            .value("window_px", window)
            .value("judged_share", presence.judged);
        report.finding(presence.lacking.iter().take(MOST_REGIONS).fold(finding, |finding, part| {
            // The last cell also stands for what is left of the picture beyond it.
            let side = |first: usize, count: usize, cells: usize, end: usize| {
                let start = first * CELL_PX;
                let stop = if first + count >= cells { end } else { (first + count) * CELL_PX };
                [start, stop - start].map(|px| u32::try_from(px).unwrap_or(u32::MAX))
            };
            let [x, width] = side(part.x, part.width, columns, width);
            let [y, height] = side(part.y, part.height, rows, height);
            finding.region(Region { x, y, width, height })
        }))
    }
}
