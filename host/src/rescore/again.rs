// SPDX-License-Identifier: MIT OR Apache-2.0
//! Stored analyses made again under a policy, beside the verdicts that were given.

use serde::Serialize;

use super::transitions::{Transitions, LABELS};
use crate::analysis::{Derivation, Unreadable};
use crate::eval::report::PolicyName;
use crate::fusion::{fuse_with_copies, Verdict, VerdictLabel};
use crate::policy::Policy;
use crate::store::GivenVerdict;

/// Stored analyses under a policy.
#[derive(Clone, Debug, Serialize)]
pub struct Again {
    /// The policy.
    pub policy: PolicyName,
    /// Analyses that were made again.
    pub made: usize,
    /// Those that could not be: what they were made from is in a form that this version cannot read.
    pub unreadable: usize,
    /// The verdicts that were given and those that are made now.
    pub transitions: Transitions,
    /// Analyses whose label or risk level is another.
    pub n_changed: usize,
    /// As many of them as were asked for, in the order of their requests.
    pub changed: Vec<ChangedAnalysis>,
    #[serde(skip)]
    limit: usize,
}

/// An analysis that reads otherwise.
#[derive(Clone, Debug, Serialize)]
pub struct ChangedAnalysis {
    /// The request.
    pub request_id: String,
    /// The client's own name for it.
    pub reference_id: Option<String>,
    /// Whose it is.
    pub organisation: String,
    /// The label that was given.
    pub before: String,
    /// The risk level that was given.
    pub before_level: String,
    /// The label now.
    pub now: &'static str,
    /// The risk level now.
    pub now_level: &'static str,
}

/// The verdict of what was kept beside an analysis, under a policy.
///
/// # Errors
/// When it is of a form that this version cannot read.
pub fn refused(derivation: &str, policy: &Policy) -> Result<Verdict, Unreadable> {
    let derivation = Derivation::parse(derivation)?;
    again(&derivation, policy)
}

/// The verdict of a derivation under a policy.
///
/// # Errors
/// When an answer in it cannot be read.
pub fn again(derivation: &Derivation, policy: &Policy) -> Result<Verdict, Unreadable> {
    Ok(fuse_with_copies(&derivation.outcomes()?, &derivation.reruns()?, policy))
}

impl Again {
    /// Nothing yet; at most `limit` changed analyses will be named.
    #[must_use]
    pub fn new(policy: &Policy, limit: usize) -> Self {
        Self {
            policy: PolicyName::of(policy),
            made: 0,
            unreadable: 0,
            transitions: Transitions::default(),
            n_changed: 0,
            changed: Vec::new(),
            limit,
        }
    }

    /// Makes one more.
    pub fn add(&mut self, given: &GivenVerdict, policy: &Policy) {
        let before = LABELS.into_iter().find(|label| label.as_str() == given.label);
        let Some((before, now)) = before.zip(refused(&given.derivation, policy).ok()) else {
            self.unreadable += 1;
            return;
        };
        self.made += 1;
        self.transitions.add(before, now.label);
        let now_level = now.risk_level.as_str();
        if before == now.label && given.risk_level == now_level {
            return;
        }
        self.n_changed += 1;
        if self.changed.len() < self.limit {
            self.changed.push(ChangedAnalysis {
                request_id: given.request_id.clone(),
                reference_id: given.reference_id.clone(),
                organisation: given.organisation.clone(),
                before: given.label.clone(),
                before_level: given.risk_level.clone(),
                now: VerdictLabel::as_str(now.label),
                now_level,
            });
        }
    }
}
