// SPDX-License-Identifier: MIT OR Apache-2.0
//! What those who ask for sound detectors notice of a detector that attacks: the slowest one in a hundred
//! of their answers, alone, beside two who ask for a sound detector in a process of its own, and beside
//! two who ask for one that crashes, forges, leaves threads behind and spins. All in one run, which fails where attacks
//! make it more than twice as slow as alone.
//!
//! `cargo build --release --workspace && cargo bench -p assay --bench beside`

#![allow(clippy::print_stdout, clippy::expect_used)] // a program for people

#[allow(dead_code)] // the commands, which other benches time
mod common;

use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use assay::analysis::{Analyser, AnalysisRequest, Models, Pool};
use assay::config::{Code, Isolation, PluginSlot, Settings, Surroundings};
use assay::image::evidence::ImageEvidence;
use assay::image::DecodeLimits;
use assay::plugin::Registry;
use assay::policy::Policy;

/// Answers of each part: the slowest one in a hundred is the third slowest.
const TURNS: usize = 300;
/// What attacks, by turns.
const ATTACKS: [&str; 5] = ["segfault", "abort", "forge", "threads", "spin"];
/// Who asks for other detectors meanwhile.
const OTHERS: usize = 2;
/// How many times as long as alone the slowest one in a hundred may take beside attacks.
const MOST_TIMES: u32 = 2;

fn main() -> ExitCode {
    let executable = Path::new(env!("CARGO_BIN_EXE_assay"));
    let folder = executable.parent().expect("a folder");
    let here = Surroundings { executable_folder: folder.into(), ..Surroundings::of_process() };
    let mut settings = Settings::load_in(Some(common::config()), &here).expect("shipped");
    settings.workers.program = executable.into();
    settings.plugins.push(PluginSlot {
        model: "hostile".into(),
        code: Code::Library(folder.join("libassay_hostile.so").display().to_string()),
        result_key: None,
        title: None,
        kind: None,
        sha256: None,
        signed_by: None,
        isolation: Isolation::Process,
    });
    let registry = Registry::load(&settings).expect("detectors, built by cargo build");
    let pool = Arc::new(Pool::new(settings.pool_threads).expect("threads"));
    let policies = tempfile::tempdir().expect("a folder");
    let analyser = |attack: &str| {
        let text = format!(
            "name = \"{attack}\"\nversion = \"1\"\nextends = \"default\"\n\
             [detectors.hostile]\ndeadline_ms = 500\nparams = {{ attack = \"{attack}\" }}\n"
        );
        let file = policies.path().join(format!("{attack}.toml"));
        std::fs::write(&file, text).expect("written");
        let policy = Policy::load(&file.display().to_string(), &[]).expect("a policy");
        Analyser::new(&registry, Arc::new(policy), Arc::clone(&pool)).expect("fits")
    };
    let sound = [analyser("sound")];
    let attacking = ATTACKS.map(analyser);
    let file = common::photograph((400, 320));
    let image = ImageEvidence::from_bytes(file, &DecodeLimits::default()).expect("decodes");
    let image = Arc::new(image);
    let [own, ..] = &sound;
    let [alone, _, attacked] = [
        ("alone", None),
        ("beside sound ones", Some(&sound[..])),
        ("beside attacks", Some(&attacking)),
    ]
    .map(|(what, others)| {
        let (middle, slowest) = beside(own, &image, others.unwrap_or_default());
        println!("{what:18} median {middle:?}, 99 of 100 within {slowest:?}");
        slowest
    });
    if attacked > alone * MOST_TIMES {
        println!("attacks make others more than {MOST_TIMES} times as slow");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn ask(analyser: &Analyser, image: &Arc<ImageEvidence>, models: &[&str]) -> bool {
    let models = models.iter().map(|&model| model.into()).collect();
    let request = AnalysisRequest { models: Models::Named(models), ..AnalysisRequest::default() };
    let outcomes = analyser.outcomes(image, &request).expect("a right request");
    outcomes.iter().all(|one| !one.outcome.is_fault())
}

/// Times answers while others ask: the middle one and the one that 99 of 100 are within.
fn beside(own: &Analyser, image: &Arc<ImageEvidence>, others: &[Analyser]) -> (Duration, Duration) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for lane in 0..OTHERS.min(others.len() * OTHERS) {
            let stop = &stop;
            scope.spawn(move || {
                for other in others.iter().cycle().skip(lane) {
                    ask(other, image, &["hostile"]);
                    if stop.load(Ordering::Acquire) {
                        return;
                    }
                }
            });
        }
        let mut times: Vec<_> = (0..TURNS)
            .map(|_| {
                let start = Instant::now();
                assert!(ask(own, image, &["frequency", "noise"]));
                start.elapsed()
            })
            .collect();
        stop.store(true, Ordering::Release);
        times.sort();
        (times[TURNS / 2], times[TURNS * 99 / 100])
    })
}
