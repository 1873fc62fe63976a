use assay_plugin_api::check;
use assay_plugin_api::evidence::Evidence as Lent;
use assay_plugin_api::testing::EvidenceBuilder;
use proptest::prelude::*;

use super::*;
use crate::account::Account;
use crate::synth::{grey_jpeg, jpeg_with_exif, Exif};
use crate::Metadata;

/// A scene: brightness at shares of width and height.
fn scene(x: f64, y: f64) -> f64 {
    128.0 + 60.0 * (x * 7.0).sin() + 50.0 * (y * 5.0 + x * 2.0).cos()
}

/// A thumbnail of the scene that fills `part` of it.
fn thumbnail(columns: usize, rows: usize, part: Part, scene: impl Fn(f64, f64) -> f64) -> Vec<u8> {
    grey_jpeg(columns, rows, |column, row| {
        let x = ((column as f64 + 0.5) / columns as f64 - part[0]) / part[2];
        let y = ((row as f64 + 0.5) / rows as f64 - part[1]) / part[3];
        if (0.0..1.0).contains(&x) && (0.0..1.0).contains(&y) {
            scene(x, y)
        } else {
            0.0
        }
    })
}

/// Correlation that the cue of a picture of the scene with this thumbnail tells; `None` without a cue.
fn told(size: (u32, u32), thumbnail: &[u8]) -> Option<f64> {
    let (width, height) = (f64::from(size.0), f64::from(size.1));
    let builder = EvidenceBuilder::grey(size.0, size.1, |x, y| {
        scene((f64::from(x) + 0.5) / width, (f64::from(y) + 0.5) / height) as u8
    })
    .encoded(jpeg_with_exif(&Exif::camera().thumbnail(thumbnail)));
    let evidence = Lent::new(builder.as_source());
    let account = Account::read(&evidence);
    let luma = evidence.luma().unwrap();
    let cue = cues(&account, Some(&luma)).pop()?;
    let is_frame = size.0 * 3 == size.1 * 4 || size.0 * 2 == size.1 * 3;
    let expected = if is_frame { Evidence::ThumbnailDiffers } else { Evidence::SizeDiffers };
    assert_eq!(cue.evidence, expected);
    likeness(&means_of(thumbnail).unwrap(), &luma)
}

const WHOLE: Part = [0.0, 0.0, 1.0, 1.0];

#[test]
fn the_pictures_own_thumbnail_is_no_cue() {
    assert_eq!(told((640, 480), &thumbnail(20, 15, WHOLE, scene)), None);
}

#[test]
fn bars_and_turns_of_the_cameras_making_are_no_cue() {
    let bars = thumbnail(20, 15, [0.0, 1.0 / 18.0, 1.0, 16.0 / 18.0], scene);
    assert_eq!(told((720, 480), &bars), None);
    for top in [0.0, 1.0 / 9.0] {
        let one_bar = thumbnail(20, 15, [0.0, top, 1.0, 8.0 / 9.0], scene);
        assert_eq!(told((720, 480), &one_bar), None, "{top}");
    }
    let beside = thumbnail(20, 15, [0.25, 0.0, 0.75, 1.0], scene);
    assert_eq!(told((480, 480), &beside), None);
    let turned = thumbnail(15, 20, WHOLE, |x, y| scene(y, 1.0 - x));
    assert_eq!(told((640, 480), &turned), None);
}

#[test]
fn brightness_and_contrast_do_not_count() {
    assert_eq!(told((640, 480), &thumbnail(20, 15, WHOLE, |x, y| 40.0 + 0.6 * scene(x, y))), None);
}

#[test]
fn another_picture_and_a_crop_are_told() {
    let other = thumbnail(20, 15, WHOLE, |x, y| 128.0 + 80.0 * (y * 17.0 - x * 3.0).sin());
    assert!(told((640, 480), &other).unwrap() < LEAST_ALIKE);
    let crop = thumbnail(20, 15, WHOLE, |x, y| scene(3.0 * x + 0.4, 3.0 * y + 1.0));
    assert!(told((640, 480), &crop).unwrap() < LEAST_ALIKE);
    assert!(told((400, 400), &crop).unwrap() < LEAST_ALIKE, "a crop of no camera's shape");
}

#[test]
fn flat_thumbnails_and_broken_ones_say_nothing() {
    assert_eq!(told((640, 480), &thumbnail(20, 15, WHOLE, |_, _| 90.0)), None);
    let whole = thumbnail(20, 15, WHOLE, scene);
    assert_eq!(told((640, 480), &whole[..whole.len() / 2]), None);
    assert_eq!(told((640, 480), b"\xff\xd8\xff nonsense"), None);
}

#[test]
fn a_cue_takes_the_cameras_word_away() {
    let other = thumbnail(20, 15, WHOLE, |x, y| 128.0 + 80.0 * (y * 17.0 - x * 3.0).sin());
    let builder = EvidenceBuilder::grey(640, 480, |x, y| {
        scene(f64::from(x) / 640.0, f64::from(y) / 480.0) as u8
    })
    .encoded(jpeg_with_exif(&Exif::camera().thumbnail(&other)));
    let report = builder.run::<Metadata>().unwrap();
    check::report(&report, 640, 480).unwrap();
    assert!(report.score > 0.7, "{}", report.score);
    assert!(report.detail.as_str().contains("thumbnail"), "{}", report.detail.as_str());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_of_a_thumbnail_make_it_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut file = thumbnail(20, 15, WHOLE, scene);
        for (index, byte) in changes {
            let at = index.index(file.len());
            file[at] = byte;
        }
        let _ = told((64, 48), &file);
    }
}
