// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a policy says of pictures that are examined as one claim: limits, and what each finding weighs.
//!
//! All numbers are set by hand. A section that says what the defaults say is no part of the policy's canonical
//! form, so that the digests of policies without one are what they were.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::Serialize;

use super::read::LOG_ODDS;
use crate::config::document::fault::Fault;
use crate::config::document::reader::{number_of, Collector, Reader};
use crate::config::document::Entry;

/// Days and kilometres that a limit may have.
const DAYS: RangeInclusive<f64> = 0.0..=100_000.0;
const KM: RangeInclusive<f64> = 0.0..=20_100.0;
const KMH: RangeInclusive<f64> = 1.0..=100_000.0;

/// What findings add to the log-odds of the riskiest picture, by the finding's code without `claim.` and with `_`
/// for its dots.
const WEIGHTS: [(&str, f64); 14] = [
    ("cameras_several", 0.0),
    ("cameras_structures", 0.2),
    ("duplicate_altered", 1.0),
    ("duplicate_earlier", 2.0),
    ("duplicate_earlier_altered", 3.0),
    ("duplicate_earlier_scene", 1.0),
    ("duplicate_within", 0.3),
    ("images_failed", 0.0),
    ("places_apart", 1.0),
    ("times_after_claimed", 1.5),
    ("times_before_claimed", 1.5),
    ("times_order", 0.5),
    ("times_span", 0.5),
    ("travel_impossible", 1.5),
];

/// How a claim is judged.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClaimPolicy {
    /// Most that all findings together add, log-odds.
    pub most_log_odds: f64,
    /// Days between first and last picture above which it is told.
    pub span_days: f64,
    /// Days before the claimed time above which a picture is too old.
    pub days_before: f64,
    /// Kilometres between two places above which it is told.
    pub far_km: f64,
    /// Speed that no journey has, km/h.
    pub fastest_kmh: f64,
    /// Log-odds of each finding.
    pub weights: BTreeMap<String, f64>,
}

impl Default for ClaimPolicy {
    fn default() -> Self {
        let weights = WEIGHTS.into_iter();
        Self {
            most_log_odds: 3.0,
            span_days: 14.0,
            days_before: 30.0,
            far_km: 100.0,
            fastest_kmh: 1_000.0,
            weights: weights.map(|(name, weight)| (name.to_owned(), weight)).collect(),
        }
    }
}

impl ClaimPolicy {
    /// Whether it is what holds without a section.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The weight of a finding's code.
    #[must_use]
    pub fn weight(&self, code: &str) -> f64 {
        let name = code.strip_prefix("claim.").unwrap_or(code).replace('.', "_");
        self.weights.get(&name).copied().unwrap_or(0.0)
    }
}

/// Reads the section; what is wrong goes to the collector and its default into the policy.
pub(super) fn claim(reader: Option<Reader<'_>>, collector: &Collector) -> ClaimPolicy {
    let mut claim = ClaimPolicy::default();
    let Some(mut reader) = reader else { return claim };
    claim.most_log_odds = reader.number("most_log_odds", 0.0..=50.0).unwrap_or(claim.most_log_odds);
    claim.span_days = reader.number("span_days", DAYS).unwrap_or(claim.span_days);
    claim.days_before = reader.number("days_before", DAYS).unwrap_or(claim.days_before);
    claim.far_km = reader.number("far_km", KM).unwrap_or(claim.far_km);
    claim.fastest_kmh = reader.number("fastest_kmh", KMH).unwrap_or(claim.fastest_kmh);
    for (name, Entry { key: place, node }) in reader.entries("weights") {
        let known: Vec<&str> = claim.weights.keys().map(String::as_str).collect();
        if !known.contains(&name) {
            let fault =
                Fault::unknown_name(place.clone(), "key", name, " in `claim.weights`", &known);
            collector.push(fault);
        } else if let Some(weight) = number_of(node).filter(|weight| LOG_ODDS.contains(weight)) {
            claim.weights.insert(name.to_owned(), weight);
        } else {
            let (from, to) = LOG_ODDS.into_inner();
            let expected = format!("a number within {from}..={to}");
            reader.wrong(&format!("weights.{name}"), node, &expected);
        }
    }
    reader.finish();
    claim
}

#[cfg(test)]
mod tests {
    use crate::policy::Policy;

    fn policy(claim: &str) -> Result<Policy, String> {
        let text = format!("name = \"mine\"\nversion = \"1\"\nextends = \"default\"\n{claim}");
        Policy::parse(&text, "mine.toml").map_err(|error| error.to_string())
    }

    #[test]
    fn a_section_that_says_what_holds_anyway_does_not_change_the_digest() {
        let plain = policy("").unwrap();
        let spelled = policy("[claim]\nfar_km = 100\nweights.places_apart = 1.0\n").unwrap();
        assert_eq!(plain.digest(), spelled.digest());
        let other = policy("[claim]\nfar_km = 50\n").unwrap();
        assert_ne!(plain.digest(), other.digest());
        assert_eq!(other.claim.far_km, 50.0);
    }

    #[test]
    fn an_unknown_key_or_weight_and_a_number_out_of_range_are_errors() {
        for (claim, part) in [
            ("claim.far = 5\n", "unknown key `far`"),
            ("claim.weights.duplicate_earlie = 5\n", "did you mean `duplicate_earlier`"),
            ("claim.weights.duplicate_earlier = 500\n", "within -50..=50"),
            ("claim.fastest_kmh = 0\n", "`claim.fastest_kmh` must be a number within"),
        ] {
            let message = policy(claim).unwrap_err();
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn every_finding_has_a_weight_by_its_code() {
        let claim = policy("").unwrap().claim;
        assert_eq!(claim.weight("claim.duplicate.earlier.altered"), 3.0);
        assert_eq!(claim.weight("claim.travel.impossible"), 1.5);
    }
}
