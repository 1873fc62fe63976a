// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which pictures of a claim are the same, and which were there before.
//!
//! Every picture is compared with every other until it is known to be the same as one of them, and with those
//! that were there already: near ones by digest and hash always, others while the budget lasts.

use super::body::{DuplicateBody, TransformationBody};
use super::finding::Finding;
use super::pair::{compare, hash_bits, Kin, Kinship, MOST_HASH_BITS};
use super::{Known, Member};
use crate::claim::Fingerprint;

/// Most comparisons of one claim by corners, for which nothing but the corners says that they are worth while:
/// half a minute of one core.
const BUDGET: usize = 20_000;
/// Most pairs that are listed.
const MOST_LISTED: usize = 200;

/// Two pictures with something in common.
struct Found<'a> {
    image: &'a str,
    other: &'a str,
    is_earlier: bool,
    kin: Kin,
}

/// The pairs, those that are not listed, and what is found of them.
pub(super) fn duplicates(
    members: &[Member],
    known: &[Known],
) -> (Vec<DuplicateBody>, u64, Vec<Finding>) {
    let prints: Vec<(&str, &Fingerprint)> = members.iter().filter_map(Member::print).collect();
    let mut left = BUDGET;
    let mut found = within(&prints, &mut left);
    found.extend(earlier(&prints, known, &mut left));
    let findings = findings(&found);
    found.sort_by_key(|found| (found.kin.kinship, !found.is_earlier));
    let more = found.len().saturating_sub(MOST_LISTED) as u64;
    found.truncate(MOST_LISTED);
    (found.iter().map(body).collect(), more, findings)
}

/// Compares two pictures, if they are near or the budget allows it.
fn compared(one: &Fingerprint, other: &Fingerprint, left: &mut usize) -> Option<Kin> {
    let is_near =
        one.keys().digest == other.keys().digest || hash_bits(one, other) <= MOST_HASH_BITS;
    if !is_near {
        *left = left.checked_sub(1)?;
    }
    compare(one, other)
}

fn within<'a>(prints: &[(&'a str, &Fingerprint)], left: &mut usize) -> Vec<Found<'a>> {
    let mut found: Vec<Found<'_>> = Vec::new();
    // Of each picture the first one that it is the same as: copies of one are not compared with each other.
    let mut first: Vec<usize> = (0..prints.len()).collect();
    for (index, (image, print)) in prints.iter().enumerate() {
        for (before, (other, of_other)) in prints.iter().enumerate().take(index) {
            if first.get(before) != Some(&before) || first.get(index) != Some(&index) {
                continue;
            }
            let Some(kin) = compared(print, of_other, left) else { continue };
            if kin.is_same_capture() {
                if let Some(first) = first.get_mut(index) {
                    *first = before;
                }
            }
            found.push(Found { image, other, is_earlier: false, kin });
        }
    }
    found
}

fn earlier<'a>(
    prints: &[(&'a str, &Fingerprint)],
    known: &'a [Known],
    left: &mut usize,
) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    for Known { request_id, fingerprint } in known {
        for (image, print) in prints {
            if let Some(kin) = compared(print, fingerprint, left) {
                found.push(Found { image, other: request_id, is_earlier: true, kin });
            }
        }
    }
    found
}

/// What is told of each kind of pair, at most once.
fn findings(found: &[Found<'_>]) -> Vec<Finding> {
    let of = |is_earlier: bool, is_wanted: fn(&Kin) -> bool| -> Vec<&Found<'_>> {
        found.iter().filter(|f| f.is_earlier == is_earlier && is_wanted(&f.kin)).collect()
    };
    let plain = |kin: &Kin| kin.is_same_capture() && !kin.is_altered();
    let altered = |kin: &Kin| kin.is_same_capture() && kin.is_altered();
    let scene = |kin: &Kin| kin.kinship == Kinship::SameScene;
    let told = |code, what: &str, pairs: Vec<&Found<'_>>| {
        let mut images: Vec<String> = pairs.iter().map(|f| f.image.to_owned()).collect();
        images.sort_unstable();
        images.dedup();
        let text = match images.len() {
            1 => format!("A picture {what}."),
            count => format!("{count} pictures each {what}."),
        };
        (!images.is_empty()).then_some(Finding { code, text, images })
    };
    let all = [
        told(
            "claim.duplicate.earlier",
            "was submitted before, outside of this claim",
            of(true, plain),
        ),
        told(
            "claim.duplicate.earlier.altered",
            "was submitted before, outside of this claim, and cut, mirrored or turned since",
            of(true, altered),
        ),
        told(
            "claim.duplicate.earlier.scene",
            "shows what a picture of another claim shows, taken again",
            of(true, scene),
        ),
        told("claim.duplicate.within", "is in the claim more than once", of(false, plain)),
        told(
            "claim.duplicate.altered",
            "is another one of the claim, cut, mirrored or turned",
            of(false, altered),
        ),
    ];
    all.into_iter().flatten().collect()
}

fn body(found: &Found<'_>) -> DuplicateBody {
    let kin = &found.kin;
    let rounded = |value: f64| (value * 1e4).round() / 1e4;
    DuplicateBody {
        image: found.image.to_owned(),
        other: found.other.to_owned(),
        is_earlier: found.is_earlier,
        kind: kin.kinship.as_str(),
        changes: kin.changes(),
        transformation: TransformationBody {
            scale: rounded(kin.scale),
            turn_degrees: rounded(kin.turn_degrees),
            mirrored: kin.is_mirrored,
        },
        overlap: rounded(kin.share_of_one),
        overlap_of_other: rounded(kin.share_of_other),
        score: rounded(kin.score),
    }
}
