// SPDX-License-Identifier: MIT OR Apache-2.0
//! What becomes of requests, jobs and webhooks while the disk or the database fails, and after it.
//!
//! A disk that takes nothing more is made by the limit of the length of files that the system lets
//! anybody set for a process: every write beyond it fails.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use base64::prelude::{Engine as _, BASE64_STANDARD};
use rustix::process::{prlimit, Pid, Resource, Rlimit};
use serde_json::{json, Value};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::Connection as _;

use crate::receiver::{Receiver, Reply};
use crate::support::{photo, Answer, Server};

const ADMIN: [&str; 8] =
    ["--plan", "enterprise", "--scope", "analyze", "--scope", "read", "--scope", "admin"];

/// Lets no file of the server grow, or lets them again.
fn fill_disk(server: &Server, is_full: bool) {
    let current = is_full.then_some(0);
    let process = i32::try_from(server.process()).ok().and_then(Pid::from_raw);
    prlimit(process, Resource::Fsize, Rlimit { current, maximum: None }).unwrap();
}

fn image(seed: u64) -> Value {
    json!({ "image_base64": BASE64_STANDARD.encode(photo(seed)) })
}

/// Checks that a client is told to come again, and nothing of what is inside.
fn is_put_off(answer: &Answer) {
    assert_eq!((answer.status, answer.error().as_str()), (503, "STORAGE_UNAVAILABLE"));
    assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    let message = answer.message().to_lowercase();
    for part in ["sqlite", "disk", "database", "/", "errno", "i/o"] {
        assert!(!message.contains(part), "{message}");
    }
}

/// Waits until the server says that it can work.
fn ready_again(server: &Server) {
    let end = Instant::now() + Duration::from_secs(30);
    while server.get("/readyz", None).status != 200 {
        assert!(Instant::now() < end, "{}", server.everything_said());
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn is_whole(data: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    let output = command.args(["audit", "verify", "--data"]).arg(data).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
}

#[test]
fn a_full_disk_puts_off_what_must_be_kept_and_nothing_accepted_is_lost() {
    let receiver = Receiver::start();
    let server = Server::start_arguments(&["--allow-net", "127.0.0.0/8"]);
    let (_, key) = server.key(&ADMIN);
    let known = server.post("/v1/analyze", &key, &image(801));
    let id = known.header("x-request-id").unwrap().to_owned();
    // A batch that is accepted, and whose end falls into the time without room.
    let images: Vec<_> = (810..816).map(image).collect();
    let body = json!({ "images": images, "webhook_url": receiver.url("/hook") });
    let accepted = server.post("/v1/analyze/batch", &key, &body);
    assert_eq!(accepted.status, 202);
    let batch = accepted.json()["batch_id"].as_str().unwrap().to_owned();
    fill_disk(&server, true);

    // The limit stops the picture's way to the decoder too, which leads through memory and not over the disk.
    let at_once = server.post("/v1/analyze", &key, &image(802));
    match at_once.error().as_str() {
        "OVERLOADED" => assert_eq!(at_once.status, 503),
        _ => is_put_off(&at_once),
    }
    is_put_off(&server.post("/v1/analyze/batch", &key, &json!({ "images": [image(803)] })));
    let mut later = image(804);
    later["options"] = json!({ "webhook_url": receiver.url("/later") });
    is_put_off(&server.post("/v1/analyze", &key, &later));
    is_put_off(&server.post("/v1/admin/keys", &key, &json!({})));
    let ready = server.get("/readyz", None);
    assert_eq!((ready.status, ready.error().as_str()), (503, "STORAGE_UNAVAILABLE"));
    assert!(ready.message().contains("disk"), "{}", ready.message());
    // What is read goes on, and the process lives.
    assert_eq!(server.get("/healthz", None).status, 200);
    assert_eq!(server.get(&format!("/v1/analyses/{id}"), Some(&key)).json(), known.json());
    assert_eq!(server.get("/v1/usage", Some(&key)).status, 200);
    std::thread::sleep(Duration::from_secs(4));

    fill_disk(&server, false);
    ready_again(&server);
    let done = server.finished_batch(&key, &batch);
    assert_eq!((&done["completed"], &done["failed"]), (&6.into(), &0.into()), "{done}");
    let told = receiver.wait_for("/hook", 1).remove(0).json();
    assert_eq!(told["batch_id"], batch.as_str());
    // What was put off was not accepted: nothing is told, nothing is charged, and it can come again.
    assert!(receiver.received("/later").is_empty());
    assert_eq!(server.get("/v1/usage", Some(&key)).json()["day"]["used"], 7);
    assert_eq!(server.post("/v1/analyze", &key, &image(802)).status, 200);
    is_whole(server.data());
}

/// An attempt that cannot be written down would otherwise be made again at once, for as long as the
/// disk is full.
#[test]
fn a_receiver_is_not_flooded_while_attempts_cannot_be_written_down() {
    let receiver = Receiver::start();
    receiver.reply("/hook", [Reply::status(200).late(Duration::from_secs(1))]);
    let server = Server::start_arguments(&["--allow-net", "127.0.0.0/8"]);
    let (_, key) = server.key(&ADMIN);
    let mut body = image(820);
    body["options"] = json!({ "webhook_url": receiver.url("/hook"), "models": ["metadata"] });
    assert_eq!(server.post("/v1/analyze", &key, &body).status, 202);
    receiver.wait_for("/hook", 1);
    fill_disk(&server, true);
    std::thread::sleep(Duration::from_secs(8));
    assert!(receiver.received("/hook").len() <= 2, "{}", receiver.received("/hook").len());
    fill_disk(&server, false);
    // It is sent again, since nobody knows that it was, and then no more.
    let messages = receiver.wait_for("/hook", 2);
    assert_eq!(messages[0].headers["webhook-id"], messages[1].headers["webhook-id"]);
    let path = format!("/v1/admin/webhooks/deliveries/{}", messages[0].headers["webhook-id"]);
    let end = Instant::now() + Duration::from_secs(20);
    while server.get(&path, Some(&key)).json()["state"] != "delivered" {
        assert!(Instant::now() < end);
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[tokio::test]
async fn a_database_that_another_process_holds_puts_writers_off() {
    let server = Server::start();
    let (_, key) = server.key(&ADMIN);
    let known = server.post("/v1/analyze", &key, &image(830));
    assert_eq!(known.status, 200);
    let options = SqliteConnectOptions::new().filename(server.data().join("assay.sqlite"));
    let pool = SqlitePool::connect_with(options).await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    let held = connection.begin_with("BEGIN EXCLUSIVE").await.unwrap();
    let ready = server.get("/readyz", None);
    assert_eq!((ready.status, ready.error().as_str()), (503, "STORAGE_UNAVAILABLE"));
    assert!(ready.message().contains("another process"), "{}", ready.message());
    is_put_off(&server.post("/v1/admin/keys", &key, &json!({})));
    // Readers are not held up, nor is an answer that is kept.
    assert_eq!(server.get("/v1/usage", Some(&key)).status, 200);
    assert_eq!(server.post("/v1/analyze", &key, &image(830)).header("x-cache"), Some("HIT"));
    held.rollback().await.unwrap();
    ready_again(&server);
    assert_eq!(server.post("/v1/admin/keys", &key, &json!({})).status, 201);
}

#[test]
fn a_data_directory_that_becomes_read_only_puts_off_what_needs_a_file_and_loses_nothing() {
    let server = Server::start_bound_by_permissions();
    let (_, key) = server.key(&ADMIN);
    let known = server.post("/v1/analyze", &key, &image(840)).json();
    let permit = |mode: u32| {
        let folders = [server.data().to_owned(), server.data().join("blobs")];
        for folder in folders {
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    permit(0o500);
    let batch = json!({ "images": [image(841), image(842)] });
    is_put_off(&server.post("/v1/analyze/batch", &key, &batch));
    let ready = server.get("/readyz", None);
    assert_eq!((ready.status, ready.error().as_str()), (503, "STORAGE_UNAVAILABLE"));
    assert!(ready.message().contains("cannot be written"), "{}", ready.message());
    assert_eq!(server.get("/healthz", None).status, 200);
    let id = known["request_id"].as_str().unwrap();
    assert_eq!(server.get(&format!("/v1/analyses/{id}"), Some(&key)).json(), known);
    permit(0o700);
    ready_again(&server);
    let accepted = server.post("/v1/analyze/batch", &key, &batch);
    assert_eq!(accepted.status, 202, "{}", accepted.json());
    let done = server.finished_batch(&key, accepted.json()["batch_id"].as_str().unwrap());
    assert_eq!((&done["completed"], &done["failed"]), (&2.into(), &0.into()), "{done}");
    is_whole(server.data());
}

/// Starts a server on a data directory that is not as it should be: exit code and what it says.
fn refused(data: &Path) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/assay.toml");
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    let output = command.env("ASSAY_CONFIG", config).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_damaged_database_or_a_folder_that_cannot_be_used_is_named_at_the_start() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("assay.sqlite");
    std::fs::write(&file, b"This is no database, however long it is. ".repeat(200)).unwrap();
    let (code, said) = refused(data.path());
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("assay.sqlite") && said.contains("not a database"), "{said}");
    // Nobody has touched it.
    assert!(std::fs::read(&file).unwrap().starts_with(b"This is no database"));

    let (code, said) = refused(&file);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--data"), "{said}");
}
