// SPDX-License-Identifier: MIT OR Apache-2.0
//! Thresholds: what they promise of the collection they were set on.

use assay::calibrate::operating::{allowed, authentic_below, bands, threshold, Limited, Promise};
use proptest::prelude::*;

fn probabilities() -> impl Strategy<Value = Vec<f64>> {
    let p = prop_oneof![0.0..=1.0, (0..=100_u8).prop_map(|n| f64::from(n) / 100.0), 0.9..=0.91];
    proptest::collection::vec(p, 0..150)
}

fn at_or_above(set: &[f64], threshold: f64) -> usize {
    set.iter().filter(|p| **p >= threshold).count()
}

fn limit(set: &[f64], rate: f64) -> Limited {
    Limited { set: set.to_vec(), rate }
}

proptest! {
    #[test]
    fn threshold_is_the_smallest_step_that_every_set_allows(
        sets in proptest::collection::vec(probabilities(), 1..4),
        rates in proptest::collection::vec(prop_oneof![Just(0.01), Just(0.05), 0.001..0.5], 4),
    ) {
        let limited: Vec<_> = sets.iter().zip(&rates).map(|(set, rate)| limit(set, *rate)).collect();
        let Some(found) = threshold(&limited, Promise::Observed) else {
            prop_assert!(sets.iter().all(Vec::is_empty));
            return Ok(());
        };
        let keeps = |at| {
            limited.iter().all(|of| at_or_above(&of.set, at) <= allowed(of.rate, of.set.len()))
        };
        prop_assert!((0.5..=1.0).contains(&found));
        // Nothing is above 1: a probability of 1 cannot be kept below a threshold.
        prop_assert!(found == 1.0 || keeps(found));
        prop_assert!(found == 0.5 || !keeps(found - 0.00015), "{found}");
    }

    #[test]
    fn more_false_positives_never_lower_the_threshold(
        sets in proptest::collection::vec(probabilities(), 1..4),
        raised in proptest::collection::vec(0.0..=1.0, 150),
        rate in 0.001..0.5,
    ) {
        let raise = |set: &Vec<f64>| -> Vec<f64> {
            set.iter().zip(&raised).map(|(p, by)| p + by * (1.0 - p)).collect()
        };
        let higher: Vec<_> = sets.iter().map(|set| limit(&raise(set), rate)).collect();
        let mut limited: Vec<_> = sets.iter().map(|set| limit(set, rate)).collect();
        let before = threshold(&limited, Promise::Observed);
        prop_assert!(threshold(&higher, Promise::Observed) >= before);
        limited.push(limit(&[0.75], rate));
        prop_assert!(threshold(&limited, Promise::Observed) >= before);
    }

    #[test]
    fn authentic_below_is_the_largest_step_below_which_few_enough_positives_fall(
        positives in probabilities(),
        rate in prop_oneof![Just(0.05), 0.001..0.5],
    ) {
        let Some(found) = authentic_below(&positives, rate, Promise::Observed) else {
            prop_assert!(positives.is_empty());
            return Ok(());
        };
        let keeps = |at| positives.iter().filter(|p| **p < at).count() <= allowed(rate, positives.len());
        prop_assert!((0.0..=0.5).contains(&found) && keeps(found));
        prop_assert!(found == 0.5 || !keeps(found + 0.00015), "{found}");
    }

    #[test]
    fn bands_are_in_order(
        thresholds in (0.001..=1.0, 0.001..=1.0),
        below in 0.0..=0.5,
        medium in 0.0..=1.0,
        high in 0.0..=1.0,
    ) {
        let (one, other) = thresholds;
        let found = bands([one, other], below, medium, f64::max(medium, high));
        prop_assert!(found.authentic_below <= found.medium, "{found:?}");
        prop_assert!(found.medium < f64::min(one, other), "{found:?}");
        prop_assert!(found.high >= f64::max(one, other) && found.high >= found.medium, "{found:?}");
        if below <= medium && medium < f64::min(one, other) - 0.001 {
            prop_assert_eq!((found.authentic_below, found.medium), (below, medium));
        }
    }
}

#[test]
fn small_set_allows_no_false_positive_at_a_small_rate() {
    assert_eq!(allowed(0.01, 99), 0);
    assert_eq!(allowed(0.01, 100), 1);
    assert_eq!(threshold(&[limit(&[0.61235, 0.7], 0.01)], Promise::Observed), Some(0.7001));
    let hundred: Vec<_> = (0..100).map(|n| if n == 0 { 0.99 } else { 0.612_35 }).collect();
    assert_eq!(threshold(&[limit(&hundred, 0.01)], Promise::Observed), Some(0.6124));
}
