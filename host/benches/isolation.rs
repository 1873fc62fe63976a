// SPDX-License-Identifier: MIT OR Apache-2.0
//! What processes of their own cost: decoding and all six detectors here, and apart, on a small picture
//! and on one of 12 MP. Prints medians of turns that alternate, and their ratio.
//!
//! `cargo build --release --workspace && cargo bench -p assay --bench isolation`

#![allow(clippy::print_stdout, clippy::expect_used)] // a program for people

#[allow(dead_code)] // the commands, which other benches time
mod common;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use assay::analysis::{Analyser, AnalysisRequest, Pool};
use assay::config::{Isolation, Settings, Surroundings};
use assay::image::DecodeLimits;
use assay::plugin::Registry;
use assay::policy::Policy;
use assay::worker::{ApartDecoder, Decoder, WorkerSettings};

/// Turns of a picture.
const TURNS: usize = 15;
/// How long one picture may take to decode.
const LONGEST: Duration = Duration::from_secs(60);

struct Way {
    decoder: Decoder,
    analyser: Analyser,
}

fn way(isolation: Isolation) -> Way {
    let executable = Path::new(env!("CARGO_BIN_EXE_assay"));
    let here = Surroundings {
        executable_folder: executable.parent().expect("a folder").to_path_buf(),
        ..Surroundings::of_process()
    };
    let workers = WorkerSettings { program: executable.into(), ..WorkerSettings::default() };
    let mut settings = Settings::load_in(Some(common::config()), &here).expect("shipped");
    settings.workers = workers.clone();
    settings.plugins.iter_mut().for_each(|slot| slot.isolation = isolation);
    let registry = Registry::load(&settings).expect("detectors, built by cargo build");
    let policy = Policy::load("default", &settings.policy_search).expect("the shipped policy");
    let pool = Arc::new(Pool::new(settings.pool_threads).expect("threads"));
    let limits = DecodeLimits::default();
    let decoder = match isolation {
        Isolation::None => Decoder::Here(limits),
        Isolation::Process => {
            let apart = ApartDecoder::start(&workers, limits, LONGEST).expect("a worker");
            Decoder::Apart(Arc::new(apart))
        }
    };
    Way { decoder, analyser: Analyser::new(&registry, Arc::new(policy), pool).expect("fits") }
}

impl Way {
    fn time(&self, file: &[u8]) -> Duration {
        let start = Instant::now();
        let request = AnalysisRequest::default();
        let foreseen = self.analyser.foresees(&request);
        let image = Arc::new(self.decoder.read(file.to_vec(), foreseen).expect("decodes"));
        let outcomes = self.analyser.outcomes(&image, &request);
        let took = start.elapsed();
        assert!(outcomes.is_ok_and(|all| all.iter().all(|one| !one.outcome.is_fault())));
        took
    }
}

fn main() {
    let (here, apart) = (way(Isolation::None), way(Isolation::Process));
    for size in [(320, 240), common::SIZE] {
        let file = common::photograph(size);
        // Warm caches, and spare workers.
        let (_, _) = (here.time(&file), [apart.time(&file), apart.time(&file)]);
        let turns: Vec<_> = (0..TURNS).map(|_| (here.time(&file), apart.time(&file))).collect();
        let (inside, outside): (Vec<_>, Vec<_>) = turns.into_iter().unzip();
        let (inside, outside) = (common::median(inside), common::median(outside));
        let (width, height) = size;
        println!("{width}x{height}: here {inside:?}, apart {outside:?}");
        let ratio = outside.as_secs_f64() / inside.as_secs_f64();
        println!("  apart / here {ratio:.3}, difference {:?}", outside.saturating_sub(inside));
    }
}
