// SPDX-License-Identifier: MIT OR Apache-2.0
use super::*;
use crate::cue;
use crate::lib_tests::account_of;
use crate::synth::{jpeg, jpeg_with_exif, Exif};

fn codes(exif: &Exif) -> Vec<String> {
    codes_beside(exif, &[])
}

fn codes_beside(exif: &Exif, others: &[Cue]) -> Vec<String> {
    let cues = cues(&account_of(&jpeg_with_exif(exif)), others);
    cues.iter().map(|cue| cue.finding.code.to_string()).collect()
}

#[test]
fn absence_of_exif_is_a_notice() {
    let cues = cues(&account_of(&jpeg(&[])), &[]);
    assert_eq!(cues[0].finding.code.as_str(), "exif.absent");
    assert_eq!(cues[0].finding.severity, Severity::Notice);
}

#[test]
fn a_whole_account_of_a_camera_is_consistent() {
    assert_eq!(codes(&Exif::camera()), ["camera.exif.consistent"]);
    assert_eq!(codes(&Exif::camera().gps()), ["exif.gps.present", "camera.exif.consistent"]);
}

#[test]
fn a_bare_name_is_only_named() {
    let bare = Exif::default().text(271, "Acme").text(272, "Shot 5");
    assert_eq!(codes(&bare), ["camera.exif.named"]);
    let time = "2001:04:01 16:29:03";
    let timed = bare.text(306, time).sub_text(0x9003, time);
    assert_eq!(codes(&timed), ["camera.exif.named"]);
    assert_eq!(codes(&timed.sub_text(0x9004, time)), ["camera.exif.consistent"]);
    assert_eq!(codes(&Exif::default().text(271, "Acme")), Vec::<String>::new());
}

#[test]
fn an_editor_takes_the_cameras_word_away_and_a_resaver_weakens_it() {
    let other = |evidence| Cue::new(cue::Finding::new("a.b", Severity::Info, "x"), evidence);
    assert!(codes_beside(&Exif::camera(), &[other(Evidence::Editor)]).is_empty());
    assert!(codes_beside(&Exif::camera(), &[other(Evidence::DeclaredGenerated)]).is_empty());
    assert_eq!(codes_beside(&Exif::camera(), &[other(Evidence::Resaver)]), ["camera.exif.named"]);
}

#[test]
fn every_model_name_contradicts_a_foreign_maker_and_agrees_with_its_own() {
    for (start, maker) in MAKERS_OF_MODELS {
        let model = format!("{start}900");
        let with = |make: &str| Exif::camera().text(271, make).text(272, &model);
        assert_eq!(codes(&with("Acme")), ["exif.inconsistent.camera"], "{model}");
        assert_eq!(codes(&with(&maker.to_uppercase())), ["camera.exif.consistent"], "{model}");
    }
    let leica = Exif::camera().text(271, "LEICA").text(272, "DMC-LX1");
    assert_eq!(codes(&leica), ["camera.exif.consistent"]);
}

#[test]
fn firmware_of_another_maker_contradicts() {
    for (start, maker) in MAKERS_OF_FIRMWARE {
        let with = |make: &str| Exif::camera().text(271, make).text(305, &format!("{start}1.0"));
        assert_eq!(codes(&with("Acme")), ["exif.inconsistent.camera"], "{start}");
        assert_eq!(codes(&with(maker)), ["camera.exif.consistent"], "{start}");
    }
}

#[test]
fn a_fingerprint_is_equal_for_one_camera_and_differs_by_serial_number() {
    let of = |exif: &Exif| fingerprint(&account_of(&jpeg_with_exif(exif)));
    let canon = Exif::camera().text(271, "Canon").text(272, "Canon EOS 350D DIGITAL");
    assert_eq!(of(&canon).as_deref(), Some("canon/canon-eos-350d-digital"));
    let first = of(&canon.clone().sub_text(0xa431, "0123456789"));
    let second = of(&canon.clone().sub_text(0xa431, "0123456780"));
    assert_ne!(first, second);
    assert_eq!(first, of(&canon.sub_text(0xa431, "0123456789")));
    assert!(!first.unwrap().contains("0123456789"));
    assert_eq!(of(&Exif::default().text(305, "x")), None);
}

#[test]
fn the_maker_is_not_said_twice() {
    let of = |make: &str, model: &str| {
        name(&account_of(&jpeg_with_exif(&Exif::default().text(271, make).text(272, model))))
    };
    assert_eq!(of("NIKON CORPORATION", "NIKON D50").as_deref(), Some("NIKON D50"));
    assert_eq!(of("Apple", "iPhone 15").as_deref(), Some("Apple iPhone 15"));
}
