// SPDX-License-Identifier: MIT OR Apache-2.0
//! Intervals: scipy's values, invariants, repeatability.

use assay::eval::interval::{bootstrap, exact, Share};
use assay::eval::metrics::mean;
use proptest::prelude::*;

use crate::support::assert_close;

/// `scipy.stats.beta.ppf(.025, k, n - k + 1)` and `beta.ppf(.975, k + 1, n - k)`.
#[test]
fn exact_intervals_are_those_of_the_beta_law() {
    let cases = [
        (0, 10, 0.0, 0.308_497_107_818_760_7),
        (3, 10, 0.066_739_511_177_473_45, 0.652_452_850_059_997_3),
        (10, 10, 0.691_502_892_181_239_2, 1.0),
        (7, 1000, 0.002_818_858_759_620_524, 0.014_369_194_978_918_632),
    ];
    for (count, n, low, high) in cases {
        let found = exact(count, n).unwrap();
        assert_close(Some(found.low), low);
        assert_close(Some(found.high), high);
    }
}

#[test]
fn nothing_of_nothing_has_no_interval() {
    assert_eq!(exact(0, 0), None);
    assert_eq!(exact(2, 1), None);
    assert_eq!(Share::of(0, 0), None);
}

#[test]
fn bootstrap_repeats_itself_and_needs_two_groups() {
    let groups: Vec<Vec<f64>> = (0..10).map(|g| vec![f64::from(g), f64::from(g) + 0.5]).collect();
    let once = bootstrap(&groups, 500, 7, mean).unwrap();
    assert_eq!(bootstrap(&groups, 500, 7, mean), Some(once));
    assert_ne!(bootstrap(&groups, 500, 8, mean), Some(once));
    assert_eq!(bootstrap(&groups[..1], 500, 7, mean), None);
    // Mean 4.75, deviation of the mean of ten groups near 2.87 / sqrt(10) = 0.91.
    assert!((2.6..3.4).contains(&once.low) && (6.1..6.9).contains(&once.high), "{once:?}");
}

#[test]
fn groups_that_agree_within_widen_the_interval() {
    let values: Vec<f64> = (0..100).map(|i| f64::from(i / 10)).collect();
    let width = |groups: Vec<Vec<f64>>| {
        let found = bootstrap(&groups, 500, 1, mean).unwrap();
        found.high - found.low
    };
    let grouped = width(values.chunks(10).map(<[f64]>::to_vec).collect());
    let single = width(values.chunks(1).map(<[f64]>::to_vec).collect());
    assert!(grouped > 2.0 * single, "{grouped} against {single}");
}

#[test]
fn statistic_that_is_mostly_undefined_has_no_interval() {
    let groups = vec![vec![1.0], vec![2.0]];
    assert_eq!(bootstrap(&groups, 100, 1, |_| None), None);
}

proptest! {
    #[test]
    fn exact_interval_holds_the_share(n in 1..500_usize, part in 0.0..=1.0_f64) {
        let share = Share::of((part * n as f64) as usize, n).unwrap();
        prop_assert!(share.interval.low <= share.value && share.value <= share.interval.high);
        prop_assert!(share.interval.low >= 0.0 && share.interval.high <= 1.0);
    }

    #[test]
    fn more_pictures_narrow_the_interval(count in 0..20_usize, extra in 1..20_usize) {
        let n = count + extra;
        let width = |factor: usize| {
            let found = Share::of(count * factor, n * factor).unwrap().interval;
            found.high - found.low
        };
        prop_assert!(width(4) < width(1));
    }
}
