// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether a verdict survives that the picture is saved again and resized.
//!
//! What it tests: the detectors that speak for the verdict answer once more, on copies of the
//! picture; their answers replace the first ones in the same fusion, a copy at a time.
//! Why: a verdict that a delivery undoes rests on traces that nothing vouches for.
//! When it does not apply: the verdict is INCONCLUSIVE, rules alone bring it about, or no detector of
//! pixels speaks for it. A supporter that gives no score on a copy leaves that copy unchecked.

use super::case::Case;
use super::ensemble::{standings, Standing};
use super::quorum::without_score;
use super::reasons::Reason;
use super::verdict::{fuse, VerdictLabel};
use crate::analysis::copies::{CopyKind, Rerun};
use crate::analysis::outcome::DetectorOutcome;
use crate::policy::Policy;

/// What came of running detectors again.
#[derive(Clone, Debug, PartialEq)]
pub struct Stability {
    /// The label of the picture itself.
    pub label: VerdictLabel,
    /// Model keys of the supporters: those that were run again, strongest first.
    pub supporters: Vec<String>,
    /// What each copy gives.
    pub copies: Vec<CopyVerdict>,
}

/// What one copy gives.
#[derive(Clone, Debug, PartialEq)]
pub struct CopyVerdict {
    /// The copy.
    pub copy: CopyKind,
    /// Its verdict, or why there is none.
    pub given: Given,
}

/// The verdict on a copy.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// All supporters scored.
    Verdict {
        /// The label.
        label: VerdictLabel,
        /// Probability that a generator made it, 0..=1.
        p_ai_generated: f64,
        /// Probability that part of it was changed, 0..=1.
        p_manipulated: f64,
    },
    /// Not all did, or there is no copy.
    NotChecked {
        /// Why.
        why: String,
        /// Model keys of the supporters without a score.
        detectors: Vec<String>,
    },
}

/// The model keys of the detectors that are to be run again on copies: the supporters of the verdict.
/// None where the policy does not ask for it.
#[must_use]
pub fn supporters(outcomes: &[DetectorOutcome], policy: &Policy) -> Vec<String> {
    if !policy.stability.enabled {
        return Vec::new();
    }
    let standings = standings(outcomes, policy);
    let case = Case::of(&standings, policy);
    case.supporters(case.label(), &standings)
}

impl Stability {
    /// What the copies give; `None` where nothing is to be or was run again.
    pub(super) fn of(
        case: &Case<'_>,
        standings: &[Standing<'_>],
        outcomes: &[DetectorOutcome],
        reruns: &[Rerun],
    ) -> Option<Self> {
        if !case.policy.stability.enabled || reruns.is_empty() {
            return None;
        }
        let label = case.label();
        let supporters = case.supporters(label, standings);
        if supporters.is_empty() {
            return None;
        }
        let copy = |rerun: &Rerun| CopyVerdict {
            copy: rerun.copy,
            given: given(rerun, outcomes, &supporters, case.policy),
        };
        let mut copies: Vec<_> = reruns.iter().map(copy).collect();
        copies.sort_by_key(|copy| copy.copy);
        Some(Self { label, supporters, copies })
    }

    /// Whether a copy gives another label.
    #[must_use]
    pub fn is_unstable(&self) -> bool {
        self.copies.iter().any(|copy| self.is_flip(copy))
    }

    /// The word in JSON: `unstable` where a copy gives another label, else `not_checked` where a copy
    /// gives none, else `stable`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        let is_unchecked = |copy: &CopyVerdict| matches!(copy.given, Given::NotChecked { .. });
        match self.is_unstable() {
            true => "unstable",
            false if self.copies.iter().any(is_unchecked) => "not_checked",
            false => "stable",
        }
    }

    fn is_flip(&self, copy: &CopyVerdict) -> bool {
        matches!(copy.given, Given::Verdict { label, .. } if label != self.label)
    }

    /// Why the verdict is withheld, if it is.
    pub(super) fn unstable(&self, policy: &Policy) -> Option<Reason> {
        let flips = self.copies.iter().filter(|copy| self.is_flip(copy)).filter_map(|copy| {
            let Given::Verdict { label, p_ai_generated, p_manipulated } = copy.given else {
                return None;
            };
            let name = copy.copy.described(&policy.stability);
            Some(format!(
                "{name} gives {} (p_ai_generated {p_ai_generated:.2}, p_manipulated \
                 {p_manipulated:.2})",
                label.as_str()
            ))
        });
        let flips: Vec<_> = flips.collect();
        let text =
            format!("the picture itself gives {}, but {}", self.label.as_str(), flips.join("; "));
        let reason = || Reason::new("inconclusive.unstable", text, self.supporters.clone());
        (!flips.is_empty()).then(reason)
    }

    /// Which copies could not be checked, if any.
    pub(super) fn not_checked(&self, policy: &Policy) -> Option<Reason> {
        let (mut texts, mut keys) = (Vec::new(), Vec::new());
        for CopyVerdict { copy, given } in &self.copies {
            if let Given::NotChecked { why, detectors } = given {
                texts.push(format!("{}: {why}", copy.described(&policy.stability)));
                keys.extend(detectors.iter().cloned());
            }
        }
        keys.sort_unstable();
        keys.dedup();
        let text = format!("the verdict was not checked on {}", texts.join("; "));
        (!texts.is_empty()).then(|| Reason::new("stability.not_checked", text, keys))
    }
}

/// The verdict with the supporters' answers on a copy in place of their first ones.
fn given(
    rerun: &Rerun,
    outcomes: &[DetectorOutcome],
    supporters: &[String],
    policy: &Policy,
) -> Given {
    let answers = match &rerun.outcomes {
        Ok(answers) => answers,
        Err(why) => return Given::NotChecked { why: why.clone(), detectors: Vec::new() },
    };
    let silent = without_score(supporters, &standings(answers, policy));
    if !silent.is_empty() {
        let names: Vec<_> = silent.iter().map(|(key, why)| format!("{key} {why}")).collect();
        let detectors = silent.into_iter().map(|(key, _)| key).collect();
        return Given::NotChecked { why: names.join(", "), detectors };
    }
    let is_same = |a: &DetectorOutcome, b: &DetectorOutcome| {
        (&a.model_key, &a.id) == (&b.model_key, &b.id) && supporters.contains(&a.model_key)
    };
    let on_copy = |first: &DetectorOutcome| {
        answers.iter().find(|answer| is_same(answer, first)).unwrap_or(first).clone()
    };
    let verdict = fuse(&outcomes.iter().map(on_copy).collect::<Vec<_>>(), policy);
    Given::Verdict {
        label: verdict.label,
        p_ai_generated: verdict.p_ai_generated,
        p_manipulated: verdict.p_manipulated,
    }
}
