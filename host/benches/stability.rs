// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a policy's stability check costs: `assay analyze` on a camera's 12-megapixel JPEG with the
//! check and without it, alternately in one run. Prints the ratio of the medians.
//!
//! `cargo build --release --workspace && cargo bench -p assay --bench stability`

#![allow(clippy::print_stdout, clippy::expect_used)] // a program for people

mod common;

use std::path::Path;

use common::{assay, median, photograph, time, SIZE};
use serde_json::Value;

const ROUNDS: usize = 7;

/// The default policy with bands so wide that every verdict is AUTHENTIC: an INCONCLUSIVE one would
/// not be checked.
const WIDE: &str = "name = \"wide\"\nversion = \"1\"\nextends = \"default\"\n\
    [verdict]\nai_generated = 0.99\nmanipulated = 0.99\nauthentic_below = 0.98\n\
    [risk]\nmedium = 0.98\nhigh = 0.99\n";

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("writes");
    path.display().to_string()
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = write(folder.path(), "photograph.jpg", photograph(SIZE));
    let without = write(folder.path(), "without.toml", WIDE);
    let checking = format!("{WIDE}[stability]\nenabled = true\n");
    let with = write(folder.path(), "with.toml", checking);
    let analyze = |policy: &str| {
        let mut command = assay();
        command.args(["analyze", "--format", "jsonl", "--policy", policy, &file]);
        command
    };
    let output = analyze(&with).output().expect("runs");
    let answer: Value = serde_json::from_slice(&output.stdout).expect("an answer");
    let (mut plain, mut checked) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        plain.push(time(&mut analyze(&without)));
        checked.push(time(&mut analyze(&with)));
    }
    let (plain, checked) = (median(plain), median(checked));
    println!("file           {}x{}", SIZE.0, SIZE.1);
    println!("run again      {}", answer["stability"]["detectors"]);
    println!("without check  {plain:?}");
    println!("with check     {checked:?}");
    println!("ratio          {:.2}", checked.as_secs_f64() / plain.as_secs_f64());
}
