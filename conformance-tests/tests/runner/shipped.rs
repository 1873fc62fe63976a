// SPDX-License-Identifier: MIT OR Apache-2.0
//! The shipped detectors and the template keep the whole contract.

use super::support::{library, runner};

fn conforms(name: &str) {
    let path = library(name).display().to_string();
    let run = runner(&["plugin", &path, "--format", "json", "--timeout", "300"], None);
    let report = run.json();
    let not_passed: Vec<_> = report["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["status"] != "success")
        .map(|case| format!("{}: {}", case["id"], case["message"]))
        .collect();
    assert_eq!((run.code, not_passed), (0, Vec::new()), "{name}");
}

#[test]
fn gan_conforms() {
    conforms("assay_gan");
}

#[test]
fn diffusion_conforms() {
    conforms("assay_diffusion");
}

#[test]
fn noise_conforms() {
    conforms("assay_noise");
}

#[test]
fn metadata_conforms() {
    conforms("assay_metadata");
}

#[test]
fn frequency_conforms() {
    conforms("assay_frequency");
}

#[test]
fn splicing_conforms() {
    conforms("assay_splicing");
}

#[test]
fn the_template_conforms() {
    conforms("assay_plugin_template");
}
