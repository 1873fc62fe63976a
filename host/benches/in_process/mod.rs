// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the benches share that time detectors within one process.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use assay::analysis::{Analyser, AnalysisRequest, Models, Pool};
use assay::config::{Settings, Surroundings};
use assay::image::evidence::ImageEvidence;
use assay::image::DecodeLimits;
use assay::plugin::Registry;
use assay::policy::Policy;

/// libjpeg-turbo's decoder.
pub(crate) fn djpeg(file: &Path) -> Command {
    let mut command = Command::new("djpeg");
    command.args(["-outfile", "/dev/null"]).arg(file);
    command
}

/// Whether it is on the path and reads the file.
pub(crate) fn has_djpeg(file: &Path) -> bool {
    djpeg(file).status().is_ok_and(|status| status.success())
}

/// Our own decoder, and how long it takes.
pub(crate) fn decode(jpeg: &[u8]) -> (Duration, ImageEvidence) {
    let start = Instant::now();
    let image = ImageEvidence::from_bytes(jpeg.to_vec(), &DecodeLimits::default());
    (start.elapsed(), image.expect("decodes"))
}

/// The shipped detectors, beside the executable.
pub(crate) fn analyser(config: &Path) -> Analyser {
    let executable = Path::new(env!("CARGO_BIN_EXE_assay"));
    let here = Surroundings {
        executable_folder: executable.parent().expect("a folder").to_path_buf(),
        ..Surroundings::of_process()
    };
    let settings = Settings::load_in(Some(config), &here).expect("the shipped configuration");
    let registry = Registry::load(&settings).expect("detectors, built by cargo build");
    let policy = Policy::load("default", &settings.policy_search).expect("the shipped policy");
    let pool = Pool::new(settings.pool_threads).expect("threads");
    Analyser::new(&registry, Arc::new(policy), Arc::new(pool)).expect("a policy that fits")
}

/// A request for some detectors, named with commas between.
pub(crate) fn request(names: &str) -> AnalysisRequest {
    AnalysisRequest {
        models: Models::Named(names.split(',').map(str::to_owned).collect()),
        ..AnalysisRequest::default()
    }
}

/// How long the detectors of a request take, all of which must answer.
pub(crate) fn answer(
    analyser: &Analyser,
    image: &Arc<ImageEvidence>,
    request: &AnalysisRequest,
) -> Duration {
    let start = Instant::now();
    let outcomes = analyser.outcomes(image, request);
    let took = start.elapsed();
    let all_scored = outcomes.is_ok_and(|all| all.iter().all(|one| one.outcome.score().is_some()));
    assert!(all_scored, "a detector gave no score");
    took
}
