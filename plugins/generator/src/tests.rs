// SPDX-License-Identifier: MIT OR Apache-2.0
use assay_plugin_api::check;
use assay_plugin_api::prelude::*;
use assay_plugin_api::report::Attribute;
use assay_signal::attribution::Attributed;
use assay_signal::classifier::{CropReading, Family, Reading};
use assay_signal::model::CompressionState;

use crate::{heat, report, Resemblance, Subject};

const SUBJECT: Subject =
    Subject { code: "test.traces.resemble", generators: "test generators", model: "test" };

fn crop(x: usize, y: usize, score: f64) -> CropReading {
    CropReading { x, y, side: 256, logit: 1.5, score }
}

fn reading(score: f64, p_value: f64) -> Reading {
    let crops = vec![crop(0, 0, score)];
    Reading {
        crops,
        logit: 1.5,
        logit_deviation: 0.5,
        score,
        p_value,
        authentic_pictures: 500,
        family: Family::NotAsked,
    }
}

#[test]
fn words_follow_score_and_rarity() {
    for (score, p_value, word, severity) in [
        (0.2, 0.9, "none", None),
        (0.59, 0.3, "none", None),
        (0.61, 0.3, "weak", Some(Severity::Info)),
        (0.80, 0.05, "moderate", Some(Severity::Notice)),
        (0.80, 0.01, "strong", Some(Severity::Warning)),
    ] {
        let reading = reading(score, p_value);
        let report = report::of(&SUBJECT, &reading, CompressionState::HighQuality, [0xAB; 32]);
        assert!(report.attributes.contains(&Attribute::new("resemblance", word)));
        assert_eq!(Resemblance::of(&reading).as_str(), word);
        assert_eq!(report.findings.first().map(|finding| finding.severity), severity);
        assert!(report.findings.iter().all(|finding| finding.code == SUBJECT.code));
        check::report(&report, 256, 256).unwrap();
    }
}

#[test]
fn a_family_is_named_of_pictures_that_resemble_generated_ones_only() {
    let stylegan = Attributed { family: "style_gan".into(), probability: 0.625 };
    let report = |score: f64, family: Family| {
        let reading = Reading { family, ..reading(score, 0.3) };
        report::of(&SUBJECT, &reading, CompressionState::HighQuality, [0xAB; 32])
    };
    let family = |report: &Report| {
        let is_family = |attribute: &&Attribute| attribute.name == "generator_family";
        report.attributes.iter().find(is_family).map(|attribute| attribute.value.clone())
    };
    let named = report(0.7, Family::Named(stylegan.clone()));
    assert_eq!(family(&named), Some(Value::from("style_gan")));
    assert!(named.attributes.contains(&Attribute::new("generator_family_probability", 0.625)));
    assert!(named.detail.ends_with("families of generators style gan is the likeliest (0.62)."));
    for unnamed in [report(0.5, Family::Named(stylegan)), report(0.7, Family::Unknown)] {
        assert_eq!(family(&unnamed), Some(Value::from("unknown")));
        assert!(!unnamed.detail.contains("likeliest"));
    }
    assert_eq!(family(&report(0.7, Family::NotAsked)), None);
}

#[test]
fn the_hottest_crop_over_a_cell_heats_it_and_what_was_not_read_is_cold() {
    let crops = vec![crop(0, 0, 0.75), crop(128, 0, 1.0), crop(0, 256, 0.2)];
    let map = heat::map(&Reading { crops, ..reading(0.5, 0.5) }, 500, 520);
    assert_eq!((map.columns, map.rows, map.cell_px), (16, 17, 32));
    let heat = |column: usize, row: usize| map.values[row * 16 + column];
    assert_eq!(heat(0, 0), 0.5);
    assert_eq!([heat(4, 0), heat(11, 7)], [1.0, 1.0]);
    assert_eq!([heat(12, 0), heat(0, 8), heat(15, 16)], [0.0, 0.0, 0.0]);
}
