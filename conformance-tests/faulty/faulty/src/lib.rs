// SPDX-License-Identifier: MIT OR Apache-2.0
//! A detector that breaks the contract on demand.
//!
//! How is named by the environment variable `ASSAY_FAULTY`, for runners that set no parameters; where
//! that is not set, by the parameter `behaviour`. Without either it keeps the contract.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use assay_plugin_api::evidence::keys;
use assay_plugin_api::prelude::*;

mod entry;
mod picky;

const SOUND: &str = "sound";
/// A conforming answer, then one behaviour for each way to break an answer.
const BEHAVIOURS: &[&str] = &[
    SOUND,
    "panic",
    "abort",
    "hang",
    "stubborn",
    "nan",
    "above_one",
    "heatmap_size",
    "long_detail",
    "empty_reason",
    "leak",
    "random",
    "reads_padding",
];
/// How long `stubborn` goes on whatever it is told.
const STUBBORN: Duration = Duration::from_secs(6);
/// Bytes that `leak` keeps of every call and `leak_detectors` of every detector.
const LEAKED_BYTES: usize = 64 << 10;
/// Bytes of `long_detail`'s detail.
const LONG_BYTES: usize = 10 << 20;

/// Calls so far in this library; what `random` answers depends on it.
static CALLS: AtomicU64 = AtomicU64::new(0);
/// Detectors made so far in this library; what `counts_detectors` answers depends on it.
static DETECTORS: AtomicU64 = AtomicU64::new(0);

struct Faulty {
    behaviour: String,
    strength: f64,
    number: u64,
}

/// The behaviour that the environment names.
fn from_environment() -> Option<String> {
    std::env::var("ASSAY_FAULTY").ok()
}

fn is_asked_for(behaviour: &str) -> bool {
    from_environment().as_deref() == Some(behaviour)
}

impl Detector for Faulty {
    const ID: &'static str = "faulty";
    const MODEL_KEY: &'static str = "faulty";
    const RESULT_KEY: &'static str = "faulty_test";
    const TITLE: &'static str = "Faulty detector";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const LICENCE: &'static str = "MIT OR Apache-2.0";
    const KIND: Kind = Kind::Manipulation;
    const INPUTS: &'static [Input] = &[Input::Luma];

    fn card() -> ModelCard {
        let mut summary = "Says nothing about pictures; breaks the contract on demand.".to_owned();
        if is_asked_for("restless_descriptor") {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            summary += &now.as_nanos().to_string();
        }
        let card = ModelCard::new(&summary).limits("For tests.").reference("None.");
        if is_asked_for("silent_card") {
            return card;
        }
        card.method("None.")
    }

    fn params() -> Vec<ParamSpec> {
        let highest = if is_asked_for("bad_default") { 0.25 } else { 1.0 };
        let strength = ParamSpec::real("strength", 0.5, 0.0, highest).doc("Not used when sound.");
        if from_environment().is_some() {
            return vec![strength];
        }
        let behaviour = ParamSpec::choice("behaviour", SOUND, BEHAVIOURS);
        vec![strength, behaviour.doc("How to break the contract.")]
    }

    fn new(params: &Params) -> Result<Self, String> {
        if is_asked_for("refuses_defaults") {
            return Err("its own defaults do not please it".into());
        }
        if is_asked_for("leak_detectors") {
            std::mem::forget(std::hint::black_box(vec![1_u8; LEAKED_BYTES]));
        }
        let behaviour = from_environment().unwrap_or_else(|| params.text("behaviour").to_owned());
        let number = DETECTORS.fetch_add(1, Ordering::Relaxed);
        Ok(Self { behaviour, strength: params.real("strength"), number })
    }

    fn detect(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore> {
        let sound = || Report::new(Score::clamped(0.5)).detail("As a conforming detector says.");
        if self.behaviour == "always_scores" {
            return Ok(sound());
        }
        let luma = evidence.luma()?;
        let calls = CALLS.fetch_add(1, Ordering::Relaxed);
        let mut report = sound();
        match self.behaviour.as_str() {
            "panic" => panic!("a panic on demand"),
            "abort" => std::process::abort(),
            "hang" => loop {
                std::thread::park();
            },
            "stubborn" => std::thread::sleep(STUBBORN),
            "nan" => report.score = f64::NAN,
            "above_one" => report.score = 1.5,
            "heatmap_size" => {
                let map = Heatmap::covering(luma.width() + 64, luma.height(), 8, |_, _| 0.0);
                report = report.heatmap(map);
            }
            "long_detail" => report = report.detail("x".repeat(LONG_BYTES)),
            "empty_reason" => return Err(NoScore::not_applicable("")),
            "leak" => std::mem::forget(vec![calls as u8 | 1; LEAKED_BYTES]),
            "random" => report.score = (calls % 7) as f64 / 7.0,
            "reads_padding" => {
                report.score = f64::from(luma.samples().last().copied().unwrap_or(0)) / 255.0;
            }
            "breaks_at_the_end_of_its_range" if self.strength == 1.0 => report.score = f64::NAN,
            "counts_detectors" => report.score = (self.number % 7) as f64 / 7.0,
            "reads_undeclared" => report.score = if evidence.rgb().is_ok() { 0.5 } else { 0.25 },
            "needs_undeclared" if evidence.rgb().is_err() => {
                return Err(NoScore::failed("there is no colour"));
            }
            "trusts_files" => trust_file(evidence.encoded()),
            "trusts_facts" => assert!(
                evidence.int_fact(keys::BIT_DEPTH) == Some(8)
                    && evidence.text_fact(keys::FORMAT).is_some(),
                "a fact that cannot be"
            ),
            other if picky::dislikes(other, &luma) => {
                return Err(NoScore::failed("a picture that it dislikes"));
            }
            _ => {}
        }
        Ok(report)
    }
}

/// Follows the segments of a JPEG as if none could be missing.
fn trust_file(file: &[u8]) {
    if file.starts_with(&[0xff, 0xd8]) {
        let length = u16::from_be_bytes([file[4], file[5]]);
        assert_eq!(file[2 + 2 + usize::from(length)], 0xff, "no marker after the first segment");
    }
}
