// SPDX-License-Identifier: MIT OR Apache-2.0
//! The audit log: what stands in it, and that every change to it is found.

use std::path::Path;

use assay::store::{Broken, Chain, Hash, KeyRequest, LogEntry, Scope, Store};
use base64::prelude::{Engine as _, BASE64_STANDARD};
use proptest::prelude::*;
use serde_json::{json, Value};

use crate::database;
use crate::receiver::Receiver;
use crate::support::{photo, Server};

/// Runs `assay audit` on a data directory: exit code and output.
fn audit(data: &Path, arguments: &[&str]) -> (i32, String) {
    let output = database::assay(data).arg("audit").args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), text.trim().to_owned())
}

/// Changes a log behind the program's back.
fn tamper(data: &Path, statements: &[&str]) {
    database::alter(data, statements).unwrap();
}

/// A data directory with so many acts.
async fn acts(data: &Path, number: usize) -> Store {
    let store = Store::open(database::location(data)).await.unwrap();
    let request = KeyRequest::unrestricted("acme", vec![Scope::Read]);
    for _ in 0..number {
        store.create_key(&request, "local", "test").await.unwrap();
    }
    store
}

#[test]
fn analyses_and_acts_stand_in_one_chain_without_secrets() {
    let receiver = Receiver::start();
    let server = Server::start_arguments(&["--allow-net", "127.0.0.0/8"]);
    let (id, key) = server.key(&["--scope", "analyze", "--scope", "read", "--scope", "admin"]);
    let image = BASE64_STANDARD.encode(photo(701));
    let first = server.post("/v1/analyze", &key, &json!({ "image_base64": image }));
    server.post("/v1/analyze", &key, &json!({ "image_base64": image, "reference_id": "again" }));
    let bad = json!({ "image_base64": "AAAA" });
    let refused = server.post("/v1/analyze", &key, &bad);
    assert_eq!(refused.error(), "UNSUPPORTED_FORMAT");
    let body =
        json!({ "images": [{ "image_base64": image }, bad], "webhook_url": receiver.url("/") });
    let batch = server.post("/v1/analyze/batch", &key, &body).json();
    let batch = batch["batch_id"].as_str().unwrap().to_owned();
    let items = server.finished_batch(&key, &batch);
    receiver.wait_for("/", 1);
    std::thread::sleep(std::time::Duration::from_millis(500));

    let (code, text) = audit(server.data(), &["export"]);
    assert_eq!(code, 0);
    let entries: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |act: &str| -> Vec<&Value> { entries.iter().filter(|e| e["act"] == act).collect() };
    assert_eq!(of("key.create")[0]["actor"], "cli");
    let complete = of("analysis.complete");
    let ids: Vec<_> = complete.iter().map(|e| e["subject"].as_str().unwrap()).collect();
    assert_eq!(ids[0], first.header("x-request-id").unwrap());
    assert_eq!(complete[0]["actor"], id.as_str());
    let detail: Value = serde_json::from_str(complete[0]["detail"].as_str().unwrap()).unwrap();
    let answer = first.json();
    assert_eq!(detail["image_sha256"], answer["image_info"]["sha256"]);
    assert_eq!(detail["label"], answer["verdict"]["label"]);
    assert_eq!(detail["policy_digest"], answer["policy"]["digest"]);
    assert_eq!(of("batch.accept")[0]["subject"], batch.as_str());
    assert_eq!(of("batch.accept")[0]["actor"], id.as_str());
    let failed = items["results"].as_array().unwrap().iter().find(|r| r["status"] == "failed");
    let failures = of("analysis.failed");
    let told: Vec<_> = failures.iter().map(|e| (&e["subject"], &e["actor"])).collect();
    let by_key = (&json!(refused.header("x-request-id")), &json!(id));
    assert_eq!(told, [by_key, (&failed.unwrap()["request_id"], &json!("server"))]);
    assert_eq!(failures[0]["detail"], r#"{"code":"UNSUPPORTED_FORMAT"}"#);
    assert_eq!((ids.len(), of("analysis.repeat").len()), (2, 1));
    assert!(!text.contains(&key) && !text.contains(&key[20..]) && !text.contains("whsec_"));
    assert!(!text.contains(&image[..100]));

    let (code, text) = audit(server.data(), &["verify"]);
    let head = text.rsplit(' ').next().unwrap().to_owned();
    assert_eq!((code, text), (0, format!("whole: {} entries, head {head}", entries.len())));
    assert_eq!(entries.last().unwrap()["hash"], head.as_str());
    // A head that was noted stays in it.
    assert_eq!(server.post("/v1/admin/keys", &key, &json!({})).status, 201);
    assert_eq!(audit(server.data(), &["verify", "--head", &head]).0, 0);
    let (code, text) = audit(server.data(), &["verify", "--head", &"ab".repeat(32)]);
    assert_eq!(code, 1);
    assert!(text.contains("no entry has the hash abab"), "{text}");
    // What the administration is shown is what it was shown before: no analyses.
    let shown = server.get("/v1/admin/audit", Some(&key)).json();
    let acts: Vec<_> = shown["entries"].as_array().unwrap().iter().map(|e| &e["act"]).collect();
    assert_eq!(acts, ["key.create", "key.create"]);
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_the_log() {
    let data = database::folder();
    acts(data.path(), 3).await;
    let replace = database::either(
        "INSERT OR REPLACE INTO audit_log SELECT * FROM audit_log WHERE number = 2",
        "TRUNCATE audit_log",
    );
    for statement in [
        "UPDATE audit_log SET actor = 'nobody' WHERE number = 2",
        "DELETE FROM audit_log WHERE number = 3",
        replace,
        "INSERT INTO audit_log SELECT 9, version, at, kind, actor, act, subject, organisation, detail, \
         previous, hash FROM audit_log WHERE number = 2",
    ] {
        let refused = database::alter(data.path(), &[statement]).unwrap_err().to_string();
        assert!(refused.contains("the audit log"), "{statement}: {refused}");
    }
    assert_eq!(audit(data.path(), &["verify"]).0, 0);
}

#[tokio::test]
async fn what_is_changed_behind_the_programs_back_is_named() {
    let table = database::either("", " ON audit_log");
    let unlocked = ["is_not_changed", "is_not_shortened", "grows_at_its_end"]
        .map(|trigger| format!("DROP TRIGGER audit_log_{trigger}{table}"));
    let unlocked: Vec<_> = unlocked.iter().map(String::as_str).collect();
    for (statement, part) in [
        ("UPDATE audit_log SET actor = 'nobody' WHERE number = 3", "entry 3 was changed"),
        ("UPDATE audit_log SET organisation = NULL WHERE number = 1", "entry 1 was changed"),
        ("DELETE FROM audit_log WHERE number = 2", "entry 2 is missing: entry 3"),
        ("DELETE FROM audit_log WHERE number = 1", "entry 1 is missing"),
        ("UPDATE audit_log SET hash = previous WHERE number = 4", "entry 4 was changed"),
        ("UPDATE audit_log SET version = 2 WHERE number = 2", "entry 2 has the form 2"),
        ("UPDATE audit_log SET number = -7 WHERE number = 2", "entry 1 is missing: entry -7"),
    ] {
        let data = database::folder();
        acts(data.path(), 5).await;
        tamper(data.path(), &[&unlocked[..], &[statement]].concat());
        let (code, text) = audit(data.path(), &["verify"]);
        assert!(code == 1 && text.contains(part), "{statement}: {text}");
    }
    let data = database::folder();
    let store = acts(data.path(), 5).await;
    let (_, head) = store.verify_log(None).await.unwrap().unwrap();
    tamper(data.path(), &[&unlocked[..], &["DELETE FROM audit_log WHERE number > 3"]].concat());
    // A log that is cut off looks whole, unless its head was noted.
    assert_eq!(audit(data.path(), &["verify"]).0, 0);
    let (code, text) = audit(data.path(), &["verify", "--head", &head.to_string()]);
    assert!(code == 1 && text.contains("cut off"), "{text}");
}

#[tokio::test]
async fn a_stored_answer_that_is_changed_or_deleted_is_named() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let body = json!({ "image_base64": BASE64_STANDARD.encode(photo(702)) });
    let id = server.post("/v1/analyze", &key, &body).header("x-request-id").unwrap().to_owned();
    assert_eq!(audit(server.data(), &["verify"]).0, 0);
    let change = "UPDATE analyses SET body = replace(body, '\"risk\":', '\"Risk\":')";
    tamper(server.data(), &[change]);
    let (code, text) = audit(server.data(), &["verify"]);
    assert!(code == 1 && text.contains(&format!("the stored answer of {id}")), "{text}");
    tamper(server.data(), &["DELETE FROM analyses"]);
    let (code, text) = audit(server.data(), &["verify"]);
    assert!(code == 1 && text.contains(&format!("the answer of {id} was deleted")), "{text}");
}

/// Acts of a version without a chain are sealed in their order when this version opens the database.
#[tokio::test]
async fn acts_of_earlier_versions_are_taken_over() {
    let data = database::folder();
    acts(data.path(), 1).await;
    let old = "INSERT INTO audit (at, actor, act, subject, organisation) VALUES \
               (7, 'cli', 'key.create', 'ak_1', NULL), (8, 'cli', 'key.revoke', 'ak_1', 'acme')";
    tamper(data.path(), &[old]);
    let store = Store::open(database::location(data.path())).await.unwrap();
    let log = store.audit(None, i64::MAX, 10).await.unwrap();
    let told: Vec<_> = log.iter().map(|e| (e.number, e.at, e.act.as_str())).collect();
    assert_eq!(told[..2], [(3, 8, "key.revoke"), (2, 7, "key.create")]);
    assert_eq!(store.verify_log(None).await.unwrap().unwrap().0, 3);
    let again = Store::open(database::location(data.path())).await.unwrap();
    assert_eq!(again.verify_log(None).await.unwrap().unwrap().0, 3);
}

/// Writers of several processes and connections at once make one chain.
#[tokio::test]
async fn acts_at_once_make_one_chain() {
    let data = database::folder();
    let first = acts(data.path(), 1).await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let data = data.path().to_owned();
            tokio::spawn(async move { acts(&data, 10).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(first.verify_log(None).await.unwrap().unwrap().0, 81);
}

/// A whole log of so many entries that say different things.
fn log(number: usize) -> Vec<LogEntry> {
    let mut previous = vec![0; 32];
    let entry = |number: usize| {
        let mut entry = LogEntry {
            number: number as i64 + 1,
            version: 1,
            at: 1_800_000_000 + number as i64,
            kind: "administration".into(),
            actor: "cli".into(),
            act: "key.create".into(),
            subject: format!("ak_{number}"),
            organisation: (!number.is_multiple_of(3)).then(|| format!("org{number}")),
            detail: "{}".into(),
            previous: previous.clone(),
            hash: Vec::new(),
        };
        entry.hash = entry.digest().to_vec();
        previous = entry.hash.clone();
        entry
    };
    (0..number).map(entry).collect()
}

fn follow(log: &[LogEntry], noted: Option<Hash>) -> Result<(i64, Hash), Broken> {
    let mut chain = Chain::new(noted);
    log.iter().try_for_each(|entry| chain.add(entry))?;
    chain.finish()
}

fn change(entry: &mut LogEntry, field: usize) {
    match field {
        0 => entry.number += 1,
        1 => entry.version += 1,
        2 => entry.at -= 1,
        3 => entry.kind.push('x'),
        // What one field loses, the next one has more.
        4 => entry.actor = format!("{}{}", entry.actor, entry.act.remove(0)),
        5 => entry.subject.clear(),
        6 => entry.organisation = entry.organisation.is_none().then(String::new),
        7 => entry.detail.push(' '),
        8 => entry.previous[31] ^= 1,
        _ => entry.hash[0] ^= 0x80,
    }
}

proptest! {
    #[test]
    fn a_whole_log_is_whole_and_each_of_its_heads_is_in_it(number in 0_usize..20, at in any::<prop::sample::Index>()) {
        let log = log(number);
        let noted = (number > 0).then(|| at.get(&log).hash.iter().map(|b| format!("{b:02x}")).collect::<String>());
        let noted = noted.map(|text| text.parse().unwrap());
        prop_assert_eq!(follow(&log, noted).unwrap().0, number as i64);
    }

    #[test]
    fn any_change_of_an_entry_is_found(number in 1_usize..20, at in any::<prop::sample::Index>(), field in 0_usize..10) {
        let mut log = log(number);
        let index = at.index(number);
        change(&mut log[index], field);
        prop_assert!(follow(&log, None).is_err());
    }

    #[test]
    fn any_removal_or_insertion_before_the_end_and_any_exchange_is_found(
        number in 2_usize..20,
        at in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        is_forged in any::<bool>(),
    ) {
        let whole = log(number);
        let mut removed = whole.clone();
        removed.remove(at.index(number - 1));
        prop_assert!(follow(&removed, None).is_err());

        let mut inserted = whole.clone();
        let index = at.index(number);
        let mut entry = whole[other.index(number)].clone();
        if is_forged {
            // One that fits all that stands before it.
            entry.number = whole[index].number;
            entry.previous = whole[index].previous.clone();
            entry.subject = "forged".into();
            entry.hash = entry.digest().to_vec();
        }
        inserted.insert(index, entry);
        prop_assert!(follow(&inserted, None).is_err());

        let mut exchanged = whole.clone();
        let (a, b) = (at.index(number), other.index(number));
        if a != b {
            exchanged.swap(a, b);
            prop_assert!(follow(&exchanged, None).is_err());
        }
    }

    /// Whoever can write all of it can make a log that is whole in itself; not one with the noted head.
    #[test]
    fn a_log_that_is_cut_off_or_written_anew_is_found_against_a_noted_head(
        number in 2_usize..20,
        at in any::<prop::sample::Index>(),
    ) {
        let whole = log(number);
        let (_, head) = follow(&whole, None).unwrap();
        let cut = &whole[..at.index(number - 1)];
        prop_assert!(follow(cut, None).is_ok());
        prop_assert_eq!(follow(cut, Some(head)), Err(Broken::Head { head }));

        let mut anew = whole.clone();
        let from = at.index(number);
        anew[from].actor = "nobody".into();
        for index in from..number {
            if index > 0 {
                anew[index].previous = anew[index - 1].hash.clone();
            }
            anew[index].hash = anew[index].digest().to_vec();
        }
        prop_assert!(follow(&anew, None).is_ok());
        prop_assert_eq!(follow(&anew, Some(head)), Err(Broken::Head { head }));
    }
}
