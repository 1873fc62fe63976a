// SPDX-License-Identifier: MIT OR Apache-2.0
//! Statistics of crops that the host lends are taken as they are, and nothing else is.

#![allow(clippy::unwrap_used)] // a helper, called by tests only

use assay_diffusion::Diffusion;
use assay_plugin_api::testing::EvidenceBuilder;
use assay_signal::traces::{lent, Picture, TraceExtractor, CROP};

/// Side of a picture of one crop, px.
const SIDE: u32 = CROP as u32;

/// Waves with grain, the finer the larger `fineness`.
fn samples(fineness: u32) -> Vec<u8> {
    let places = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x, y)));
    let pixel = |(x, y): (u32, u32)| {
        let grain = (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77)) >> 7;
        let shade = (x * fineness / 3 + y / 5) % 128;
        [0, 8, 16].map(|shift| (shade + 64 + (grain >> shift) % 16) as u8)
    };
    places.flat_map(pixel).collect()
}

fn features(fineness: u32) -> Vec<f32> {
    let (samples, side) = (samples(fineness), CROP);
    let picture = Picture::new(&samples, side, side, 3 * side).unwrap();
    TraceExtractor::new().features(&picture, 0, 0).unwrap()
}

#[test]
fn lent_statistics_of_a_crop_are_taken_and_those_of_another_length_are_not() {
    let picture = || EvidenceBuilder::from_rgb(SIDE, SIDE, samples(1));
    let report = |evidence: EvidenceBuilder| evidence.run::<Diffusion>().unwrap();
    let own = report(picture());
    let key = lent::key_of(0, 0);
    assert_eq!(report(picture().numbers(&key, features(1))), own);
    let of_another = report(picture().numbers(&key, features(7)));
    assert_ne!(of_another.score, own.score);
    let short = features(7).split_off(1);
    assert_eq!(report(picture().numbers(&key, short)), own);
    let elsewhere = lent::key_of(8, 0);
    assert_eq!(report(picture().numbers(&elsewhere, features(7))), own);
}
