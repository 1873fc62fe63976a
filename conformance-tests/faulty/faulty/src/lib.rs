// SPDX-License-Identifier: MIT OR Apache-2.0
//! A detector that breaks the contract on demand.
//!
//! How is named by the parameter `behaviour`; with its default, by the environment variable
//! `ASSAY_FAULTY`, for runners that set no parameters. Without either it keeps the contract.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use assay_plugin_api::prelude::*;

const FROM_ENVIRONMENT: &str = "from_environment";
/// A conforming answer, then one behaviour for each way to break the contract.
const BEHAVIOURS: &[&str] = &[
    FROM_ENVIRONMENT,
    "sound",
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
/// Bytes that `leak` keeps of every call.
const LEAKED_BYTES: usize = 64 << 10;
/// Bytes of `long_detail`'s detail.
const LONG_BYTES: usize = 10 << 20;

/// Calls so far in this library; what `random` answers depends on it.
static CALLS: AtomicU64 = AtomicU64::new(0);

struct Faulty {
    behaviour: String,
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
        ModelCard::new("Says nothing about pictures; breaks the contract on demand.")
            .method("None.")
            .limits("For tests.")
            .reference("None.")
    }

    fn params() -> Vec<ParamSpec> {
        let behaviour = ParamSpec::choice("behaviour", FROM_ENVIRONMENT, BEHAVIOURS);
        vec![behaviour.doc("How to break the contract.")]
    }

    fn new(params: &Params) -> Result<Self, String> {
        let behaviour = match params.text("behaviour") {
            FROM_ENVIRONMENT => std::env::var("ASSAY_FAULTY").unwrap_or_else(|_| "sound".into()),
            named => named.to_owned(),
        };
        Ok(Self { behaviour })
    }

    fn detect(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore> {
        let luma = evidence.luma()?;
        let calls = CALLS.fetch_add(1, Ordering::Relaxed);
        let mut report = Report::new(Score::clamped(0.5)).detail("As a conforming detector says.");
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
            _ => {}
        }
        Ok(report)
    }
}

export_detector!(Faulty);
