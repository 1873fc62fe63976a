// SPDX-License-Identifier: MIT OR Apache-2.0
//! The detector on files that are signed here.

use assay_plugin_api::check;
use assay_plugin_api::report::{Attribute, Label, Report, Value};
use assay_plugin_api::testing::EvidenceBuilder;

use super::*;
use crate::synth::signed::{action, authority, signed, signed_with};
use crate::synth::{jpeg, jpeg_with_exif, jpeg_with_xmp, png, xmp_property, Exif};
use crate::Metadata;

const GENERATED: &str = "trainedAlgorithmicMedia";
const CAPTURE: &str = "digitalCapture";

/// The report where `trust` is the trust list.
fn report(file: &[u8], trust: &str) -> Report {
    let builder = EvidenceBuilder::new().encoded(file);
    let report = builder.run_with::<Metadata>(&[Attribute::new("c2pa_trust", trust)]).unwrap();
    check::report(&report, 64, 48).unwrap();
    report
}

fn attribute(report: &Report, name: &str) -> Value {
    report.attributes.iter().find(|attribute| attribute.name == name).unwrap().value.clone()
}

/// Severity and text of the finding with this code.
fn finding<'a>(report: &'a Report, code: &str) -> Option<(Severity, &'a str)> {
    let finding = report.findings.iter().find(|finding| finding.code == code)?;
    Some((finding.severity, finding.text.as_str()))
}

fn camera() -> Vec<u8> {
    jpeg_with_exif(&Exif::camera())
}

#[test]
fn signed_as_generated_is_decisive_whoever_signed() {
    let dalle = action("c2pa.created", "DALL-E 3", Some(GENERATED));
    let file = signed_with(&camera(), "image/jpeg", &[dalle], None);
    for (trust, state, words) in
        [(authority().as_str(), "trusted", "trusted)"), ("none", "valid", "not trusted)")]
    {
        let report = report(&file, trust);
        assert_eq!(attribute(&report, "c2pa_state"), state.into());
        let (severity, text) = finding(&report, "provenance.declared.generator").unwrap();
        assert_eq!(severity, Severity::Decisive);
        assert!(text.contains("declare that OpenAI DALL-E") && text.contains(words), "{text}");
        assert_eq!(report.label.into_option(), Some(Label::Synthetic));
        assert!(report.score > 0.95, "{}", report.score);
        assert_eq!(attribute(&report, "declared_generator"), "OpenAI DALL-E".into());
        assert_eq!(attribute(&report, "declared_model"), "DALL-E 3 1".into());
        assert_eq!(attribute(&report, "digital_source_type"), GENERATED.into());
        assert_eq!(attribute(&report, "c2pa_generator"), "Test Maker 2".into());
        assert_eq!(attribute(&report, "c2pa_actions"), "c2pa.created".into());
    }
}

#[test]
fn manifests_are_told_as_a_tree_without_names_of_files() {
    let fill = action("c2pa.edited", "Photoshop", None);
    let parent = signed(&camera(), "image/jpeg", CAPTURE);
    let file = signed_with(&camera(), "image/jpeg", &[fill], Some(&parent));
    let Value::Json(text) = attribute(&report(&file, "none"), "c2pa_manifests") else {
        panic!("no tree")
    };
    let tree: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(tree["relation"], "active");
    assert_eq!(tree["generator"], "Test Maker 2");
    let parent = &tree["ingredients"][0];
    assert_eq!(
        (&parent["relation"], &parent["actions"][0]),
        (&"parent".into(), &"c2pa.created".into())
    );
    assert!(tree.get("title").is_none() && parent.get("title").is_none());
}

#[test]
fn a_part_by_a_generator_is_an_edit() {
    let fill = action("c2pa.edited", "Photoshop", Some("compositeWithTrainedAlgorithmicMedia"));
    let file = signed_with(&camera(), "image/jpeg", &[fill], Some(&camera()));
    let report = report(&file, &authority());
    let (severity, _) = finding(&report, "provenance.declared.ai_edit").unwrap();
    assert_eq!(severity, Severity::Warning);
    assert!(report.score > 0.9 && finding(&report, "provenance.declared.generator").is_none());
}

#[test]
fn a_capture_counts_only_when_it_is_trusted_and_untouched() {
    let file = signed(&camera(), "image/jpeg", CAPTURE);
    let unsigned = report(&camera(), "none").score;
    let trusted = report(&file, &authority());
    assert!(trusted.score < 0.05, "{}", trusted.score);
    assert!(trusted.detail.contains("camera took the picture"), "{}", trusted.detail);
    let untrusted = report(&file, "none").score;
    assert!(untrusted > 0.5 * unsigned, "{untrusted} {unsigned}");
    let mut changed = file;
    let at = changed.len() - 3;
    changed[at] ^= 1;
    let changed = report(&changed, &authority());
    assert_eq!(attribute(&changed, "c2pa_state"), "content_changed".into());
    assert!(finding(&changed, "provenance.c2pa.content_changed").is_some());
    assert!(changed.score > 0.6 && changed.score > unsigned, "{}", changed.score);
}

#[test]
fn a_generators_statement_that_does_not_fit_the_file_is_not_decisive() {
    let mut file = signed(&camera(), "image/jpeg", GENERATED);
    let at = file.len() - 3;
    file[at] ^= 1;
    let report = report(&file, &authority());
    let (severity, text) = finding(&report, "provenance.declared.generator").unwrap();
    assert_eq!(severity, Severity::Warning);
    assert!(text.contains("does not hold"), "{text}");
    assert_eq!(report.label.into_option(), None);
}

#[test]
fn a_signer_alone_says_nothing_of_the_origin() {
    let opened = action("c2pa.published", "Adobe Firefly", None);
    let file = signed_with(&camera(), "image/jpeg", &[opened], Some(&camera()));
    let report = report(&file, &authority());
    assert!(finding(&report, "provenance.declared.generator").is_none());
    assert_eq!(attribute(&report, "declared_generator"), Value::Null);
}

#[test]
fn a_store_elsewhere_and_a_broken_one_are_named_and_weigh_nothing() {
    let xmp =
        xmp_property("http://purl.org/dc/terms/", "provenance", "https://store.example/m?a=b");
    let remote = report(&jpeg_with_xmp(&xmp), "none");
    assert_eq!(attribute(&remote, "c2pa_state"), "remote".into());
    let (_, text) = finding(&remote, "provenance.c2pa.remote").unwrap();
    assert!(text.contains("store.example;"), "{text}");
    let broken = report(&png(&[(b"caBX", b"\0\0\0\x10jumb\0\0\0\0")]), "none");
    assert_eq!(attribute(&broken, "c2pa_state"), "unreadable".into());
    assert!((broken.score - report(&jpeg(&[]), "none").score).abs() < 1e-12);
}
