// SPDX-License-Identifier: MIT OR Apache-2.0
//! Networks that were exported from PyTorch, examined through the detector: scores as onnxruntime's,
//! resizing as Pillow's, and errors for what is wrong. `models/make.py` made networks and answers.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers, called by tests only

use std::path::{Path, PathBuf};

use assay_onnx::manifest::{Interpolation, Manifest};
use assay_onnx::resample::resize;
use assay_onnx::{Onnx, DIGEST, FOLDER};
use assay_plugin_api::evidence::Evidence;
use assay_plugin_api::params::Params;
use assay_plugin_api::prelude::*;
use assay_plugin_api::report::Attribute;
use assay_plugin_api::testing::EvidenceBuilder;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// How far a score may be from onnxruntime's.
const TOLERANCE: f64 = 1e-4;

const NORMALISED: &str = "width = 32\nheight = 32\nmean = [0.485, 0.456, 0.406]\n\
                          std = [0.229, 0.224, 0.225]\n";
const FIRST_TILE: &str = "";
const SHORTER: &str = "resize = \"shorter_side\"\nshorter_side = 40\n";
const STRETCHED: &str = "resize = \"stretch\"\ninterpolation = \"bicubic\"\n";

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models")
}

fn golden() -> Json {
    serde_json::from_slice(&std::fs::read(models().join("golden.json")).unwrap()).unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The picture that `make.py` makes too.
fn picture(width: u32, height: u32) -> EvidenceBuilder {
    EvidenceBuilder::rgb(width, height, |x, y| {
        [0, 1, 2].map(|channel| ((x * 3 + y * 5 + channel * 40 + (x * y) / 7) % 256) as u8)
    })
}

/// A folder with a network and a manifest.
struct Folder(TempDir);

impl Folder {
    fn of(network: &str, input: &str, rest: &str) -> Self {
        let weights = std::fs::read(models().join(format!("{network}.onnx"))).unwrap();
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("model.onnx", &weights);
        let sha256 = sha256(&weights);
        folder.write(
            "manifest.toml",
            format!(
                "name = \"trial\"\nfile = \"model.onnx\"\nsha256 = \"{sha256}\"\n\
                 [input]\n{NORMALISED}{input}{rest}"
            ),
        );
        folder
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.0.path().join(name), bytes).unwrap();
    }

    fn manifest(&self) -> String {
        std::fs::read_to_string(self.0.path().join("manifest.toml")).unwrap()
    }

    fn change(&self, from: &str, to: &str) {
        let text = self.manifest();
        assert!(text.contains(from), "{from} in {text}");
        self.write("manifest.toml", text.replace(from, to));
    }

    fn detector(&self) -> Result<Onnx, String> {
        made(&[Attribute::new(FOLDER, self.0.path().to_str().unwrap())])
    }

    fn refusal(&self) -> String {
        self.detector().err().expect("a refusal")
    }

    fn examine(&self, picture: &EvidenceBuilder) -> Result<Report, NoScore> {
        self.detector().unwrap().detect(&Evidence::new(picture.as_source()))
    }
}

fn made(given: &[Attribute]) -> Result<Onnx, String> {
    Onnx::new(&Params::resolve(&Onnx::params(), given)?)
}

fn sigmoid(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

/// The score that onnxruntime's answer stands for.
fn expected(network: &str, view: &str) -> f64 {
    let golden = golden();
    let values = golden["networks"][network][view].as_array().unwrap().clone();
    let values: Vec<f64> = values.iter().map(|value| value.as_f64().unwrap()).collect();
    match (network, values.as_slice()) {
        ("plain", &[logit]) => sigmoid(logit),
        ("residual", &[first, second]) => sigmoid(second - first),
        ("attentive", &[probability]) => probability,
        other => panic!("{other:?}"),
    }
}

fn output(network: &str) -> &'static str {
    match network {
        "plain" => "[output]\nmap = \"sigmoid\"\n",
        "residual" => "[output]\nname = \"answer\"\nmap = \"softmax\"\nindex = 1\n",
        _ => "[output]\nmap = \"probability\"\n",
    }
}

#[test]
fn scores_are_those_of_onnxruntime() {
    for network in ["plain", "residual", "attentive"] {
        let whole = picture(90, 60);
        for (view, input) in [("shorter_side", SHORTER), ("stretched", STRETCHED)] {
            let report = Folder::of(network, input, output(network)).examine(&whole).unwrap();
            let expected = expected(network, view);
            let off = (report.score - expected).abs();
            assert!(off < TOLERANCE, "{network} {view}: {} and {expected}", report.score);
        }
        let tile = picture(32, 32);
        let report = Folder::of(network, FIRST_TILE, output(network)).examine(&tile).unwrap();
        let expected = expected(network, "first_tile");
        assert!((report.score - expected).abs() < TOLERANCE, "{network}: {}", report.score);
    }
}

#[test]
fn resizing_is_that_of_pillow_to_the_bit() {
    let picture = picture(90, 60);
    let source = picture.as_source();
    let evidence = Evidence::new(source);
    let pixels = evidence.rgb().unwrap();
    let golden = golden();
    let resized = golden["resized"].as_object().unwrap();
    assert_eq!(resized.len(), 6);
    for (what, digest) in resized {
        let (kernel, size) = what.split_once(' ').unwrap();
        let (width, height) = size.split_once('x').unwrap();
        let kernel = match kernel {
            "bilinear" => Interpolation::Bilinear,
            _ => Interpolation::Bicubic,
        };
        let (width, height) = (width.parse().unwrap(), height.parse().unwrap());
        let made = resize(&pixels, width, height, kernel, &evidence).unwrap();
        assert_eq!(&Json::from(sha256(&made.samples)), digest, "{what}");
    }
}

#[test]
fn tiles_are_pooled_and_drawn() {
    let tiles = |pool: &str| format!("[tiles]\nstride = 32\n{pool}\n{}", output("plain"));
    let whole = picture(96, 64);
    let run = |pool: &str| Folder::of("plain", "", &tiles(pool)).examine(&whole).unwrap();
    let (mean, top) = (run("pool = \"mean\""), run("pool = \"top\"\ntop = 1"));
    let single = Folder::of("plain", "", output("plain"));
    let of_tile = |left: u32, top: u32| {
        let tile = EvidenceBuilder::rgb(32, 32, |x, y| {
            let (x, y) = (x + left, y + top);
            [0, 1, 2].map(|channel| ((x * 3 + y * 5 + channel * 40 + (x * y) / 7) % 256) as u8)
        });
        single.examine(&tile).unwrap().score
    };
    let scores: Vec<f64> =
        [0, 32].iter().flat_map(|&y| [0, 32, 64].map(|x| of_tile(x, y))).collect();
    let average = scores.iter().sum::<f64>() / 6.0;
    let highest = scores.iter().copied().fold(0.0, f64::max);
    assert!((mean.score - average).abs() < 1e-9, "{} {average}", mean.score);
    assert!((top.score - highest).abs() < 1e-9, "{} {highest}", top.score);
    assert!(highest - average > 1e-3);
    let map = mean.heatmap.into_option().unwrap();
    assert_eq!((map.columns, map.rows, map.cell_px), (6, 4, 16));
    for (cell, value) in map.values.iter().enumerate() {
        let tile = cell / 6 / 2 * 3 + cell % 6 / 2;
        assert!((f64::from(*value) - scores[tile]).abs() < 1e-6, "cell {cell}");
    }
    assert!(top.detail.contains("the 1 highest of 6 tiles"), "{}", top.detail);
}

#[test]
fn layout_channels_range_and_inversion_are_as_the_manifest_says() {
    let tile = picture(32, 32);
    let plain = Folder::of("plain", "", output("plain")).examine(&tile).unwrap();
    let inverted = Folder::of("plain", "", "[output]\nmap = \"sigmoid\"\ninvert = true\n");
    let inverted = inverted.examine(&tile).unwrap();
    assert!((inverted.score - (1.0 - plain.score)).abs() < 1e-12);
    let turned = EvidenceBuilder::rgb(32, 32, |x, y| {
        [2, 1, 0].map(|channel| ((x * 3 + y * 5 + channel * 40 + (x * y) / 7) % 256) as u8)
    });
    let bgr = Folder::of("plain", "channels = \"bgr\"\n", output("plain"));
    assert_eq!(bgr.examine(&turned).unwrap().score, plain.score);
    assert!((bgr.examine(&tile).unwrap().score - plain.score).abs() > 1e-3);
    // The same numbers from another range: (2 v - 1 - (2 m - 1)) / 2 s = (v - m) / s.
    let wide = Folder::of("plain", "range = [-1.0, 1.0]\n", output("plain"));
    wide.change("mean = [0.485, 0.456, 0.406]", "mean = [-0.03, -0.088, -0.188]");
    wide.change("std = [0.229, 0.224, 0.225]", "std = [0.458, 0.448, 0.45]");
    assert!((wide.examine(&tile).unwrap().score - plain.score).abs() < 1e-5);
    let nhwc = Folder::of("plain", "layout = \"nhwc\"\n", output("plain")).refusal();
    assert!(nhwc.contains("takes an input of [1, 3, 32, 32]"), "{nhwc}");
    assert!(nhwc.contains("gives it one input of [1, 32, 32, 3]"), "{nhwc}");
}

#[test]
fn a_calibration_of_assay_calibrate_corrects_the_score() {
    let tile = picture(32, 32);
    let plain = Folder::of("plain", "", output("plain")).examine(&tile).unwrap().score;
    let policy = "name = \"fitted\"\n[detectors.ours.calibration]\nslope = 2.0\noffset = -1.0\n\
                  [detectors.steps.calibration]\nknots = [[0.0, 0.25], [1.0, 0.75]]\n";
    let with = |model: &str| {
        let named = format!(
            "[calibration]\nfile = \"fitted.toml\"\nsha256 = \"{}\"\nmodel = \"{model}\"\n",
            sha256(policy.as_bytes())
        );
        let folder = Folder::of("plain", "", &(output("plain").to_owned() + &named));
        folder.write("fitted.toml", policy);
        folder
    };
    let log_odds = with("ours").examine(&tile).unwrap();
    let expected = sigmoid(2.0 * (plain / (1.0 - plain)).ln() - 1.0);
    assert!((log_odds.score - expected).abs() < 1e-9, "{} {expected}", log_odds.score);
    let steps = with("steps").examine(&tile).unwrap();
    assert!((steps.score - (0.25 + plain / 2.0)).abs() < 1e-9);
    let missing = with("theirs").refusal();
    assert!(missing.contains("has no [detectors.theirs.calibration]"), "{missing}");
}

#[test]
fn a_result_names_the_model_and_its_digests() {
    let folder = Folder::of("plain", "", output("plain"));
    let report = folder.examine(&picture(32, 32)).unwrap();
    let text = |name: &str| {
        let found = report.attributes.iter().find(|a| a.name == name).unwrap();
        match &found.value {
            Value::Text(text) => text.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(text("model"), "trial");
    let weights = std::fs::read(folder.0.path().join("model.onnx")).unwrap();
    assert_eq!(text("model_sha256"), sha256(&weights));
    assert_eq!(text("manifest_sha256"), sha256(folder.manifest().as_bytes()));
}

#[test]
fn what_is_wrong_in_a_manifest_is_named_with_its_line() {
    let cases = [
        ("width = 32", "wide = 32", "line 5", "unknown field `wide`"),
        ("width = 32", "width = 0", "manifest.toml:5", "`width` must be within 1..=4096, found 0"),
        ("width = 32", "width = 32.5", "line 5", "expected u32"),
        ("std = [0.229", "std = [0.0", "manifest.toml:8", "`std` must hold 3 finite numbers"),
        ("mean = [0.485, ", "mean = [", "line 7", "expected"),
        ("file = \"model.onnx\"", "file = \"../model.onnx\"", "manifest.toml:2", "beside"),
        ("name = \"trial\"", "name = \"\"", "manifest.toml:1", "`name` must have 1 to 100 bytes"),
        ("map = \"sigmoid\"", "map = \"sigmoit\"", "line 10", "unknown variant `sigmoit`"),
        ("map = \"sigmoid\"", "map = \"softmax\"", "manifest.toml", "needs `index`"),
        ("map = \"sigmoid\"", "map = \"sigmoid\"\nindex = 1", "model.onnx", "answers 1 values"),
        ("map = \"sigmoid\"", "name = \"no\"\nmap = \"sigmoid\"", "model.onnx", "it has: answer"),
        ("height = 32", "height = 48", "model.onnx", "takes an input of [1, 3, 32, 32]"),
        (
            "[output]",
            "resize = \"stretch\"\n[tiles]\nstride = 8\npool = \"mean\"\n[output]",
            "manifest.toml:11",
            "[tiles] needs a picture larger than the input",
        ),
        (
            "[output]",
            "[tiles]\nstride = 8\npool = \"top\"\n[output]",
            "manifest.toml:11",
            "needs `top`",
        ),
    ];
    for (from, to, place, message) in cases {
        let folder = Folder::of("plain", "", output("plain"));
        folder.change(from, to);
        let found = folder.refusal();
        assert!(found.contains(place) && found.contains(message), "{to}: {found}");
        assert!(found.contains(folder.0.path().to_str().unwrap()), "{found}");
    }
}

#[test]
fn files_are_those_that_the_manifest_and_the_policy_name() {
    let folder = Folder::of("plain", "", output("plain"));
    let mut weights = std::fs::read(folder.0.path().join("model.onnx")).unwrap();
    weights.push(0);
    folder.write("model.onnx", &weights);
    let found = folder.refusal();
    assert!(found.contains(&sha256(&weights)) && found.contains("the manifest says"), "{found}");
    std::fs::remove_file(folder.0.path().join("model.onnx")).unwrap();
    assert!(folder.refusal().contains("model.onnx: cannot be read"), "{}", folder.refusal());

    let folder = Folder::of("plain", "", output("plain"));
    let path = Attribute::new(FOLDER, folder.0.path().to_str().unwrap());
    let pinned = |digest: &str| made(&[path.clone(), Attribute::new(DIGEST, digest)]);
    assert!(pinned(&sha256(folder.manifest().as_bytes())).is_ok());
    let found = pinned(&"0".repeat(64)).err().unwrap();
    assert!(found.contains("the policy says 0000"), "{found}");
    let found = made(&[Attribute::new(DIGEST, "00")]).err().unwrap();
    assert!(found.contains("set both"), "{found}");
}

#[test]
fn without_a_model_or_with_too_small_a_picture_there_is_no_score() {
    let told = picture(64, 64).run::<Onnx>().unwrap_err();
    assert!(matches!(told, NoScore::NotApplicable { .. }), "{told:?}");
    let folder = Folder::of("plain", "", output("plain"));
    let told = folder.examine(&picture(64, 31)).unwrap_err();
    let NoScore::NotApplicable { reason } = told else { panic!("{told:?}") };
    assert!(reason.contains("32x32 px"), "{reason}");
    let told = folder.examine(&picture(64, 64).cancelled()).unwrap_err();
    assert_eq!(told, NoScore::Cancelled);
}

/// A network that no exporter writes.
fn hostile(name: &str) -> Vec<u8> {
    std::fs::read(models().join(format!("hostile/{name}.onnx"))).unwrap()
}

#[test]
fn a_hostile_network_is_an_error_and_nothing_else() {
    let cases = [
        ("infinite", "finite numbers"),
        ("rank", "model.onnx"),
        ("two_inputs", "takes 2 inputs"),
        ("integers", "model.onnx"),
        ("unknown", "model.onnx"),
    ];
    for (name, message) in cases {
        let folder = Folder::of("plain", "", output("plain"));
        let network = hostile(name);
        let before = sha256(&std::fs::read(models().join("plain.onnx")).unwrap());
        folder.change(&before, &sha256(&network));
        folder.write("model.onnx", network);
        let found = std::panic::catch_unwind(|| folder.refusal());
        let found = found.unwrap_or_else(|_| panic!("{name} panics"));
        assert!(found.contains(message), "{name}: {found}");
    }
}

#[test]
fn a_broken_file_is_an_error_wherever_it_breaks() {
    let whole = std::fs::read(models().join("plain.onnx")).unwrap();
    let before = sha256(&whole);
    for cut in (0..whole.len()).step_by(97) {
        let folder = Folder::of("plain", "", output("plain"));
        let mut broken = whole[..cut].to_vec();
        broken.extend(whole[cut..].iter().map(|byte| byte ^ 0x55));
        folder.change(&before, &sha256(&broken));
        folder.write("model.onnx", broken);
        // A panic is caught at the plugin's boundary, as here.
        if let Ok(Ok(detector)) = std::panic::catch_unwind(|| folder.detector()) {
            let picture = picture(32, 32);
            let answer = detector.detect(&Evidence::new(picture.as_source()));
            assert!(answer.is_err() || answer.is_ok_and(|r| (0.0..=1.0).contains(&r.score)));
        }
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_manifest_panic(text in "\\PC*") {
        let _ = Manifest::parse(&text);
    }
}
