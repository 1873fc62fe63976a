// SPDX-License-Identifier: MIT OR Apache-2.0
//! Floors, content-matched means and tables on made-up answers.

use assay::eval::estimates::matched;
use assay::eval::floors::{real_against_real, storage, StorageFloor};
use assay::eval::logistic::Logistic;
use assay::eval::manifest::{Picture, Truth};
use assay::eval::metrics::Scored;
use assay::eval::record::{Answer, Carried, Examined, Facts};
use assay::eval::series::{Sample, Series};
use assay::eval::summary::{Beside, SeriesSummary, TierSummary};
use assay::eval::tiers::Tier;
use assay::fusion::VerdictLabel;
use assay::policy::Policy;
use assay_plugin_api::descriptor::Kind;
use assay_plugin_api::report::Label;

use crate::support::assert_close;

pub(crate) fn picture(index: usize, truth: Truth, source: &str) -> Picture {
    Picture {
        path: format!("{source}/{index}").into(),
        truth,
        group: source.into(),
        source: source.into(),
        kind: if truth == Truth::Authentic { "web".into() } else { String::new() },
        fold: None,
        mask: None,
    }
}

pub(crate) fn examined(score: Option<f64>, label: Option<Label>, format: &str) -> Examined {
    let facts = Facts {
        width: 400,
        height: 300,
        format: format.into(),
        jpeg_quality: (format == "JPEG").then_some(90),
        jpeg_subsampling: None,
        metadata: Carried::default(),
    };
    let answer = Answer {
        model_key: "gan".into(),
        kind: Kind::Generation,
        score,
        label,
        fault: None,
        located: None,
        false_area: None,
    };
    let p_ai_generated = score.unwrap_or(0.5);
    let verdict =
        if p_ai_generated > 0.7 { VerdictLabel::AiGenerated } else { VerdictLabel::Inconclusive };
    Examined {
        facts,
        answers: vec![answer],
        verdict,
        p_ai_generated,
        p_manipulated: 0.1,
        mask: None,
    }
}

pub(crate) fn policy() -> Policy {
    Policy::load("default", &[]).unwrap()
}

/// Summarises made-up pictures in one tier and returns the series of this name.
fn summary(rows: &[(Picture, Examined)], name: &str) -> SeriesSummary {
    let rows: Vec<_> = rows.iter().map(|(p, e)| (p, e)).collect();
    let tier = TierSummary::of(Tier::Clean, &rows, &Beside::default(), &policy());
    tier.series.into_iter().find(|series| series.name == name).unwrap()
}

/// Ten pictures a class in each of two sources: in the first the classes are apart, in the second
/// they are turned round.
fn two_sources() -> Vec<(Picture, Examined)> {
    let mut rows = Vec::new();
    for (source, sign) in [("a", 1.0), ("b", -1.0)] {
        for index in 0..10 {
            let spread = index as f64 / 100.0;
            for (truth, side) in [(Truth::AiGenerated, 0.2), (Truth::Authentic, -0.2)] {
                let score = 0.5 + sign * side + spread;
                let label = if score >= 0.65 { Label::Synthetic } else { Label::Inconclusive };
                rows.push((
                    picture(index, truth, source),
                    examined(Some(score), Some(label), "JPEG"),
                ));
            }
        }
    }
    rows
}

#[test]
fn content_matched_mean_counts_each_source_once() {
    let found = summary(&two_sources(), "gan").content_matched.unwrap();
    let each: Vec<_> = found.sources.iter().map(|s| (s.source.as_str(), s.auc)).collect();
    assert_eq!(each, [("a", 1.0), ("b", 0.0)]);
    assert_close(Some(found.mean), 0.5);
    let interval = found.interval.unwrap();
    assert_eq!((interval.low, interval.high), (0.0, 1.0));
}

#[test]
fn source_with_too_few_of_a_class_is_not_compared_within() {
    let rows: Vec<_> =
        two_sources().into_iter().filter(|(p, _)| p.truth == Truth::Authentic).collect();
    let four =
        (0..4).map(|i| (picture(i, Truth::AiGenerated, "a"), examined(Some(0.9), None, "PNG")));
    let rows: Vec<_> = rows.into_iter().chain(four).collect();
    assert_eq!(summary(&rows, "gan").content_matched, None);
}

#[test]
fn inconclusive_and_silence_are_columns_and_no_errors_of_either_kind() {
    let rows = [
        (picture(0, Truth::AiGenerated, "a"), examined(Some(0.9), Some(Label::Synthetic), "PNG")),
        (
            picture(1, Truth::AiGenerated, "a"),
            examined(Some(0.5), Some(Label::Inconclusive), "PNG"),
        ),
        (picture(2, Truth::AiGenerated, "a"), examined(Some(0.1), Some(Label::Authentic), "PNG")),
        (picture(3, Truth::AiGenerated, "a"), examined(None, None, "PNG")),
        (picture(4, Truth::Authentic, "b"), examined(Some(0.8), Some(Label::Synthetic), "JPEG")),
        (picture(5, Truth::Authentic, "b"), examined(Some(0.4), Some(Label::Inconclusive), "JPEG")),
    ];
    let found = summary(&rows, "gan");
    let at = &found.at_policy;
    let count = |word| at.confusion.count(Truth::AiGenerated, word);
    let counts = ["SYNTHETIC", "INCONCLUSIVE", "AUTHENTIC", "NONE"].map(count);
    assert_eq!(counts, [1, 1, 1, 1]);
    let share = |share: Option<assay::eval::interval::Share>| share.map(|s| (s.count, s.n));
    assert_eq!(share(at.tpr), Some((1, 4)));
    assert_eq!(share(at.missed), Some((1, 4)));
    assert_eq!(share(at.fpr), Some((1, 2)));
    assert_close(at.balanced_accuracy, f64::midpoint(0.25, 0.5));
    assert_eq!((found.n_scored, found.n_not_applicable, found.n_failed), (5, 1, 0));
    assert_eq!(share(found.fpr_by_kind.first().map(|kind| kind.fpr)), Some((1, 2)));
    let histories: Vec<_> = found.by_history.iter().map(|part| part.history).collect();
    assert_eq!(histories, ["JPEG, quality 88 or more", "not a JPEG"]);
}

#[test]
fn verdict_against_an_authentic_picture_counts_whatever_it_says() {
    let mut manipulated = examined(Some(0.1), None, "JPEG");
    manipulated.verdict = VerdictLabel::Manipulated;
    let rows = [
        (picture(0, Truth::Authentic, "a"), examined(Some(0.9), None, "JPEG")),
        (picture(1, Truth::Authentic, "a"), manipulated),
        (picture(2, Truth::Authentic, "a"), examined(Some(0.5), None, "JPEG")),
        (picture(3, Truth::AiGenerated, "a"), examined(Some(0.9), None, "JPEG")),
    ];
    let rows: Vec<_> = rows.iter().map(|(p, e)| (p, e)).collect();
    let tier = TierSummary::of(Tier::Clean, &rows, &Beside::default(), &policy());
    let rates: Vec<_> =
        tier.accused.iter().map(|k| (k.kind.as_str(), k.fpr.count, k.fpr.n)).collect();
    assert_eq!(rates, [("all authentic", 2, 3), ("web", 2, 3)]);
}

#[test]
fn shift_is_the_median_change_of_the_same_pictures() {
    let clean = two_sources();
    let mut moved = clean.clone();
    for (picture, examined) in &mut moved {
        let by = if picture.truth == Truth::Authentic { 0.05 } else { -0.1 };
        examined.answers[0].score = examined.answers[0].score.map(|score| score + by);
    }
    let clean: Vec<_> = clean.iter().map(|(p, e)| (p, e)).collect();
    let moved: Vec<_> = moved.iter().map(|(p, e)| (p, e)).collect();
    let beside = Beside { clean, ..Beside::default() };
    let tier = TierSummary::of(Tier::Q90, &moved, &beside, &policy());
    let shift = tier.series.iter().find(|s| s.name == "gan").unwrap().shift.unwrap();
    assert!((shift.positive.unwrap() + 0.1).abs() < 1e-9);
    assert!((shift.negative.unwrap() - 0.05).abs() < 1e-9);
    assert_eq!((shift.n_positive, shift.n_negative), (20, 20));
}

#[test]
fn floor_finds_a_format_that_tells_the_classes_and_nothing_else() {
    let rows = |formats: [&'static str; 2]| -> Vec<(Picture, Examined)> {
        let one = move |i: usize| {
            let truth = if i.is_multiple_of(2) { Truth::AiGenerated } else { Truth::Authentic };
            let source = ["a", "b", "c", "d", "e", "f"][i % 6];
            (picture(i, truth, source), examined(Some(0.5), None, formats[i % 2]))
        };
        (0..60).map(one).collect()
    };
    let floor = |rows: &[(Picture, Examined)]| {
        let rows: Vec<_> = rows.iter().map(|(p, e)| (p, e)).collect();
        StorageFloor::of(Truth::AiGenerated, &storage(&rows, Truth::AiGenerated)).unwrap().auc.value
    };
    assert!(floor(&rows(["PNG", "JPEG"])) > 0.99);
    assert_close(Some(floor(&rows(["JPEG", "JPEG"]))), 0.5);
}

#[test]
fn real_sources_are_compared_with_each_other() {
    let pictures: Vec<_> =
        (0..30).map(|i| picture(i, Truth::Authentic, ["a", "b", "c"][i % 3])).collect();
    let answer = examined(Some(0.5), None, "JPEG");
    let score = |i: usize| Scored { score: (i % 3) as f64, is_positive: false };
    let numbered = pictures.iter().enumerate();
    let samples: Vec<_> = numbered
        .map(|(i, picture)| Sample { scored: score(i), picture, examined: &answer })
        .collect();
    let found = real_against_real(&samples).unwrap();
    assert_eq!(found.lowest, ("a".into(), 0.0));
    assert_eq!(found.highest, ("c".into(), 1.0));
    assert_eq!((found.median, found.sources), (0.5, 3));
    assert_eq!(matched(&samples), None);
}

#[test]
fn logistic_regression_finds_the_slope_and_ignores_a_constant() {
    let rows: Vec<_> = (0..100).map(|i| (vec![f64::from(i), 7.0], i % 10 < i / 10)).collect();
    let model = Logistic::fit(&rows).unwrap();
    assert!(model.probability(&[95.0, 7.0]) > 0.8);
    assert!(model.probability(&[5.0, 7.0]) < 0.2);
    assert_eq!(model.probability(&[50.0, 7.0]), model.probability(&[50.0, 1e6]));
    assert_eq!(Logistic::fit(&[(vec![1.0], true)]), None);
}

#[test]
fn series_measure_the_truth_that_they_claim() {
    let all = Series::all(&examined(Some(0.5), None, "PNG"), &policy());
    let claims: Vec<_> = all.iter().map(|s| (s.name.as_str(), s.positive)).collect();
    let expected = [
        ("verdict ai_generated", Truth::AiGenerated),
        ("verdict manipulated", Truth::Manipulated),
        ("gan", Truth::AiGenerated),
    ];
    assert_eq!(claims, expected);
}
