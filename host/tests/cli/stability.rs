// SPDX-License-Identifier: MIT OR Apache-2.0
//! The stability check from outside: the built detectors, a camera's picture and its copies.

use assay::analysis::copies::{CopyKind, Rerun};
use assay::analysis::outcome::{DetectorOutcome, Outcome};
use assay::fusion::{fuse_with_copies, Verdict};
use assay::policy::Policy;
use assay_conformance::synth::codec::{png, Jpeg};
use assay_conformance::synth::{Camera, Scene};
use assay_plugin_api::descriptor::Kind;
use assay_plugin_api::report::{Report, Score};
use serde_json::Value;

use crate::support::Bench;

/// Bands so wide that a picture without a declaration is AUTHENTIC.
const WIDE: &str = "[verdict]\nai_generated = 0.99\nmanipulated = 0.99\nauthentic_below = 0.98\n\
                    [risk]\nmedium = 0.98\nhigh = 0.99\n";
const CHECKED: &str = "[stability]\nenabled = true\n";

/// A camera and scene whose resized copy looks more generated than the picture.
const UNDONE: u64 = 8;

fn shot(seed: u64, side: usize) -> Vec<u8> {
    let picture = Camera::with_body(seed).shoot(&Scene::new(seed).light(side, side), seed);
    Jpeg::quality(95).encode(&picture).unwrap()
}

fn policy(name: &str, more: &str) -> String {
    format!("name = \"{name}\"\nversion = \"1\"\nextends = \"default\"\n{more}")
}

fn codes(verdict: &Value) -> Vec<&str> {
    let reasons = verdict["reasons"].as_array().unwrap().iter();
    reasons.map(|reason| reason["code"].as_str().unwrap()).collect()
}

fn p(of: &Value, hypothesis: &str) -> f64 {
    of[hypothesis].as_f64().unwrap_or_else(|| panic!("{of}"))
}

/// Bands by which the picture of an answer is AUTHENTIC and its worst copy is not.
fn undone(answer: &Value) -> String {
    let risk = |of: &Value| p(of, "p_ai_generated").max(p(of, "p_manipulated"));
    let copies = answer["stability"]["copies"].as_array().unwrap().iter();
    let (own, worst) = (risk(&answer["verdict"]), copies.map(risk).fold(0.0, f64::max));
    assert!(worst > own + 0.01, "no copy looks worse: {own}, {worst}");
    WIDE.replace("authentic_below = 0.98", &format!("authentic_below = {}", (own + worst) / 2.0))
}

/// The answer under a policy that checks, of a camera's picture.
fn checked(bench: &Bench, picture: &[u8], bands: &str) -> Value {
    let file = bench.write("photo.jpg", picture);
    let with = bench.write("with.toml", policy("with", &format!("{bands}{CHECKED}")));
    bench.results(&["--policy", &with, &file]).remove(0)
}

#[test]
fn verdict_that_copies_confirm_stands_and_what_they_give_is_told() {
    let bench = Bench::new();
    let answer = checked(&bench, &shot(5, 400), WIDE);
    let without = bench.write("without.toml", policy("with", WIDE));
    let unchecked =
        &bench.results(&["--policy", &without, &bench.path("photo.jpg").display().to_string()])[0];
    assert!(unchecked.get("stability").is_none());
    assert_eq!(answer["verdict"], unchecked["verdict"]);
    assert_eq!(answer["verdict"]["label"], "AUTHENTIC");
    let stability = &answer["stability"];
    assert_eq!(
        (&stability["status"], &stability["label"]),
        (&"stable".into(), &"AUTHENTIC".into())
    );
    let copies = stability["copies"].as_array().unwrap();
    let kinds: Vec<_> = copies.iter().map(|copy| copy["copy"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["recompressed", "resized"]);
    assert_eq!(copies[1]["detail"], "the copy resized to 0.9 and saved as JPEG 85");
    let supporters = stability["detectors"].as_array().unwrap();
    assert!(supporters.contains(&"diffusion".into()), "{supporters:?}");
    assert!(!supporters.contains(&"metadata".into()), "{supporters:?}");
    for copy in copies {
        assert_eq!(copy["label"], "AUTHENTIC");
        let answers = copy["model_results"].as_object().unwrap();
        assert_eq!(answers.len(), supporters.len());
        // Another picture than the first, and so another score.
        let score = &answers["diffusion_detection"]["score"];
        assert!(score.is_number());
        assert_ne!(score, &answer["model_results"]["diffusion_detection"]["score"]);
    }
}

#[test]
fn verdict_that_a_copy_undoes_is_inconclusive_and_says_which() {
    let bench = Bench::new();
    let picture = shot(UNDONE, 400);
    let bands = undone(&checked(&bench, &picture, WIDE));
    let answer = checked(&bench, &picture, &bands);
    let verdict = &answer["verdict"];
    assert_eq!(verdict["label"], "INCONCLUSIVE", "{verdict}");
    assert_eq!(codes(verdict), ["inconclusive.unstable", "risk.raised_by_instability"]);
    assert_eq!(verdict["risk_level"], "MEDIUM");
    assert_eq!(answer["stability"]["status"], "unstable");
    assert_eq!(answer["stability"]["label"], "AUTHENTIC");
    let text = verdict["reasons"][0]["text"].as_str().unwrap();
    let expected = "the picture itself gives AUTHENTIC, but the copy resized to 0.9 and saved as \
                    JPEG 85 gives INCONCLUSIVE";
    assert!(text.starts_with(expected), "{text}");
    let file = bench.path("photo.jpg").display().to_string();
    let with = bench.path("with.toml").display().to_string();
    let printed = bench.assay(&["analyze", "--policy", &with, &file]).out;
    assert!(
        printed.contains("again the copy saved as JPEG 85: AUTHENTIC, generated 0."),
        "{printed}"
    );
}

#[test]
fn copy_on_which_a_supporter_cannot_speak_is_not_checked_and_the_verdict_stands() {
    let bench = Bench::new();
    // Diffusion needs 256 px a side, and nine tenths of 270 are 243.
    let answer = checked(&bench, &shot(5, 270), WIDE);
    let verdict = &answer["verdict"];
    assert_eq!(verdict["label"], "AUTHENTIC", "{verdict}");
    assert_eq!(codes(verdict), ["verdict.authentic", "stability.not_checked"]);
    let reason = &verdict["reasons"][1];
    let text = reason["text"].as_str().unwrap();
    assert!(text.contains("the copy resized to 0.9 and saved as JPEG 85: "), "{text}");
    assert!(text.ends_with("diffusion not applicable"), "{text}");
    assert_eq!(reason["detectors"], serde_json::json!(["diffusion"]));
    let copy = &answer["stability"]["copies"][1];
    assert_eq!(answer["stability"]["status"], "not_checked");
    assert!(copy["label"].is_null() && copy["p_ai_generated"].is_null(), "{copy}");
    assert_eq!(copy["model_results"]["diffusion_detection"]["status"], "not_applicable");
}

#[test]
fn verdict_of_a_declaration_is_not_checked_on_copies() {
    let bench = Bench::new();
    let text =
        "a red barn at dusk\nSteps: 28, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 400x320";
    let picture = Camera::with_body(3).shoot(&Scene::new(3).light(400, 320), 3);
    let answer = checked(&bench, &png(&picture, &[("parameters", text)]).unwrap(), "");
    assert_eq!(answer["verdict"]["label"], "AI_GENERATED", "{answer}");
    assert!(answer.get("stability").is_none(), "{answer}");
}

/// The outcomes in an answer, as far as the fusion looks at them; none of these pictures sets off a
/// rule.
fn outcomes(results: &Value) -> Vec<DetectorOutcome> {
    let outcome = |(key, result): (&String, &Value)| {
        let model_key = key.split('_').next().unwrap_or_default();
        let text = |name: &str| result[name].as_str().unwrap().to_owned();
        let outcome = match result["score"].as_f64() {
            Some(score) => Outcome::Scored(Report::new(Score::clamped(score))),
            None => Outcome::NotApplicable { reason: text("detail") },
        };
        let kind = if model_key == "metadata" { Kind::Provenance } else { Kind::Generation };
        DetectorOutcome {
            id: model_key.into(),
            model_key: model_key.into(),
            result_key: key.clone(),
            title: key.clone(),
            kind,
            version: text("version"),
            digest: text("digest"),
            duration_ms: 0.0,
            outcome,
        }
    };
    results.as_object().unwrap().iter().map(outcome).collect()
}

/// The verdict that follows from an answer as it is stored.
fn derived(answer: &Value, policy: &Policy) -> Verdict {
    let copies = CopyKind::ALL.into_iter().zip(answer["stability"]["copies"].as_array().unwrap());
    let reruns = copies.map(|(copy, stored)| {
        assert_eq!(stored["copy"], copy.as_str());
        Rerun { copy, outcomes: Ok(outcomes(&stored["model_results"])) }
    });
    let reruns: Vec<_> = reruns.collect();
    fuse_with_copies(&outcomes(&answer["model_results"]), &reruns, policy)
}

#[test]
fn stored_answer_gives_the_same_verdict_again() {
    let bench = Bench::new();
    let picture = shot(UNDONE, 400);
    let bands = undone(&checked(&bench, &picture, WIDE));
    for bands in [WIDE, &bands] {
        let answer = checked(&bench, &picture, bands);
        let with = Policy::load(&bench.path("with.toml").display().to_string(), &[]).unwrap();
        assert_eq!(answer["policy"]["digest"], with.digest());
        let verdict = derived(&answer, &with);
        assert_eq!(answer["verdict"]["label"], verdict.label.as_str());
        assert_eq!(answer["verdict"]["risk_level"], verdict.risk_level.as_str());
        let again: Vec<_> = verdict.reasons.iter().map(|reason| reason.code.as_str()).collect();
        assert_eq!(codes(&answer["verdict"]), again);
        let stability = verdict.stability.unwrap();
        assert_eq!(answer["stability"]["status"], stability.status());
        assert_eq!(answer["stability"]["detectors"], serde_json::json!(stability.supporters));
        // Scores are stored with four decimals.
        let own = p(&answer["verdict"], "p_ai_generated");
        assert!((own - verdict.p_ai_generated).abs() < 1e-3);
    }
}
