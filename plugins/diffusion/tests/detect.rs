// SPDX-License-Identifier: MIT OR Apache-2.0
//! The detector in memory: what it says, what it abstains from, and that it always says the same.

use assay_diffusion::Diffusion;
use assay_plugin_api::check;
use assay_plugin_api::descriptor::Descriptor;
use assay_plugin_api::evidence::keys;
use assay_plugin_api::prelude::*;
use assay_plugin_api::report::Attribute;
use assay_plugin_api::testing::EvidenceBuilder;
use proptest::prelude::*;

/// A textured picture without structure (a hash of the place).
fn textured(width: u32, height: u32, seed: u32) -> EvidenceBuilder {
    EvidenceBuilder::rgb(width, height, |x, y| {
        let mut hash = x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77) ^ seed;
        hash = (hash ^ (hash >> 15)).wrapping_mul(0x2C1B_3C6D);
        hash ^= hash >> 12;
        let shade = (x / 3 + y / 5) % 128;
        [0, 8, 16].map(|shift| (shade + 64 + (hash >> shift) % 16) as u8)
    })
}

fn text<'a>(report: &'a Report, name: &str) -> &'a str {
    match report.attributes.iter().find(|attribute| attribute.name == name) {
        Some(Attribute { value: Value::Text(text), .. }) => text.as_str(),
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn the_descriptor_keeps_the_contract() {
    let descriptor = Descriptor::of::<Diffusion>();
    check::descriptor(&descriptor).unwrap();
    let keys = [descriptor.id, descriptor.model_key, descriptor.result_key];
    assert_eq!(keys.map(String::from), ["diffusion", "diffusion", "diffusion_detection"]);
    assert_eq!(descriptor.kind, Kind::Generation);
}

#[test]
fn a_textured_picture_gets_a_checked_report_that_is_the_same_each_time() {
    let evidence = textured(600, 500, 1);
    let report = evidence.run::<Diffusion>().unwrap();
    check::report(&report, 600, 500).unwrap();
    assert_eq!(report, evidence.run::<Diffusion>().unwrap());
    assert!(report.detail.starts_with("Statistical traces"));
    assert_eq!(text(&report, "model_digest").len(), 64);
    let families = ["latent_diffusion", "pixel_diffusion", "stylegan", "unknown"];
    assert!(families.contains(&text(&report, "generator_family")));
    assert!(report.heatmap.is_some());
}

#[test]
fn one_crop_is_read_when_one_is_asked_for() {
    let report =
        textured(1200, 900, 2).run_with::<Diffusion>(&[Attribute::new("crops", 1_i64)]).unwrap();
    assert!(report.attributes.contains(&Attribute::new("crops", 1_i64)));
    assert!(report.attributes.contains(&Attribute::new("logit_deviation", 0.0)));
}

#[test]
fn the_compression_state_follows_the_facts_of_the_file() {
    let state = |evidence: EvidenceBuilder| {
        text(&evidence.run::<Diffusion>().unwrap(), "compression_state").to_owned()
    };
    let jpeg = |quality: i64| {
        textured(300, 300, 3).fact(keys::FORMAT, "JPEG").fact(keys::JPEG_QUALITY, quality)
    };
    assert_eq!(state(textured(300, 300, 3).fact(keys::FORMAT, "PNG")), "lossless");
    assert_eq!(state(jpeg(92)), "high_quality");
    assert_eq!(state(jpeg(60)), "low_quality");
    assert_eq!(state(textured(300, 300, 3)), "low_quality");
}

#[test]
fn small_and_flat_pictures_are_not_applicable_and_the_reason_says_so() {
    let reason = |evidence: EvidenceBuilder| match evidence.run::<Diffusion>() {
        Err(NoScore::NotApplicable { reason }) => String::from(reason),
        other => panic!("{other:?}"),
    };
    assert!(reason(textured(255, 800, 4)).contains("at least 256 px a side"));
    assert!(reason(EvidenceBuilder::grey(400, 400, |_, _| 128)).contains("neighbouring pixels"));
    assert!(reason(EvidenceBuilder::new()).contains("rgb8"));
}

#[test]
fn a_cancelled_call_stops() {
    let cancelled = textured(400, 400, 5).cancelled().run::<Diffusion>();
    assert_eq!(cancelled.unwrap_err(), NoScore::Cancelled);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn any_picture_gets_a_report_that_keeps_the_contract_or_an_abstention(
        width in 200..420_u32,
        height in 200..420_u32,
        seed in any::<u32>(),
        levels in 1..256_u32,
    ) {
        let evidence = EvidenceBuilder::rgb(width, height, |x, y| {
            let hash = (x ^ seed).wrapping_mul(0x9E37_79B1).wrapping_add(y.wrapping_mul(seed | 1));
            [hash, hash >> 8, hash >> 16].map(|value| (value % levels) as u8)
        });
        match evidence.run::<Diffusion>() {
            Ok(report) => prop_assert_eq!(check::report(&report, width, height), Ok(())),
            Err(error) => {
                let declined = matches!(error, NoScore::NotApplicable { .. });
                prop_assert!(declined, "{:?}", error);
            }
        }
    }
}
