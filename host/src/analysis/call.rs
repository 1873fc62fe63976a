// SPDX-License-Identifier: MIT OR Apache-2.0
//! One call of one detector: from its answer to an outcome that nothing later has to distrust.

use std::time::Duration;

use assay_plugin_api::check;
use assay_plugin_api::detector::NoScore;
use assay_plugin_api::report::{Attribute, Report, Value};

use super::outcome::Outcome;

/// Turns what came over the boundary into an outcome.
///
/// `took` is the wall time of the call. An answer after the deadline counts as none, so that the
/// outcome does not depend on how fast the host looked.
pub(super) fn outcome(
    answer: Result<Report, NoScore>,
    took: Duration,
    deadline: Duration,
    (width, height): (u32, u32),
) -> Outcome {
    if took > deadline {
        return timed_out(deadline);
    }
    let failed = |message: String| Outcome::Failed { message };
    let breach = |breach: check::Breach| failed(format!("breaks the contract: {breach}"));
    match answer {
        Ok(report) => match check::report(&report, width, height).map_err(breach) {
            Ok(()) => match unparsable_json(&report) {
                Some(name) => failed(format!("breaks the contract: `{name}` is not valid JSON")),
                None => Outcome::Scored(report),
            },
            Err(outcome) => outcome,
        },
        Err(NoScore::NotApplicable { reason }) => match check::text("reason", &reason) {
            Ok(()) => Outcome::NotApplicable { reason: reason.into() },
            Err(error) => breach(error),
        },
        Err(NoScore::Failed { message }) => failed(shortened(&message)),
        Err(NoScore::Panicked { message }) => failed(format!("panicked: {}", shortened(&message))),
        Err(NoScore::Cancelled) => failed("gave up before its deadline".into()),
    }
}

/// The outcome of a detector that overran `deadline`.
pub(super) fn timed_out(deadline: Duration) -> Outcome {
    let deadline_ms = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX);
    Outcome::TimedOut { deadline_ms }
}

/// A message cut to the contract's length for texts.
fn shortened(message: &str) -> String {
    let mut end = message.len().min(check::MAX_TEXT_BYTES);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    message.get(..end).unwrap_or_default().to_owned()
}

fn unparsable_json(report: &Report) -> Option<String> {
    let of_findings = report.findings.iter().flat_map(|finding| &finding.values);
    let is_bad = |attribute: &&Attribute| match &attribute.value {
        Value::Json(text) => serde_json::from_str::<serde::de::IgnoredAny>(text).is_err(),
        _ => false,
    };
    let bad = report.attributes.iter().chain(of_findings).find(is_bad)?;
    Some(bad.name.to_string())
}

#[cfg(test)]
mod tests {
    use assay_plugin_api::report::Score;

    use super::*;

    const DEADLINE: Duration = Duration::from_millis(100);
    const FAST: Duration = Duration::from_millis(1);

    fn message(outcome: &Outcome) -> &str {
        match outcome {
            Outcome::Failed { message } => message,
            other => panic!("not failed: {other:?}"),
        }
    }

    fn report() -> Report {
        Report::new(Score::clamped(0.5))
    }

    #[test]
    fn answer_after_the_deadline_counts_as_none() {
        let late = outcome(Ok(report()), Duration::from_millis(101), DEADLINE, (8, 8));
        assert!(matches!(late, Outcome::TimedOut { deadline_ms: 100 }));
        assert!(matches!(outcome(Ok(report()), DEADLINE, DEADLINE, (8, 8)), Outcome::Scored(_)));
    }

    #[test]
    fn breach_of_the_contract_is_the_detectors_error() {
        let mut bad = report();
        bad.score = 1.5;
        let found = outcome(Ok(bad), FAST, DEADLINE, (8, 8));
        assert_eq!(message(&found), "breaks the contract: score must be within 0..=1, found 1.5");
        let reason = NoScore::not_applicable("x".repeat(5_000));
        let found = outcome(Err(reason), FAST, DEADLINE, (8, 8));
        assert!(message(&found).contains("bytes of reason must be at most 4096"));
    }

    #[test]
    fn json_attribute_must_be_json() {
        let json = |text: &str| {
            let report = report().attribute("tree", Value::Json(text.into()));
            outcome(Ok(report), FAST, DEADLINE, (8, 8))
        };
        assert!(matches!(json("{\"a\":[1]}"), Outcome::Scored(_)));
        assert_eq!(message(&json("{\"a\":")), "breaks the contract: `tree` is not valid JSON");
    }

    #[test]
    fn panic_and_failure_keep_their_message_and_are_cut_at_a_character() {
        let long = "ä".repeat(4_000);
        let found = outcome(Err(NoScore::failed(long)), FAST, DEADLINE, (8, 8));
        assert_eq!(message(&found).len(), 4_096);
        let panicked = Err(NoScore::Panicked { message: "index out of bounds".into() });
        let found = outcome(panicked, FAST, DEADLINE, (8, 8));
        assert_eq!(message(&found), "panicked: index out of bounds");
    }
}
