// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the files of docs/deploy name is there: options, variables, libraries, paths, versions.

use std::path::Path;

use crate::support::Bench;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Words of a text that begin so, without what encloses them.
fn words<'a>(text: &'a str, begin: &'a str) -> impl Iterator<Item = &'a str> {
    let words = text.split(|c: char| c.is_whitespace() || "=\",[]{}:'".contains(c));
    words.filter(move |word| word.starts_with(begin) && word.len() > begin.len())
}

#[test]
fn options_and_variables_that_deployments_give_are_known() {
    let bench = Bench::new();
    let help = |command: &str| bench.assay(&[command, "--help"]).out;
    let known = [help("serve"), help("doctor"), help("keys")].join("\n");
    let unit = file("docs/deploy/assay.service");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/assay "));
    assert!(start.unwrap().starts_with("serve "));
    let container = file("docs/deploy/Containerfile");
    let arguments = container.lines().find(|line| line.starts_with("CMD")).unwrap();
    let texts = [start.unwrap(), arguments];
    let mut options = 0;
    for text in texts {
        for option in words(text, "--") {
            options += 1;
            assert!(known.contains(option), "{option} of {text}");
        }
    }
    assert_eq!(options, 4);
    for text in [&unit, &container] {
        for variable in words(text, "ASSAY_") {
            assert!(known.contains(&format!("[env: {variable}=")), "{variable}");
        }
    }
}

#[test]
fn the_image_has_the_compiler_and_the_detectors_that_are_needed() {
    let container = file("docs/deploy/Containerfile");
    let manifest: toml::Table = file("Cargo.toml").parse().unwrap();
    let version = manifest["workspace"]["package"]["rust-version"].as_str().unwrap();
    assert!(container.contains(&format!("/rust:{version}-")), "{version}");
    let config: toml::Table = file("config/assay.toml").parse().unwrap();
    for slot in config["plugin"].as_array().unwrap() {
        let package = slot["library"].as_str().unwrap().replace('_', "-");
        assert!(container.contains(&format!("-p {package} ")), "{package}");
    }
}
