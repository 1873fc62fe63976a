// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether a library that nobody has used yet answers as a detector must: in a process of its own, on
//! pictures made here.
//!
//! It is the part of the conformance cases that takes no other program: it opens, makes a detector with
//! its usual parameters, keeps the contract in what it answers, answers within a deadline, and answers
//! the same twice, the second time in another process. Where golden vectors stand beside it, it answers
//! as they say.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use assay_plugin_api::check;
use assay_plugin_api::detector::NoScore;
use assay_plugin_api::report::Report;

use super::golden::{self, golden_of, GoldenError};
use super::library::{Plugin, PluginError};
use crate::cancel::Cancel;
use crate::config::{Isolation, Script};
use crate::image::evidence::ImageEvidence;
use crate::image::{resave, DecodeLimits};
use crate::worker::WorkerSettings;

/// How long an answer on a small picture may take.
const LONGEST: Duration = Duration::from_secs(30);

/// Side of the pictures, px.
const SIDE: u32 = 160;

/// Why a library is not put into service.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrialError {
    /// It cannot be opened, or makes no detector.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// It answered what no detector may, or did not answer.
    #[error("{}: not put into service: {fault}", path.display())]
    Fault {
        /// The library.
        path: std::path::PathBuf,
        /// What it did.
        fault: String,
    },
    /// It answers otherwise than its golden vectors say.
    #[error("not put into service: golden vectors: {0}")]
    Golden(#[from] GoldenError),
}

/// A library that was tried out.
#[derive(Debug)]
pub struct Tried {
    /// The library.
    pub plugin: Plugin,
    /// How many golden vectors it was compared with; none where it has none.
    pub golden: usize,
}

/// Tries a library out, whose SHA-256 must be `expected` (hexadecimal) where one is given.
///
/// # Errors
/// What it did that no detector may.
pub fn trial(
    path: &Path,
    expected: Option<&str>,
    workers: &WorkerSettings,
) -> Result<Tried, TrialError> {
    let open = || Plugin::open(path, expected, Isolation::Process, workers);
    let plugin = agreed(open)?;
    let folder = golden_of(path);
    let golden = match folder.exists() {
        true => golden::check(&folder, &|picture| answer(&plugin, picture))?,
        false => 0,
    };
    Ok(Tried { plugin, golden })
}

/// Tries a program out, whose files must have the SHA-256 `expected` (hexadecimal) where one is given.
///
/// # Errors
/// What it did that no detector may.
pub(super) fn of_script(
    script: &Script,
    expected: Option<&str>,
    workers: &WorkerSettings,
) -> Result<(), TrialError> {
    agreed(|| Plugin::run(script, expected, workers)).map(drop)
}

/// One of two that answer as a detector must, and the same on each picture.
fn agreed(open: impl Fn() -> Result<Plugin, PluginError>) -> Result<Plugin, TrialError> {
    let (plugin, again) = (open()?, open()?);
    let fault = |fault: String| TrialError::Fault { path: plugin.path().into(), fault };
    for picture in pictures().map_err(|error| fault(error.to_string()))? {
        let picture = Arc::new(picture);
        let first = answer(&plugin, &picture).map_err(fault)?;
        let second = answer(&again, &picture).map_err(fault)?;
        if first != second {
            return Err(fault("it answers differently on one picture in two processes".into()));
        }
    }
    Ok(plugin)
}

/// Writes the golden vectors of a library: its answers to `pictures`, in the folder beside it.
///
/// # Errors
/// When it cannot be opened, does not answer, or a file cannot be read or written.
pub fn write_golden(
    path: &Path,
    pictures: &[std::path::PathBuf],
    workers: &WorkerSettings,
) -> Result<(), TrialError> {
    let plugin = Plugin::open(path, None, Isolation::Process, workers)?;
    let ask = |picture: &Arc<ImageEvidence>| answer(&plugin, picture);
    Ok(golden::write(&golden_of(path), pictures, &ask)?)
}

/// What it says of a picture, if it may say that.
fn answer(
    plugin: &Plugin,
    picture: &Arc<ImageEvidence>,
) -> Result<Result<Report, NoScore>, String> {
    let detector = plugin.create(&[]).map_err(|error| error.to_string())?;
    let until = Instant::now() + LONGEST;
    let answer = detector.detect(Arc::clone(picture), None, until, Cancel::default());
    match &answer {
        Ok(report) => {
            let checked = check::report(report, picture.width(), picture.height());
            checked.map_err(|breach| format!("it breaks the contract: {breach}"))?;
        }
        Err(NoScore::NotApplicable { .. }) => {}
        Err(NoScore::Failed { message } | NoScore::Panicked { message }) => {
            return Err(message.to_string());
        }
        Err(NoScore::Cancelled) => return Err("it gives up".into()),
    }
    Ok(answer)
}

/// A smooth picture with a little grain, and a flat one: as JPEG 90 of 8-bit RGB.
fn pictures() -> Result<[ImageEvidence; 2], Box<dyn std::error::Error>> {
    let grained = |x: u32, y: u32| {
        let grain = (x.wrapping_mul(0x9e37_79b9) ^ y.wrapping_mul(0x85eb_ca6b)).count_ones();
        [(x + y) / 2 + grain, x / 2 + grain, y / 2 + grain]
    };
    let pixels = |pixel: &dyn Fn(u32, u32) -> [u32; 3]| -> Vec<u8> {
        let places = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y)));
        let samples = places.flat_map(|(x, y)| pixel(x, y));
        samples.map(|sample| u8::try_from(sample.min(255)).unwrap_or(u8::MAX)).collect()
    };
    let made = |rgb: Vec<u8>| -> Result<ImageEvidence, Box<dyn std::error::Error>> {
        let file = resave::jpeg(&resave::picture(SIDE, SIDE, rgb)?, 90)?;
        Ok(ImageEvidence::from_bytes(file, &DecodeLimits::default())?)
    };
    Ok([made(pixels(&grained))?, made(pixels(&|_, _| [128; 3]))?])
}
