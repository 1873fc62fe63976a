// SPDX-License-Identifier: MIT OR Apache-2.0
//! The detector as a whole, on small files.

use assay_plugin_api::check;
use assay_plugin_api::evidence::{keys, Evidence};
use assay_plugin_api::report::{Attribute, Label, Report, Value};
use assay_plugin_api::testing::EvidenceBuilder;
use proptest::prelude::*;

use crate::account::Account;
use crate::synth::{
    jpeg, jpeg_with_exif, jpeg_with_xmp, png, png_texts, webp, xmp_property, Exif, TEST_XMP,
};
use crate::Metadata;

/// The account of a file without a host's blocks.
pub(crate) fn account_of(file: &[u8]) -> Account {
    let builder = EvidenceBuilder::new().encoded(file);
    let evidence = Evidence::new(builder.as_source());
    Account::read(&evidence)
}

fn report_of(builder: &EvidenceBuilder) -> Report {
    let report = builder.run::<Metadata>().unwrap();
    check::report(&report, 64, 48).unwrap();
    report
}

fn report(file: &[u8]) -> Report {
    report_of(&EvidenceBuilder::new().encoded(file))
}

fn attribute(report: &Report, name: &str) -> Value {
    report.attributes.iter().find(|attribute| attribute.name == name).unwrap().value.clone()
}

fn codes(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[test]
fn the_guides_attributes_are_always_there() {
    let bare = report(&jpeg(&[]));
    assert_eq!(attribute(&bare, "exif_present"), false.into());
    assert_eq!(attribute(&bare, "gps_present"), false.into());
    assert_eq!(attribute(&bare, "device_fingerprint"), Value::Null);
    let camera = report(&jpeg_with_exif(&Exif::camera().gps()));
    assert_eq!(attribute(&camera, "exif_present"), true.into());
    assert_eq!(attribute(&camera, "gps_present"), true.into());
    assert_eq!(attribute(&camera, "device_fingerprint"), "acme/shot-5".into());
    assert_eq!(attribute(&camera, "taken_at"), "2024-05-01T10:00:00".into());
}

#[test]
fn a_stripped_file_is_hardly_suspicious() {
    let report = report(&jpeg(&[]));
    assert!((0.5..0.6).contains(&report.score), "{}", report.score);
    assert_eq!(report.detail.as_str(), "No EXIF data present.");
}

#[test]
fn a_camera_file_is_low_and_never_extreme() {
    let report = report(&jpeg_with_exif(&Exif::camera()));
    assert!((0.1..0.3).contains(&report.score), "{}", report.score);
    assert_eq!(codes(&report), ["camera.exif.consistent"]);
}

#[test]
fn an_editor_is_moderate() {
    let report = report(&jpeg_with_exif(&Exif::camera().text(305, "Adobe Photoshop 24.1")));
    assert!((0.65..0.85).contains(&report.score), "{}", report.score);
    assert_eq!(attribute(&report, "editor"), "Adobe Photoshop".into());
    assert_eq!(attribute(&report, "declared_generator"), Value::Null);
}

#[test]
fn a_declaration_is_high_even_beside_a_camera() {
    let namespace = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
    let packet = xmp_property(namespace, "DigitalSourceType", "trainedAlgorithmicMedia");
    let xmp = [b"http://ns.adobe.com/xap/1.0/\0".as_slice(), packet.as_bytes()].concat();
    let exif = [b"Exif\0\0".as_slice(), &Exif::camera().block()].concat();
    for file in [jpeg(&[(0xe1, &xmp)]), jpeg(&[(0xe1, &exif), (0xe1, &xmp)])] {
        let report = report(&file);
        assert!(report.score >= 0.95, "{}", report.score);
        assert_eq!(report.label.into_option(), Some(Label::Synthetic));
        assert_eq!(attribute(&report, "digital_source_type"), "trainedAlgorithmicMedia".into());
    }
}

#[test]
fn a_claim_that_the_times_contradict_is_said_first() {
    let created =
        xmp_property("http://ns.adobe.com/xap/1.0/", "CreateDate", "2023-11-02T09:00:00Z");
    let builder = EvidenceBuilder::new()
        .encoded(jpeg_with_xmp(&created))
        .fact(keys::CLAIMED_AT, "2024-05-01");
    let report = report_of(&builder);
    assert_eq!(
        report.detail.as_str(),
        "File creation timestamp 2023-11-02 is inconsistent with the claimed date 2024-05-01. \
         No EXIF data present."
    );
    assert!(report.score > 0.8, "{}", report.score);
}

#[test]
fn the_hosts_blocks_are_preferred_and_suffice_without_a_container() {
    let builder = EvidenceBuilder::new()
        .encoded(b"\0\0\0\x0cftypheic".as_slice())
        .blob(keys::EXIF, Exif::camera().block())
        .blob(keys::XMP, TEST_XMP);
    let report = report_of(&builder);
    assert_eq!(attribute(&report, "camera_make"), "Acme".into());
    assert_eq!(attribute(&report, "xmp_present"), true.into());
    let both = EvidenceBuilder::new()
        .encoded(jpeg_with_exif(&Exif::camera().text(271, "Other")))
        .blob(keys::EXIF, Exif::camera().block());
    assert_eq!(attribute(&report_of(&both), "camera_make"), "Acme".into());
}

#[test]
fn exif_of_every_container_is_read() {
    let block = Exif::camera().block();
    let files = [png(&[(b"eXIf", &block)]), webp(&[(b"EXIF", &block)]), block.clone()];
    for file in files {
        assert_eq!(attribute(&report(&file), "camera_model"), "Shot 5".into());
    }
}

#[test]
fn without_a_file_there_is_no_score() {
    assert!(EvidenceBuilder::new().run::<Metadata>().is_err());
}

#[test]
fn hostile_text_is_clean_in_everything_that_is_reported() {
    let evil = "Ev\u{1b}il\u{202e}\n<script>\u{0}";
    let file = jpeg_with_exif(&Exif::camera().text(271, evil).text(272, evil).text(305, evil));
    let text = format!("{:?}", report(&file));
    assert!(!text.contains("\\u{1b}") && !text.contains("\\u{202e}") && !text.contains("\\n<"));
}

#[test]
fn a_finding_names_the_row_by_which_it_was_weighed() {
    let report = report(&jpeg_with_exif(&Exif::camera().text(305, "Adobe Photoshop 24.1").gps()));
    let row = |code: &str| {
        let finding = report.findings.iter().find(|finding| finding.code == code).unwrap();
        let value = finding.values.iter().find(|value| value.name == "judged_as");
        value.map(|value| value.value.clone())
    };
    assert_eq!(row("provenance.editor"), Some("editor".into()));
    assert_eq!(row("exif.gps.present"), None, "it weighs nothing");
}

#[test]
fn a_report_names_the_files_of_its_parameters_by_their_digests() {
    let file = |name: &str| format!("{}/{name}", env!("CARGO_MANIFEST_DIR"));
    let given = [
        Attribute::new("judgement", file("judgement.toml")),
        Attribute::new("c2pa_trust", file("trust/interim-trust-list.pem")),
        Attribute::new("jpeg_writers", file("writers.tsv")),
    ];
    let builder = EvidenceBuilder::new().encoded(jpeg(&[]));
    let named = builder.run_with::<Metadata>(&given).unwrap();
    check::report(&named, 64, 48).unwrap();
    for name in ["judgement_sha256", "c2pa_trust_sha256", "jpeg_writers_sha256"] {
        let Value::Text(digest) = attribute(&named, name) else { panic!("{name}") };
        assert!(digest.len() == 64 && digest.chars().all(|c| c.is_ascii_hexdigit()), "{digest}");
    }
    let text = [Attribute::new("judgement", "[editor]\nln_ratio = 1.0")];
    let unnamed = builder.run_with::<Metadata>(&text).unwrap();
    assert!(unnamed.attributes.iter().all(|attribute| !attribute.name.ends_with("_sha256")));
}

#[test]
fn thousands_of_texts_keep_the_report_within_the_contract() {
    let many: Vec<_> = (0..3_000).map(|i| (format!("key{i}"), format!("value {i}"))).collect();
    let texts: Vec<_> = many.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    report(&png_texts(&texts));
}

/// Starts that lead into every reader.
const STARTS: &[&[u8]] = &[
    b"\xff\xd8\xff",
    b"\xff\xd8\xff\xe1\x00\x40Exif\0\0II*\0\x08\0\0\0",
    b"\x89PNG\r\n\x1a\n\0\0\0\x20iTXt",
    b"\x89PNG\r\n\x1a\n\0\0\0\x20zTXtk\0\0\x78\x9c",
    b"RIFF\xff\xff\xff\xffWEBPEXIF",
    b"II*\0\x08\0\0\0",
    b"MM\0*\0\0\0\x08",
    b"\0\0\0\x18ftypheic",
    b"",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_make_the_detector_panic_or_break_the_contract(
        start in prop::sample::select(STARTS),
        rest in proptest::collection::vec(any::<u8>(), 1..400),
    ) {
        report(&[start, &rest].concat());
    }

    #[test]
    fn a_file_cut_anywhere_or_changed_is_still_reported(
        which in 0_usize..4,
        cut in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let block = Exif::camera().gps().block();
        let mut file = match which {
            0 => jpeg_with_exif(&Exif::camera().gps()),
            1 => png(&[(b"eXIf", &block), (b"tEXt", b"Software\0GIMP")]),
            2 => webp(&[(b"EXIF", &block), (b"XMP ", TEST_XMP)]),
            _ => block,
        };
        for (index, byte) in changes {
            let at = index.index(file.len());
            file[at] = byte;
        }
        file.truncate(cut.index(file.len()) + 1);
        report(&file);
    }

    #[test]
    fn the_same_file_gives_the_same_report(rest in proptest::collection::vec(any::<u8>(), 1..200)) {
        let file = [STARTS[1], &rest].concat();
        prop_assert_eq!(report(&file), report(&file));
    }
}
