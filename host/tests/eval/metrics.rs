// SPDX-License-Identifier: MIT OR Apache-2.0
//! Metrics: hand-computed cases, one case of scikit-learn's, invariants.

use assay::eval::metrics::{
    ascending, auc, auc_against, balanced_accuracy, brier, ece, mean, median, reliability, roc,
    tpr_at_fpr, twice_wins, Scored,
};
use proptest::prelude::*;

use crate::support::{assert_close, scored};

#[test]
fn auc_counts_ties_half() {
    // Pairs: .9 beats .1 and .5; .5 beats .1 and ties .5: 3.5 of 4.
    assert_close(auc(&scored(&[0.9, 0.5], &[0.1, 0.5])), 3.5 / 4.0);
    assert_close(auc(&scored(&[0.3, 0.3], &[0.3])), 0.5);
    assert_close(auc(&scored(&[0.1], &[0.2, 0.3])), 0.0);
}

#[test]
fn rate_of_an_empty_class_is_no_number() {
    for one_class in [scored(&[0.5], &[]), scored(&[], &[0.5]), Vec::new()] {
        assert_eq!(auc(&one_class), None);
        assert_eq!(tpr_at_fpr(&one_class, 0.05), None);
        assert_eq!(balanced_accuracy(&one_class, 0.5), None);
        assert_eq!(roc(&one_class), []);
    }
    assert_eq!((brier(&[]), ece(&[], 10), median(&[]), mean(&[])), (None, None, None, None));
}

#[test]
fn roc_has_a_point_for_each_distinct_score() {
    let points = roc(&scored(&[0.9, 0.5], &[0.5, 0.1]));
    let rates: Vec<_> = points.iter().map(|p| (p.threshold, p.fpr, p.tpr)).collect();
    let expected =
        [(None, 0.0, 0.0), (Some(0.9), 0.0, 0.5), (Some(0.5), 0.5, 1.0), (Some(0.1), 1.0, 1.0)];
    assert_eq!(rates, expected);
}

#[test]
fn tpr_at_fpr_allows_whole_false_alarms_only() {
    let negatives: Vec<f64> = (0..100).map(|i| f64::from(i) / 100.0).collect();
    let case = scored(&[0.995, 0.985, 0.5], &negatives);
    // One of 100 false alarms, at 0.99; the positive at 0.985 lies below it and above 0.98.
    assert_close(tpr_at_fpr(&case, 0.01), 2.0 / 3.0);
    assert_close(tpr_at_fpr(&case, 0.009), 1.0 / 3.0);
    assert_close(tpr_at_fpr(&case, 1.0), 1.0);
    // A positive that ties with the negative too many is not reached without it.
    assert_close(tpr_at_fpr(&scored(&[0.5], &[0.5]), 0.5), 0.0);
}

#[test]
fn score_at_the_threshold_is_called_positive() {
    let case = scored(&[0.7, 0.6], &[0.7, 0.1, 0.2, 0.3]);
    assert_close(balanced_accuracy(&case, 0.7), f64::midpoint(1.0 / 2.0, 3.0 / 4.0));
}

#[test]
fn calibration_has_the_values_of_a_hand_computation() {
    let case = scored(&[0.9, 0.8, 0.15], &[0.1, 1.0]);
    // (.01 + .04 + .7225 + .01 + 1) / 5
    assert_close(brier(&case), 1.7825 / 5.0);
    // Bins of a tenth: .1 and .15 (mean .125, half positive); .8; .9 with 1.0 (mean .95, half).
    assert_close(ece(&case, 10), (2.0 * 0.375 + 0.2 + 2.0 * 0.45) / 5.0);
    let sizes: Vec<_> = reliability(&case, 10).iter().map(|bin| bin.n).collect();
    assert_eq!(sizes, [2, 1, 2]);
}

#[test]
fn middle_values_are_averaged() {
    assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
    assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
}

/// 200 scores with ties: two of five are positive, from the generator of ANSI C's `rand`.
fn two_hundred() -> Vec<Scored> {
    let mut state = 12_345_u64;
    let mut uniform = || {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        state as f64 / (1_u64 << 31) as f64
    };
    let mut next = |index: usize| {
        let is_positive = index % 5 < 2;
        let (first, second) = (uniform(), uniform());
        let mixed = 0.5 * first + 0.3 * second + 0.2 * f64::from(u8::from(is_positive));
        Scored { score: (mixed * 100.0).floor() / 100.0, is_positive }
    };
    (0..200).map(&mut next).collect()
}

/// The same scores in Python, with scikit-learn 1.9.1:
/// ```text
/// f, t, _ = roc_curve(y, s, drop_intermediate=False); t[f <= 0.05].max(), t[f <= 0.01].max()
/// roc_auc_score(y, s); brier_score_loss(y, s); balanced_accuracy_score(y, s >= 0.5)
/// bins = np.minimum((s * 10).astype(int), 9)
/// sum(abs(s[bins == b].mean() - y[bins == b].mean()) * (bins == b).mean() for b in range(10))
/// ```
#[test]
fn two_hundred_scores_have_the_numbers_of_scikit_learn() {
    let case = two_hundred();
    assert_close(auc(&case), 0.792_604_166_666_666_7);
    assert_close(brier(&case), 0.187_02);
    assert_close(balanced_accuracy(&case, 0.5), 0.729_166_666_666_666_6);
    assert_close(tpr_at_fpr(&case, 0.05), 0.325);
    assert_close(tpr_at_fpr(&case, 0.01), 0.2375);
    assert_close(ece(&case, 10), 0.0919);
    assert_eq!(roc(&case).len(), 71);
}

fn cases() -> impl Strategy<Value = Vec<Scored>> {
    let hundredths = |n| prop::collection::vec((0..=100_u8).prop_map(|s| f64::from(s) / 100.0), n);
    (hundredths(1..40), hundredths(1..40)).prop_map(|(p, n)| scored(&p, &n))
}

fn mapped(case: &[Scored], map: impl Fn(f64) -> f64) -> Vec<Scored> {
    case.iter().map(|s| Scored { score: map(s.score), ..*s }).collect()
}

proptest! {
    #[test]
    fn ranks_alone_decide_auc_and_tpr(case in cases()) {
        let moved = mapped(&case, |s| (3.0 * s).exp() - 7.0);
        prop_assert_eq!(auc(&moved), auc(&case));
        prop_assert_eq!(tpr_at_fpr(&moved, 0.05), tpr_at_fpr(&case, 0.05));
    }

    #[test]
    fn scores_turned_round_have_the_complement(case in cases()) {
        let sum = auc(&case).unwrap() + auc(&mapped(&case, |s| -s)).unwrap();
        prop_assert!((sum - 1.0).abs() < 1e-12);
    }

    #[test]
    fn auc_is_the_area_under_the_curve(case in cases()) {
        let area: f64 = roc(&case)
            .windows(2)
            .map(|w| (w[1].fpr - w[0].fpr) * f64::midpoint(w[0].tpr, w[1].tpr))
            .sum();
        prop_assert!((area - auc(&case).unwrap()).abs() < 1e-12);
    }

    #[test]
    fn more_false_alarms_never_find_less(case in cases(), a in 0.0..1.0_f64, b in 0.0..1.0_f64) {
        let found = |fpr| tpr_at_fpr(&case, fpr).unwrap();
        prop_assert!(found(a.min(b)) <= found(a.max(b)));
    }

    #[test]
    fn every_picture_is_in_one_bin(case in cases(), bins in 1..20_usize) {
        let in_bins: usize = reliability(&case, bins).iter().map(|bin| bin.n).sum();
        prop_assert_eq!(in_bins, case.len());
        prop_assert!((0.0..=1.0).contains(&ece(&case, bins).unwrap()));
    }
}

proptest! {
    #[test]
    fn auc_against_sorted_numbers_is_the_auc(
        positives in proptest::collection::vec((0..9_u8).prop_map(f64::from), 0..30),
        negatives in proptest::collection::vec((0..9_u8).prop_map(f64::from), 0..30),
    ) {
        let all = scored(&positives, &negatives);
        let against = ascending(negatives.iter().copied());
        prop_assert_eq!(auc_against(&scored(&positives, &[]), &against), auc(&all));
        let own = ascending(positives.iter().copied());
        let n = positives.len();
        prop_assert_eq!(twice_wins(positives.iter().copied(), &own), n * n);
    }
}
