// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pictures that belong together, examined as one claim: which of them are the same, which were there before,
//! whether cameras, times and places fit, and what that makes of the risk.
//!
//! Of each examined picture a [`Fingerprint`] is kept: a perceptual [`hash`], corners that are found again
//! ([`keypoints`], [`descriptor`]), and what the file says ([`facts`]). [`matching`] and [`alignment`] find how one
//! picture lies in another, [`pair`] says what that means, [`duplicates`], [`cameras`], [`times`] and [`places`]
//! tell what is found, and [`evidence`] adds it up by the policy. All of it is pure: the store brings what is compared.
//! What was measured is in `docs/CLAIMS.md`.

mod alignment;
pub mod body;
mod cameras;
mod descriptor;
mod duplicates;
mod evidence;
mod facts;
mod finding;
mod fingerprint;
mod hash;
mod keypoints;
mod matching;
mod moment;
mod pair;
mod places;
mod plane;
mod times;

pub use body::ClaimBody;
pub use facts::Facts;
pub use fingerprint::{Fingerprint, Keys, Look};
pub use moment::Moment;
pub use pair::{compare, Kin, Kinship};

use crate::policy::{ParamValue, Policy};
use finding::Finding;

/// The metadata detector's parameter that says what may be told of persons and places, and the words that
/// allow positions.
const DISCLOSE: (&str, &str, [&str; 2]) = ("metadata", "disclose", ["position", "all"]);

/// One image of a claim.
#[derive(Clone, Debug)]
pub struct Member {
    /// The request that it was examined for.
    pub request_id: String,
    /// Its own risk; none where it could not be examined.
    pub risk: Option<f64>,
    /// What it is recognised by.
    pub fingerprint: Option<Fingerprint>,
}

/// A picture that was there already.
#[derive(Clone, Debug)]
pub struct Known {
    /// The request that it was examined for.
    pub request_id: String,
    /// What it is recognised by.
    pub fingerprint: Fingerprint,
}

impl Member {
    fn print(&self) -> Option<(&str, &Fingerprint)> {
        Some((&self.request_id, self.fingerprint.as_ref()?))
    }

    fn facts(&self) -> Option<(&str, &Facts)> {
        self.print().map(|(name, print)| (name, &print.facts))
    }
}

/// How near the hash of a known picture lies to those of a picture in any position, bits; none where it is too far
/// for a copy of the whole picture.
#[must_use]
pub fn nearness(hashes: &[u64], known: u64) -> Option<u32> {
    let nearest = hashes.iter().map(|hash| hash::distance(*hash, known)).min();
    nearest.filter(|bits| *bits <= pair::MOST_HASH_BITS)
}

/// Makes a claim of its images and of pictures that were there already.
#[must_use]
pub fn make(members: &[Member], known: &[Known], policy: &Policy) -> ClaimBody {
    let (duplicates, duplicates_left_out, mut findings) = duplicates::duplicates(members, known);
    let (cameras, of_cameras) = cameras::cameras(members);
    let (times, of_times) = times::times(members, &policy.claim);
    let (places, of_places) = places::places(members, &policy.claim, may_disclose(policy));
    findings.extend(of_cameras);
    findings.extend(of_times);
    findings.extend(of_places);
    findings.extend(failed(members));
    let evidence = evidence::weigh(members, findings, policy);
    ClaimBody {
        risk: evidence.risk,
        risk_level: evidence.level.as_str(),
        highest_image_risk: evidence.highest,
        reasons: evidence.reasons,
        duplicates,
        duplicates_left_out,
        cameras,
        times,
        places,
        images_compared: members.iter().filter(|m| m.fingerprint.is_some()).count() as u64,
    }
}

/// A claim whose pictures could not be compared: the images' own risk.
#[must_use]
pub fn give_up(members: &[Member], policy: &Policy) -> ClaimBody {
    let blank = |member: &Member| Member { fingerprint: None, ..member.clone() };
    let members: Vec<Member> = members.iter().map(blank).collect();
    let mut claim = make(&members, &[], policy);
    claim.reasons.push(body::ClaimReasonBody {
        code: "claim.comparison.failed",
        text: "The pictures could not be compared with each other.".into(),
        weight: 0.0,
        images: Vec::new(),
    });
    claim
}

fn failed(members: &[Member]) -> Option<Finding> {
    let failed = members.iter().filter(|member| member.risk.is_none());
    let images: Vec<String> = failed.map(|member| member.request_id.clone()).collect();
    (!images.is_empty()).then(|| Finding {
        code: "claim.images.failed",
        text: format!("{} of the images could not be examined.", images.len()),
        images,
    })
}

fn may_disclose(policy: &Policy) -> bool {
    let (model, parameter, words) = DISCLOSE;
    let detector = policy.detector(model);
    let is_allowed = |value: &ParamValue| matches!(value, ParamValue::Text(word) if words.contains(&word.as_str()));
    detector.params.get(parameter).is_some_and(is_allowed)
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    /// An image of which only what its file says is known.
    pub(super) fn member(name: &str, facts: Facts) -> Member {
        let fingerprint = Look::of(Sha256::digest(name).into(), &[], (0, 0)).with(facts);
        Member { request_id: name.into(), risk: Some(0.2), fingerprint: Some(fingerprint) }
    }

    #[test]
    fn a_claim_of_blank_pictures_is_no_claim_of_copies() {
        let policy = Policy::load("default", &[]).unwrap();
        let members = [member("a", Facts::default()), member("b", Facts::default())];
        let claim = make(&members, &[], &policy);
        assert_eq!((claim.duplicates.len(), claim.reasons.len()), (0, 0));
        assert_eq!((claim.risk, claim.risk_level, claim.images_compared), (0.2, "LOW", 2));
    }

    #[test]
    fn a_claim_that_is_given_up_has_the_risk_of_its_images() {
        let policy = Policy::load("default", &[]).unwrap();
        let claim = give_up(&[member("a", Facts::default())], &policy);
        assert_eq!((claim.risk, claim.reasons[0].code), (0.2, "claim.comparison.failed"));
    }
}
