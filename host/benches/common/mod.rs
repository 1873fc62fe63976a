// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the benches of whole commands share: a camera's file, and timing.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use assay_conformance::synth::codec::Jpeg;
use assay_conformance::synth::{Camera, Scene};

/// Size of a 12-megapixel picture, px.
pub(crate) const SIZE: (usize, usize) = (4000, 3000);

/// A photograph of the synthetic camera of this width and height, JPEG 90.
pub(crate) fn photograph((width, height): (usize, usize)) -> Vec<u8> {
    let picture = Camera::with_body(1).shoot(&Scene::new(1).light(width, height), 1);
    Jpeg::quality(90).encode(&picture).expect("encodes")
}

/// The shipped configuration.
pub(crate) fn config() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/assay.toml"))
}

/// `assay` with the shipped configuration.
pub(crate) fn assay() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.arg("--config").arg(config());
    command
}

/// How long a command takes.
pub(crate) fn time(command: &mut Command) -> Duration {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).status();
    let took = start.elapsed();
    assert!(status.is_ok_and(|status| status.success()), "{command:?} failed");
    took
}

/// The middle of some times.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
