// SPDX-License-Identifier: MIT OR Apache-2.0
//! `assay doctor`: what is well, what is not and what to do, and that looking changes nothing.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::support::{library, shipped, Bench};

/// The checks by `--format json`, with the exit code.
fn checks(bench: &Bench, arguments: &[&str]) -> (i32, Vec<Value>) {
    let run = bench.assay(&[&["doctor", "--format", "json"], arguments].concat());
    let told: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}", run.err));
    let checks = told["checks"].as_array().unwrap().clone();
    let order = ["ok", "warning", "failed"];
    let rank = |level: &Value| order.iter().position(|word| level == word).unwrap();
    let worst = checks.iter().map(|check| rank(&check["level"])).max().unwrap();
    assert_eq!(told["level"], order[worst]);
    (run.code, checks)
}

/// The one check of a subject, and of a name where there are several.
fn check<'a>(checks: &'a [Value], subject: &str, name: Option<&str>) -> &'a Value {
    let fits = |check: &&Value| check["subject"] == subject && check["name"].as_str() == name;
    checks.iter().find(fits).unwrap_or_else(|| panic!("{subject} {name:?}: {checks:#?}"))
}

fn config_with(bench: &Bench, more: &str) -> String {
    let config = std::fs::read_to_string(shipped("assay.toml")).unwrap();
    bench.write("assay.toml", config + more)
}

#[test]
fn a_new_installation_is_told_what_it_lacks_and_nothing_is_made() {
    let bench = Bench::new();
    let (_, found) = checks(&bench, &[]);
    assert_eq!(check(&found, "configuration", None)["level"], "ok");
    let digest = check(&found, "detector", Some("splicing"))["found"].as_str().unwrap();
    assert!(digest.split("sha256 ").nth(1).is_some_and(|digest| digest.len() == 64), "{digest}");
    for policy in ["default", "insurance-claims", "content-moderation", "kyc"] {
        assert_eq!(check(&found, "policy", Some(policy))["level"], "ok", "{policy}");
    }
    let database = check(&found, "database", None);
    assert_eq!(database["level"], "warning");
    assert!(database["advice"].as_str().unwrap().contains("assay keys create"));
    assert!(!bench.path("data").exists());
    for subject in ["processors", "memory", "open files", "outward", "proxies", "disk"] {
        assert!(!check(&found, subject, None)["found"].as_str().unwrap().is_empty(), "{subject}");
    }
}

#[test]
fn a_server_s_data_are_told_with_their_version_and_keys() {
    let bench = Bench::new();
    let made = bench.assay(&["keys", "create", "--org", "acme"]);
    assert_eq!(made.code, 0, "{}", made.err);
    let data = bench.path("data");
    let mode = |bits| std::fs::set_permissions(&data, std::fs::Permissions::from_mode(bits));
    mode(0o700).unwrap();
    let (_, found) = checks(&bench, &[]);
    let level = |found: &[Value], subject| check(found, subject, None)["level"].clone();
    for subject in ["data", "database", "keys", "clock"] {
        assert_eq!(level(&found, subject), "ok", "{found:#?}");
    }
    assert_eq!(check(&found, "keys", None)["found"], "1 in force");
    mode(0o755).unwrap();
    assert_eq!(level(&checks(&bench, &[]).1, "data"), "warning");
    let listed = bench.assay(&["keys", "list"]).out;
    let id = listed.split_whitespace().find(|word| word.starts_with("ak_")).unwrap();
    assert_eq!(bench.assay(&["keys", "revoke", id]).code, 0);
    assert_eq!(level(&checks(&bench, &[]).1, "keys"), "warning");
    std::fs::write(data.join("assay.sqlite"), "no database, ".repeat(1_000)).unwrap();
    let (code, found) = checks(&bench, &[]);
    assert_eq!((code, level(&found, "database")), (1, "failed".into()));
}

#[test]
fn a_library_of_nobody_is_a_warning_and_one_that_is_not_there_a_failure() {
    let bench = Bench::new();
    let hostile = library("assay_hostile").display().to_string();
    let slot = format!("\n[[plugin]]\nmodel = \"hostile\"\nlibrary = \"{hostile}\"\n");
    let config = config_with(&bench, &slot);
    let (_, found) = checks(&bench, &["--config", &config]);
    let detector = check(&found, "detector", Some("hostile"));
    let text = detector["found"].as_str().unwrap();
    if detector["level"] != "failed" {
        assert_eq!(detector["level"], "warning", "{detector}");
        assert!(detector["advice"].as_str().unwrap().contains("sha256"), "{detector}");
    }
    let digest = text.split("sha256 ").nth(1).unwrap();
    let config = config_with(&bench, &format!("{slot}sha256 = \"{digest}\"\n"));
    let (_, found) = checks(&bench, &["--config", &config]);
    let pinned = check(&found, "detector", Some("hostile"));
    assert!(pinned["found"].as_str().unwrap().contains("pinned"), "{pinned}");
    let config = config_with(&bench, "\n[[plugin]]\nmodel = \"shadows\"\nlibrary = \"shadows\"\n");
    let (code, found) = checks(&bench, &["--config", &config]);
    let missing = check(&found, "detector", Some("shadows"));
    assert_eq!((code, &missing["level"]), (1, &Value::from("failed")));
    assert!(missing["found"].as_str().unwrap().contains("shadows.so"), "{missing}");
}

#[test]
fn what_is_configured_too_widely_or_too_high_is_told() {
    let bench = Bench::new();
    let config = std::fs::read_to_string(shipped("assay.toml")).unwrap();
    let more = "[server]\nat_once = 1000\npublic_url = \"http://assay.example.com\"\n\
                [network]\nallow = [\"0.0.0.0/0\"]\ntrusted_proxies = [\"0.0.0.0/0\"]\n";
    let config = config.replace("isolation = \"auto\"\n\n[pool]", "isolation = \"none\"\n\n[pool]");
    let config = bench.write("assay.toml", config + more);
    let (_, found) = checks(&bench, &["--config", &config]);
    for subject in ["processors", "memory", "outward", "proxies", "public URL", "decoder"] {
        assert_eq!(check(&found, subject, None)["level"], "warning", "{subject}: {found:#?}");
    }
    let allowed = checks(&bench, &["--allow-net", "10.0.0.0/8"]).1;
    let outward = check(&allowed, "outward", None);
    assert_eq!(
        (&outward["level"], &outward["found"]),
        (&"ok".into(), &"public addresses and 10.0.0.0/8".into())
    );
}

#[test]
fn a_wrong_configuration_is_a_failed_line_and_exit_code_2() {
    let bench = Bench::new();
    let config = bench.write("assay.toml", "nonsense = 1\n");
    let (code, found) = checks(&bench, &["--config", &config]);
    assert_eq!((code, found.len()), (2, 1));
    assert!(found[0]["found"].as_str().unwrap().contains("nonsense"), "{found:?}");
    let text = bench.assay(&["--config", &config, "doctor"]);
    assert!(text.out.starts_with("failed   configuration"), "{}", text.out);
}
