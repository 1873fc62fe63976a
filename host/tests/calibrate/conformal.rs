// SPDX-License-Identifier: MIT OR Apache-2.0
//! What conformal abstention promises of pictures that nothing was fitted to, by simulation.

use assay::calibrate::asked::Both;
use assay::calibrate::folds::Folds;
use assay::calibrate::operating::{authentic_below, threshold, Limited, Promise};
use assay::calibrate::rows::{rows, truth_of};
use assay::calibrate::run::{calibrate, Order};
use assay::eval::manifest::Truth;
use assay::eval::random::Random;
use assay::fusion::ensemble::estimate;
use assay::policy::Hypothesis;
use proptest::prelude::*;

use crate::support::{scores, TIERS};

/// Collections that are drawn, each with one more picture.
const DRAWS: usize = 4000;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// The next picture errs at most at the rate, and not much more seldom where a threshold is not held up
    /// by even odds.
    #[test]
    fn next_picture_errs_at_most_at_the_rate(n in 3..60_usize, rate in 0.05..0.4, seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let (mut accused, mut missed) = (0_usize, 0_usize);
        for _ in 0..DRAWS {
            let authentic: Vec<f64> = (0..=n).map(|_| random.within(0.5, 0.999)).collect();
            let positives: Vec<f64> = (0..=n).map(|_| random.within(0.001, 0.5)).collect();
            let set = Limited { set: authentic[1..].to_vec(), rate };
            accused += usize::from(authentic[0] >= threshold(&[set], Promise::Next).unwrap());
            let below = authentic_below(&positives[1..], rate, Promise::Next).unwrap();
            missed += usize::from(positives[0] < below);
        }
        // What it is in theory, and five deviations of the simulation.
        let exact = ((rate * (n + 1) as f64).floor() / (n + 1) as f64).max(0.0);
        let slack = 5.0 * (rate / DRAWS as f64).sqrt();
        for errors in [accused, missed] {
            let found = errors as f64 / DRAWS as f64;
            prop_assert!(found <= rate + slack, "{found} at {rate}, n {n}");
            // Steps of 0.0001 take a little off.
            prop_assert!(found >= exact - slack - 0.01, "{found} where {exact} is expected, n {n}");
        }
    }
}

#[test]
fn too_few_pictures_for_the_rate_let_nothing_be_said() {
    let set = |n: usize| [Limited { set: vec![0.6; n], rate: 0.1 }];
    assert_eq!(threshold(&set(8), Promise::Next), Some(1.0));
    assert_eq!(threshold(&set(9), Promise::Next), Some(0.6001));
    assert_eq!(threshold(&set(8), Promise::Observed), Some(0.6001));
    assert_eq!(authentic_below(&[0.4; 8], 0.1, Promise::Next), Some(0.0));
    assert_eq!(authentic_below(&[0.4; 9], 0.1, Promise::Next), Some(0.4));
}

/// Detectors fitted, cross-fitted and set to abstain on one collection, and then ten times as many
/// pictures of the same kind.
#[test]
fn fitted_policy_keeps_its_promise_on_pictures_that_it_has_not_seen() {
    let error = 0.2;
    let seen = scores([120, 120, 120], 1.2, 21);
    let order = Order {
        promise: Promise::Next,
        target_fpr: error / 2.0,
        target_fpr_others: error / 2.0,
        asked: Both::even(error),
        ..seen.order()
    };
    let (outcome, policy) = calibrate(&order).unwrap();
    assert!(outcome.notes.iter().any(|note| note.contains("at most 0.2 that an authentic one")));
    let next = scores([1200, 1200, 1200], 1.2, 22);
    let folds = Folds::of(&next.collection.pictures);
    let rows = rows(&next.collection.pictures, &TIERS, &next.examinations, &folds, &next.detectors);
    let (mut n, mut errors) = ([0_usize; 3], [0_usize; 3]);
    for row in &rows {
        let [ai, manipulated] = Hypothesis::ALL.map(|h| estimate(h, &row.standings, &policy).p);
        let verdict = &policy.verdict;
        let is_accused = ai >= verdict.ai_generated || manipulated >= verdict.manipulated;
        let is_cleared = ai.max(manipulated) < verdict.authentic_below;
        let truth = row.picture.truth;
        let is_error = if truth == Truth::Authentic { is_accused } else { is_cleared };
        let place = Truth::ALL.iter().position(|other| *other == truth).unwrap();
        n[place] += 1;
        errors[place] += usize::from(is_error);
    }
    // Two deviations of a threshold that was set on 120 pictures (60 of a set), and what the new ones add.
    let slack = 2.0 * (error * (1.0 - error) / 60.0).sqrt();
    for (n, errors) in n.into_iter().zip(errors) {
        let found = errors as f64 / n as f64;
        assert!(found <= error + slack, "{found} of {n}: {policy:?}");
    }
    // It does speak: half of what is generated is found.
    let found = rows.iter().filter(|row| {
        row.picture.truth == truth_of(Hypothesis::AiGenerated)
            && estimate(Hypothesis::AiGenerated, &row.standings, &policy).p
                >= policy.verdict.ai_generated
    });
    assert!(found.count() > n[1] / 2);
}
