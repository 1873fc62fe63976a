// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is wrong in a policy, and how that is told.

use assay::policy::{shipped, Policy};
use assay_plugin_api::finding::Severity;
use proptest::prelude::*;

use crate::support::{assert_refused, refused, small};

#[test]
fn error_shows_file_line_column_source_and_what_was_expected() {
    let message = refused("[detectors.gan]\nthreshold = \"high\"");
    let expected = "\
small.toml:7:13: `detectors.gan.threshold` must be a number within 0..=1, found the text \"high\"
  |
7 | threshold = \"high\"
  |             ^^^^^^";
    assert_eq!(message, expected);
}

#[test]
fn unknown_key_is_an_error_with_the_nearest_name() {
    let message = refused("[detectors.gan]\nthresold = 0.5");
    let expected = "\
small.toml:7:1: unknown key `thresold` in `detectors.gan`
  |
7 | thresold = 0.5
  | ^^^^^^^^
  hint: did you mean `threshold`? Known: calibration, clear_below, deadline_ms, enabled, params, threshold";
    assert_eq!(message, expected);
}

#[test]
fn every_table_refuses_unknown_keys() {
    for (table, place) in [
        ("x = 1", ""),
        ("[quorum]\nx = 1", " in `quorum`"),
        ("[verdict]\nx = 1", " in `verdict`"),
        ("[risk]\nx = 1", " in `risk`"),
        ("[stability]\nx = 1", " in `stability`"),
        ("fusion.x = 1", " in `fusion`"),
        ("fusion.ai_generated.x = 1", " in `fusion.ai_generated`"),
        ("[detectors.gan]\nx = 1", " in `detectors.gan`"),
        ("[[rule]]\nx = 1", " in `rule`"),
        ("[[rule]]\np_manipulated = { x = 1 }", " in `rule.p_manipulated`"),
        ("[[rule]]\nwhere = { a = { x = 1 } }", " in `rule.where.a`"),
    ] {
        assert_refused(table, &format!("unknown key `x`{place}"));
    }
}

#[test]
fn broken_toml_is_told_with_its_place() {
    assert_refused("[verdict", "small.toml:6:9: not TOML: unclosed table");
    assert_refused("name = \"twice\"", "small.toml:6:1: not TOML: duplicate key");
}

#[test]
fn column_counts_characters_and_control_characters_are_not_shown() {
    let message = refused("description = \"\u{e4}\u{20ac}\u{1f600}\"\trisk = 1");
    assert!(message.contains("small.toml:6:21: not TOML"), "{message}");
    assert!(!message.contains('\t'));
}

#[test]
fn all_that_is_wrong_is_told_at_once_in_the_order_of_the_file() {
    let message =
        refused("[risk]\nhigh = 2\n[verdict]\nmanipulated = true\n[quorum]\nrequired = 1");
    let places: Vec<_> = ["small.toml:7:8", "small.toml:9:15", "small.toml:11:12"]
        .iter()
        .map(|place| message.find(place))
        .collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{message}");
}

#[test]
fn numbers_that_make_no_sense_are_refused() {
    assert_refused("fusion.ai_generated.bias = nan", "must be a number within -50..=50, found NaN");
    assert_refused("fusion.ai_generated.bias = inf", "must be a number within -50..=50, found inf");
    assert_refused("fusion.max_renormalisation = 0.5", "must be a number within 1..=100");
    assert_refused("fusion.score_clamp = 0", "must be a number within");
    assert_refused("fusion.score_clamp = 0.5", "must be a number within");
    assert_refused("detectors.gan.deadline_ms = 0", "must be a whole number within 1..=3600000");
    assert_refused("detectors.gan.deadline_ms = 1.5", "must be a whole number");
    assert_refused("quorum.min_scored = -1", "must be a whole number within 1..=64");
    assert_refused("quorum.min_weight_share = 1.01", "must be a number within 0..=1");
    assert_refused("stability.enabled = 1", "`stability.enabled` must be true or false");
    assert_refused("stability.jpeg_quality = 49", "must be a whole number within 50..=100");
    assert_refused("stability.jpeg_quality = 101", "must be a whole number within 50..=100");
    assert_refused("stability.scale = 1", "must be a number within 0.5..=0.99");
    assert_refused("stability.scale = 0.49", "must be a number within 0.5..=0.99");
    assert_refused("risk.on_fault = \"LOW\"", "must be one of \"MEDIUM\", \"HIGH\"");
    assert_refused("detectors.gan.params.a = [1]", "must be a text, a number or a switch");
    assert_refused("detectors.gan.params.a = inf", "must be a text, a number or a switch");
    assert_refused("detectors.all.threshold = 0.5", "a detector's key must be snake_case");
}

#[test]
fn values_that_contradict_one_another_are_refused() {
    assert_refused(
        "detectors.gan = { threshold = 0.5, clear_below = 0.6 }",
        "`detectors.gan.clear_below` must be at most `threshold` (0.5), found 0.6",
    );
    assert_refused(
        "verdict = { ai_generated = 0.2, authentic_below = 0.3 }",
        "`verdict.authentic_below` must be at most `verdict.ai_generated` (0.2), found 0.3",
    );
    assert_refused(
        "risk.high = 0.5",
        "`risk.high` must be at least `risk.medium` (0.6), found 0.5",
    );
    assert_refused("risk.medium = 0.2", "so that AUTHENTIC is LOW, found 0.3");
    assert_refused(
        "detectors.gan.enabled = false\nquorum.required = [\"gan\"]",
        "`quorum.required` names `gan`, which the policy disables",
    );
    for (more, place) in [("", "1:1"), ("fusion.manipulated.weights = { a = 1 }", "3:1")] {
        let weightless = format!("name = \"w\"\nversion = \"1\"\n{more}");
        let error = Policy::parse(&weightless, "w.toml").unwrap_err().to_string();
        let told = "`fusion.ai_generated.weights` must give at least one detector";
        assert!(error.starts_with(&format!("w.toml:{place}: {told}")), "{error}");
    }
}

#[test]
fn rules_are_checked() {
    let rule = |body: &str| format!("[[rule]]\nname = \"r\"\nreason = \"x\"\n{body}");
    let good = "finding = \"a.b\"\np_manipulated = { at_least = 0.9 }";
    let policy = small(&rule(good)).unwrap();
    assert_eq!(policy.rules[0].min_severity, Severity::Info);
    assert_refused(&rule("finding = \"a.b\""), "rule.p_manipulated` is missing");
    for bad in ["a", "A.b", "a.", "*", "a*", "a.*.b", ".*", ""] {
        let text = rule(&format!("finding = \"{bad}\"\np_manipulated = {{ at_least = 0.9 }}"));
        assert_refused(&text, "finding");
    }
    assert!(small(&rule(&good.replace("a.b", "a.*"))).is_ok());
    assert_refused(&rule(&good.replace("0.9", "1.5")), "must be a number within 0..=1");
    assert_refused(
        &rule("finding = \"a.b\"\np_manipulated = { at_least = 0.9, at_most = 0.5 }"),
        "`at_least` must be at most `at_most` (0.5), found 0.9",
    );
    let twice = format!("{}\n{}", rule(good), rule(good));
    assert_refused(&twice, "there are two rules named `r`");
    assert_refused("[[rule]]\nname = \"r\"\nfinding = \"a.b\"", "`rule.reason` is missing");
}

#[test]
fn hostile_text_is_refused_with_a_short_message() {
    let deep = format!("{}b = 1", "a.".repeat(100_000));
    assert_refused(&deep, "small.toml:6:1: a line must be at most 4096 bytes");
    let deep: String = (0..60).map(|i| format!("{}k{i} = 1\n", "a.".repeat(2000))).collect();
    assert_refused(&deep, "recursion limit");
    assert_refused(&format!("x = {}", "[".repeat(4000)), "recurse");
    let wide: String = (0..10_000).map(|i| format!("k{i} = {i}\n")).collect();
    let message = refused(&wide);
    assert!(message.ends_with("and 9980 more"), "{message}");
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*") {
        drop(Policy::parse(&text, "x.toml").map_err(|e| e.to_string()));
    }

    #[test]
    fn no_damage_to_a_policy_makes_the_reader_panic(
        at in any::<prop::sample::Index>(),
        length in 0_usize..40,
        with in "[\\[\\]{}=.\"'#\\n\u{e4}a-z0-9 ]{0,12}",
    ) {
        let text = shipped::shipped("default").unwrap();
        let start = at.index(text.len());
        let end = (start + length).min(text.len());
        let damaged = format!("{}{with}{}", &text[..start], &text[end..]);
        drop(Policy::parse(&damaged, "x.toml").map_err(|e| e.to_string()));
    }
}
