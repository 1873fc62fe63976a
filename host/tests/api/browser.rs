// SPDX-License-Identifier: MIT OR Apache-2.0
//! The dashboard in a real browser: the stories of `host/tests/browser`.

use std::path::{Path, PathBuf};
use std::process::Command;

use assay_conformance::synth::forgery::SplicedJpeg;
use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::json;

use crate::programs::find;
use crate::receiver::Receiver;
use crate::support::{photo, Server};

/// Where the stories are, if what they need was installed there.
#[allow(clippy::print_stderr)] // for whoever runs the tests
fn stories() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    if folder.join("node_modules").is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "npm ci was not run in {}", folder.display());
    eprintln!("left out: run npm ci in {}", folder.display());
    None
}

#[test]
fn people_find_their_way_in_a_browser() {
    let (Some(node), Some(chromium), Some(stories)) = (find("node"), find("chromium"), stories())
    else {
        return;
    };
    let receiver = Receiver::start();
    let server = Server::start_arguments(&["--allow-net", "127.0.0.0/8"]);
    let scopes = ["--scope", "admin", "--scope", "read", "--scope", "analyze"];
    let (_, key) = server.key(&[&scopes[..], &["--plan", "enterprise"]].concat());
    // Something on every page.
    let image = |seed| BASE64_STANDARD.encode(photo(seed));
    let claim = json!({ "image_base64": image(811), "reference_id": "claim-7/front" });
    assert_eq!(server.post("/v1/analyze", &key, &claim).status, 200);
    let options = json!({ "webhook_url": receiver.url("/hook") });
    let told = json!({ "image_base64": image(812), "options": options });
    assert_eq!(server.post("/v1/analyze", &key, &told).status, 202);
    let batch = json!({ "images": [{ "image_base64": image(813) }] });
    let batch = server.post("/v1/analyze/batch", &key, &batch).json();
    server.finished_batch(&key, batch["batch_id"].as_str().unwrap());
    receiver.wait_for("/hook", 1);

    let files = tempfile::tempdir().unwrap();
    let picture = files.path().join("photo.jpg");
    std::fs::write(&picture, photo(814)).unwrap();
    // Beside it one in which something is found.
    let (forged, _) = SplicedJpeg::new(1, 800, 600).make().unwrap();
    std::fs::write(files.path().join("forged.jpg"), forged).unwrap();
    let address = format!("http://{}", server.address());
    let mut command = Command::new(node);
    command.current_dir(stories).env("CHROMIUM", chromium);
    command.args(["run.mjs", &address, &key]).arg(picture);
    // Where somebody wants to look at what it saw.
    command.args(std::env::var_os("ASSAY_SCREENSHOTS"));
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{errors}");
}
