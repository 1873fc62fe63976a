// SPDX-License-Identifier: MIT OR Apache-2.0

use assay_plugin_api::testing::EvidenceBuilder;

use super::*;

#[test]
fn flat_picture_scores_one() {
    let report = EvidenceBuilder::grey(64, 64, |_, _| 7).run::<LumaEntropy>().unwrap();
    assert_eq!(report.score, 1.0);
}

#[test]
fn full_histogram_scores_zero() {
    let report = EvidenceBuilder::grey(256, 64, |x, _| x as u8).run::<LumaEntropy>().unwrap();
    assert!(report.score.abs() < 1e-12, "score {}", report.score);
}

#[test]
fn two_levels_of_equal_share_have_one_bit() {
    let report = EvidenceBuilder::grey(64, 64, |x, _| (x % 2) as u8).run::<LumaEntropy>().unwrap();
    assert_eq!(report.score, 1.0 - 1.0 / 8.0);
}

#[test]
fn small_picture_is_not_applicable() {
    let answer = EvidenceBuilder::grey(8, 8, |_, _| 0).run::<LumaEntropy>();
    assert!(matches!(answer, Err(NoScore::NotApplicable { .. })), "{answer:?}");
}

/// The answers that this version gives, to be seen when they change. `GOLDEN=write cargo test` writes
/// them anew; a change of them is a new version of the detector.
#[test]
fn answers_are_those_of_the_golden_file() {
    let pictures = [
        ("flat", EvidenceBuilder::grey(96, 64, |_, _| 90)),
        ("ramp", EvidenceBuilder::grey(96, 64, |x, y| (x + 2 * y) as u8)),
        ("colours", EvidenceBuilder::rgb(96, 64, |x, y| [x as u8, (x * y) as u8, 7])),
        ("small", EvidenceBuilder::grey(8, 8, |_, _| 90)),
    ];
    let answers = pictures.map(|(name, picture)| match picture.run::<LumaEntropy>() {
        Ok(report) => format!("{name} {:.9} {}\n", report.score, report.detail),
        Err(reason) => format!("{name} {reason:?}\n"),
    });
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/golden.txt");
    if std::env::var_os("GOLDEN").is_some() {
        std::fs::write(file, answers.concat()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), answers.concat());
}
