// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where images wait for their job: a bucket of a server that speaks S3 and checks signatures, a folder that
//! is shared, the data directory.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use assay_test_bucket::Server as Buckets;
use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::support::{photo, Answer, Server};

const ARGUMENTS: [&str; 2] = ["--blobs", "s3://pictures/waiting/here"];

fn batch(seeds: std::ops::Range<u64>) -> Value {
    let image = |seed| json!({ "image_base64": BASE64_STANDARD.encode(photo(seed)) });
    let images: Vec<_> = seeds.map(image).collect();
    json!({ "images": images, "options": { "models": ["noise", "metadata"] } })
}

fn accepted(server: &Server, key: &str, body: &Value) -> String {
    let answer = server.post("/v1/analyze/batch", key, body);
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer.json()["batch_id"].as_str().unwrap().to_owned()
}

/// The files below a folder that hold something.
fn files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let entries = entries.map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}

/// Waits until the server says that it can work, or why not.
fn wait_until(server: &Server, is_it: impl Fn(&Answer) -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let answer = server.get("/readyz", None);
        if is_it(&answer) {
            return;
        }
        assert!(Instant::now() < end, "{}: {}", answer.text(), server.everything_said());
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn images_wait_in_a_bucket_survive_the_process_and_are_gone_when_they_are_done() {
    let root = tempfile::tempdir().unwrap();
    let buckets = Buckets::start(root.path(), &["pictures"]).unwrap();
    let mut server = Server::start_in_environment(&buckets.environment(), &ARGUMENTS);
    let (_, key) = server.key(&[]);
    let id = accepted(&server, &key, &batch(40_000..40_008));
    server.kill();
    assert!(files(&root.path().join("pictures/waiting/here")) > 0);
    assert!(!server.data().join("blobs").exists());

    let server = server.restart_in_environment(&buckets.environment(), &ARGUMENTS);
    let done = server.finished_batch(&key, &id);
    assert_eq!((&done["completed"], &done["failed"]), (&8.into(), &0.into()), "{done}");
    let end = Instant::now() + Duration::from_secs(10);
    while files(&root.path().join("pictures/waiting")) > 0 {
        assert!(Instant::now() < end, "{}", server.everything_said());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_bucket_that_is_gone_puts_off_what_must_be_kept_and_loses_nothing() {
    let root = tempfile::tempdir().unwrap();
    let buckets = Buckets::start(root.path(), &["pictures"]).unwrap();
    let address = buckets.address();
    let server = Server::start_in_environment(&buckets.environment(), &ARGUMENTS);
    let (_, key) = server.key(&[]);
    assert_eq!(server.get("/readyz", None).status, 200);
    let id = accepted(&server, &key, &batch(41_000..41_010));
    drop(buckets);

    wait_until(&server, |ready| ready.status == 503);
    let ready = server.get("/readyz", None);
    assert!(ready.message().contains("the bucket cannot be reached"), "{}", ready.message());
    let answer = server.post("/v1/analyze/batch", &key, &batch(41_020..41_021));
    assert_eq!((answer.status, answer.error().as_str()), (503, "STORAGE_UNAVAILABLE"));
    assert!(answer.header("retry-after").is_some());
    for part in ["bucket", "s3", "pictures", "127.0.0.1"] {
        assert!(!answer.message().contains(part), "{}", answer.message());
    }

    let _buckets = Buckets::start_at(root.path(), &[], address).unwrap();
    wait_until(&server, |ready| ready.status == 200);
    let done = server.finished_batch(&key, &id);
    assert_eq!((&done["completed"], &done["failed"]), (&10.into(), &0.into()), "{done}");
}

#[test]
fn credentials_that_are_not_taken_are_told_and_not_written_down() {
    let root = tempfile::tempdir().unwrap();
    let buckets = Buckets::start(root.path(), &["pictures"]).unwrap();
    let mut environment = buckets.environment();
    environment[2].1 = "another secret".into();
    let server = Server::start_in_environment(&environment, &ARGUMENTS);
    let message = server.get("/readyz", None).message();
    assert!(message.contains("refuses the credentials"), "{message}");
    assert!(!server.everything_said().contains("another secret"));
}

#[test]
fn a_shared_folder_keeps_what_others_may_just_be_putting_there() {
    let root = tempfile::tempdir().unwrap();
    let shared = root.path().join("some where");
    std::fs::create_dir_all(&shared).unwrap();
    let hours = |hours: u64| SystemTime::now() - Duration::from_secs(hours * 3_600);
    for (name, changed) in [
        ("req_0123456789abcdef0123456789abcdef", hours(2)),
        ("req_0123456789abcdef0123456789abcde0", hours(0)),
        ("req_0123456789abcdef0123456789abcde1#1", hours(2)),
        ("req_0123456789abcdef0123456789abcde2#1", hours(0)),
    ] {
        let file = std::fs::File::create(shared.join(name)).unwrap();
        file.set_modified(changed).unwrap();
    }
    let url = format!("file://{}", shared.display()).replace(' ', "%20");
    let config = format!("blobs = \"{url}\"\n{}", include_str!("../../../config/assay.toml"));
    let server = Server::start_replacing(include_str!("../../../config/assay.toml"), &config);
    let mut left: Vec<_> =
        std::fs::read_dir(&shared).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(
        left,
        ["req_0123456789abcdef0123456789abcde0", "req_0123456789abcdef0123456789abcde2#1"]
    );
    let (_, key) = server.key(&[]);
    let id = accepted(&server, &key, &batch(42_000..42_002));
    assert_eq!(server.finished_batch(&key, &id)["completed"], 2);
    assert_eq!(files(&shared), 2);
    assert!(!server.data().join("blobs").exists());
}

#[test]
fn what_a_process_left_half_written_in_its_own_folder_goes_with_the_next_start() {
    let server = Server::start().restart_after(|data| {
        std::fs::write(data.join("blobs/req_0123456789abcdef0123456789abcdef#1"), "half").unwrap();
    });
    assert_eq!(files(&server.data().join("blobs")), 0);
}

#[test]
fn a_place_that_is_none_is_refused_at_the_start() {
    let data = tempfile::tempdir().unwrap();
    for (place, told) in [
        ("ftp://host/pictures", "use a folder, file://, s3://, gs:// or az://"),
        ("s3:///pictures", "names no bucket"),
        ("s3://key:hush@pictures", "come from the environment"),
        ("/proc/nothing/here", "/proc/nothing/here: "),
    ] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_assay"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data.path());
        let output = command.args(["--blobs", place]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(told) && !said.contains("hush"), "{said}");
    }
}
