// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a person should know before the fitted policy is used.

use super::crossfit::CrossFit;
use super::measure::{limited, CAMERA_ORIGINAL};
use super::operating::Limited;
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
        ((n as f64) < needed).then(|| format!("{set}: {n} (a rate of {rate} needs {needed})"))
    };
    let small: Vec<_> = sets.iter().filter_map(too_small).collect();
    (!small.is_empty()).then(|| {
        format!(
            "{name}: too few pictures to show the wanted rate are in {}; none of them is allowed to be \
             a false positive",
            small.join(", ")
        )
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
