// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the files of docs/deploy name is there: options, variables, libraries, paths, versions.

use std::path::Path;

use crate::support::Bench;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The manifests, all of them one text.
fn manifests() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/deploy/kubernetes");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|file| std::fs::read_to_string(file).unwrap()).collect::<Vec<_>>().join("\n---\n")
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
    let known = [help("serve"), help("worker"), help("doctor")].join("\n");
    let unit = file("docs/deploy/assay.service");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/assay "));
    assert!(start.unwrap().starts_with("serve "));
    let container = file("docs/deploy/Containerfile");
    let arguments = container.lines().find(|line| line.starts_with("CMD")).unwrap();
    let of_pods = manifests();
    let of_pods = of_pods.lines().filter(|line| line.trim_start().starts_with("args:"));
    let texts: Vec<_> =
        of_pods.map(str::to_owned).chain([start.unwrap().into(), arguments.into()]).collect();
    let mut options = 0;
    for text in &texts {
        for option in words(text, "--") {
            options += 1;
            assert!(known.contains(option), "{option} of {text}");
        }
    }
    assert!(options >= 6, "{texts:?}");
    for text in [unit, container, manifests()] {
        for variable in words(&text, "ASSAY_") {
            let variable = variable.trim_end_matches(|c: char| !c.is_ascii_uppercase());
            assert!(known.contains(&format!("[env: {variable}")), "{variable}");
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
    let pods: toml::Table = pods_configuration().parse().unwrap();
    assert_eq!(pods["plugin"], config["plugin"]);
    for slot in config["plugin"].as_array().unwrap() {
        let package = slot["library"].as_str().unwrap().replace('_', "-");
        assert!(container.contains(&format!("-p {package} ")), "{package}");
    }
}

/// The configuration in the pods' ConfigMap.
fn pods_configuration() -> String {
    let text = file("docs/deploy/kubernetes/settings.yaml");
    let (_, behind) = text.split_once("  assay.toml: |\n").unwrap();
    let lines = behind.lines().take_while(|line| line.is_empty() || line.starts_with("    "));
    lines.map(|line| format!("{}\n", line.trim_start())).collect()
}

#[test]
fn the_pods_configuration_can_be_read() {
    let bench = Bench::new();
    let config = bench.write("assay.toml", pods_configuration());
    let run = bench.assay(&["--config", &config, "doctor"]);
    // Its folder of libraries is that of the image; all else is as it is read.
    let is_read = |line: &str| line.starts_with("ok       configuration");
    assert!(run.out.lines().next().is_some_and(is_read), "{}", run.out);
    assert!(run.out.contains("/usr/lib/assay"), "{}", run.out);
}
