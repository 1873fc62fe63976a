// SPDX-License-Identifier: MIT OR Apache-2.0
//! Several hosts on one PostgreSQL database: limits, turns and policies hold for all of them at once.

use std::path::Path;
use std::time::{Duration, Instant};

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::cluster::cluster;
use crate::database;
use crate::rate_limits::early_in_a_minute;
use crate::support::{photo, Answer, Server};

const LIMITS: &str = "[[organisation]]\nname = \"acme\"\nrequests_per_minute = 30\n\
                      requests_per_day = 3\n";

/// So many hosts on one new database, with more configuration before the shipped one; none where there is no
/// PostgreSQL.
pub(crate) fn hosts(number: usize, more: &str) -> Option<Vec<Server>> {
    let server = cluster()?;
    let folder = tempfile::tempdir().unwrap();
    let name = format!("hosts{}", folder.path().file_name().unwrap().to_str().unwrap());
    database::make(server, &name);
    let before = format!("database = \"{server}/{name}\"\n{more}\n[plugins]\n");
    Some((0..number).map(|_| Server::start_replacing("[plugins]\n", &before)).collect())
}

/// Asks the hosts in turn, all at once; the answers.
fn all_at_once(times: usize, ask: impl Fn(usize) -> Answer + Sync) -> Vec<Answer> {
    std::thread::scope(|scope| {
        let ask = &ask;
        let threads: Vec<_> = (0..times).map(|i| scope.spawn(move || ask(i))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn image(seed: u64) -> Value {
    json!({ "image_base64": BASE64_STANDARD.encode(photo(seed)) })
}

fn number(answer: &Answer, header: &str) -> u64 {
    answer.header(header).unwrap_or_else(|| panic!("no {header}")).parse().unwrap()
}

fn used(host: &Server, key: &str) -> u64 {
    host.get("/v1/usage", Some(key)).json()["day"]["used"].as_u64().unwrap()
}

#[test]
fn exactly_the_limit_of_a_minute_passes_whichever_host_is_asked() {
    let Some(hosts) = hosts(2, LIMITS) else { return };
    let (_, key) = hosts[0].key(&[]);
    early_in_a_minute();
    let answers = all_at_once(100, |i| hosts[i % 2].get("/v1/detectors", Some(&key)));
    let (passed, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.status == 200);
    assert_eq!((passed.len(), refused.len()), (30, 70));
    let mut left: Vec<_> = passed.iter().map(|a| number(a, "x-ratelimit-remaining")).collect();
    left.sort_unstable();
    assert_eq!(left, (0..30).collect::<Vec<_>>());
    let reset = number(passed[0], "x-ratelimit-reset");
    for answer in refused {
        assert_eq!((answer.status, answer.error().as_str()), (429, "RATE_LIMIT_EXCEEDED"));
        assert_eq!(number(answer, "x-ratelimit-remaining"), 0);
        assert_eq!(number(answer, "x-ratelimit-reset"), reset);
        assert!((1..=60).contains(&number(answer, "retry-after")));
    }
}

#[test]
fn exactly_the_images_of_a_day_pass_whichever_host_is_asked() {
    let Some(hosts) = hosts(2, LIMITS) else { return };
    let (_, key) = hosts[0].key(&[]);
    early_in_a_minute();
    let post = |i: usize| hosts[i % 2].post("/v1/analyze", &key, &image(i as u64));
    let answers = all_at_once(8, post);
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 3, "{statuses:?}");
    let refused = answers.iter().filter(|answer| answer.status != 200);
    for answer in refused {
        assert_eq!((answer.status, answer.error().as_str()), (429, "QUOTA_EXCEEDED"));
    }
    assert_eq!(used(&hosts[1], &key), 3);
}

#[test]
fn one_request_under_an_idempotency_key_is_done_once_by_all_hosts() {
    let Some(hosts) = hosts(2, "") else { return };
    let (_, key) = hosts[0].key(&["--plan", "enterprise"]);
    let header = "Idempotency-Key: once";
    let answers =
        all_at_once(6, |i| hosts[i % 2].post_with("/v1/analyze", &key, header, &image(1)));
    for answer in &answers {
        assert_eq!((answer.status, answer.text()), (200, answers[0].text()));
    }
    assert_eq!(used(&hosts[0], &key), 1);
    let other = hosts[1].post_with("/v1/analyze", &key, header, &image(2));
    assert_eq!((other.status, other.error().as_str()), (422, "IDEMPOTENCY_CONFLICT"));

    let batch = json!({ "images": [image(3), image(4)] });
    let header = "Idempotency-Key: together";
    let answers =
        all_at_once(6, |i| hosts[i % 2].post_with("/v1/analyze/batch", &key, header, &batch));
    for answer in &answers {
        assert_eq!((answer.status, answer.text()), (202, answers[0].text()));
    }
    assert_eq!(used(&hosts[0], &key), 3);
}

#[test]
fn identical_requests_to_several_hosts_run_the_detectors_once() {
    let Some(hosts) = hosts(2, "") else { return };
    let (_, key) = hosts[0].key(&["--plan", "enterprise"]);
    let answers = all_at_once(6, |i| hosts[i % 2].post("/v1/analyze", &key, &image(5)));
    let misses = answers.iter().filter(|answer| answer.header("x-cache") == Some("MISS"));
    assert_eq!(misses.count(), 1);
    assert_eq!(used(&hosts[0], &key), 1);
}

const OURS: &str = "name = \"ours\"\nversion = \"1\"\nextends = \"default\"\n";

/// Names and digests of the policies that a key may name.
fn policies(host: &Server, key: &str) -> Vec<(String, String)> {
    let answer = host.get("/v1/policies", Some(key)).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let policies = answer["policies"].as_array().unwrap_or_else(|| panic!("{answer}"));
    policies.iter().map(|policy| (text(&policy["name"]), text(&policy["digest"]))).collect()
}

fn digest_of_ours(host: &Server, key: &str) -> Option<String> {
    policies(host, key).into_iter().find(|(name, _)| name == "ours").map(|(_, digest)| digest)
}

#[test]
fn a_policy_that_was_put_is_in_force_on_all_hosts_with_the_next_request() {
    let Some(hosts) = hosts(2, "") else { return };
    let (_, key) = hosts[0].key(&["--plan", "enterprise"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ours.toml");
    let put = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let (code, out, err) = hosts[0].run(&["policy", "put", file.to_str().unwrap()]);
        assert_eq!(code, 0, "{err}");
        out.split_whitespace().last().unwrap().to_owned()
    };
    let mut before = String::new();
    for threshold in ["0.71", "0.72", "0.73"] {
        let digest = put(&format!("{OURS}verdict.manipulated = {threshold}\n"));
        assert_ne!(digest, before);
        for host in &hosts {
            assert_eq!(digest_of_ours(host, &key).as_ref(), Some(&digest));
        }
        before = digest;
    }
    let mut body = image(6);
    body["options"] = json!({ "policy": "ours" });
    let answer = hosts[1].post("/v1/analyze", &key, &body);
    assert_eq!((answer.status, &answer.json()["policy"]["digest"]), (200, &before.into()));
    // Another may extend it, and then it cannot be withdrawn.
    std::fs::write(&file, "name = \"theirs\"\nversion = \"1\"\nextends = \"ours\"\n").unwrap();
    assert_eq!(hosts[0].run(&["policy", "put", file.to_str().unwrap()]).0, 0);
    let (code, _, err) = hosts[0].run(&["policy", "withdraw", "ours"]);
    assert!(code == 2 && err.contains("ours"), "{code} {err}");
    let (_, listed, _) = hosts[0].run(&["policy", "list"]);
    assert_eq!(listed.lines().count(), 2, "{listed}");
    for name in ["theirs", "ours"] {
        assert_eq!(hosts[0].run(&["policy", "withdraw", name]).0, 0);
    }
    for host in &hosts {
        assert_eq!(digest_of_ours(host, &key), None);
        assert_eq!(host.post("/v1/analyze", &key, &body).status, 400);
    }
}

#[test]
fn doctor_looks_at_the_database_that_the_hosts_share() {
    let Some(hosts) = hosts(1, "") else { return };
    let doctor = || -> Value {
        let (_, out, err) = hosts[0].run(&["doctor", "--format", "json"]);
        serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"))
    };
    let level = |told: &Value, subject: &str| {
        let checks = told["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["subject"] == subject).unwrap().clone();
        (check["level"].as_str().unwrap().to_owned(), check["found"].as_str().unwrap().to_owned())
    };
    let told = doctor();
    let (database, found) = level(&told, "database");
    assert!(database == "ok" && found.starts_with("PostgreSQL "), "{database}: {found}");
    assert_eq!(
        (level(&told, "keys").0.as_str(), level(&told, "clock").0.as_str()),
        ("warning", "ok")
    );
    hosts[0].key(&[]);
    assert_eq!(level(&doctor(), "keys").1, "1 in force");
}

#[test]
fn a_wrong_policy_is_not_put_and_one_that_a_host_cannot_use_takes_it_out_of_service() {
    let Some(server) = cluster() else { return };
    let folder = tempfile::tempdir().unwrap();
    let name = format!("hosts{}", folder.path().file_name().unwrap().to_str().unwrap());
    database::make(server, &name);
    let plugin = Path::new(env!("CARGO_BIN_EXE_assay")).with_file_name("libassay_hostile.so");
    let plugin = plugin.display().to_string();
    let database = format!("database = \"{server}/{name}\"\n");
    let slot = format!("[[plugin]]\nmodel = \"hostile\"\nlibrary = \"{plugin}\"\n");
    let able = Server::start_replacing("[plugins]\n", &format!("{database}{slot}[plugins]\n"));
    let unable = Server::start_replacing("[plugins]\n", &format!("{database}[plugins]\n"));
    let (_, key) = able.key(&["--plan", "enterprise"]);
    let file = folder.path().join("ours.toml");
    std::fs::write(&file, format!("{OURS}nonsense = 1\n")).unwrap();
    let (code, _, err) = able.run(&["policy", "put", file.to_str().unwrap()]);
    assert!(code == 2 && err.contains("nonsense"), "{code} {err}");
    std::fs::write(&file, format!("{OURS}fusion.manipulated.weights.hostile = 0.1\n")).unwrap();
    assert_eq!(able.run(&["policy", "put", file.to_str().unwrap()]).0, 0);
    assert!(digest_of_ours(&able, &key).is_some());
    assert_eq!(able.get("/readyz", None).status, 200);
    assert_eq!(digest_of_ours(&unable, &key), None);
    let ready = unable.get("/readyz", None);
    assert_eq!(ready.status, 503);
    assert!(ready.message().contains("policies"), "{}", ready.message());
    assert_eq!(able.run(&["policy", "withdraw", "ours"]).0, 0);
    // Longer than a host leaves a policy alone that it could not use.
    let end = Instant::now() + Duration::from_secs(30);
    while unable.get("/readyz", None).status != 200 {
        assert!(Instant::now() < end);
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn the_metric_that_workers_are_scaled_by_is_told() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = manifest.join("../docs/deploy/kubernetes/worker.yaml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    let (_, name) = manifest.split_once("metric: {name: ").unwrap();
    let (name, _) = name.split_once('}').unwrap();
    let told = Server::start().get("/metrics", None).text();
    assert!(told.lines().any(|line| line.starts_with(&format!("{name} "))), "{name}: {told}");
}
