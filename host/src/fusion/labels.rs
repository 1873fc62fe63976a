// SPDX-License-Identifier: MIT OR Apache-2.0
//! One detector's label from its score, its kind and the policy's thresholds.

use assay_plugin_api::descriptor::Kind;
use assay_plugin_api::report::{Label, Report};

use crate::policy::DetectorPolicy;

/// The label of a detector that scored: its own where it gave one, else that of its score.
#[must_use]
pub fn label_of(report: &Report, kind: Kind, policy: &DetectorPolicy) -> Label {
    let own = report.label.into_option();
    own.unwrap_or_else(|| label_from_score(report.score, kind, policy))
}

/// `score >= threshold`: the kind's positive label; `score < clear_below`: AUTHENTIC; between:
/// INCONCLUSIVE.
#[must_use]
pub fn label_from_score(score: f64, kind: Kind, policy: &DetectorPolicy) -> Label {
    if score >= policy.threshold {
        kind.positive_label()
    } else if score < policy.clear_below {
        Label::Authentic
    } else {
        Label::Inconclusive
    }
}

#[cfg(test)]
mod tests {
    use assay_plugin_api::report::Score;

    use super::*;

    fn policy() -> DetectorPolicy {
        DetectorPolicy { threshold: 0.7, clear_below: 0.3, ..DetectorPolicy::default() }
    }

    #[test]
    fn score_at_the_threshold_has_the_label_of_its_kind() {
        let label = |kind| label_from_score(0.7, kind, &policy());
        assert_eq!(label(Kind::Generation), Label::Synthetic);
        assert_eq!(label(Kind::Manipulation), Label::Manipulated);
        assert_eq!(label(Kind::Provenance), Label::Suspicious);
    }

    #[test]
    fn score_is_authentic_only_below_clear_below() {
        let label = |score| label_from_score(score, Kind::Generation, &policy());
        assert_eq!(label(0.0), Label::Authentic);
        assert_eq!(label(0.299), Label::Authentic);
        assert_eq!(label(0.3), Label::Inconclusive);
        assert_eq!(label(0.699), Label::Inconclusive);
    }

    #[test]
    fn label_that_the_detector_gave_wins_over_its_score() {
        let report = Report::new(Score::clamped(0.99)).label(Label::Inconclusive);
        assert_eq!(label_of(&report, Kind::Generation, &policy()), Label::Inconclusive);
        let report = Report::new(Score::clamped(0.99));
        assert_eq!(label_of(&report, Kind::Generation, &policy()), Label::Synthetic);
    }
}
