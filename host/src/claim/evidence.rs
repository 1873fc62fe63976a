// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the findings make of the risk.
//!
//! **Model.** The log-odds of the riskiest picture, plus the weights of what was found, each kind once, all
//! together bounded by the policy's `claim.most_log_odds`. The weights are set by hand: there is no collection of
//! claims that they could have been fitted to.

use super::body::ClaimReasonBody;
use super::finding::Finding;
use super::Member;
use crate::policy::{Policy, RiskLevel};

/// Risks count as within this and one minus this, so that no picture is infinitely sure.
const CLAMP: f64 = 0.001;

/// What a claim comes to.
pub(super) struct Evidence {
    pub(super) risk: f64,
    pub(super) level: RiskLevel,
    /// The risk of the riskiest picture.
    pub(super) highest: f64,
    pub(super) reasons: Vec<ClaimReasonBody>,
}

/// Weighs the findings by the policy.
pub(super) fn weigh(members: &[Member], findings: Vec<Finding>, policy: &Policy) -> Evidence {
    let highest = members.iter().filter_map(|member| member.risk).fold(0.0, f64::max);
    let mut reasons: Vec<ClaimReasonBody> = findings
        .into_iter()
        .map(|Finding { code, text, images }| {
            let weight = policy.claim.weight(code);
            ClaimReasonBody { code, text, weight, images }
        })
        .collect();
    reasons.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.code.cmp(b.code)));
    let most = policy.claim.most_log_odds;
    let added = reasons.iter().map(|reason| reason.weight).sum::<f64>().clamp(-most, most);
    let risk = if added == 0.0 { highest } else { raised(highest, added) };
    let is_blind = members.iter().all(|member| member.risk.is_none());
    let level = policy.risk.level(risk);
    Evidence {
        risk: (risk * 1e4).round() / 1e4,
        // Where nothing could be examined, nothing speaks for the claim.
        level: if is_blind { level.max(policy.risk.on_fault) } else { level },
        highest,
        reasons,
    }
}

fn raised(risk: f64, added: f64) -> f64 {
    let clamped = risk.clamp(CLAMP, 1.0 - CLAMP);
    let log_odds = (clamped / (1.0 - clamped)).ln() + added;
    1.0 / (1.0 + (-log_odds).exp())
}

#[cfg(test)]
mod tests {
    use super::super::tests::member;
    use super::*;
    use crate::claim::Facts;

    fn policy() -> Policy {
        Policy::load("default", &[]).unwrap()
    }

    fn finding(code: &'static str) -> Finding {
        Finding { code, text: String::new(), images: Vec::new() }
    }

    #[test]
    fn findings_raise_the_risk_of_the_riskiest_picture_by_their_log_odds() {
        let members = [member("a", Facts::default())];
        let evidence = weigh(&members, vec![finding("claim.duplicate.earlier")], &policy());
        // logit(0.2) + 2 = 0.614
        assert_eq!((evidence.risk, evidence.level), (0.6488, RiskLevel::Medium));
        assert_eq!(evidence.highest, 0.2);
    }

    #[test]
    fn all_findings_together_are_bounded_and_notes_change_nothing() {
        let members = [member("a", Facts::default())];
        let all = [
            "claim.duplicate.earlier",
            "claim.duplicate.earlier.altered",
            "claim.travel.impossible",
        ];
        let evidence = weigh(&members, all.map(finding).to_vec(), &policy());
        assert_eq!(evidence.risk, (raised(0.2, 3.0) * 1e4).round() / 1e4);
        assert_eq!(evidence.reasons[0].code, "claim.duplicate.earlier.altered");
        let evidence = weigh(&members, vec![finding("claim.cameras.several")], &policy());
        assert_eq!((evidence.risk, evidence.reasons.len()), (0.2, 1));
    }

    #[test]
    fn a_claim_of_which_nothing_could_be_examined_is_not_low() {
        let failed = Member { request_id: "a".into(), risk: None, fingerprint: None };
        assert_eq!(weigh(&[failed], Vec::new(), &policy()).level, RiskLevel::Medium);
    }
}
