// SPDX-License-Identifier: MIT OR Apache-2.0
//! The model file: hand-computed logits, and refusals of everything that is not as it should be.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

use assay_signal::model::{CompressionState, FeatureSet, Model, ModelError, MAGIC, VERSION};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const PAIR: FeatureSet<'_> = FeatureSet { name: "pair-v1", features: 2 };
const ONE: FeatureSet<'_> = FeatureSet { name: "one-v1", features: 1 };
const SETS: [FeatureSet<'_>; 2] = [PAIR, ONE];

fn text(out: &mut Vec<u8>, value: &str) {
    out.extend((value.len() as u32).to_le_bytes());
    out.extend(value.as_bytes());
}

fn numbers(out: &mut Vec<u8>, values: &[f32]) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

/// Two parts. The first has two features and one tree: feature 1 <= 0.5 ? (feature 0 <= -1 ? 10 :
/// 20) : 40. The second has one feature, which it counts twice, and no tree.
fn content() -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend(VERSION.to_le_bytes());
    text(&mut out, "three synthetic features");
    out.extend(2_u32.to_le_bytes());
    text(&mut out, PAIR.name);
    out.extend(2_u32.to_le_bytes());
    numbers(&mut out, &[4.0]); // clip
    numbers(&mut out, &[1.0, 2.0]); // means
    numbers(&mut out, &[2.0, 0.5]); // deviations
    numbers(&mut out, &[3.0, -1.0]); // weights
    numbers(&mut out, &[0.25, 1.0, 0.5]); // bias, shares
    out.extend(1_u32.to_le_bytes());
    out.extend(2_u16.to_le_bytes());
    for (feature, threshold, left, right) in [(1_u16, 0.5_f32, 1_i16, -3_i16), (0, -1.0, -1, -2)] {
        out.extend(feature.to_le_bytes());
        out.extend(threshold.to_le_bytes());
        out.extend(left.to_le_bytes());
        out.extend(right.to_le_bytes());
    }
    numbers(&mut out, &[10.0, 20.0, 40.0]);
    text(&mut out, ONE.name);
    out.extend(1_u32.to_le_bytes());
    // Clip, mean, deviation, weight, bias, shares.
    numbers(&mut out, &[8.0, 0.0, 1.0, 1.0, 0.0, 2.0, 0.0]);
    out.extend(0_u32.to_le_bytes());
    for state in 0..3 {
        if state < 2 {
            out.push(0);
            for number in [1.0 + f64::from(state), 0.0, 0.1, 0.9] {
                out.extend(number.to_le_bytes());
            }
        } else {
            out.push(1);
            out.extend(2_u32.to_le_bytes());
            for number in [0.0, 0.25, 10.0, 0.75_f64] {
                out.extend(number.to_le_bytes());
            }
        }
        out.extend(4_u32.to_le_bytes());
        numbers(&mut out, &[-2.0, -1.0, -1.0, 3.0]);
    }
    out
}

fn signed(mut content: Vec<u8>) -> Vec<u8> {
    let digest = Sha256::digest(&content);
    content.extend_from_slice(&digest);
    content
}

fn read(content: Vec<u8>) -> Result<Model, ModelError> {
    Model::read(&signed(content), &SETS)
}

/// Where `needle` starts in the content.
fn place(needle: &[u8]) -> usize {
    content().windows(needle.len()).position(|window| window == needle).unwrap()
}

fn with(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut changed = content();
    changed[at..at + bytes.len()].copy_from_slice(bytes);
    changed
}

#[test]
fn logits_are_those_of_a_hand_computation() {
    let model = read(content()).unwrap();
    assert_eq!(model.trained_on(), "three synthetic features");
    // Linear: 0.25 + 3 (0 - 1) / 2 - (3 - 2) / 0.5 = -3.25; tree: 3 > 0.5, so 40, half of it.
    assert_eq!(model.logit(&[&[0.0, 3.0], &[0.0]]), Some(-3.25 + 20.0));
    // The second part adds twice its feature, at most twice 8.
    assert_eq!(model.logit(&[&[0.0, 3.0], &[0.5]]), Some(-3.25 + 20.0 + 1.0));
    assert_eq!(model.logit(&[&[0.0, 3.0], &[9.0]]), Some(-3.25 + 20.0 + 16.0));
    // (100 - 1) / 2 is clipped to 4, (-9 - 2) / 0.5 to -4: 0.25 + 12 + 4; tree 20.
    assert_eq!(model.logit(&[&[100.0, -9.0], &[0.0]]), Some(16.25 + 10.0));
    // A feature on the threshold goes left: 0.25 - 3 + 3, tree 10.
    assert_eq!(model.logit(&[&[-1.0, 0.5], &[0.0]]), Some(0.25 - 3.0 + 3.0 + 5.0));
    assert_eq!(model.logit(&[&[f32::NAN, 0.0], &[0.0]]), None);
    assert_eq!(model.logit(&[&[0.0], &[0.0]]), None);
    assert_eq!(model.logit(&[&[0.0, 3.0]]), None);
}

#[test]
fn scores_and_p_values_are_those_of_the_compression_state() {
    let model = read(content()).unwrap();
    let lossless = model.reference(CompressionState::Lossless);
    assert_eq!([lossless.score(0.0), lossless.score(99.0)], [0.5, 0.9]);
    let low = model.reference(CompressionState::LowQuality);
    assert_eq!([low.score(5.0), low.score(f64::NAN)], [0.5, 0.5]);
    // Of -2, -1, -1, 3: four reach -2, three -1, one 0, none 4.
    let p_values = [-2.0, -1.0, 0.0, 4.0].map(|logit| low.p_value(logit));
    assert_eq!(p_values, [1.0, 0.8, 0.4, 0.2]);
    assert_eq!(low.authentic_pictures(), 4);
}

#[test]
fn the_state_follows_format_and_quality_and_doubt_counts_as_low_quality() {
    use CompressionState::{HighQuality, Lossless, LowQuality};
    for (format, quality, state) in [
        (Some("PNG"), None, Lossless),
        (Some("TIFF"), Some(95), Lossless),
        (Some("JPEG"), Some(88), HighQuality),
        (Some("JPEG"), Some(87), LowQuality),
        (Some("JPEG"), None, LowQuality),
        (Some("WEBP"), None, LowQuality),
        (None, Some(99), LowQuality),
    ] {
        assert_eq!(CompressionState::of_file(format, quality), state, "{format:?} {quality:?}");
    }
}

#[test]
fn every_shortened_file_is_refused() {
    let whole = content();
    for length in 0..whole.len() {
        assert!(read(whole[..length].to_vec()).is_err(), "{length} bytes");
        assert!(Model::read(&signed(content())[..length], &SETS).is_err());
    }
}

#[test]
fn a_changed_byte_breaks_the_digest() {
    let mut file = signed(content());
    let last = file.len() - 40;
    file[last] ^= 1;
    assert_eq!(Model::read(&file, &SETS).unwrap_err(), ModelError::Digest);
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    assert_eq!(read(with(0, b"X")).unwrap_err(), ModelError::Magic);
    let version = read(with(8, &9_u32.to_le_bytes())).unwrap_err();
    assert_eq!(version, ModelError::Version { found: 9, expected: VERSION });
    let triple = FeatureSet { name: "triple-v1", features: 3 };
    let other = Model::read(&signed(content()), &[triple, ONE]).unwrap_err();
    assert_eq!(
        other.to_string(),
        "model of 2 features of pair-v1, expected 3 features of triple-v1; train it on this \
         version's features"
    );
    let fewer = Model::read(&signed(content()), &[PAIR]).unwrap_err();
    assert_eq!(
        fewer.to_string(),
        "model of 2 parts, expected 1 parts; train it on this version's features"
    );
    let longer = read([content(), vec![0]].concat()).unwrap_err();
    assert_eq!(longer, ModelError::Trailing { bytes: 1 });
    let text = read(with(place(b"three synthetic"), &[0xFF])).unwrap_err();
    assert!(matches!(text, ModelError::Text { .. }));
}

#[test]
fn numbers_outside_their_range_are_refused() {
    let means = place(&1.0_f32.to_le_bytes());
    let nan = read(with(means, &f32::NAN.to_le_bytes())).unwrap_err();
    assert!(matches!(nan, ModelError::Number { what: "mean", index: 0, .. }), "{nan}");
    let zero = read(with(means + 8, &0.0_f32.to_le_bytes())).unwrap_err();
    assert!(matches!(zero, ModelError::Number { what: "deviation", index: 0, .. }), "{zero}");
    let falling = read(with(content().len() - 4, &(-9.0_f32).to_le_bytes())).unwrap_err();
    assert!(matches!(falling, ModelError::Number { what: "authentic logit", index: 3, .. }));
    let knots = read(with(place(&0.75_f64.to_le_bytes()), &0.1_f64.to_le_bytes())).unwrap_err();
    assert!(matches!(knots, ModelError::Calibration(_)));
}

#[test]
fn a_tree_that_points_back_or_nowhere_is_refused() {
    let left_of_first = place(0.5_f32.to_le_bytes().as_ref()) + 4;
    let split = place(&[1, 0, 0, 0, 0, 0x3F]) + 6;
    assert!(left_of_first <= split);
    for child in [0_i16, 2, -4, i16::MIN, i16::MAX] {
        let refused = read(with(split, &child.to_le_bytes())).unwrap_err();
        assert_eq!(refused, ModelError::Child { tree: 0, split: 0, child });
    }
}

#[test]
fn a_count_that_no_file_could_hold_is_refused_before_memory_is_taken() {
    let features = place(b"three synthetic features") + 22;
    assert!(read(with(features, &u32::MAX.to_le_bytes())).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Model::read(&bytes, &SETS);
        let _ = read([&MAGIC[..], &VERSION.to_le_bytes(), &bytes].concat());
    }

    #[test]
    fn no_change_under_a_valid_digest_makes_reader_or_model_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        a in any::<f32>(),
        b in any::<f32>(),
    ) {
        let mut changed = content();
        for (at, byte) in changes {
            let at = at.index(changed.len());
            changed[at] = byte;
        }
        if let Ok(model) = read(changed) {
            let logit = model.logit(&[&[a, b], &[a]]).unwrap_or(0.0);
            for state in CompressionState::ALL {
                prop_assert!((0.0..=1.0).contains(&model.reference(state).score(logit)));
                prop_assert!((0.0..=1.0).contains(&model.reference(state).p_value(logit)));
            }
        }
    }
}
