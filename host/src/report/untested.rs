// SPDX-License-Identifier: MIT OR Apache-2.0
//! What could not be tested, or was not, and why: silence must not be read as an answer.

use super::detectors::{DetectorPart, KNOWN};
use super::node::Node;
use super::shape::{StabilityPart, Untested};
use crate::analysis::Asked;

/// How a trace of a detector says that it cannot speak.
const NOT_APPLICABLE: &str = "not applicable: ";

/// Everything that an answer leaves open. `asked` is what was asked for, where it was kept.
pub(super) fn of(
    detectors: &[DetectorPart],
    asked: Option<&Asked>,
    stability: Option<&StabilityPart>,
) -> Vec<Untested> {
    let mut untested: Vec<_> = detectors.iter().filter_map(silent).collect();
    untested.extend(detectors.iter().flat_map(silent_traces));
    untested.extend(KNOWN.iter().filter_map(|known| left_out(known, detectors, asked)));
    if asked.is_some_and(|asked| asked.claimed_at.is_none()) {
        untested.push(Untested {
            what: "When the picture was taken".into(),
            kind: "left_out",
            why: "No time was given at which the picture is said to have been taken.".into(),
        });
    }
    let copies = stability.iter().flat_map(|stability| &stability.copies);
    untested.extend(copies.filter(|copy| copy.label.is_none()).map(|copy| Untested {
        what: "Whether the verdict holds on a copy".into(),
        kind: "not_applicable",
        why: copy.detail.clone(),
    }));
    untested
}

/// A detector that gave no score.
fn silent(detector: &DetectorPart) -> Option<Untested> {
    let kind = match detector.status.as_str() {
        "complete" => return None,
        "not_applicable" => "not_applicable",
        "error" => "failed",
        "timeout" => "timed_out",
        _ => "unknown",
    };
    Some(Untested { what: detector.title.clone(), kind, why: detector.detail.clone() })
}

/// The traces of a detector that say that they cannot speak, while others of it do.
fn silent_traces(detector: &DetectorPart) -> impl Iterator<Item = Untested> + '_ {
    detector.facts.iter().filter_map(|fact| {
        let why = fact.value.as_str()?.strip_prefix(NOT_APPLICABLE)?;
        let what = format!("{}: {}", detector.title, fact.title());
        Some(Untested { what, kind: "not_applicable", why: why.to_owned() })
    })
}

/// A shipped detector that is not in the answer.
fn left_out(
    [key, model, title, _]: &[&str; 4],
    detectors: &[DetectorPart],
    asked: Option<&Asked>,
) -> Option<Untested> {
    if detectors.iter().any(|detector| detector.key == *key) {
        return None;
    }
    let is_named = |asked: &Asked| asked.models.iter().any(|name| name == model || name == "all");
    let why = match asked {
        None => "The answer has no result of it.",
        Some(asked) if *model == "metadata" && !asked.metadata_analysis => {
            "The request switched it off (metadata_analysis)."
        }
        Some(asked) if !is_named(asked) => "The request named other detectors.",
        Some(_) => "The policy or the configuration does not run it.",
    };
    Some(Untested { what: (*title).to_owned(), kind: "left_out", why: why.to_owned() })
}

/// What came of running detectors again on copies.
pub(super) fn stability(found: Node<'_>) -> Option<StabilityPart> {
    /// Most copies that are told.
    const MOST: usize = 16;
    found.value().filter(|value| value.is_object())?;
    let copy = |copy: Node<'_>| super::shape::CopyPart {
        detail: copy.at("detail").sentence(),
        label: copy.at("label").optional_word(),
        p_ai_generated: copy.at("p_ai_generated").share(),
        p_manipulated: copy.at("p_manipulated").share(),
    };
    let status = found.at("status").word();
    let meaning = match status.as_str() {
        "stable" => "Copies of the picture, saved again and resized, have the same label.",
        "unstable" => "A copy of the picture has another label, so that the verdict is withheld.",
        "not_checked" => "No copy of the picture has another label, but not all of them have one.",
        _ => "What came of the copies cannot be read.",
    };
    Some(StabilityPart {
        status,
        meaning,
        label: found.at("label").word(),
        detectors: found.at("detectors").words(MOST),
        copies: found.at("copies").items(MOST).map(copy).collect(),
    })
}
