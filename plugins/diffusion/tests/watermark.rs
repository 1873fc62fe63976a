// SPDX-License-Identifier: MIT OR Apache-2.0
//! Invisible watermarks in files, written by the project's own embedder: what the detector says of
//! them, and that it says nothing of them elsewhere.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

use assay_conformance::synth::codec::{decode, png, Jpeg};
use assay_conformance::synth::watermark::Number;
use assay_conformance::synth::{Camera, Picture, Scene, Watermark};
use assay_diffusion::Diffusion;
use assay_plugin_api::check;
use assay_plugin_api::prelude::*;

const XL: &str = "101100111110110010010000011110111011000110011110";
const FLUX: &str = "1010101111111010000111100111001111010100101110";

fn photo(width: usize, height: usize) -> Picture {
    Camera::with_body(7).shoot(&Scene::new(3).light(width, height), 1)
}

fn attribute(report: &Report, name: &str) -> Option<Value> {
    let named = report.attributes.iter().find(|attribute| attribute.name == name);
    named.map(|attribute| attribute.value.clone())
}

/// Checks that the picture is called marked by `name` and that `least` bits agree.
fn assert_marked(picture: &Picture, name: &str, least: i64) {
    let report = picture.evidence().run::<Diffusion>().unwrap();
    check::report(&report, picture.width as u32, picture.height as u32).unwrap();
    assert_eq!(attribute(&report, "watermark"), Some(Value::from(name)));
    let matched = attribute(&report, "watermark_bits_matched");
    assert!(matches!(matched, Some(Value::Int(bits)) if bits >= least), "{name}: {matched:?}");
    assert!(report.score >= 0.97);
    let is_mark = |finding: &&Finding| finding.code == "watermark.generator";
    let finding = report.findings.iter().find(is_mark).unwrap();
    assert_eq!(finding.severity, Severity::Decisive);
    assert!(report.detail.contains("invisible watermark"));
}

#[test]
fn a_marked_photograph_is_recognised_as_png_and_as_jpeg() {
    let real_numbers = |digits| Watermark { is_of_bytes: false, ..Watermark::digits(digits) };
    let old_diffusers = Watermark { is_exchanged: true, ..real_numbers(XL) };
    let singular = Watermark { number: Number::SingularValue, ..Watermark::digits(FLUX) };
    let photo = photo(448, 384);
    for (mark, name) in [
        (Watermark::text("StableDiffusionV1"), "stable_diffusion_1"),
        (Watermark::text("SDV2"), "stable_diffusion_2"),
        (real_numbers(FLUX), "flux"),
        (old_diffusers, "stable_diffusion_xl"),
        (singular, "flux"),
    ] {
        let marked = mark.write(&photo);
        let least = mark.bits.len() as i64 * 9 / 10;
        assert_marked(&decode(&png(&marked, &[]).unwrap()).unwrap(), name, least);
        let full_chroma = Jpeg::quality(90).subsampling(1, 1).encode(&marked).unwrap();
        assert_marked(&decode(&full_chroma).unwrap(), name, least);
    }
}

#[test]
fn a_mark_survives_halved_chroma_at_high_quality() {
    let marked = Watermark::text("StableDiffusionV1").write(&photo(512, 448));
    let file = Jpeg::quality(95).subsampling(2, 2).encode(&marked).unwrap();
    assert_marked(&decode(&file).unwrap(), "stable_diffusion_1", 100);
}

#[test]
fn without_a_mark_nothing_is_said_of_it() {
    let report = photo(448, 384).evidence().run::<Diffusion>().unwrap();
    assert!(report.attributes.iter().all(|a| !a.name.starts_with("watermark")));
    assert!(report.findings.iter().all(|f| f.code != "watermark.generator"));
    assert!(!report.detail.contains("watermark"));
    assert!(report.score <= 0.95);
}

#[test]
fn a_flat_picture_with_a_mark_is_no_abstention() {
    let flat = Picture::from_fn(400, 400, |_, _| [90, 120, 140]);
    assert!(matches!(flat.evidence().run::<Diffusion>(), Err(NoScore::NotApplicable { .. })));
    assert_marked(&Watermark::digits(XL).write(&flat), "stable_diffusion_xl", 48);
    let narrow = photo(800, 200);
    assert_marked(&Watermark::digits(XL).write(&narrow), "stable_diffusion_xl", 40);
}

#[test]
fn unknown_and_lost_messages_are_not_taken_for_known_ones() {
    let photo = photo(448, 384);
    let none = |picture: &Picture| {
        let report = picture.evidence().run::<Diffusion>().unwrap();
        assert_eq!(attribute(&report, "watermark"), None);
    };
    none(&Watermark::text("Photographer2024!").write(&photo));
    none(&Watermark::digits(&"1".repeat(48)).write(&photo));
    let marked = Watermark::digits(XL).write(&photo);
    let smaller = Picture::from_fn(400, 344, |x, y| marked.pixel(x * 448 / 400, y * 384 / 344));
    none(&smaller);
}

#[test]
fn a_mark_is_found_in_a_part_of_the_picture() {
    let marked = Watermark::digits(XL).write(&photo(640, 448));
    let part = marked.crop(Region { x: 35, y: 21, width: 530, height: 400 });
    assert_marked(&part, "stable_diffusion_xl", 44);
    let report = part.evidence().run::<Diffusion>().unwrap();
    assert_eq!(attribute(&report, "watermark_cut_out"), Some(true.into()));
    let file = Jpeg::quality(92).subsampling(1, 1).encode(&part).unwrap();
    assert_marked(&decode(&file).unwrap(), "stable_diffusion_xl", 40);
}
