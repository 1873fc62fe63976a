// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a fit is, whatever the scores.

use assay::calibrate::fit::{Fitter, Signs};
use assay::calibrate::folds::Folds;
use assay::calibrate::monotone::Shape;
use assay::calibrate::rows::{rows, Row};
use assay::fusion::fuse;
use assay::policy::Hypothesis;
use proptest::prelude::*;

use crate::support::{absent, scored, scores, Scores, SIX, TIERS};

fn rows_of(scores: &Scores) -> Vec<Row<'_>> {
    let folds = Folds::of(&scores.collection.pictures);
    rows(&scores.collection.pictures, &TIERS, &scores.examinations, &folds, &scores.detectors)
}

fn fitter(scores: &Scores, shape: Shape) -> Fitter<'_> {
    let signs = Signs::NonNegative;
    Fitter { base: &scores.base, detectors: &scores.detectors, shape, signs }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn weights_are_not_negative_and_fusion_gives_the_probabilities_that_were_fitted(
        counts in [16..40_usize, 0..40_usize, 0..40_usize],
        signal in -1.0..2.0,
        seed in any::<u64>(),
        is_isotonic in any::<bool>(),
    ) {
        let scores = scores(counts, signal, seed);
        let rows = rows_of(&scores);
        let shape = if is_isotonic { Shape::Isotonic } else { Shape::Logistic };
        let fit = fitter(&scores, shape).fit(&rows.iter().collect::<Vec<_>>());
        for hypothesis in Hypothesis::ALL {
            let weights = fit.policy.fusion.of(hypothesis).weights.values();
            prop_assert!(weights.clone().all(|w| (0.0..=1.0).contains(w)), "{weights:?}");
            // Provenance is taken over.
            let weight = |policy: &assay::policy::Policy| {
                policy.fusion.of(hypothesis).weights.get("metadata").copied()
            };
            prop_assert_eq!(weight(&fit.policy), weight(&scores.base));
        }
        for row in &rows {
            let answer = |(key, kind): &(&str, _)| match row.score(key) {
                Some(score) => scored(key, *kind, score),
                None => absent(key, *kind),
            };
            let verdict = fuse(&SIX.iter().map(answer).collect::<Vec<_>>(), &fit.policy);
            prop_assert_eq!(verdict.ai_generated.p, fit.p(Hypothesis::AiGenerated, row));
            prop_assert_eq!(verdict.manipulated.p, fit.p(Hypothesis::Manipulated, row));
        }
    }
}

#[test]
fn detector_that_corrects_another_speaks_against_where_weights_may_be_signed() {
    // gan sees the signal and a disturbance, diffusion the disturbance alone.
    let mut scores = scores([80, 80, 0], 0.0, 3);
    let mut random = assay::eval::random::Random::new(8);
    let pictures = scores.collection.pictures.iter().zip(&mut scores.examinations);
    for (picture, examination) in pictures {
        let is_positive = picture.truth == assay::eval::manifest::Truth::AiGenerated;
        for tier in examination.tiers.iter_mut().flatten() {
            let disturbance = 2.0 * random.normal();
            let signal = if is_positive { 1.5 } else { -1.5 };
            for answer in &mut tier.answers {
                let z = match answer.model_key.as_str() {
                    "gan" => signal + disturbance,
                    "diffusion" => disturbance + 0.1 * signal,
                    _ => continue,
                };
                answer.score = Some(1.0 / (1.0 + f64::exp(-z)));
            }
        }
    }
    let rows = rows_of(&scores);
    let rows: Vec<_> = rows.iter().collect();
    let weight = |signs| {
        let fit = Fitter { signs, ..fitter(&scores, Shape::Logistic) }.fit(&rows);
        fit.policy.fusion.ai_generated.weights["diffusion"]
    };
    assert_eq!(weight(Signs::NonNegative), 0.0);
    assert!(weight(Signs::Signed) < -0.2, "{}", weight(Signs::Signed));
}

#[test]
fn provenance_that_gives_the_classes_away_has_no_part_in_the_fit() {
    // Detectors that see nothing, beside metadata that tells all.
    let scores = scores([40, 40, 0], 0.0, 3);
    let rows = rows_of(&scores);
    let fit = fitter(&scores, Shape::Logistic).fit(&rows.iter().collect::<Vec<_>>());
    assert!(fit.policy.detector("metadata").calibration.is_none());
    assert!(!fit.mapped.contains(&"metadata".to_owned()));
    let p = |row: &Row<'_>| fit.p(Hypothesis::AiGenerated, row);
    assert!(rows.iter().all(|row| (0.2..0.8).contains(&p(row))));
}

#[test]
fn pictures_of_a_large_group_count_less_than_those_of_a_small_one() {
    let mut scores = scores([8, 8, 0], 1.0, 1);
    for (index, picture) in scores.collection.pictures.iter_mut().enumerate() {
        picture.group = if index < 4 { "large".into() } else { format!("{index}") };
    }
    let rows = rows_of(&scores);
    let share = |index: usize| {
        rows.iter()
            .find(|r| std::ptr::eq(r.picture, &scores.collection.pictures[index]))
            .unwrap()
            .share
    };
    // 1 / sqrt(4) and 1, each divided among two tiers.
    assert_eq!((share(0), share(7)), (0.25, 0.5));
}

#[test]
fn detector_with_a_signal_is_weighed_and_one_without_hardly() {
    let mut scores = scores([80, 80, 0], 2.0, 9);
    let mut random = assay::eval::random::Random::new(4);
    for examination in &mut scores.examinations {
        for tier in examination.tiers.iter_mut().flatten() {
            let noise = tier.answers.iter_mut().find(|answer| answer.model_key == "noise").unwrap();
            noise.score = Some(random.unit());
        }
    }
    let rows = rows_of(&scores);
    let fit = fitter(&scores, Shape::Logistic).fit(&rows.iter().collect::<Vec<_>>());
    let weights = &fit.policy.fusion.ai_generated.weights;
    assert!(weights["gan"] > 0.3 && weights["diffusion"] > 0.3, "{weights:?}");
    // What a detector adds is its weight times what its map lets it say.
    let assay::policy::Calibration::Logistic { slope, .. } =
        fit.policy.detector("noise").calibration.unwrap()
    else {
        panic!("no logistic map");
    };
    assert!(slope * weights["noise"] < 0.15, "{slope} {weights:?}");
}
