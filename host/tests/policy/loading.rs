// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where policies are found, and how one extends another.

use assay::policy::{check_detectors, shipped, ParamValue, Policy, PolicyError, StabilityPolicy};

use crate::support::{SIX, SMALL};

#[test]
fn shipped_policies_are_right_for_the_six_detectors() {
    for name in shipped::names() {
        let policy = Policy::load(name, &[]).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(policy.name, name);
        assert!(!policy.description.is_empty());
        check_detectors(&policy, &SIX).unwrap_or_else(|e| panic!("{e}"));
        assert!(policy.risk.medium == 0.60 && policy.risk.high == 0.85, "{name}");
    }
}

#[test]
fn shipped_policies_require_what_their_purpose_needs() {
    let required = |name: &str| Policy::load(name, &[]).unwrap().quorum.required;
    assert_eq!(required("insurance-claims"), ["metadata", "splicing"]);
    assert_eq!(required("kyc"), ["diffusion", "gan", "splicing"]);
    assert!(required("default").is_empty());
    let default = Policy::load("default", &[]).unwrap();
    let claims = Policy::load("insurance-claims", &[]).unwrap();
    assert!(claims.verdict.manipulated < default.verdict.manipulated);
}

#[test]
fn shipped_policies_run_no_detector_again_unless_an_overlay_asks_for_it() {
    for name in shipped::names() {
        assert!(!Policy::load(name, &[]).unwrap().stability.enabled, "{name}");
    }
    let text =
        "name = \"careful\"\nversion = \"1\"\nextends = \"kyc\"\n[stability]\nenabled = true\n";
    let stability = Policy::parse(text, "careful.toml").unwrap().stability;
    let expected = StabilityPolicy { enabled: true, jpeg_quality: 85, scale: 0.9 };
    assert_eq!(stability, expected);
}

#[test]
fn overlay_changes_what_it_names_and_inherits_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let rules = r#"
        [[rule]]
        name = "keep"
        finding = "a.b"
        p_manipulated = { at_least = 0.9 }
        reason = "kept"
        [[rule]]
        name = "off"
        finding = "c.d"
        where = { n = { min = 3 } }
        p_manipulated = { at_least = 0.9 }
        reason = "switched off"
    "#;
    write("small.toml", &format!("{SMALL}{rules}"));
    write(
        "mine.toml",
        r#"
        name = "mine"
        version = "2"
        extends = "small"
        fusion.ai_generated.weights.seventh = 0.3
        detectors.gan.params.window_px = 64
        [[rule]]
        name = "off"
        enabled = false
        [[rule]]
        name = "new"
        finding = "e.*"
        p_ai_generated = { at_most = 0.1 }
        reason = "added"
        "#,
    );
    let folders = [folder.path().to_path_buf()];
    let policy = Policy::load("mine", &folders).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!((policy.name.as_str(), policy.version.as_str()), ("mine", "2"));
    let weights: Vec<_> = policy.fusion.ai_generated.weights.into_iter().collect();
    assert_eq!(weights, [("gan".to_owned(), 1.0), ("seventh".to_owned(), 0.3)]);
    let params = policy.detectors["gan"].params.clone();
    assert_eq!(params["window_px"], ParamValue::Int(64));
    let rules: Vec<_> = policy.rules.iter().map(|r| (r.name.as_str(), r.enabled)).collect();
    assert_eq!(rules, [("keep", true), ("new", true), ("off", false)]);
    assert_eq!(policy.rules[2].reason, "switched off");

    // A fault in what is inherited is told in the file that has it.
    write("small.toml", &format!("{SMALL}\nverdict.manipulated = 7"));
    let error = Policy::load("mine", &folders).unwrap_err().to_string();
    assert!(error.contains("small.toml:7:23: `verdict.manipulated` must be"), "{error}");
}

#[test]
fn chain_of_extends_must_end_in_something_known() {
    let folder = tempfile::tempdir().unwrap();
    let folders = [folder.path().to_path_buf()];
    for (name, extends) in [("a", "b"), ("b", "a"), ("c", "defalt"), ("d", "../d")] {
        let text = format!("name = \"{name}\"\nversion = \"1\"\nextends = \"{extends}\"");
        std::fs::write(folder.path().join(format!("{name}.toml")), text).unwrap();
    }
    let error = |name: &str| Policy::load(name, &folders).unwrap_err().to_string();
    assert!(error("a").contains("`extends` must come to an end, found b -> a -> b"));
    assert!(error("c").contains("c.toml:3:11: unknown policy `defalt`"));
    assert!(error("c").contains("did you mean `default`?"));
    assert!(error("d").contains("unknown policy `../d`"));
}

#[test]
fn policy_is_found_by_file_then_folder_then_among_the_shipped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kyc.toml");
    std::fs::write(&path, SMALL).unwrap();
    let folders = [folder.path().join("none"), folder.path().to_path_buf()];
    let name = |asked: &str, folders: &[_]| Policy::load(asked, folders).unwrap().name;
    assert_eq!(name("kyc", &folders), "small");
    assert_eq!(name("kyc", &[]), "kyc");
    assert_eq!(name(&path.display().to_string(), &[]), "small");
    let error = Policy::load("kyk", &folders[..1]).unwrap_err().to_string();
    assert!(error.starts_with("no policy named `kyk` in "), "{error}");
    assert!(error.ends_with(
        "did you mean `kyc`? Known: content-moderation, default, insurance-claims, kyc"
    ));
    let missing = folder.path().join("missing.toml").display().to_string();
    let error = Policy::load(&missing, &[]).unwrap_err();
    assert!(matches!(error, PolicyError::Unreadable { .. }));
}

#[test]
fn file_that_is_too_long_or_no_text_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.toml");
    let load = || Policy::load(&path.display().to_string(), &[]).unwrap_err().to_string();
    // Two bytes a character, so that the limit falls inside one.
    std::fs::write(&path, "#\u{e4}".repeat(1 << 20)).unwrap();
    assert!(load().contains("must be at most 262144 bytes"));
    std::fs::write(&path, [b'#', 0xFF]).unwrap();
    assert!(load().contains("cannot read the policy"));
}
