// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which corners of two pictures may be the same.
//!
//! A pair counts when each is the other's nearest by its bits, near enough, and clearly nearer than any elsewhere.
//!
//! **References.** Lowe, "Distinctive image features from scale-invariant keypoints", IJCV 2004, section
//! 7.1: the ratio to the second nearest.

use super::descriptor::{distances, Descriptor, Near};
use super::keypoints::Keypoint;

/// Most bits in which a pair may differ: those of corners that have nothing to do with each other differ in 128,
/// with a deviation of about 15.
const MOST_BITS: u32 = 72;
/// Largest ratio to the second nearest.
const RATIO: f64 = 0.85;
/// Corners closer than this to the nearest are the same one on another level, px.
const ELSEWHERE: f32 = 8.0;

/// Two corners that may be the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Match {
    /// In the one picture, px of its largest level.
    pub(super) from: (f32, f32),
    /// In the other.
    pub(super) to: (f32, f32),
    /// Bits in which they differ.
    pub(super) bits: u32,
}

/// The matches of two pictures, the best first. `is_mirrored` compares with the one picture mirrored; points
/// are those of the picture as it is all the same.
pub(super) fn matches(one: &[Keypoint], other: &[Keypoint], is_mirrored: bool) -> Vec<Match> {
    let of_other: Vec<Descriptor> = other.iter().map(|point| point.descriptor).collect();
    let mut row = vec![Near::NONE; other.len()];
    // Of each corner of the other picture the nearest of the one.
    let mut nearest = vec![Near::NONE; other.len()];
    let mut found = Vec::new();
    // There are at most 256 of them.
    for (index, point) in (0..u16::MAX).zip(one) {
        let descriptor = if is_mirrored { point.descriptor.mirrored() } else { point.descriptor };
        distances((index, &descriptor), &of_other, &mut row, &mut nearest);
        let best = row.iter().min().filter(|best| best.bits() <= MOST_BITS);
        let Some((at, bits)) = best.map(|best| (best.index(), best.bits())) else { continue };
        let Some(to) = other.get(at) else { continue };
        let second = row
            .iter()
            .zip(other)
            .filter(|(_, there)| (there.x - to.x).hypot(there.y - to.y) > ELSEWHERE);
        let second = second.map(|(near, _)| *near).min().unwrap_or(Near::NONE);
        if f64::from(bits) <= RATIO * f64::from(second.bits()) {
            found.push((index, at, Match { from: (point.x, point.y), to: (to.x, to.y), bits }));
        }
    }
    let is_mutual = |(index, at, _): &(u16, usize, Match)| {
        nearest.get(*at).is_some_and(|near| near.index() == usize::from(*index))
    };
    let mut mutual: Vec<Match> = found.into_iter().filter(is_mutual).map(|(.., m)| m).collect();
    mutual.sort_by_key(|found| found.bits);
    mutual
}
