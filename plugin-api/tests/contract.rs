// SPDX-License-Identifier: MIT OR Apache-2.0
//! A detector's life in memory: what an author relies on and what the host is protected from.

use abi_stable::std_types::RVec;
use assay_plugin_api::evidence::keys;
use assay_plugin_api::prelude::*;
use assay_plugin_api::report::Attribute;
use assay_plugin_api::testing::EvidenceBuilder;
use assay_plugin_api::{check, export};
use proptest::prelude::*;

/// Does what its `act` parameter says.
struct Actor {
    act: String,
    gain: f64,
}

impl Detector for Actor {
    const ID: &'static str = "actor";
    const MODEL_KEY: &'static str = "actor";
    const RESULT_KEY: &'static str = "actor_detection";
    const TITLE: &'static str = "Actor";
    const VERSION: &'static str = "1.0.0";
    const LICENCE: &'static str = "MIT";
    const KIND: Kind = Kind::Manipulation;
    const INPUTS: &'static [Input] = &[Input::Luma];

    fn card() -> ModelCard {
        ModelCard::new("Does what it is told.")
    }

    fn params() -> Vec<ParamSpec> {
        vec![
            ParamSpec::choice("act", "score", &["score", "panic", "refuse"]),
            ParamSpec::real("gain", 0.5, 0.0, 1.0),
            ParamSpec::int("rounds", 3, 1, 9),
            ParamSpec::bool("loud", false),
        ]
    }

    fn new(params: &Params) -> Result<Self, String> {
        assert_eq!((params.int("rounds"), params.bool("loud")), (3, false));
        match params.text("act") {
            "refuse" => Err("told to refuse".into()),
            act => Ok(Self { act: act.into(), gain: params.real("gain") }),
        }
    }

    fn detect(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore> {
        evidence.check_cancelled()?;
        let luma = evidence.luma()?;
        assert_ne!(self.act, "panic", "told to panic at {}", luma.pixels());
        Ok(Report::new(Score::clamped(self.gain)))
    }
}

fn text(name: &str, value: &str) -> Attribute {
    Attribute::new(name, value)
}

#[test]
fn panic_in_detect_comes_back_as_its_message() {
    let evidence = EvidenceBuilder::grey(4, 4, |_, _| 0);
    let detector = export::create::<Actor>(&RVec::from(vec![text("act", "panic")])).unwrap();
    let answer = detector.detect(evidence.as_source()).into_result();
    let Err(NoScore::Panicked { message }) = answer else { panic!("answer {answer:?}") };
    assert!(message.contains("told to panic at 16"), "{message}");
}

#[test]
fn refusal_in_new_comes_back_as_its_message() {
    let made = export::create::<Actor>(&RVec::from(vec![text("act", "refuse")])).into_result();
    assert_eq!(made.err().unwrap(), "told to refuse");
}

#[test]
fn parameters_are_checked_again_behind_the_boundary() {
    let cases = [
        (
            text("act", "dance"),
            "`act` must be one of \"score\", \"panic\", \"refuse\", found the text \"dance\"",
        ),
        (Attribute::new("gain", 2.0), "`gain` must be a real number within 0..=1, found 2"),
        (Attribute::new("gain", f64::NAN), "`gain` must be a real number within 0..=1, found NaN"),
        (Attribute::new("rounds", 1.5), "`rounds` must be a whole number within 1..=9, found 1.5"),
        (Attribute::new("loud", 1_i64), "`loud` must be true or false, found 1"),
        (text("volume", "11"), "unknown parameter `volume`; known: act, gain, rounds, loud"),
    ];
    for (given, expected) in cases {
        let made = export::create::<Actor>(&RVec::from(vec![given])).into_result();
        assert_eq!(made.err().unwrap(), expected);
    }
}

#[test]
fn whole_number_serves_as_a_real_parameter() {
    let evidence = EvidenceBuilder::grey(4, 4, |_, _| 0);
    let report = evidence.run_with::<Actor>(&[Attribute::new("gain", 1_i64)]).unwrap();
    assert_eq!(report.score, 1.0);
}

#[test]
fn cancelled_call_and_missing_plane_are_answers() {
    let cancelled = EvidenceBuilder::grey(4, 4, |_, _| 0).cancelled();
    assert_eq!(cancelled.run::<Actor>(), Err(NoScore::Cancelled));
    let empty = EvidenceBuilder::new().run::<Actor>();
    assert_eq!(empty, Err(NoScore::not_applicable("The host has no `luma8` plane.")));
}

#[test]
fn luma_of_the_builder_is_rounded_bt_601() {
    let evidence =
        EvidenceBuilder::rgb(2, 1, |x, _| if x == 0 { [255, 0, 0] } else { [10, 20, 31] });
    let view = Evidence::new(evidence.as_source());
    // 0.299 * 255 = 76.245; 2.99 + 11.74 + 3.534 = 18.264.
    assert_eq!(view.luma().unwrap().row(0), [76, 18]);
}

#[test]
fn coefficients_of_the_wrong_length_are_not_handed_out() {
    let whole = EvidenceBuilder::new().coefficients(keys::JPEG_LUMA, 2, 1, vec![7; 128]);
    let view = Evidence::new(whole.as_source());
    let coefficients = view.jpeg_luma_coefficients().unwrap();
    assert_eq!((coefficients.block_columns(), coefficients.block_rows()), (2, 1));
    for (columns, rows, values) in [(2, 1, 127), (2, 2, 128), (0, 0, 0), (0, 5, 0)] {
        let short = EvidenceBuilder::new();
        let short = short.coefficients(keys::JPEG_LUMA, columns, rows, vec![7; values]);
        assert!(Evidence::new(short.as_source()).jpeg_luma_coefficients().is_err());
    }
}

#[test]
fn descriptor_of_a_well_made_detector_keeps_the_rules() {
    let descriptor = export::descriptor::<Actor>().unwrap();
    assert_eq!(check::descriptor(&descriptor), Ok(()));
    let mut bad = descriptor.clone();
    bad.result_key = "Actor Detection".into();
    let breach = check::descriptor(&bad).unwrap_err().to_string();
    assert_eq!(breach, "result key must be snake_case, found \"Actor Detection\"");
    let mut bad = descriptor;
    bad.params.push(ParamSpec::real("steps", 5.0, 0.0, 1.0));
    let breach = check::descriptor(&bad).unwrap_err().to_string();
    assert!(breach.contains("`steps` must be a real number within 0..=1, found 5"), "{breach}");
}

#[test]
fn breaches_of_the_contract_are_named() {
    let report = || Report::new(Score::clamped(0.5));
    let region = |x, width| Region { x, y: 0, width, height: 1 };
    let finding = |code: &str| Finding::new(code, Severity::Info, "");
    let map = |columns, rows, values: Vec<f32>| Heatmap {
        columns,
        rows,
        cell_px: 8,
        values: values.into(),
    };
    let mut nan = report();
    nan.score = f64::NAN;
    let cases = [
        (nan, "score must be within 0..=1, found NaN"),
        (
            report().detail("x".repeat(10_000_000)),
            "bytes of detail must be at most 4096, found 10000000",
        ),
        (
            report().finding(finding("Grid")),
            "finding code must be dotted lower case, found \"Grid\"",
        ),
        (
            report().finding(finding("a.b").region(region(15, 2))),
            "region of finding a.b must lie within 16x8, found 2x1 at (15, 0)",
        ),
        (
            report().finding(finding("a.b").region(region(u32::MAX, 2))),
            "region of finding a.b must lie within 16x8, found 2x1 at (4294967295, 0)",
        ),
        (
            report().attribute("period_px", f64::INFINITY),
            "attribute `period_px` of report must be finite, found inf",
        ),
        (report().attribute("a", 1.0).attribute("a", 2.0), "attribute `a` of report appears twice"),
        (
            report().heatmap(map(1, 1, vec![0.0])),
            "heatmap of 8 px cells must have 2x1 cells on a 16x8 picture, found 1x1",
        ),
        (report().heatmap(map(2, 1, vec![0.0])), "heatmap must have 2 values, found 1"),
        (
            report().heatmap(map(2, 1, vec![0.0, f32::NAN])),
            "heatmap values must be within 0..=1, found NaN",
        ),
    ];
    for (bad, expected) in cases {
        assert_eq!(check::report(&bad, 16, 8).unwrap_err().to_string(), expected);
    }
}

#[test]
fn fine_heatmap_of_a_huge_picture_is_refused() {
    let (width, height) = (12_000, 9_000);
    let map = Heatmap { columns: width, rows: height, cell_px: 1, values: RVec::new() };
    let breach = check::report(&Report::new(Score::clamped(0.5)).heatmap(map), width, height);
    assert!(breach.unwrap_err().to_string().contains("heatmap cell must be at least 4 px"));
}

proptest! {
    #[test]
    fn score_is_made_from_every_number_within_its_range_and_no_other(value in any::<f64>()) {
        prop_assert_eq!(Score::new(value).is_some(), (0.0..=1.0).contains(&value));
    }

    #[test]
    fn heatmap_made_to_cover_a_picture_keeps_the_contract(
        width in 1_u32..300, height in 1_u32..300, cell_px in 1_usize..64,
    ) {
        let map = Heatmap::covering(width as usize, height as usize, cell_px, |_, _| 0.5);
        let report = Report::new(Score::clamped(0.5)).heatmap(map);
        prop_assert_eq!(check::report(&report, width, height), Ok(()));
    }
}
