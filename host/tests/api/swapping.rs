// SPDX-License-Identifier: MIT OR Apache-2.0
//! Other versions of a detector, put into service while requests come.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use base64::prelude::{Engine as _, BASE64_STANDARD};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::json;

use crate::support::{photo, Server};

/// A folder with the template's library, and a server whose seventh detector it is.
struct Swap {
    folder: tempfile::TempDir,
    server: Server,
    key: String,
}

pub(crate) fn built(name: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_assay")).with_file_name(name)
}

impl Swap {
    fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(built("libassay_plugin_template.so"), folder.path().join("libown.so"))
            .unwrap();
        Self::start(folder, more)
    }

    /// The library is in the folder.
    fn start(folder: tempfile::TempDir, more: &str) -> Self {
        let place = folder.path().join("libown.so");
        let place = place.display();
        let slot = format!("\n[[plugin]]\nmodel = \"own\"\nlibrary = \"{place}\"\n{more}");
        let server = Server::start_with(&slot);
        let scopes = ["--scope", "read", "--scope", "analyze", "--plan", "enterprise"];
        let (_, key) = server.key(&scopes);
        Self { folder, server, key }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The same library with a byte more behind it: other bytes, the same detector.
    fn other_version(&self) -> PathBuf {
        let mut bytes = std::fs::read(built("libassay_plugin_template.so")).unwrap();
        bytes.push(0);
        let path = self.path("other.so");
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn plugins(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.env("ASSAY_CONFIG", self.server.data().join("assay.toml"));
        command.arg("plugins").args(arguments).output().unwrap()
    }

    /// The digest of what is in service.
    fn digest(&self) -> String {
        let listed = self.server.get("/v1/detectors", Some(&self.key)).json();
        let all = listed["detectors"].as_array().unwrap();
        let own = all.iter().find(|detector| detector["model"] == "own").unwrap();
        own["digest"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn eventually(&self, what: &str, holds: impl Fn() -> bool) {
        let end = Instant::now() + Duration::from_secs(30);
        while !holds() {
            assert!(Instant::now() < end, "{what}: {}", self.server.everything_said());
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_new_version_serves_without_a_lost_request_and_can_be_rolled_back() {
    let swap = Swap::new("");
    let first = swap.digest();
    let stop = AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let mut seen = BTreeSet::new();
            for seed in 0.. {
                let body = json!({
                    "image_base64": BASE64_STANDARD.encode(photo(seed)),
                    "options": { "models": ["own"] },
                });
                let answer = swap.server.post("/v1/analyze", &swap.key, &body);
                assert_eq!(answer.status, 200, "{}", answer.json());
                let models = answer.json()["model_results"].clone();
                let own = models.as_object().unwrap().values().next().unwrap().clone();
                assert_eq!(own["status"], "complete", "{own}");
                seen.insert(own["digest"].as_str().unwrap().to_owned());
                if stop.load(Ordering::Acquire) {
                    return seen;
                }
            }
            seen
        });
        let other = swap.other_version().display().to_string();
        let installed = swap.plugins(&["install", "own", &other]);
        assert!(installed.status.success(), "{}", text(&installed));
        swap.eventually("the new version serves", || swap.digest() != first);
        let second = swap.digest();
        let back = swap.plugins(&["rollback", "own"]);
        assert!(back.status.success(), "{}", text(&back));
        swap.eventually("the old version serves again", || swap.digest() == first);
        stop.store(true, Ordering::Release);
        (asking.join().unwrap(), second)
    });
    let (seen, second) = seen;
    assert!(seen.contains(&first), "{seen:?}");
    assert!(seen.iter().all(|digest| *digest == first || *digest == second), "{seen:?}");
}

#[test]
fn what_is_no_sound_version_is_refused_and_the_old_one_stays() {
    let swap = Swap::new("");
    let first = swap.digest();
    let whole = std::fs::read(built("libassay_plugin_template.so")).unwrap();
    let cut = swap.path("cut.so");
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let stranger = built("libassay_hostile.so");
    for (file, told) in [(&cut, "cut short"), (&stranger, "is the detector `hostile`")] {
        let refused = swap.plugins(&["install", "own", &file.display().to_string()]);
        assert!(!refused.status.success());
        assert!(text(&refused).contains(told), "{}", text(&refused));
    }
    let never = swap.plugins(&["rollback", "own"]);
    assert!(text(&never).contains("own was not installed anew"), "{}", text(&never));
    // Somebody writes half a library where the configuration has it.
    std::fs::write(swap.path("libown.so"), &whole[..whole.len() / 2]).unwrap();
    swap.server.said("what changed is refused, all stays as it was");
    assert_eq!(swap.digest(), first);
    std::fs::write(swap.path("libown.so"), &whole).unwrap();
    let id = swap.server.process().to_string();
    assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
    swap.server.said("policies and detectors were read anew");
    assert_eq!(swap.digest(), first);
}

#[test]
fn a_version_without_its_pinned_digest_is_refused() {
    let bytes = std::fs::read(built("libassay_plugin_template.so")).unwrap();
    let digest: String = {
        use sha2::{Digest as _, Sha256};
        Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let swap = Swap::new(&format!("sha256 = \"{digest}\"\n"));
    let other = swap.other_version();
    let refused = swap.plugins(&["install", "own", &other.display().to_string()]);
    assert!(text(&refused).contains("expected SHA-256"), "{}", text(&refused));
    std::fs::copy(&other, swap.path("libown.so")).unwrap();
    swap.server.said("expected SHA-256");
    assert_eq!(swap.digest(), digest);
}

fn sign(library: &Path, by: &Ed25519KeyPair) {
    let signature = by.sign(&std::fs::read(library).unwrap());
    let file = library.with_extension("so.sig");
    std::fs::write(file, BASE64_STANDARD.encode(signature.as_ref())).unwrap();
}

#[test]
fn a_version_that_the_configured_key_has_not_signed_is_refused() {
    let [owner, stranger] =
        [1, 2].map(|seed| Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap());
    let signed_by = BASE64_STANDARD.encode(owner.public_key().as_ref());
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("libown.so");
    std::fs::copy(built("libassay_plugin_template.so"), &place).unwrap();
    sign(&place, &owner);
    let swap = Swap::start(folder, &format!("signed_by = \"{signed_by}\"\n"));
    let first = swap.digest();
    let other = swap.other_version();
    let install = || swap.plugins(&["install", "own", &other.display().to_string()]);
    let unsigned = install();
    assert!(text(&unsigned).contains("other.so.sig: cannot be read"), "{}", text(&unsigned));
    sign(&other, &stranger);
    let strange = install();
    assert!(text(&strange).contains("no signature of the library by the configured key"));
    assert_eq!((unsigned.status.code(), strange.status.code()), (Some(2), Some(2)));
    // Past the command, by hand: the server asks for the signature as well.
    std::fs::copy(&other, &place).unwrap();
    swap.server.said("no signature of the library by the configured key");
    assert_eq!(swap.digest(), first);
    std::fs::copy(built("libassay_plugin_template.so"), &place).unwrap();

    sign(&other, &owner);
    let signed = install();
    assert!(signed.status.success(), "{}", text(&signed));
    swap.eventually("the signed version serves", || swap.digest() != first);
    let back = swap.plugins(&["rollback", "own"]);
    assert!(back.status.success(), "{}", text(&back));
    swap.eventually("the old version serves again", || swap.digest() == first);
}

#[test]
fn a_version_that_answers_otherwise_than_its_golden_vectors_is_refused() {
    let swap = Swap::new("");
    let first = swap.digest();
    let other = swap.other_version();
    let name = other.display().to_string();
    let (small, large) = (swap.path("small.jpg"), swap.path("large.jpg"));
    std::fs::write(&small, photo(1)).unwrap();
    std::fs::write(&large, photo(2)).unwrap();
    let pictures = [small, large].map(|picture| picture.display().to_string());
    let written = swap.plugins(&["golden", &name, &pictures[0], &pictures[1]]);
    assert!(written.status.success(), "{}", text(&written));
    let list = swap.path("other.so.golden/vectors.toml");
    let right = std::fs::read_to_string(&list).unwrap();
    assert_eq!(right.matches("[[vector]]").count(), 2, "{right}");

    let install = || swap.plugins(&["install", "own", &name]);
    for (wrong, told) in [
        (right.replacen("score = 0.", "score = 0.00", 1), "expected a score of"),
        (right.replacen("sha256 = \"", "sha256 = \"00", 1), "its SHA-256 is another"),
        (right.replacen("01.jpg", "../small.jpg", 1), "must be a file of the folder itself"),
        (right.replacen("score", "scores", 1), "unknown key `scores`"),
        (String::new(), "at least one [[vector]] table"),
    ] {
        std::fs::write(&list, wrong).unwrap();
        let refused = install();
        assert!(!refused.status.success() && text(&refused).contains(told), "{}", text(&refused));
    }
    std::fs::write(&list, &right).unwrap();
    let installed = install();
    assert!(installed.status.success(), "{}", text(&installed));
    assert!(text(&installed).contains("golden vectors: 2, all as listed"), "{}", text(&installed));
    swap.eventually("the new version serves", || swap.digest() != first);
    // They came along, and go again with their version.
    let of_place = swap.path("libown.so.golden/vectors.toml");
    assert_eq!(std::fs::read_to_string(&of_place).unwrap(), right);
    assert!(swap.plugins(&["rollback", "own"]).status.success());
    assert!(!of_place.exists());
    assert!(swap.path("libown.so.previous.golden/vectors.toml").exists());
}
