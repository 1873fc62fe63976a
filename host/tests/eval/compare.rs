// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of two detectors on the same pictures: by hand, by their definitions, and against resampling.

use assay::compare::delong::DeLong;
use assay::compare::mcnemar::McNemar;
use assay::compare::pairing::places;
use assay::compare::{Comparison, PairingError, Side};
use assay::eval::interval::of_auc;
use assay::eval::manifest::{Picture, Truth};
use assay::eval::metrics::{auc, tpr_at_fpr, Scored};
use assay::eval::paired::{difference, matched_difference, Pair};
use assay::eval::random::Random;
use assay::eval::ranked::{Ranked, Statistic};
use assay::eval::record::Examined;
use assay::eval::tiers::Tier;
use assay::results::Under;
use proptest::prelude::*;

use crate::support::assert_close;
use crate::tables::{examined, picture, policy};

fn pair(scores: [f64; 2], is_positive: bool) -> Pair<'static> {
    Pair { scores, is_positive, group: "g", source: "s" }
}

/// Scores with many ties.
fn pairs() -> impl Strategy<Value = Vec<Pair<'static>>> {
    let score = (0..8_u8).prop_map(|n| f64::from(n) / 8.0);
    let one = (score.clone(), score, any::<bool>());
    proptest::collection::vec(one, 4..60)
        .prop_map(|all| all.into_iter().map(|(a, b, class)| pair([a, b], class)).collect())
}

/// Variances and covariance as DeLong, DeLong and Clarke-Pearson define them, pair by pair.
fn by_definition(pairs: &[Pair<'_>]) -> ([f64; 2], [[f64; 2]; 2]) {
    let (positives, negatives): (Vec<_>, Vec<_>) = pairs.iter().partition(|p| p.is_positive);
    let wins = |x: f64, y: f64| match x.total_cmp(&y) {
        std::cmp::Ordering::Greater => 1.0,
        std::cmp::Ordering::Equal => 0.5,
        std::cmp::Ordering::Less => 0.0,
    };
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let placed = |which: usize| {
        let (x, y) = (|p: &&Pair<'_>| p.scores[which], |p: &&Pair<'_>| p.scores[which]);
        let of_positives: Vec<f64> = positives
            .iter()
            .map(|p| mean(&negatives.iter().map(|n| wins(x(p), y(n))).collect::<Vec<_>>()))
            .collect();
        let of_negatives: Vec<f64> = negatives
            .iter()
            .map(|n| mean(&positives.iter().map(|p| wins(x(p), y(n))).collect::<Vec<_>>()))
            .collect();
        (of_positives, of_negatives)
    };
    let all = [placed(0), placed(1)];
    let covariance = |a: &[f64], b: &[f64]| {
        let products = a.iter().zip(b).map(|(x, y)| (x - mean(a)) * (y - mean(b)));
        products.sum::<f64>() / (a.len() as f64 - 1.0) / a.len() as f64
    };
    let entry =
        |i: usize, j: usize| covariance(&all[i].0, &all[j].0) + covariance(&all[i].1, &all[j].1);
    let table = [[entry(0, 0), entry(0, 1)], [entry(1, 0), entry(1, 1)]];
    ([mean(&all[0].0), mean(&all[1].0)], table)
}

proptest! {
    #[test]
    fn fast_delong_is_the_definition(pairs in pairs()) {
        let positives = pairs.iter().filter(|p| p.is_positive).count();
        let Some(found) = DeLong::of(&pairs) else {
            prop_assert!(positives.min(pairs.len() - positives) < 2);
            return Ok(());
        };
        let (auc, covariance) = by_definition(&pairs);
        for (found, defined) in found.auc.iter().zip(auc) {
            prop_assert!((found - defined).abs() < 1e-12);
        }
        for (found, defined) in found.covariance.iter().flatten().zip(covariance.iter().flatten()) {
            prop_assert!((found - defined).abs() < 1e-12);
        }
        prop_assert!((0.0..=1.0).contains(&found.p));
        // Turned round, the same.
        let turned: Vec<_> = pairs.iter().map(|p| pair([p.scores[1], p.scores[0]], p.is_positive)).collect();
        let turned = DeLong::of(&turned).unwrap();
        prop_assert!((turned.p - found.p).abs() < 1e-9);
        prop_assert_eq!(turned.z.is_some(), found.z.is_some());
    }

    #[test]
    fn statistic_of_a_resample_is_that_of_the_drawn_pictures(
        pictures in proptest::collection::vec((0..6_u8, any::<bool>(), 0..4_u32), 1..60),
        rate in prop_oneof![Just(0.01), Just(0.05), 0.0..0.9],
    ) {
        let scored = |(score, is_positive, _): &(u8, bool, u32)| {
            Scored { score: f64::from(*score), is_positive: *is_positive }
        };
        let all: Vec<_> = pictures.iter().map(scored).collect();
        let counts: Vec<_> = pictures.iter().map(|(.., count)| *count).collect();
        let drawn = all.iter().zip(&counts).flat_map(|(one, count)| vec![*one; *count as usize]);
        let drawn: Vec<_> = drawn.collect();
        let ranked = Ranked::of(&all);
        prop_assert_eq!(ranked.statistic(&counts, Statistic::Auc), auc(&drawn));
        prop_assert_eq!(ranked.statistic(&counts, Statistic::TprAtFpr(rate)), tpr_at_fpr(&drawn, rate));
    }

    #[test]
    fn mcnemar_is_the_sign_test_of_what_differs(only in (0..40_usize, 0..40_usize), same in (0..9_usize, 0..9_usize)) {
        let ((first, second), (both, neither)) = (only, same);
        let called = [([true, false], first), ([false, true], second), ([true, true], both), ([false, false], neither)];
        let called = called.into_iter().flat_map(|(pair, n)| vec![pair; n]);
        let found = McNemar::of(called);
        let n = first + second;
        // Of all 2^n splits, those that are at least as uneven.
        let splits: f64 = (0..=n).filter(|k| k.abs_diff(n - k) >= first.abs_diff(second)).map(|k| {
            (1..=k).map(|i| (n - k + i) as f64 / i as f64).product::<f64>()
        }).sum();
        prop_assert!((found.p - splits / 2.0_f64.powi(n as i32)).abs() < 1e-9, "{found:?}");
        prop_assert_eq!(found.n(), first + second + both + neither);
    }

    #[test]
    fn interval_of_an_auc_holds_it_and_stays_within(auc in 0.0..=1.0, m in 1..200_usize, n in 1..200_usize) {
        let found = of_auc(auc, m, n).unwrap();
        prop_assert!(0.0 <= found.low && found.low <= auc && auc <= found.high && found.high <= 1.0);
        let turned = of_auc(1.0 - auc, m, n).unwrap();
        prop_assert!((turned.low - (1.0 - found.high)).abs() < 1e-9);
    }
}

/// Computed in fractions by the definition, p by the complementary error function.
#[test]
fn delong_of_eleven_pictures_is_that_of_a_computation_in_fractions() {
    let positives = [[0.9, 0.8], [0.7, 0.9], [0.6, 0.6], [0.6, 0.4], [0.8, 0.3]];
    let negatives = [[0.5, 0.1], [0.6, 0.2], [0.3, 0.4], [0.2, 0.5], [0.7, 0.3], [0.1, 0.6]];
    let positives = positives.map(|scores| pair(scores, true));
    let pairs = [&positives[..], &negatives.map(|scores| pair(scores, false))].concat();
    let found = DeLong::of(&pairs).unwrap();
    assert_close(Some(found.auc[0]), 0.883_333_333_333_333_3);
    assert_close(Some(found.auc[1]), 0.783_333_333_333_333_3);
    assert_close(Some(found.covariance[0][1]), -0.003_458_333_333_333_333_2);
    assert_close(found.z, -0.506_550_111_013_635);
    assert_close(Some(found.p), 0.612_470_520_661_082_2);
    assert_close(Some(found.interval.low), -0.486924006515);
}

#[test]
fn mcnemar_of_ten_and_two_is_158_of_4096() {
    let called = [vec![[true, false]; 10], vec![[false, true]; 2], vec![[true, true]; 30]].concat();
    let found = McNemar::of(called.into_iter());
    assert_close(Some(found.p), 158.0 / 4096.0);
    assert_close(Some(McNemar::of([[true, true]].into_iter()).p), 1.0);
    assert_close(Some(McNemar::of([[true, false], [false, true]].into_iter()).p), 1.0);
}

#[test]
fn interval_of_an_auc_is_newcombes() {
    let found = of_auc(0.8, 20, 30).unwrap();
    assert_close(Some(found.low), 0.643_345_614_521_115_7);
    assert_close(Some(found.high), 0.894_146_241_651_368_5);
    // One of 1 over five pictures is not certain.
    let found = of_auc(1.0, 5, 100).unwrap();
    assert_close(Some(found.low), 0.800_368_050_435_888);
    assert_eq!((found.high, of_auc(0.5, 0, 3)), (1.0, None));
}

/// Two detectors that see `signals` deviations, with noise in common.
fn simulated(n: usize, signals: [f64; 2], seed: u64) -> Vec<Pair<'static>> {
    let mut random = Random::new(seed);
    let one = |index: usize| {
        let is_positive = index.is_multiple_of(2);
        let common = random.normal();
        let score = |signal: f64, own: f64| common + own + if is_positive { signal } else { 0.0 };
        let [a, b] = [random.normal(), random.normal()];
        pair([score(signals[0], a), score(signals[1], b)], is_positive)
    };
    (0..n).map(one).collect()
}

#[test]
fn delong_agrees_with_exchanging_the_detectors_at_random_and_with_the_bootstrap() {
    for (seed, signals) in [(1, [1.0, 1.0]), (2, [1.0, 1.6]), (3, [0.8, 1.1])] {
        let pairs = simulated(240, signals, seed);
        let found = DeLong::of(&pairs).unwrap();
        let observed = (found.auc[1] - found.auc[0]).abs();
        let mut random = Random::new(seed);
        let exchanged = (0..400).filter(|_| {
            let turn = |p: &Pair<'static>| match random.below(2) {
                0 => *p,
                _ => pair([p.scores[1], p.scores[0]], p.is_positive),
            };
            let other = DeLong::of(&pairs.iter().map(turn).collect::<Vec<_>>()).unwrap();
            (other.auc[1] - other.auc[0]).abs() >= observed
        });
        let p = exchanged.count() as f64 / 400.0;
        assert!((p - found.p).abs() < 0.08, "{p} by exchange, {} by DeLong", found.p);
        let names: Vec<_> = (0..pairs.len()).map(|i| i.to_string()).collect();
        let apart = pairs.iter().zip(&names).map(|(p, group)| Pair { group, ..*p });
        let bootstrap = difference(&apart.collect::<Vec<_>>(), Statistic::Auc).unwrap();
        let resampled = bootstrap.interval.unwrap();
        let (one, other) =
            (found.interval.high - found.interval.low, resampled.high - resampled.low);
        assert!((one / other - 1.0).abs() < 0.2, "{one} by DeLong, {other} by bootstrap");
    }
}

#[test]
fn groups_that_agree_within_widen_the_interval_of_a_difference() {
    let pairs = simulated(40, [0.5, 1.0], 7);
    let names: Vec<_> = (0..pairs.len() * 5).map(|i| i.to_string()).collect();
    // Each picture five times: as a group, and as if they were independent.
    let five = pairs.iter().flat_map(|p| [*p; 5]);
    let grouped = five.clone().zip(&names).enumerate();
    let grouped = grouped.map(|(i, (p, _))| Pair { group: &names[i / 5], ..p });
    let apart = five.zip(&names).map(|(p, group)| Pair { group, ..p });
    let width = |pairs: Vec<Pair<'_>>| {
        let found = difference(&pairs, Statistic::Auc).unwrap().interval.unwrap();
        found.high - found.low
    };
    let (grouped, apart) = (width(grouped.collect()), width(apart.collect()));
    assert!(grouped > 1.7 * apart, "{grouped} {apart}");
}

#[test]
fn the_same_scores_do_not_differ() {
    let pairs: Vec<_> = simulated(60, [1.0, 1.0], 5)
        .iter()
        .map(|p| pair([p.scores[0]; 2], p.is_positive))
        .collect();
    let found = DeLong::of(&pairs).unwrap();
    assert_eq!((found.z, found.p), (None, 1.0));
    let matched = matched_difference(&pairs).unwrap();
    assert_eq!((matched.means.difference, matched.sources, matched.pictures), (0.0, 1, 60));
}

/// Pictures of two sources with the scores of one detector, in one tier.
fn under(scores: &[(Truth, f64)]) -> Under {
    let one = |(index, (truth, score)): (usize, &(Truth, f64))| {
        (picture(index, *truth, ["a", "b"][index % 2]), examined(Some(*score), None, "JPEG"))
    };
    let rows: Vec<(Picture, Examined)> = scores.iter().enumerate().map(one).collect();
    Under {
        digests: (0..rows.len()).map(|i| Some(format!("digest {i}"))).collect(),
        pictures: rows.iter().map(|(picture, _)| picture.clone()).collect(),
        tiers: vec![Tier::Clean],
        examined: rows.into_iter().map(|(_, examined)| vec![Some(examined)]).collect(),
        not_again: 0,
    }
}

fn two_classes(signal: f64, seed: u64) -> Under {
    let mut random = Random::new(seed);
    let score = |index: usize| {
        let truth = if index % 4 < 2 { Truth::AiGenerated } else { Truth::Authentic };
        let side = if truth == Truth::AiGenerated { signal } else { -signal };
        (truth, (0.5 + side + 0.1 * random.normal()).clamp(0.01, 0.99))
    };
    under(&(0..80).map(score).collect::<Vec<_>>())
}

fn compared(first: &Under, second: &Under) -> Result<Comparison, PairingError> {
    let policy = policy();
    let side = |under| Side { name: "results", policy: &policy, under, series: Some("gan") };
    Comparison::of(side(first), side(second))
}

#[test]
fn better_detector_is_told_from_a_worse_one_on_the_same_pictures_in_any_order() {
    let (worse, better) = (two_classes(0.05, 1), two_classes(0.2, 2));
    let found = compared(&worse, &better).unwrap();
    let series = &found.tiers[0].series[0];
    assert_eq!((found.pictures, series.n_positive, series.n_negative), (80, 40, 40));
    let auc = series.auc.unwrap();
    assert!(auc.difference > 0.1 && series.delong.unwrap().p < 0.01, "{series:?}");
    assert!(series.content_matched.unwrap().means.interval.unwrap().low > 0.0, "{series:?}");
    assert_eq!(series.p_holm, Some(series.delong.unwrap().p));
    // The pictures lie elsewhere and in another order.
    let mut turned = better.clone();
    turned.pictures.reverse();
    turned.digests.reverse();
    turned.examined.reverse();
    turned.pictures.iter_mut().for_each(|picture| picture.path = "elsewhere".into());
    let again = compared(&worse, &turned).unwrap();
    assert_eq!(again.tiers[0].series[0].auc, series.auc);
    assert_eq!(again.tiers[0].series[0].found, series.found);
    let text = found.to_string();
    for part in ["gan: 40 ai_generated, 40 authentic", "DeLong", "McNemar", "p < 0.0001"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn other_pictures_and_other_labels_are_refused_by_name() {
    let first = two_classes(0.1, 1);
    let mut second = two_classes(0.1, 2);
    second.digests[3] = Some("another".into());
    let message = places(&first, &second).unwrap_err().to_string();
    assert!(message.contains("1 are in the first alone (b/3)"), "{message}");
    let mut second = two_classes(0.1, 2);
    second.pictures[2].truth = Truth::Manipulated;
    let message = places(&first, &second).unwrap_err().to_string();
    assert_eq!(message, "a/2 is authentic in the first results and manipulated in the second");
    // What could not be read is in neither.
    let mut second = two_classes(0.1, 2);
    second.digests[0] = None;
    let mut first = first;
    first.digests[0] = None;
    assert_eq!(places(&first, &second).unwrap()[..2], [None, Some(1)]);
}
