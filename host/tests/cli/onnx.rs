// SPDX-License-Identifier: MIT OR Apache-2.0
//! Networks that an operator brings, in the pipeline: two of them at once under names of their own, closed
//! in, and bounded in memory.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::support::{library, photo, shipped, Bench};

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/onnx/tests/models")
}

/// A folder with a network of the plugin's tests and a manifest.
fn model(bench: &Bench, name: &str, network: &str, rest: &str) -> String {
    let weights = std::fs::read(models().join(format!("{network}.onnx"))).unwrap();
    let sha256: String = Sha256::digest(&weights).iter().map(|b| format!("{b:02x}")).collect();
    bench.write(&format!("{name}/model.onnx"), &weights);
    let manifest = format!(
        "name = \"{name}\"\nfile = \"model.onnx\"\nsha256 = \"{sha256}\"\n\
         [input]\nwidth = 32\nheight = 32\n{rest}"
    );
    bench.write(&format!("{name}/manifest.toml"), manifest);
    bench.path(name).display().to_string()
}

fn slots(bench: &Bench, more: &str) -> String {
    let config = std::fs::read_to_string(shipped("assay.toml")).unwrap();
    let config = config.replace("[plugins]\n", "[plugins]\nmemory_megabytes = 1024\n");
    let library = library("assay_onnx").display().to_string();
    let slot = |model: &str, more: &str| {
        format!("\n[[plugin]]\nmodel = \"{model}\"\nlibrary = \"{library}\"\n{more}\n")
    };
    let first = slot("onnx", "");
    let second = slot(
        "edits",
        "result_key = \"edits_detection\"\nkind = \"manipulation\"\ntitle = \"Our network\"",
    );
    bench.write("assay.toml", config + &first + &second + more)
}

#[test]
fn two_networks_run_at_once_under_names_of_their_own() {
    let bench = Bench::new();
    let whole = "resize = \"stretch\"\n[output]\nmap = \"sigmoid\"\n";
    let tiled = "[tiles]\nstride = 32\npool = \"top\"\ntop = 2\n\
                 [output]\nmap = \"softmax\"\nindex = 1\n";
    let (first, second) =
        (model(&bench, "whole", "plain", whole), model(&bench, "tiled", "residual", tiled));
    let config = slots(&bench, "");
    let policy = bench.write(
        "trial.toml",
        format!(
            "name = \"trial\"\nversion = \"1\"\nextends = \"default\"\n\
             detectors.onnx.params.folder = \"{first}\"\n\
             detectors.edits.params.folder = \"{second}\"\n"
        ),
    );
    let picture = bench.write("photo.jpg", photo(300, 240, 3));
    let arguments = ["--config", &config, "--policy", &policy, "--models", "onnx,edits", &picture];
    let result = bench.results(&arguments).remove(0);
    let (onnx, edits) =
        (&result["model_results"]["onnx_detection"], &result["model_results"]["edits_detection"]);
    assert_eq!(onnx["model"], "whole", "{result}");
    assert_eq!(edits["model"], "tiled", "{result}");
    assert_eq!(edits["tiles"], 63, "9 columns and 7 rows; 10 and 8 are more than 64");
    assert_eq!(edits["model_sha256"].as_str().map(str::len), Some(64));
    assert_ne!(onnx["score"], edits["score"]);
    let told = bench.assay(&[&["analyze"], &arguments[..]].concat());
    assert!(told.out.contains("Our network"), "{}{}", told.out, told.err);
}

#[test]
fn without_a_folder_it_abstains_and_with_a_wrong_one_it_is_refused() {
    let bench = Bench::new();
    let config = slots(&bench, "");
    let picture = bench.write("photo.jpg", photo(300, 240, 3));
    let result = bench.results(&["--config", &config, "--models", "frequency,onnx", &picture]);
    let onnx = &result[0]["model_results"]["onnx_detection"];
    assert_eq!(onnx["status"], "not_applicable", "{onnx}");
    let refused = |folder: &str| {
        let policy = bench.write(
            "trial.toml",
            format!(
                "name = \"trial\"\nversion = \"1\"\nextends = \"default\"\n\
                 detectors.onnx.params.folder = \"{folder}\"\n"
            ),
        );
        let run = bench.assay(&["analyze", "--config", &config, "--policy", &policy, &picture]);
        assert_eq!(run.code, 2, "{}{}", run.out, run.err);
        run.err
    };
    let missing = refused("nowhere");
    assert!(missing.contains("nowhere/manifest.toml: cannot be read"), "{missing}");
    let folder =
        model(&bench, "odd", "plain", "resize = \"squeeze\"\n[output]\nmap = \"sigmoid\"\n");
    let odd = refused(&folder);
    assert!(odd.contains("line 7") && odd.contains("unknown variant `squeeze`"), "{odd}");
    // A network that wants four terabytes ends its own process.
    let folder = model(&bench, "huge", "hostile/huge", "[output]\nmap = \"sigmoid\"\n");
    let huge = refused(&folder);
    assert!(huge.contains("assay_onnx"), "{huge}");
}
