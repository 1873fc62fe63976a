// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a person should know before the fitted policy is used.

use super::crossfit::CrossFit;
use super::measure::{limited, CAMERA_ORIGINAL};
use super::operating::{Limited, Promise};
use crate::eval::manifest::Truth;
use crate::fusion::ensemble::sigmoid;
use crate::policy::{Hypothesis, Policy};

/// The notes; `kept` in the order of [`Hypothesis::ALL`].
pub(super) fn notes(
    crossed: &CrossFit<'_>,
    kept: &[Option<String>; 2],
    policy: &Policy,
) -> Vec<String> {
    let mut notes = Vec::new();
    for (hypothesis, kept) in Hypothesis::ALL.into_iter().zip(kept) {
        match kept {
            Some(why) => {
                let name = hypothesis.as_str();
                notes.push(format!("{name}: {why}; its numbers are the base policy's"));
                notes.extend(shaken(crossed, hypothesis, policy));
            }
            None => notes.extend(too_few(crossed, hypothesis)),
        }
    }
    notes.extend(promised(crossed, kept));
    notes.extend(no_originals(crossed));
    notes.dedup();
    notes
}

/// Sets that are too small for their wanted rate.
fn too_few(crossed: &CrossFit<'_>, hypothesis: Hypothesis) -> Option<String> {
    let name = hypothesis.as_str();
    let sets = limited(&crossed.told(hypothesis), crossed.order);
    if sets.is_empty() {
        return Some(format!(
            "{name}: its threshold is the base policy's, because it is set on authentic pictures in \
             the tiers clean, web and hard, other than matched ones; add some"
        ));
    }
    let too_small = |(set, of): (&String, &Limited)| {
        let (rate, needed, n) = (of.rate, (1.0 / of.rate).ceil(), of.set.len());
        let is_shown = match crossed.order.promise {
            Promise::Observed => n as f64 >= needed,
            Promise::Next => Promise::Next.allows(rate, n).is_some(),
        };
        (!is_shown).then(|| format!("{set}: {n} (a rate of {rate} needs {needed})"))
    };
    let small: Vec<_> = sets.iter().filter_map(too_small).collect();
    let what = match crossed.order.promise {
        Promise::Observed => "none of them is allowed to be a false positive",
        Promise::Next => "it is never said",
    };
    (!small.is_empty()).then(|| {
        let small = small.join(", ");
        format!("{name}: too few pictures to show the wanted rate are in {small}; {what}")
    })
}

/// What moves under a hypothesis whose numbers stay.
fn shaken(crossed: &CrossFit<'_>, hypothesis: Hypothesis, policy: &Policy) -> Vec<String> {
    let mut notes = Vec::new();
    let (name, part) = (hypothesis.as_str(), policy.fusion.of(hypothesis));
    let is_new = |key: &str| {
        let calibration = |policy: &Policy| policy.detector(key).calibration;
        calibration(policy) != calibration(crossed.order.base)
    };
    let weighed = part.weights.iter().filter(|(_, weight)| **weight != 0.0);
    let moved: Vec<_> = weighed.map(|(key, _)| key.as_str()).filter(|key| is_new(key)).collect();
    if !moved.is_empty() {
        let moved = moved.join(", ");
        notes.push(format!(
            "{name}: the calibration of {moved}, which it weighs, is new all the same"
        ));
    }
    let (silent, below) = (sigmoid(part.bias), policy.verdict.authentic_below);
    if silent >= below {
        notes.push(format!(
            "{name}: where all its detectors are silent its probability is {silent:.2}, which is not \
             below authentic_below {below}: such pictures are not called AUTHENTIC"
        ));
    }
    notes
}

/// What is promised of the next picture.
fn promised(crossed: &CrossFit<'_>, kept: &[Option<String>; 2]) -> Option<String> {
    let order = crossed.order;
    if order.promise == Promise::Observed {
        return None;
    }
    let fitted = Hypothesis::ALL.into_iter().zip(kept).filter(|(_, kept)| kept.is_none());
    let fitted: Vec<_> = fitted.map(|(hypothesis, _)| hypothesis.as_str()).collect();
    let accused = order.target_fpr * fitted.len() as f64;
    Some(format!(
        "conformal: of the next picture that is like those of a set, the probability is at most \
         {accused} that an authentic one is called {}, and at most {} that another one is called \
         AUTHENTIC, before rules; everything between is INCONCLUSIVE",
        fitted.join(" or "),
        order.asked.ai_generated.target_miss
    ))
}

fn no_originals(crossed: &CrossFit<'_>) -> Option<String> {
    let mut authentic = crossed.rows.iter().filter(|row| row.picture.truth == Truth::Authentic);
    let has = authentic.any(|row| row.picture.kind == CAMERA_ORIGINAL);
    (!has).then(|| {
        format!(
            "no authentic picture is of the kind {CAMERA_ORIGINAL}: what the thresholds do to camera \
             originals is not known"
        )
    })
}
