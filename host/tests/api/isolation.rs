// SPDX-License-Identifier: MIT OR Apache-2.0
//! Detectors that attack, in a server under load: others are answered, and nothing is left behind.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::support::{photo, Server};

/// Attacks that end the process, hold it, or leave something running.
const ATTACKS: [&str; 6] = ["segfault", "abort", "exit", "forge", "threads", "spin"];

/// A server with a hostile detector, and a policy for each of its attacks.
pub(crate) fn hostile(folder: &Path) -> Server {
    for attack in ATTACKS {
        let policy = format!(
            "name = \"{attack}\"\nversion = \"1\"\nextends = \"default\"\n\
             [detectors.hostile]\ndeadline_ms = 500\nparams = {{ attack = \"{attack}\" }}\n"
        );
        std::fs::write(folder.join(format!("{attack}.toml")), policy).unwrap();
    }
    let library = Path::new(env!("CARGO_BIN_EXE_assay")).with_file_name("libassay_hostile.so");
    Server::start_with(&format!(
        "\n[policies]\nsearch = [\"{}\"]\n\n[[plugin]]\nmodel = \"hostile\"\nlibrary = \"{}\"\n",
        folder.display(),
        library.display()
    ))
}

/// What a policy's detectors say of a photo.
pub(crate) fn ask(server: &Server, key: &str, policy: &str, seed: u64) -> Value {
    let body = json!({
        "image_base64": BASE64_STANDARD.encode(photo(seed)),
        "options": { "policy": policy, "models": ["frequency", "hostile"] },
    });
    let answer = server.post("/v1/analyze", key, &body);
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()
}

/// The processes whose parent is this one: number and state.
fn children(parent: u32) -> Vec<(u32, char)> {
    let stat = |entry: std::fs::DirEntry| {
        let id: u32 = entry.file_name().to_str()?.parse().ok()?;
        let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let (_, after) = text.rsplit_once(") ")?;
        let mut fields = after.split(' ');
        let state = fields.next()?.chars().next()?;
        (fields.next()?.parse() == Ok(parent)).then_some((id, state))
    };
    std::fs::read_dir("/proc").unwrap().flatten().filter_map(stat).collect()
}

/// Waits until something holds.
#[track_caller]
fn eventually(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn attacks_cost_one_answer_of_one_detector_and_leave_no_process_behind() {
    let folder = tempfile::tempdir().unwrap();
    let server = hostile(folder.path());
    let (_, key) = server.key(&["--scope", "read", "--scope", "analyze", "--plan", "enterprise"]);
    let model = |answer: &Value, key: &str| answer["model_results"][key]["status"].clone();
    std::thread::scope(|scope| {
        for (lane, attack) in (0..).zip(ATTACKS) {
            let (server, key) = (&server, &key);
            scope.spawn(move || {
                for turn in 0..4 {
                    let answer = ask(server, key, attack, 100 + lane * 10 + turn);
                    assert_eq!(model(&answer, "frequency_analysis"), "complete", "{answer}");
                }
            });
        }
        for turn in 0..12 {
            let answer = ask(&server, &key, "default", 200 + turn);
            assert_eq!(model(&answer, "frequency_analysis"), "complete", "{answer}");
            assert_eq!(model(&answer, "hostile_test"), "complete", "{answer}");
        }
    });
    assert_eq!(server.get("/healthz", None).status, 200);
    let metrics = String::from_utf8(server.get("/metrics", None).body).unwrap();
    assert!(metrics.contains("assay_worker_faults_total{library=\"libassay_hostile.so\"}"));
    eventually("no zombie is left", || children(server.process()).iter().all(|(_, s)| *s != 'Z'));
    // What waits is stopped, whatever threads were left running in it.
    eventually("who waits is stopped", || {
        children(server.process()).iter().all(|(_, s)| *s == 'T')
    });
    // Threads that were left computing went with their workers, eight with each call.
    let threads = |(id, _): (u32, char)| {
        std::fs::read_dir(format!("/proc/{id}/task")).map_or(0, Iterator::count)
    };
    let most = children(server.process()).into_iter().map(threads).max();
    assert!(most.is_some_and(|most| most < 8), "{most:?} threads in one worker");
    // One for each of the policies' detectors, one for the decoder, a spare of each.
    let count = children(server.process()).len();
    assert!(count <= 2 * (ATTACKS.len() + 3) + 8, "{count} workers");
}

#[test]
fn workers_that_are_killed_are_replaced_and_die_with_their_server() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = hostile(folder.path());
    let (_, key) = server.key(&["--scope", "read", "--scope", "analyze"]);
    ask(&server, &key, "default", 1);
    let killed: Vec<_> = children(server.process()).into_iter().map(|(id, _)| id).collect();
    assert!(!killed.is_empty());
    for id in &killed {
        let status = std::process::Command::new("kill").args(["-9", &id.to_string()]).status();
        assert!(status.unwrap().success());
    }
    let answer = ask(&server, &key, "default", 2);
    assert_eq!(answer["model_results"]["hostile_test"]["status"], "complete", "{answer}");
    let left: Vec<_> = children(server.process()).into_iter().map(|(id, _)| id).collect();
    assert!(left.iter().any(|id| !killed.contains(id)), "{left:?}");
    server.kill();
    let runs = |id: &u32| Path::new(&format!("/proc/{id}/fd")).exists() && is_worker(*id);
    eventually("workers end with their server", || !left.iter().any(runs));
}

#[test]
fn calls_that_end_well_start_no_further_worker() {
    let folder = tempfile::tempdir().unwrap();
    let server = hostile(folder.path());
    let (_, key) = server.key(&["--scope", "read", "--scope", "analyze"]);
    let all =
        || -> BTreeSet<_> { children(server.process()).into_iter().map(|(id, _)| id).collect() };
    // Two calls of each kind, after which there are spares.
    (0..2).for_each(|seed| drop(ask(&server, &key, "default", seed)));
    std::thread::sleep(Duration::from_secs(1));
    let before = all();
    (2..8).for_each(|seed| drop(ask(&server, &key, "default", seed)));
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(all(), before);
}

fn is_worker(id: u32) -> bool {
    let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    line.starts_with(b"assay\0worker")
}
