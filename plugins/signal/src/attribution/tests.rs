// SPDX-License-Identifier: MIT OR Apache-2.0
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;
use crate::input::InputError;

const SETS: [FeatureSet<'static>; 2] =
    [FeatureSet { name: "a", features: 1 }, FeatureSet { name: "b", features: 2 }];

/// A family: name, whether it may be named, weights, bias.
type Row = (&'static str, u8, [f32; 3], f32);

const ROWS: [Row; 3] = [
    ("latent", 1, [1.0, 0.0, 0.0], 0.0),
    ("pixel", 1, [0.0, 1.0, 0.0], 0.0),
    ("quantised", 0, [0.0, 0.0, 1.0], 0.5),
];

fn text(value: &str) -> Vec<u8> {
    let length = value.len() as u32;
    [&length.to_le_bytes(), value.as_bytes()].concat()
}

fn content(least: f64, rows: &[Row]) -> Vec<u8> {
    let mut out = [&MAGIC[..], &VERSION.to_le_bytes()].concat();
    out.extend(["some pictures", "a", "b"].map(text).concat());
    out.extend(3_u32.to_le_bytes());
    out.extend(least.to_le_bytes());
    for value in [4.0_f32, 0.0, 0.0, 10.0, 1.0, 1.0, 2.0] {
        out.extend(value.to_le_bytes());
    }
    out.extend((rows.len() as u32).to_le_bytes());
    for (name, nameable, weights, bias) in rows {
        out.extend(text(name));
        out.push(*nameable);
        weights.iter().chain([bias]).for_each(|value| out.extend(value.to_le_bytes()));
    }
    out
}

fn sealed(content: &[u8]) -> Vec<u8> {
    [content, Sha256::digest(content).as_slice()].concat()
}

fn attribution() -> Attribution {
    Attribution::read(&sealed(&content(0.5, &ROWS)), SETS).unwrap()
}

#[test]
fn logits_are_the_weighed_standardised_and_clipped_features() {
    // (9 - 0) / 1 is clipped to 4; (16 - 10) / 2 = 3, plus the bias of 0.5.
    let logits = attribution().logits([&[9.0], &[-2.0, 16.0]]);
    assert_eq!(logits, Some(vec![4.0, -2.0, 3.5]));
    assert_eq!(attribution().logits([&[9.0], &[-2.0]]), None);
}

#[test]
fn the_most_probable_family_is_named_with_its_share() {
    let named = attribution().attribute(&[2.0, 0.0, 0.0]).unwrap();
    assert_eq!(named.family, "latent");
    let share = 2.0_f64.exp() / (2.0_f64.exp() + 2.0);
    assert!((named.probability - share).abs() < 1e-12, "{named:?}");
}

#[test]
fn an_improbable_family_is_not_named() {
    assert_eq!(attribution().attribute(&[0.5, 0.0, 0.0]), None);
}

#[test]
fn a_family_that_cannot_be_told_is_not_named() {
    assert_eq!(attribution().attribute(&[0.0, 0.0, 9.0]), None);
}

#[test]
fn a_file_of_other_features_names_both() {
    let others = [SETS[0], FeatureSet { name: "c", features: 2 }];
    let error = Attribution::read(&sealed(&content(0.5, &ROWS)), others).unwrap_err();
    assert_eq!(
        error.to_string(),
        "attribution of 3 features of a and b, expected 3 features of a and c; train it on this \
         version's features"
    );
}

#[test]
fn what_is_wrong_is_said() {
    let good = sealed(&content(0.5, &ROWS));
    let read = |bytes: &[u8]| Attribution::read(bytes, SETS).unwrap_err();
    assert_eq!(read(b"ASSAYMDL"), AttributionError::Magic);
    let mut changed = good.clone();
    changed[20] ^= 1;
    assert_eq!(read(&changed), AttributionError::Digest);
    let mut newer = content(0.5, &ROWS);
    newer[8] = 2;
    assert_eq!(read(&sealed(&newer)), AttributionError::Version { found: 2, expected: 1 });
    let longer = [content(0.5, &ROWS), vec![0; 3]].concat();
    assert_eq!(read(&sealed(&longer)), AttributionError::Trailing { bytes: 3 });
    for (least, rows) in [(1.0, &ROWS[..]), (f64::NAN, &ROWS[..]), (0.5, &ROWS[..1])] {
        let error = read(&sealed(&content(least, rows)));
        assert!(matches!(error, AttributionError::Input(InputError::Number { .. })), "{error}");
    }
}

proptest! {
    #[test]
    fn a_file_that_is_cut_is_refused(kept in 0_usize..400) {
        let whole = content(0.5, &ROWS);
        prop_assume!(kept < whole.len());
        prop_assert!(Attribution::read(&sealed(&whole[..kept]), SETS).is_err());
    }

    #[test]
    fn a_name_needs_the_stated_probability(logits in proptest::collection::vec(-9.0..9.0, 3)) {
        if let Some(named) = attribution().attribute(&logits) {
            prop_assert!((0.5..=1.0).contains(&named.probability));
            prop_assert!(named.family != "quantised");
        }
    }
}
