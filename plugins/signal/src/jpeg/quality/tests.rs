// SPDX-License-Identifier: MIT OR Apache-2.0
use super::*;

#[test]
fn scaling_is_that_of_libjpeg() {
    assert_eq!(ijg_table(50, TableKind::Luma), STANDARD_LUMA);
    // Quality 75: scale 50; (16 * 50 + 50) / 100 = 8, (11 * 50 + 50) / 100 = 6,
    // (99 * 50 + 50) / 100 = 50.
    let table = ijg_table(75, TableKind::Luma);
    assert_eq!([table[0], table[1], table[63]], [8, 6, 50]);
    // Quality 10: scale 500; 16 * 5 = 80, 99 * 5 = 495, limited to 255.
    let table = ijg_table(10, TableKind::Luma);
    assert_eq!([table[0], table[63]], [80, 255]);
    assert_eq!(ijg_table(100, TableKind::Chroma), [1; 64]);
    assert_eq!(ijg_table(0, TableKind::Luma), ijg_table(1, TableKind::Luma));
}

#[test]
fn every_luma_quality_is_found_again() {
    for quality in 1..=100 {
        let found = ijg_quality(&ijg_table(quality, TableKind::Luma), TableKind::Luma);
        assert_eq!(found, QualityEstimate { quality, exact: true, distance: 0 });
    }
}

#[test]
fn every_chroma_quality_is_found_again_where_tables_differ() {
    for quality in 1..=100_u8 {
        let found = ijg_quality(&ijg_table(quality, TableKind::Chroma), TableKind::Chroma);
        // 17 * 5000 / 3 / 100 > 255: the tables of qualities 1, 2 and 3 are all 255.
        assert_eq!((found.quality, found.exact), (quality.max(3), true));
    }
}

#[test]
fn wide_tables_are_compared_without_the_baseline_limit() {
    // Quality 10 unlimited: 99 * 5 = 495.
    let wide = STANDARD_LUMA.map(|base| base * 5);
    let found = ijg_quality(&wide, TableKind::Luma);
    assert_eq!(found, QualityEstimate { quality: 10, exact: true, distance: 0 });
}

#[test]
fn a_foreign_table_gets_the_nearest_quality_and_is_not_exact() {
    let mut table = ijg_table(90, TableKind::Luma);
    table[5] += 2;
    let found = ijg_quality(&table, TableKind::Luma);
    assert_eq!(found, QualityEstimate { quality: 90, exact: false, distance: 2 });
    let zeros = ijg_quality(&[0; 64], TableKind::Luma);
    assert_eq!(zeros, QualityEstimate { quality: 100, exact: false, distance: 64 });
}
