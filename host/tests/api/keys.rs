// SPDX-License-Identifier: MIT OR Apache-2.0
//! Keys: made, restricted, rotated and revoked while the server runs.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::Value;

use crate::support::Server;

const PATH: &str = "/v1/detectors";

#[test]
fn a_key_is_needed_and_must_be_in_force() {
    let server = Server::start();
    let (id, key) = server.key(&[]);
    assert_eq!(server.get(PATH, Some(&key)).status, 200);
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(2);
    let (_, expired) = server.key(&["--expires", &soon.to_string()]);
    std::thread::sleep(Duration::from_millis(2_100));
    let mut altered = key.clone();
    let last = if altered.pop() == Some('0') { '1' } else { '0' };
    altered.push(last);
    for wrong in [None, Some(""), Some("nonsense"), Some(&*altered), Some(&*expired), Some(&*id)] {
        let answer = server.get(PATH, wrong);
        assert_eq!((answer.status, answer.error().as_str()), (401, "INVALID_API_KEY"), "{wrong:?}");
    }
    let (code, _, _) = server.keys(&["revoke", &id]);
    assert_eq!(code, 0);
    assert_eq!(server.get(PATH, Some(&key)).status, 401);
    let (code, _, err) = server.keys(&["revoke", &id]);
    assert_eq!(code, 2);
    assert!(err.contains("is revoked"), "{err}");
}

#[test]
fn restrictions_hold() {
    let server = Server::start();
    let forbidden = |key: &str| {
        let answer = server.get(PATH, Some(key));
        answer.status == 403 && answer.error() == "FORBIDDEN"
    };
    let (_, submits) = server.key(&["--scope", "analyze"]);
    assert!(forbidden(&submits));
    let (_, elsewhere) = server.key(&["--endpoint", "/v1/analyze"]);
    assert!(forbidden(&elsewhere));
    let (_, here) = server.key(&["--endpoint", PATH, "--allow-ip", "127.0.0.0/8"]);
    assert_eq!(server.get(PATH, Some(&here)).status, 200);
    let (_, far) = server.key(&["--allow-ip", "192.0.2.0/24", "--allow-ip", "2001:db8::/32"]);
    assert!(forbidden(&far));
}

#[test]
fn a_rotated_key_goes_on_for_the_overlap_and_its_successor_has_its_rights() {
    let server = Server::start();
    let (id, old) = server.key(&["--scope", "read", "--plan", "growth"]);
    let (code, out, err) = server.keys(&["rotate", &id, "--overlap", "600", "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    let new: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&new["org"], &new["plan"]), (&"acme".into(), &"growth".into()));
    let new = new["key"].as_str().unwrap();
    assert_eq!(server.get(PATH, Some(&old)).status, 200);
    assert_eq!(server.get(PATH, Some(new)).status, 200);
    assert_eq!(server.get("/v1/analyze", Some(new)).status, 405);

    let (code, _, _) = server.keys(&["rotate", &new[..19], "--overlap", "0"]);
    assert_eq!(code, 0);
    assert_eq!(server.get(PATH, Some(new)).status, 401);
    let (code, _, err) = server.keys(&["rotate", "ak_0000000000000000"]);
    assert_eq!(code, 2);
    assert!(err.contains("no key `ak_0000000000000000`"), "{err}");
}

#[test]
fn the_list_tells_names_and_states_and_never_a_secret() {
    let server = Server::start();
    let (id, key) = server.key(&["--env", "staging"]);
    let (other, _) = server.key(&[]);
    server.keys(&["revoke", &other]);
    let (_, out, _) = server.keys(&["list", "--format", "json"]);
    let secret = key.rsplit_once('_').unwrap().1;
    assert!(!out.contains(secret));
    let listed: Vec<Value> = serde_json::from_str(&out).unwrap();
    let row = |id: &str| listed.iter().find(|row| row["id"] == id).unwrap();
    assert_eq!(
        (&row(&id)["state"], &row(&id)["environment"]),
        (&"active".into(), &"staging".into())
    );
    assert_eq!(row(&other)["state"], "revoked");
    let (_, out, _) = server.keys(&["list"]);
    assert_eq!(out.lines().count(), 2);
    assert!(out.contains(&id) && !out.contains(secret));
}

#[test]
fn wrong_options_are_refused_and_make_nothing() {
    let server = Server::start();
    for (arguments, expected) in [
        (["--allow-ip", "300.0.0.0/8"], "no address"),
        (["--scope", "everything"], "analyze"),
        (["--endpoint", "analyze"], "/v1/"),
        (["--endpoint", "/v1/nonsense"], "/v1/analyze/batch"),
        (["--expires", "tomorrow"], "--expires"),
        (["--expires", "2020-01-01T00:00:00Z"], "in the future"),
    ] {
        let (code, _, err) = server.keys(&[&["create", "--org", "acme"], &arguments[..]].concat());
        assert_eq!(code, 2, "{arguments:?}");
        assert!(err.contains(expected), "{err}");
    }
    let (_, out, _) = server.keys(&["list"]);
    assert_eq!(out, "");
    server.key(&["--plan", "growth"]);
    let (code, _, err) = server.keys(&["create", "--org", "acme", "--plan", "starter"]);
    assert_eq!(code, 2);
    assert!(err.contains("has the plan growth"), "{err}");
}

#[test]
fn keys_differ() {
    let server = Server::start();
    let keys: HashSet<_> = (0..5).map(|_| server.key(&[])).collect();
    assert_eq!(keys.len(), 5);
    assert!(keys.iter().all(|(id, key)| key.starts_with(id.as_str()) && key.len() == 84));
}
