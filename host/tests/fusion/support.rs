// SPDX-License-Identifier: MIT OR Apache-2.0
//! Outcomes and policies for tests.

use assay::analysis::outcome::{DetectorOutcome, Outcome};
use assay::fusion::Verdict;
use assay::policy::Policy;
use assay_plugin_api::descriptor::Kind;
use assay_plugin_api::finding::Finding;
use assay_plugin_api::report::{Report, Score};

/// A detector with an outcome.
pub(crate) fn outcome(key: &str, outcome: Outcome) -> DetectorOutcome {
    DetectorOutcome {
        id: format!("test-{key}"),
        model_key: key.into(),
        result_key: format!("{key}_detection"),
        title: key.into(),
        kind: Kind::Generation,
        version: "1.0.0".into(),
        digest: "0".into(),
        duration_ms: 1.0,
        outcome,
    }
}

/// A detector that scored.
pub(crate) fn scored(key: &str, score: f64) -> DetectorOutcome {
    outcome(key, Outcome::Scored(Report::new(Score::clamped(score))))
}

/// A detector that scored and found something.
pub(crate) fn found(key: &str, score: f64, finding: Finding) -> DetectorOutcome {
    outcome(key, Outcome::Scored(Report::new(Score::clamped(score)).finding(finding)))
}

/// A detector that does not apply.
pub(crate) fn absent(key: &str) -> DetectorOutcome {
    outcome(key, Outcome::NotApplicable { reason: "the picture is too small".into() })
}

/// A detector that failed.
pub(crate) fn failed(key: &str) -> DetectorOutcome {
    outcome(key, Outcome::Failed { message: "index out of bounds".into() })
}

/// A detector that overran its deadline.
pub(crate) fn timed_out(key: &str) -> DetectorOutcome {
    outcome(key, Outcome::TimedOut { deadline_ms: 10 })
}

/// Two detectors of weight 1 for each hypothesis, no bias, plain thresholds; `changes` over it.
pub(crate) fn policy(changes: &str) -> Policy {
    let base = r#"
        name = "base"
        version = "1"
        verdict = { ai_generated = 0.7, manipulated = 0.7, authentic_below = 0.3 }
        fusion.max_renormalisation = 2.0
        fusion.score_clamp = 0.01
        fusion.ai_generated = { bias = 0.0, weights = { gan = 1.0, diffusion = 1.0 } }
        fusion.manipulated = { bias = 0.0, weights = { splicing = 1.0, noise = 1.0 } }
    "#;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("base.toml"), base).unwrap();
    let top = format!("name = \"test\"\nversion = \"1\"\nextends = \"base\"\n{changes}");
    std::fs::write(folder.path().join("test.toml"), top).unwrap();
    Policy::load("test", &[folder.path().into()]).unwrap_or_else(|e| panic!("{e}"))
}

/// The codes of a verdict's reasons.
pub(crate) fn codes(verdict: &Verdict) -> Vec<&str> {
    verdict.reasons.iter().map(|reason| reason.code.as_str()).collect()
}

/// Asserts that two numbers differ by rounding only.
#[track_caller]
pub(crate) fn assert_close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "found {found}, expected {expected}");
}
