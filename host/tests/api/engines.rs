// SPDX-License-Identifier: MIT OR Apache-2.0
//! PostgreSQL in the place of the file: these tests again, and what only several hosts can show.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use assay::store::{
    Batch, BatchStanding, Charge, DatabaseUrl, JobEnd, JobQueue as _, KeptPolicy, KeyRequest,
    Location, NewJob, NewJobs, Notice, Scope, Store, Trouble, Wanted,
};
use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::json;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::Connection as _;

use crate::cluster::{certificate, cluster};
use crate::database;
use crate::gate::Gate;
use crate::support::{photo, Server};

/// The parts of these tests that meet the store.
const PARTS: [&str; 12] = [
    "admin::",
    "audit::",
    "batches::",
    "cache::",
    "claims::",
    "crash::",
    "hosts::",
    "keys::",
    "rate_limits::",
    "replay::",
    "reporting::",
    "webhooks::",
];
/// What is about the file.
const ONLY_FILES: [&str; 1] = ["acts_of_earlier_versions_are_taken_over"];

/// An empty database on a server; none where there is no server, or where these are the tests again.
fn empty(name: &str) -> Option<String> {
    let (Some(server), None) = (cluster(), database::server()) else { return None };
    database::make(server, name);
    Some(format!("{server}/{name}"))
}

fn location(url: &str) -> Location {
    Location::of(Some(&DatabaseUrl::new(url)), Path::new("none")).unwrap()
}

fn request() -> KeyRequest {
    KeyRequest::unrestricted("acme", vec![Scope::Read])
}

#[test]
fn what_holds_on_a_file_holds_on_a_server() {
    let (Some(server), None) = (cluster(), database::server()) else { return };
    let mut tests = Command::new(std::env::current_exe().unwrap());
    tests.env("ASSAY_TEST_DATABASE", server).args(PARTS);
    for name in ONLY_FILES {
        tests.args(["--skip", name]);
    }
    let done = tests.args(["--skip", "engines::", "--test-threads", "1"]).output().unwrap();
    let text = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{text}\n{}", String::from_utf8_lossy(&done.stderr));
    let number = text.lines().filter(|line| line.ends_with("... ok")).count();
    assert!(number > 60, "{number} tests, of which there are more: {text}");
}

#[test]
fn hosts_that_start_at_once_on_an_empty_database_make_it_once() {
    let Some(url) = empty("at_once") else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let opened = runtime.block_on(async {
        let tasks: Vec<_> = (0..8).map(|_| tokio::spawn(Store::open(location(&url)))).collect();
        let mut opened = Vec::new();
        for task in tasks {
            opened.push(task.await.unwrap().unwrap());
        }
        opened
    });
    assert_eq!(opened.len(), 8);
    drop((opened, runtime));
    let hosts: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..3).map(|_| scope.spawn(|| Server::start_over(&url))).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    let (_, key) = hosts[0].key(&[]);
    for host in &hosts {
        assert_eq!(host.get("/v1/usage", Some(&key)).status, 200);
    }
}

/// The same in a folder, which has no server that could keep order.
#[test]
fn processes_that_start_at_once_in_an_empty_folder_make_its_database_once() {
    let data = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
                command.args(["keys", "create", "--org", "acme", "--data"]).arg(data.path());
                let done = command.env_remove("ASSAY_DATABASE").output().unwrap();
                assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            });
        }
    });
}

#[test]
fn a_key_that_is_revoked_or_restricted_on_one_host_is_so_on_all_with_the_next_request() {
    let Some(url) = empty("revoked") else { return };
    let (one, other) = (Server::start_over(&url), Server::start_over(&url));
    let admin = one.key(&["--scope", "admin"]).1;
    for _ in 0..5 {
        let (id, key) = one.key(&[]);
        for host in [&one, &other] {
            assert_eq!(host.get("/v1/usage", Some(&key)).status, 200);
        }
        let path = format!("/v1/admin/keys/{id}");
        let restricted = one.post(
            &format!("{path}/restrict"),
            &admin,
            &json!({ "endpoints": ["/v1/policies"] }),
        );
        assert_eq!(restricted.status, 200, "{}", restricted.text());
        assert_eq!(other.get("/v1/usage", Some(&key)).status, 403);
        assert_eq!(other.get("/v1/policies", Some(&key)).status, 200);
        let (code, _, err) = one.keys(&["revoke", &id]);
        assert_eq!(code, 0, "{err}");
        for host in [&other, &one] {
            assert_eq!(host.get("/v1/policies", Some(&key)).status, 401);
        }
    }
}

#[test]
fn what_one_host_has_done_another_one_knows() {
    let Some(url) = empty("known") else { return };
    let (one, other) = (Server::start_over(&url), Server::start_over(&url));
    let (_, key) = one.key(&[]);
    let body = json!({ "image_base64": BASE64_STANDARD.encode(photo(951)) });
    let first = one.post("/v1/analyze", &key, &body);
    let again = other.post("/v1/analyze", &key, &body);
    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!((first.header("x-cache"), again.header("x-cache")), (Some("MISS"), Some("HIT")));
    let id = first.header("x-request-id").unwrap();
    assert_eq!(other.get(&format!("/v1/analyses/{id}"), Some(&key)).json(), first.json());
    // Answers that are given again are not charged.
    let asked = one.post_with("/v1/analyze", &key, "Idempotency-Key: k", &body);
    let repeated = other.post_with("/v1/analyze", &key, "Idempotency-Key: k", &body);
    assert_eq!(asked.body, repeated.body);
    for host in [&one, &other] {
        assert_eq!(host.get("/v1/usage", Some(&key)).json()["day"]["used"], 1);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(location(&url)).await.unwrap();
        store.verify_log(None).await.unwrap().unwrap();
    });
}

/// Whatever adds to the audit log is alone in the database for that moment. The moment of a host that is frozen
/// in it must not last.
#[test]
fn a_host_that_stands_still_in_its_turn_loses_it_and_what_it_was_doing_can_be_done_by_another() {
    let Some(url) = empty("still") else { return };
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let batch = Batch {
        batch_id: "batch_1".into(),
        reference_id: None,
        webhook_url: None,
        claim_asked: None,
    };
    let job = NewJob {
        request_id: "req_1".into(),
        reference_id: None,
        webhook_url: None,
        task: "{}".into(),
    };
    let end = JobEnd {
        body: None,
        localisation: None,
        derivation: None,
        fingerprint: None,
        label: None,
        outcome: "{}".into(),
        is_refunded: false,
    };
    let (begun, waiting) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let frozen = scope.spawn(|| {
            runtime().block_on(async {
                let store = Store::open(location(&url)).await.unwrap();
                store.create_key(&request(), "local", "test").await.unwrap();
                let new = NewJobs {
                    actor: "test",
                    organisation: "acme",
                    batch: Some(&batch),
                    jobs: &[job],
                    charge: None,
                    answer: None,
                };
                store.accept_jobs(&new).await.unwrap();
                let job = store.take_job("host").await.unwrap().unwrap();
                let still = |_: &Batch, _: &BatchStanding| {
                    begun.send(job.clone()).unwrap();
                    std::thread::sleep(Duration::from_secs(7));
                    Ok(None)
                };
                let finished = store.finish_job(&job, &end, None, still).await;
                assert_eq!(finished.unwrap_err().trouble(), Some(Trouble::Unreachable));
                store.verify_log(None).await.unwrap().unwrap()
            })
        });
        let job = waiting.recv().unwrap();
        runtime().block_on(async {
            let store = Store::open(location(&url)).await.unwrap();
            let start = Instant::now();
            store.create_key(&request(), "local", "test").await.unwrap();
            let waited = start.elapsed();
            assert!(
                waited > Duration::from_secs(3) && waited < Duration::from_secs(7),
                "{waited:?}"
            );
            store.finish_job(&job, &end, None, |_, _| Ok(None)).await.unwrap();
            let standing = store.batch("batch_1", "acme").await.unwrap().unwrap();
            assert_eq!((standing.failed, standing.total), (1, 1));
        });
        // Two keys, one batch, one end of its image.
        assert_eq!(frozen.join().unwrap().0, 4);
    });
}

#[tokio::test]
async fn a_host_hears_of_others_work_and_policies_once_they_are_kept() {
    let Some(url) = empty("heard") else { return };
    let store = Store::open(location(&url)).await.unwrap();
    let other = Store::open(location(&url)).await.unwrap();
    store.create_key(&request(), "local", "test").await.unwrap();
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let listening =
        tokio::spawn(async move { other.listen(|notice| tell.send(notice).unwrap()).await });
    let accept = async |number: u64, limit: u64| {
        let job = NewJob {
            request_id: format!("req_{number}"),
            reference_id: None,
            webhook_url: None,
            task: "{}".into(),
        };
        let new = NewJobs {
            actor: "test",
            organisation: "acme",
            batch: None,
            jobs: &[job],
            charge: Some(Charge { day: 1, images: 1, limit }),
            answer: None,
        };
        store.accept_jobs(&new).await
    };
    // Some may be accepted before it listens.
    let mut number = 0;
    let first = loop {
        number += 1;
        assert!(number < 200);
        accept(number, 1_000).await.unwrap();
        let heard = tokio::time::timeout(Duration::from_millis(200), told.recv()).await;
        if let Ok(notice) = heard {
            break notice.unwrap();
        }
    };
    assert_eq!(first, Notice::Work);
    // What was accepted when it was already heard, but not in time.
    while tokio::time::timeout(Duration::from_secs(1), told.recv()).await.is_ok() {}
    accept(0, 0).await.unwrap_err();
    let kept = KeptPolicy { name: "a".into(), text: "b".into(), digest: "c".into(), put_at: 0 };
    store.put_policy(&kept, "test").await.unwrap();
    // They are told in the order in which they are kept, and what was refused is not.
    assert_eq!(told.recv().await.unwrap(), Notice::Policies);
    listening.abort();
}

/// The version before had the files of migrations up to 0016 read by sqlx itself.
#[tokio::test]
async fn a_database_of_the_version_before_opens_with_all_that_is_in_it() {
    let data = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new().filename(data.path().join("assay.sqlite"));
    let mut old = SqliteConnection::connect_with(&options.create_if_missing(true)).await.unwrap();
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    Migrator::new(files).await.unwrap().run_to(16, &mut old).await.unwrap();
    let kept = "INSERT INTO organisations VALUES ('acme', 'growth', 7); \
                INSERT INTO usage VALUES ('acme', 20000, 5); \
                INSERT INTO analyses (request_id, organisation, finished_at, body, localisation) VALUES \
                ('req_1', 'acme', 8, '{\"verdict\":{\"label\":\"AUTHENTIC\"}}', '{\"heats\":[7]}')";
    sqlx::raw_sql(kept).execute(&mut old).await.unwrap();
    old.close().await.unwrap();
    let store = Store::open(data.path()).await.unwrap();
    assert_eq!(store.images("acme", 20_000).await.unwrap(), 5);
    let old = store.localisation("req_1", "acme").await.unwrap();
    assert_eq!(old.as_deref(), Some(&b"{\"heats\":[7]}"[..]));
    let wanted = Wanted { label: Some("AUTHENTIC".into()), ..Wanted::default() };
    let found = store.search("acme", &wanted, None, 10).await.unwrap();
    assert_eq!(found.iter().map(|f| f.request_id.as_str()).collect::<Vec<_>>(), ["req_1"]);
}

/// Waits until a host says that it can or cannot work; what it says of that.
fn wait_for(host: &Server, status: u16) -> String {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let answer = host.get("/readyz", None);
        if answer.status == status {
            return answer.text();
        }
        assert!(Instant::now() < end, "{}", answer.text());
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_server_that_goes_away_or_falls_silent_puts_off_what_needs_it_and_is_found_again() {
    let Some(url) = empty("away") else { return };
    let address = url.split(['@', '/']).nth(3).unwrap();
    let gate = Gate::before(address);
    let host = Server::start_over(&url.replace(address, &gate.address()));
    let (_, key) = host.key(&["--scope", "analyze", "--scope", "read", "--scope", "admin"]);
    let image = |seed| json!({ "image_base64": BASE64_STANDARD.encode(photo(seed)) });
    let known = host.post("/v1/analyze", &key, &image(961));
    assert_eq!(known.status, 200);
    for (shut, patience) in [(Gate::shut as fn(&Gate), 8), (Gate::hold, 25)] {
        shut(&gate);
        let start = Instant::now();
        assert!(wait_for(&host, 503).contains("the database server"));
        let put_off = host.post("/v1/analyze", &key, &image(962));
        assert_eq!((put_off.status, put_off.error().as_str()), (503, "STORAGE_UNAVAILABLE"));
        assert!(start.elapsed() < Duration::from_secs(patience), "{:?}", start.elapsed());
        assert_eq!(host.get("/healthz", None).status, 200);
        gate.open();
        wait_for(&host, 200);
        let id = known.header("x-request-id").unwrap();
        let found = host.get(&format!("/v1/analyses/{id}"), Some(&key));
        assert_eq!(found.status, 200, "{patience}: {}", host.everything_said());
        assert_eq!(found.json(), known.json());
    }
    assert_eq!(host.post("/v1/analyze", &key, &image(962)).status, 200);
    assert_eq!(host.get("/v1/usage", Some(&key)).json()["day"]["used"], 2);
}

#[test]
fn a_database_that_cannot_be_opened_is_named_without_its_password() {
    let data = tempfile::tempdir().unwrap();
    let run = |url: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.env("ASSAY_DATABASE", url).args(["keys", "list", "--data"]).arg(data.path());
        let done = command.output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(done.status.code() == Some(2) && !said.contains("hunter2"), "{said}");
        said
    };
    let said = run("postgres://assay:hunter2@127.0.0.1:1/none");
    assert!(said.contains("postgres://assay@127.0.0.1:1/none: cannot be opened"), "{said}");
    assert!(said.contains("ASSAY_DATABASE") && said.contains("--database"), "{said}");
    for url in
        ["mysql://assay:hunter2@127.0.0.1/none", "postgres://assay:hunter2@127.0.0.1:x/none", ""]
    {
        assert!(run(url).contains("postgres://user@host/name"));
    }
    let Some(url) = empty("nothing_in_it") else { return };
    assert!(run(&url).contains("there is no database; `assay keys create`"));
    let other = "CREATE DATABASE other_texts ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0";
    database::on_server(&url, &[other]).unwrap();
    let url = url.replace("nothing_in_it", "other_texts");
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.env("ASSAY_DATABASE", url).args(["keys", "create", "--org", "acme", "--data"]);
    let done = command.arg(data.path()).output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(done.status.code() == Some(2) && said.contains("must be made with UTF8"), "{said}");
}

#[test]
fn a_server_is_held_to_its_name_and_certificate_where_that_is_asked() {
    let Some(url) = empty("certified") else { return };
    let Some(certificate) = certificate() else { return };
    let data = tempfile::tempdir().unwrap();
    let run = |url: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.env("ASSAY_DATABASE", url).args(["keys", "create", "--org", "acme"]);
        let done = command.arg("--data").arg(data.path()).output().unwrap();
        (done.status.code(), String::from_utf8(done.stderr).unwrap())
    };
    let named = url.replace("127.0.0.1", "localhost") + "?sslmode=verify-full";
    let known = format!("&sslrootcert={}", certificate.display());
    let (code, said) = run(&(named.clone() + &known));
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = run(&named);
    assert!(code == Some(2) && said.contains("certificate"), "{said}");
    let (code, said) = run(&(url + "?sslmode=verify-full" + &known));
    assert!(code == Some(2) && said.contains("certificate"), "{said}");
}
