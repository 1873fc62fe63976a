// SPDX-License-Identifier: MIT OR Apache-2.0
//! What came of running detectors again on copies, beside the guide's fields. The answers on the
//! copies are all there, so that the verdict can be re-derived from what is stored.

use super::analysis::{model_results, rounded};
use super::body::{CopyBody, StabilityBody};
use super::Pictures;
use crate::analysis::copies::Rerun;
use crate::analysis::Analysis;
use crate::fusion::stability::{CopyVerdict, Given};
use crate::policy::Policy;

/// The body; `None` where nothing was run again.
pub(super) fn body(analysis: &Analysis, policy: &Policy) -> Option<StabilityBody> {
    let found = analysis.verdict.stability.as_ref()?;
    let copy = |copy: &CopyVerdict| copy_body(copy, &analysis.reruns, policy);
    Some(StabilityBody {
        status: found.status(),
        label: found.label.as_str(),
        detectors: found.supporters.clone(),
        copies: found.copies.iter().map(copy).collect(),
    })
}

fn copy_body(copy: &CopyVerdict, reruns: &[Rerun], policy: &Policy) -> CopyBody {
    let rerun = reruns.iter().find(|rerun| rerun.copy == copy.copy);
    let name = copy.copy.described(&policy.stability);
    let (label, p, detail) = match &copy.given {
        Given::Verdict { label, p_ai_generated, p_manipulated } => {
            (Some(label.as_str()), Some((*p_ai_generated, *p_manipulated)), name)
        }
        Given::NotChecked { why, .. } => (None, None, format!("{name}: not checked, {why}")),
    };
    CopyBody {
        copy: copy.copy.as_str(),
        label,
        p_ai_generated: p.map(|(ai_generated, _)| rounded(ai_generated)),
        p_manipulated: p.map(|(_, manipulated)| rounded(manipulated)),
        detail,
        model_results: model_results(rerun.map_or(&[], Rerun::answers), policy, &Pictures::LeftOut),
    }
}
