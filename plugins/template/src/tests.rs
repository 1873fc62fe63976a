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
