// SPDX-License-Identifier: MIT OR Apache-2.0
//! Enrolled cameras, on pictures of the synthetic camera: which one took a picture, whatever became
//! of it since, and where something else was put into it.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

use std::path::Path;
use std::sync::LazyLock;

use assay_conformance::synth::codec::{decode, Jpeg};
use assay_conformance::synth::{Camera, Light, Picture, Scene};
use assay_noise::Noise;
use assay_plugin_api::check;
use assay_plugin_api::prelude::*;
use assay_plugin_api::report::Attribute;
use assay_signal::prnu::fingerprint::Estimator;
use assay_signal::prnu::{Fingerprint, LumaPlane};
use tempfile::TempDir;

const WIDTH: usize = 400;
const HEIGHT: usize = 304;
const ENROLLED: [u64; 3] = [1, 2, 3];

/// A picture of a body, as the camera saves it: JPEG 95.
fn photo(body: u64, shot: u64) -> Picture {
    photo_of(body, shot, [WIDTH, HEIGHT])
}

fn photo_of(body: u64, shot: u64, [width, height]: [usize; 2]) -> Picture {
    let scene = Scene::new(100 * body + shot).light(width, height);
    saved(&Camera::with_body(body).shoot(&scene, shot), 95)
}

fn saved(picture: &Picture, quality: u8) -> Picture {
    decode(&Jpeg::quality(quality).encode(picture).unwrap()).unwrap()
}

fn enrolled(body: u64, size: [usize; 2]) -> Fingerprint {
    let [width, height] = size;
    let mut estimator = Estimator::new(width, height);
    for shot in 0..6 {
        let luma = photo_of(body, shot, size).luma();
        assert!(estimator.add(LumaPlane::new(width, height, width, &luma).unwrap()));
    }
    Fingerprint::new(&format!("Body {body}"), 6, &estimator.finish()).unwrap()
}

/// A folder with the three enrolled bodies.
static CAMERAS: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    for body in ENROLLED {
        let path = folder.path().join(format!("{body}.camera"));
        std::fs::write(path, enrolled(body, [WIDTH, HEIGHT]).to_bytes()).unwrap();
    }
    folder
});

fn examined(picture: &Picture) -> Result<Report, NoScore> {
    examined_in(picture, CAMERAS.path())
}

fn examined_in(picture: &Picture, folder: &Path) -> Result<Report, NoScore> {
    let folder = Attribute::new("cameras", folder.to_str().unwrap());
    let answer = picture.evidence().run_with::<Noise>(&[folder]);
    if let Ok(report) = &answer {
        let side = |px: usize| u32::try_from(px).unwrap();
        check::report(report, side(picture.width), side(picture.height)).unwrap();
    }
    answer
}

fn attribute<'a>(report: &'a Report, name: &str) -> Option<&'a Value> {
    report.attributes.iter().find(|a| a.name == name).map(|a| &a.value)
}

fn finding<'a>(report: &'a Report, code: &str) -> Option<&'a Finding> {
    report.findings.iter().find(|finding| finding.code == code)
}

fn camera(report: &Report) -> Option<String> {
    match attribute(report, "device_fingerprint")? {
        Value::Text(name) => Some(name.to_string()),
        other => panic!("{other:?}"),
    }
}

/// Mean of squares of `by` pixels.
fn reduced(picture: &Picture, by: usize) -> Picture {
    Picture::from_fn(picture.width / by, picture.height / by, |x, y| {
        std::array::from_fn(|channel| {
            let places = (0..by * by).map(|at| (by * x + at % by, by * y + at / by));
            let sum: usize = places.map(|(x, y)| usize::from(picture.pixel(x, y)[channel])).sum();
            ((sum + by * by / 2) / (by * by)) as u8
        })
    })
}

#[test]
fn the_camera_that_took_a_picture_is_named() {
    for body in ENROLLED {
        let report = examined(&photo(body, 50)).unwrap();
        assert_eq!(camera(&report), Some(format!("Body {body}")), "{report:?}");
        assert!(report.detail.contains(&format!("Body {body}")), "{}", report.detail);
        assert!(report.score <= 0.2, "{}", report.score);
    }
}

#[test]
fn pictures_of_other_bodies_are_given_no_camera() {
    for body in 10..18 {
        let report = examined(&photo(body, 50)).unwrap();
        assert_eq!(camera(&report), None, "body {body}: {report:?}");
        assert!(finding(&report, "noise.fingerprint.none").is_some());
        let plain = photo(body, 50).evidence().run::<Noise>().unwrap();
        assert_eq!((report.score, report.detail), (plain.score, plain.detail));
    }
}

#[test]
fn a_crop_is_found_with_its_place() {
    let whole = photo(2, 52);
    let crop = whole.crop(Region { x: 70, y: 45, width: 288, height: 224 });
    let report = examined(&saved(&crop, 95)).unwrap();
    assert_eq!(camera(&report), Some("Body 2".into()), "{report:?}");
    let found = finding(&report, "noise.fingerprint.found").unwrap();
    let value = |name: &str| found.values.iter().find(|a| a.name == name).unwrap().value.clone();
    assert_eq!((value("x_px"), value("y_px")), (Value::Int(70), Value::Int(45)));
}

#[test]
fn jpeg_of_quality_90_does_not_hide_the_camera() {
    let report = examined(&saved(&photo(1, 53), 90)).unwrap();
    assert_eq!(camera(&report), Some("Body 1".into()), "{report:?}");
}

#[test]
fn a_picture_at_half_its_size_is_found() {
    // A wall: so few pixels show the pattern of nothing that is busy.
    let wall = Light::from_fn(WIDTH, HEIGHT, |x, _| [0.4 + 0.2 * x as f32 / WIDTH as f32; 3]);
    let small = |body| saved(&reduced(&Camera::with_body(body).shoot(&wall, 54), 2), 95);
    let report = examined(&small(3)).unwrap();
    assert_eq!(camera(&report), Some("Body 3".into()), "{report:?}");
    let other = examined(&small(12)).unwrap();
    assert_eq!(camera(&other), None);
}

#[test]
fn what_was_put_into_a_picture_lacks_the_fingerprint() {
    // Large enough for windows of which most see nothing of what was put in.
    let size = [720, 560];
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("1.camera"), enrolled(1, size).to_bytes()).unwrap();
    let (mut picture, other) = (photo_of(1, 55, size), photo_of(14, 56, size));
    let whole = examined_in(&picture, folder.path()).unwrap();
    assert!(finding(&whole, "noise.fingerprint.missing").is_none(), "{whole:?}");
    assert_eq!(attribute(&whole, "heatmap_localises"), Some(&Value::Bool(true)));
    for y in 200..376 {
        for x in 280..472 {
            picture.set_pixel(x, y, other.pixel(x - 100, y - 60));
        }
    }
    let report = examined_in(&saved(&picture, 95), folder.path()).unwrap();
    assert_eq!(camera(&report), Some("Body 1".into()), "{report:?}");
    let missing = finding(&report, "noise.fingerprint.missing").expect("a finding of the place");
    let is_near = |r: &Region| {
        (r.x + r.width / 2).abs_diff(376) < 60 && (r.y + r.height / 2).abs_diff(288) < 60
    };
    assert!(missing.regions.iter().any(is_near), "{missing:?}");
    assert!(report.detail.ends_with("parts of the picture lack it"), "{}", report.detail);
    let map = report.heatmap.clone().unwrap();
    let hot = map.values[(288 / 16 * map.columns + 376 / 16) as usize];
    assert!(hot > 0.6, "{hot}");
}

#[test]
fn a_camera_is_named_even_where_the_noise_cannot_be_measured() {
    // Fine checks all over: no flat area.
    let scene = Light::from_fn(WIDTH, HEIGHT, |x, y| {
        [if (x / 4 + y / 5) % 2 == 0 { 0.03 } else { 0.7 }; 3]
    });
    let busy = Camera::with_body(1).shoot(&scene, 57);
    assert!(matches!(busy.evidence().run::<Noise>(), Err(NoScore::NotApplicable { .. })));
    let report = examined(&busy).unwrap();
    assert_eq!((camera(&report), report.score), (Some("Body 1".into()), 0.2));
}

#[test]
fn every_report_says_which_cameras_were_asked_about() {
    let report = examined(&photo(10, 50)).unwrap();
    assert_eq!(attribute(&report, "enrolled_cameras"), Some(&Value::Int(3)));
    let Some(Value::Text(digest)) = attribute(&report, "cameras_sha256") else { panic!() };
    assert_eq!(digest.len(), 64);
    let fewer = tempfile::tempdir().unwrap();
    std::fs::copy(CAMERAS.path().join("1.camera"), fewer.path().join("1.camera")).unwrap();
    let other = examined_in(&photo(10, 50), fewer.path()).unwrap();
    assert_ne!(attribute(&other, "cameras_sha256"), Some(&Value::Text(digest.clone())));
}

#[test]
fn folders_that_are_wrong_are_refused_with_the_file() {
    let refused = |folder: &Path| {
        let given = [Attribute::new("cameras", folder.to_str().unwrap())];
        let params = Params::resolve(&Noise::params(), &given).unwrap();
        Noise::new(&params).unwrap_err()
    };
    let folder = tempfile::tempdir().unwrap();
    assert!(refused(&folder.path().join("none")).contains("none"));
    assert!(refused(folder.path()).contains("assay camera enrol"));
    std::fs::write(folder.path().join("x.camera"), [0; 4_000]).unwrap();
    assert!(refused(folder.path()).contains("x.camera"));
}

#[test]
fn a_cancelled_search_stops() {
    let folder = Attribute::new("cameras", CAMERAS.path().to_str().unwrap());
    let evidence = photo(1, 58).evidence().cancelled();
    assert_eq!(evidence.run_with::<Noise>(&[folder]), Err(NoScore::Cancelled));
}
