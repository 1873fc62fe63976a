// SPDX-License-Identifier: MIT OR Apache-2.0
//! The splicing detector on pictures made in memory: whole, pasted, cropped, unevenly noisy.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

mod noise;

use std::io::Cursor;

use assay_plugin_api::check;
use assay_plugin_api::prelude::*;
use assay_plugin_api::testing::EvidenceBuilder;
use assay_splicing::{model, Splicing};
use image::codecs::jpeg::JpegEncoder;
use image::{imageops, GenericImage, RgbImage};
use proptest::prelude::*;

use noise::noise;

/// A number in `0..1` that depends on its place and channel only.
fn uniform(seed: u64, x: u32, y: u32, channel: u32) -> f64 {
    0.5 * (noise(seed, (x << 4) | channel, y << 2) + 1.0)
}

fn gaussian(seed: u64, x: u32, y: u32) -> f64 {
    let (a, b) = (uniform(seed, x, y, 0), uniform(seed, x, y, 1));
    (-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}

/// A smooth scene with noise of standard deviation `sigma(x, y)`.
fn scene(seed: u64, width: u32, height: u32, sigma: impl Fn(u32, u32) -> f64) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let phase = seed as f64;
        let wave = (f64::from(x) / 37.0 + phase).sin() + (f64::from(y) / 23.0 + phase).cos();
        let value = 125.0 + 40.0 * wave + sigma(x, y) * gaussian(seed, x, y);
        image::Rgb([value.round().clamp(0.0, 255.0) as u8; 3])
    })
}

fn camera(seed: u64, width: u32, height: u32) -> RgbImage {
    scene(seed, width, height, |_, _| 3.0)
}

fn through_jpeg(picture: &RgbImage, quality: u8) -> RgbImage {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(Cursor::new(&mut file), quality).encode_image(picture).unwrap();
    image::load_from_memory(&file).unwrap().to_rgb8()
}

/// A JPEG of quality 80 with 96x96 px of another at (115, 74), whose grid is at (2, 5) there.
fn spliced() -> RgbImage {
    let mut picture = through_jpeg(&camera(1, 320, 256), 80);
    let donor = through_jpeg(&camera(2, 128, 128), 80);
    let piece = imageops::crop_imm(&donor, 1, 5, 96, 96).to_image();
    picture.copy_from(&piece, 115, 74).unwrap();
    picture
}

fn evidence(picture: &RgbImage) -> EvidenceBuilder {
    EvidenceBuilder::from_rgb(picture.width(), picture.height(), picture.as_raw().clone())
}

fn run(picture: &RgbImage) -> Report {
    evidence(picture).run::<Splicing>().unwrap()
}

fn codes(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.code.as_str()).collect()
}

fn attribute<'a>(report: &'a Report, name: &str) -> &'a Value {
    &report.attributes.iter().find(|attribute| attribute.name == name).unwrap().value
}

fn heat(map: &Heatmap, x: u32, y: u32) -> f32 {
    map.values[(y / map.cell_px * map.columns + x / map.cell_px) as usize]
}

#[test]
fn a_whole_jpeg_has_one_grid_and_no_finding() {
    let report = run(&through_jpeg(&camera(1, 320, 256), 80));
    assert_eq!(codes(&report), [""; 0]);
    assert_eq!(attribute(&report, "jpeg_grid"), &Value::from("0,0"));
    assert!(report.score < 0.5, "{}", report.score);
    assert!(report.heatmap.unwrap().values.iter().all(|&heat| heat < 0.1));
}

#[test]
fn a_picture_that_never_was_a_jpeg_has_no_grid() {
    let report = run(&camera(1, 320, 256));
    assert_eq!(codes(&report), [""; 0]);
    assert_eq!(attribute(&report, "jpeg_grid"), &Value::Null);
}

#[test]
fn a_pasted_region_is_found_where_it_lies() {
    let report = run(&spliced());
    assert_eq!(codes(&report), ["jpeg.grid.foreign", "jpeg.double.off_grid"]);
    assert!(report.score > 0.85, "{}", report.score);
    let finding = &report.findings[0];
    let grid = |name: &str| finding.values.iter().find(|value| value.name == name).unwrap();
    assert_eq!(grid("grid_x").value, Value::Int((115 + 8 - 1) % 8));
    assert_eq!(grid("grid_y").value, Value::Int((74 + 8 - 5) % 8));
    let region = finding.regions[0];
    let close = |found: u32, true_value: u32| found.abs_diff(true_value) <= 12;
    assert!(close(region.x, 115) && close(region.y, 74), "{region:?}");
    assert!(close(region.width, 96) && close(region.height, 96), "{region:?}");

    let map = report.heatmap.unwrap();
    assert!(heat(&map, 160, 120) > 0.7);
    let outside = [(20, 20), (300, 120), (160, 240)];
    assert!(outside.iter().all(|&(x, y)| heat(&map, x, y) < 0.1));
}

#[test]
fn the_region_is_still_found_after_a_light_compression() {
    assert!(codes(&run(&through_jpeg(&spliced(), 99))).contains(&"jpeg.grid.foreign"));
}

#[test]
fn a_cropped_jpeg_is_said_to_be_cropped_and_not_forged() {
    let whole = through_jpeg(&camera(1, 320, 256), 80);
    let report = run(&imageops::crop_imm(&whole, 3, 5, 300, 240).to_image());
    assert_eq!(codes(&report), ["jpeg.grid.shifted"]);
    assert_eq!(report.findings[0].severity, Severity::Info);
    assert_eq!(attribute(&report, "jpeg_grid"), &Value::from("5,3"));
    assert!(report.score < 0.5, "{}", report.score);
}

#[test]
fn a_region_with_less_noise_is_found_where_it_lies() {
    let inside = |x: u32, y: u32| (168..280).contains(&x) && (112..224).contains(&y);
    let picture = scene(3, 512, 448, |x, y| if inside(x, y) { 1.0 } else { 3.0 });
    let report = run(&picture);
    assert_eq!(codes(&report), ["noise.region.quiet"]);
    let finding = &report.findings[0];
    let region = finding.regions[0];
    assert!(region.x.abs_diff(168) <= 56 && region.y.abs_diff(112) <= 56, "{region:?}");
    assert!(region.width.abs_diff(112) <= 80 && region.height.abs_diff(112) <= 80, "{region:?}");
    let measured = finding.values.iter().find(|value| value.name == "sigma_ratio").unwrap();
    assert!(matches!(measured.value, Value::Real(r) if (0.1..0.9).contains(&r)), "{measured:?}");
    assert!(report.score > 0.6, "{}", report.score);
    let map = report.heatmap.unwrap();
    assert!(heat(&map, 224, 168) > 0.5);
    assert!([(20, 20), (490, 300)].iter().all(|&(x, y)| heat(&map, x, y) < 0.1));
}

#[test]
fn even_noise_of_any_level_is_no_finding() {
    for sigma in [0.0, 1.0, 4.0, 12.0] {
        assert_eq!(codes(&run(&scene(4, 384, 320, |_, _| sigma))), [""; 0], "{sigma}");
    }
}

#[test]
fn large_pictures_are_read_on_coarser_lattices() {
    let piece = through_jpeg(&camera(6, 264, 264), 80);
    for (width, height) in [(1800, 1300), (2500, 1800)] {
        let mut picture = through_jpeg(&camera(5, width, height), 80);
        picture.copy_from(&piece, 803, 405).unwrap();
        let report = run(&picture);
        assert_eq!(codes(&report), ["jpeg.grid.foreign", "jpeg.double.off_grid"]);
        let region = report.findings[0].regions[0];
        assert!(region.x.abs_diff(803) <= 16 && region.width.abs_diff(264) <= 32, "{region:?}");
        let map = report.heatmap.unwrap();
        assert!(heat(&map, 930, 530) > 0.5);
        assert!(heat(&map, 100, 1000) < 0.1);
    }
}

#[test]
fn small_pictures_are_not_applicable_and_a_cancelled_call_stops() {
    match evidence(&camera(1, 63, 200)).run::<Splicing>() {
        Err(NoScore::NotApplicable { reason }) => assert!(reason.contains("63 px"), "{reason}"),
        other => panic!("{other:?}"),
    }
    let cancelled = evidence(&camera(1, 128, 128)).cancelled().run::<Splicing>();
    assert_eq!(cancelled, Err(NoScore::Cancelled));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_picture_gets_a_valid_answer_and_the_same_twice(
        width in 64_u32..300, height in 64_u32..260, sigma in 0.0_f64..60.0, seed in any::<u64>(),
        blocky in 1_u32..40,
    ) {
        let picture = EvidenceBuilder::grey(width, height, |x, y| {
            let base = 255.0 * uniform(seed, x / blocky, y / blocky, 7);
            (base + sigma * gaussian(seed, x, y)).round().clamp(0.0, 255.0) as u8
        });
        let report = picture.run::<Splicing>().unwrap();
        prop_assert_eq!(&report, &picture.run::<Splicing>().unwrap());
        check::report(&report, width, height).unwrap();
        prop_assert!((model::SCORES.0..=model::SCORES.1).contains(&report.score));
    }
}
