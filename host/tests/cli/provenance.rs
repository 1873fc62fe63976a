// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a file says about itself, through the whole pipeline to the verdict.

use assay_conformance::synth::codec::{png, Jpeg};
use assay_conformance::synth::{Camera, Exif, Picture, Scene};
use serde_json::Value;

use crate::support::Bench;

fn shot() -> Picture {
    Camera::with_body(3).shoot(&Scene::new(3).light(400, 320), 3)
}

fn reasons(result: &Value) -> Vec<&str> {
    let reasons = result["verdict"]["reasons"].as_array().unwrap().iter();
    reasons.map(|reason| reason["code"].as_str().unwrap()).collect()
}

/// A JPEG with an XMP packet that has this IPTC digital source type.
fn with_source_type(name: &str) -> Vec<u8> {
    let packet = format!(
        "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF \
         xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" \
         xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\" \
         Iptc4xmpExt:DigitalSourceType=\"http://cv.iptc.org/newscodes/digitalsourcetype/{name}\"/>\
         </rdf:RDF></x:xmpmeta>"
    );
    Jpeg::quality(90).segment(1, packet).encode(&shot()).unwrap()
}

#[test]
fn a_generators_own_declaration_decides() {
    let bench = Bench::new();
    let text =
        "a red barn at dusk\nSteps: 28, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 400x320";
    let declared = bench.write("declared.png", png(&shot(), &[("parameters", text)]).unwrap());
    let silent = bench.write("silent.png", png(&shot(), &[]).unwrap());
    let results = bench.results(&[&declared, &silent]);
    assert_eq!(results[0]["verdict"]["label"], "AI_GENERATED", "{}", results[0]);
    assert!(reasons(&results[0]).contains(&"rule.declared-generated"));
    assert!(results[0]["verdict"]["p_ai_generated"].as_f64().unwrap() >= 0.95);
    assert!(!reasons(&results[1]).contains(&"rule.declared-generated"));
    // Without the metadata detector nothing is read from the file.
    let without = &bench.results(&[&declared, "--no-metadata"])[0];
    assert!(!reasons(without).contains(&"rule.declared-generated"));
}

#[test]
fn a_declared_composite_is_manipulated_and_a_declared_capture_is_not() {
    let bench = Bench::new();
    let composite = with_source_type("compositeWithTrainedAlgorithmicMedia");
    let composite = bench.write("composite.jpg", composite);
    let capture = bench.write("capture.jpg", with_source_type("digitalCapture"));
    let results = bench.results(&[&composite, &capture]);
    assert_eq!(results[0]["verdict"]["label"], "MANIPULATED", "{}", results[0]);
    assert!(reasons(&results[0]).contains(&"rule.declared-ai-composite"));
    assert!(!reasons(&results[1]).iter().any(|code| code.starts_with("rule.")), "{}", results[1]);
}

#[test]
fn a_cameras_file_has_its_exif_reported() {
    let bench = Bench::new();
    let exif = Exif::of_camera("Synthetic", "S-1", "2024:05:06 07:08:09");
    let file = bench.write("camera.jpg", Jpeg::quality(92).exif(exif).encode(&shot()).unwrap());
    let metadata = &bench.results(&[&file])[0]["model_results"]["metadata_analysis"];
    assert_eq!(metadata["exif_present"], true);
    assert_eq!(metadata["device_fingerprint"], "synthetic/s-1");
    assert!(metadata["score"].as_f64().unwrap() < 0.5, "{metadata}");
}

#[test]
fn claims_without_the_required_detectors_get_no_verdict() {
    let bench = Bench::new();
    let file = bench.write("photo.jpg", Jpeg::quality(92).encode(&shot()).unwrap());
    let arguments = ["--policy", "insurance-claims", &file, "--no-metadata"];
    let result = &bench.results(&arguments)[0];
    assert_eq!(result["verdict"]["label"], "INCONCLUSIVE");
    assert!(reasons(result).contains(&"inconclusive.required_missing"), "{result}");
    assert_eq!(result["policy"]["name"], "insurance-claims");
}
