// SPDX-License-Identifier: MIT OR Apache-2.0
//! What crosses between processes and what is kept: bodies of requests, a form, frames of workers and programs, what stands
//! beside an answer, archives' manifests and results, an operator's network. The first byte chooses the reader.

use std::io::Write as _;

use assay::claim::{Facts, Look};
use assay::eval::manifest::Truth;
use assay::policy::Policy;
use assay::results::record::{Head, KeptPolicy, PictureResult, TierResult, FORM};
use flate2::write::ZlibEncoder;
use flate2::Compression;
use sha2::{Digest as _, Sha256};

use crate::Seeds;

fn chosen(choice: u8, content: impl AsRef<[u8]>) -> Vec<u8> {
    [&[choice], content.as_ref()].concat()
}

/// In the order of `Body::ALL`.
pub(crate) fn bodies() -> Seeds {
    let options = r#""options": {"models": ["noise"], "metadata_analysis": false, "return_heatmap": true,
        "webhook_url": "https://a.example/hook", "policy": "default", "claim": false}"#;
    let analysis = format!(
        r#"{{"image_base64": "data:image/png;base64,iVBORw0KGgo=", "reference_id": "a", {options},
            "context": {{"claimed_at": "2026-03-16"}}}}"#
    );
    let batch = r#"{"images": [{"image_url": "https://a.example/1.jpg", "reference_id": "b"},
        {"image_base64": "AAAA", "context": {"claimed_at": "2026-03-16T14:23:11Z"}}],
        "options": {"claim": true}, "webhook_url": "https://a.example/hook", "batch_reference_id": "c"}"#;
    let key = r#"{"environment": "staging", "scopes": ["read"], "endpoints": ["/v1/batches"],
        "allow_ips": ["192.0.2.0/24"], "expires_at": "2099-01-01T00:00:00Z"}"#;
    vec![
        ("analysis", chosen(0, analysis)),
        ("address", chosen(0, r#"{"image_url": "https://a.example/1.jpg", "options": null}"#)),
        ("batch", chosen(1, batch)),
        ("key", chosen(2, key)),
        ("restriction", chosen(3, r#"{"endpoints": [], "allow_ips": ["2001:db8::/32"]}"#)),
        ("rotation", chosen(4, r#"{"overlap_seconds": 60}"#)),
        ("nothing", chosen(4, "null")),
    ]
}

/// With the boundary `x`.
pub(crate) fn forms() -> Seeds {
    let part = |name: &str, value: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let image = "--x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\
        Content-Type: image/png\r\n\r\nabc\r\n";
    let rest = [
        part("options", r#"{"models": ["all"], "webhook_url": "https://a.example/hook"}"#),
        part("reference_id", "a"),
        part("context", r#"{"claimed_at": "2026-03-16"}"#),
    ];
    let whole = format!("{image}{}--x--\r\n", rest.concat());
    vec![("whole", whole.into()), ("image", format!("{image}--x--\r\n").into())]
}

/// A worker's answers, a worker's tasks, a program's answers.
pub(crate) fn frames() -> Seeds {
    let text = |text: &str| {
        let length = u32::try_from(text.len()).unwrap().to_le_bytes();
        [&length[..], text.as_bytes()].concat()
    };
    let number = |number: u32| number.to_le_bytes().to_vec();
    // A report: score, no label, detail, one finding with a value and a region, an attribute, a heatmap of 2 x 1 cells.
    let report = [
        vec![4, 1],
        0.75_f64.to_le_bytes().to_vec(),
        vec![0],
        text("seen"),
        number(1),
        text("noise.seen"),
        vec![2],
        text("It was seen."),
        number(1),
        text("share"),
        vec![3],
        0.5_f64.to_le_bytes().to_vec(),
        number(1),
        [1, 2, 3, 4].map(number).concat(),
        number(1),
        text("blocks"),
        vec![2],
        7_i64.to_le_bytes().to_vec(),
        vec![1],
        [2, 1, 320].map(number).concat(),
        number(2),
        [0.0_f32, 1.0].map(f32::to_le_bytes).concat(),
    ];
    let lent = [&[4, 1][..], &number(640), &number(480), &307_200_u64.to_le_bytes()].concat();
    let hello = r#"{"type": "hello", "protocol": 1, "id": "edges", "version": "1", "kind": "manipulation"}"#;
    let answer = r#"{"type": "report", "score": 0.5, "detail": "seen", "findings": [{"code": "edges.seen",
        "severity": "notice", "text": "It was seen.", "values": {"a": 1, "b": 0.5, "c": null, "d": "e", "f": true},
        "regions": [{"x": 0, "y": 0, "width": 9, "height": 9}]}], "attributes": {"blocks": 7},
        "heatmap": {"cell_px": 320, "values": [0, 0.5, 1, 0]}}"#;
    vec![
        ("report", chosen(0, report.concat())),
        ("no-score", chosen(0, [&[4, 0, 0][..], &text("too small")].concat())),
        ("refused", chosen(0, [&[1, 0][..], &text("no library")].concat())),
        ("undecoded", chosen(0, [&[5, 0, 7, 1][..], &text("cut off")].concat())),
        ("want", chosen(0, [3, 1])),
        ("load", chosen(1, [&[1][..], &text("libassay_noise.so")].concat())),
        ("lent", chosen(1, lent)),
        ("hello", chosen(2, hello)),
        ("answer", chosen(2, answer)),
        ("not-applicable", chosen(2, r#"{"type": "not_applicable", "reason": "too small"}"#)),
    ]
}

/// Where something was seen, how it came to be, a fingerprint.
pub(crate) fn kept() -> Seeds {
    let heat = r#"{"width": 40, "height": 20, "columns": 3, "rows": 2, "cell_px": 16,
        "heats": [0, 255, 3, 4, 5, 6]}"#;
    let numbers = [40_u32, 20, 3, 2, 16].map(u32::to_le_bytes).concat();
    let mut packed = ZlibEncoder::new([vec![1], numbers].concat(), Compression::default());
    packed.write_all(&[0, 255, 3, 4, 5, 6]).unwrap();
    let derivation = r#"{"form": 1, "decoder": 1,
        "asked": {"models": ["all"], "metadata_analysis": true, "claimed_at": "2026-03-16"},
        "answers": [{"id": "noise", "model_key": "noise", "result_key": "noise_analysis", "title": "Noise",
        "kind": "manipulation", "version": "1", "digest": "00", "said": {"answered": {"status": "scored",
        "score": "0.25", "label": "SUSPICIOUS", "findings": [{"code": "noise.seen", "severity": "notice",
        "values": [["share", {"real": "0.5"}], ["none", "null"]]}]}}}],
        "copies": [{"copy": "resized", "answers": {"Err": "too small"}},
        {"copy": "recompressed", "answers": {"Ok": []}}]}"#;
    // Stripes, so that there are corners.
    let luma: Vec<u8> =
        (0..128 * 128).map(|at| if (at / 8 + at / 1024) % 2 == 0 { 20 } else { 220 }).collect();
    let digest = Sha256::digest(b"a file").into();
    let fingerprint = Look::of(digest, &luma, (128, 128)).with(Facts::default());
    vec![
        ("heat", chosen(0, packed.finish().unwrap())),
        ("heat-of-earlier-versions", chosen(0, heat)),
        ("derivation", chosen(1, derivation)),
        ("fingerprint", chosen(2, fingerprint.to_bytes())),
    ]
}

/// Results, a manifest that is CSV, one that is not.
pub(crate) fn archives() -> Seeds {
    let policy =
        Policy::parse("name = \"made\"\nversion = \"1\"\nextends = \"default\"\n", "made.toml");
    let head = Head {
        form: FORM,
        assay_version: "0.1.0".into(),
        collection: "made".into(),
        held_out: String::new(),
        policy: KeptPolicy::of(&policy.unwrap()).unwrap(),
        detectors: Vec::new(),
        tiers: vec!["original".into()],
    };
    let picture = PictureResult {
        path: "a.jpg".into(),
        sha256: None,
        truth: Truth::Authentic,
        group: "g".into(),
        source: "s".into(),
        kind: "web".into(),
        fold: None,
        tiers: vec![TierResult::Failed("cut off".into())],
    };
    let lines = [serde_json::to_string(&head), serde_json::to_string(&picture)];
    let results = lines.map(Result::unwrap).join("\n");
    vec![
        ("results", chosen(0, results)),
        ("table", chosen(1, "label,path\nreal,a.jpg\nforged,\"b, c.png\"\n")),
        ("lines", chosen(2, "a.jpg\r\nb/c.png\n")),
    ]
}

/// A manifest, and the smallest network that the detector's tests have.
pub(crate) fn networks_of_operators() -> Seeds {
    let manifest = "name = \"made\"\nfile = \"model.onnx\"\nsha256 = \"\
        0000000000000000000000000000000000000000000000000000000000000000\"\n[input]\nwidth = 32\nheight = 32\n\
        mean = [0.485, 0.456, 0.406]\nstd = [0.229, 0.224, 0.225]\nresize = \"shorter_side\"\nshorter_side = 40\n\
        [tiles]\nstride = 16\npool = \"top\"\ntop = 3\n[output]\nmap = \"sigmoid\"\n";
    let plain = concat!(env!("CARGO_MANIFEST_DIR"), "/../plugins/onnx/tests/models/plain.onnx");
    vec![("manifest", chosen(0, manifest)), ("network", chosen(1, std::fs::read(plain).unwrap()))]
}
