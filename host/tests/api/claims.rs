// SPDX-License-Identifier: MIT OR Apache-2.0
//! Batches that are one claim: what is found between their images, and once however the process ends.

use std::time::Duration;

use assay_conformance::synth::codec::Jpeg;
use assay_conformance::synth::{Camera, Exif, Picture, Scene};
use assay_plugin_api::finding::Region;
use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::database;
use crate::receiver::Receiver;
use crate::support::Server;

const PATH: &str = "/v1/analyze/batch";

fn picture(seed: u64) -> Picture {
    Camera::with_body(seed).shoot(&Scene::new(seed).light(480, 360), seed)
}

fn jpeg(picture: &Picture, quality: u8) -> Vec<u8> {
    Jpeg::quality(quality).encode(picture).unwrap()
}

/// A camera's file, taken on a day of March 2026 at a place.
fn dated(seed: u64, day: u32, position: Option<[f64; 2]>) -> Vec<u8> {
    let mut exif = Exif::of_camera("Acme", "A-1", &format!("2026:03:{day:02} 12:00:00"));
    exif.position = position;
    Jpeg::quality(90).exif(exif).encode(&picture(seed)).unwrap()
}

fn mirrored(picture: &Picture) -> Picture {
    let Picture { width, height, .. } = *picture;
    Picture::from_fn(width, height, |x, y| picture.pixel(width - 1 - x, y))
}

/// Detectors that are quick.
fn options() -> Value {
    json!({ "models": ["noise", "metadata"], "claim": true })
}

fn body(files: &[Vec<u8>], reference: Option<&str>) -> Value {
    let image = |file: &Vec<u8>| json!({ "image_base64": BASE64_STANDARD.encode(file) });
    let images: Vec<_> = files.iter().map(image).collect();
    json!({ "images": images, "options": options(), "batch_reference_id": reference })
}

/// Submits a claim and waits for it: the whole batch.
fn claimed(server: &Server, key: &str, body: &Value) -> Value {
    let answer = server.post(PATH, key, body);
    assert_eq!(answer.status, 202, "{}", answer.json());
    let id = answer.json()["batch_id"].as_str().unwrap().to_owned();
    let batch = server.finished_batch(key, &id);
    assert!(batch["claim"].is_object(), "{batch}");
    batch
}

fn codes(batch: &Value) -> Vec<&str> {
    let reasons = batch["claim"]["reasons"].as_array().unwrap();
    reasons.iter().map(|reason| reason["code"].as_str().unwrap()).collect()
}

#[test]
fn copies_within_a_claim_are_found_and_say_what_was_done() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let first = picture(71);
    let crop = first.crop(Region { x: 80, y: 40, width: 320, height: 280 });
    let files =
        [jpeg(&first, 92), jpeg(&picture(72), 92), jpeg(&crop, 85), jpeg(&mirrored(&first), 80)];
    let batch = claimed(&server, &key, &body(&files, None));
    let claim = &batch["claim"];
    assert_eq!(claim["images_compared"], 4);
    let pairs = claim["duplicates"].as_array().unwrap();
    assert_eq!(pairs.len(), 2, "{pairs:#?}");
    for pair in pairs {
        assert_eq!((&pair["kind"], &pair["is_earlier"]), (&"same_picture".into(), &false.into()));
    }
    let has = |change: &str| {
        pairs.iter().any(|pair| pair["changes"].as_array().unwrap().contains(&change.into()))
    };
    assert!(has("cropped") && has("mirrored"), "{pairs:#?}");
    assert_eq!(codes(&batch), ["claim.duplicate.altered"]);
    let of = |field: &str| claim[field].as_f64().unwrap();
    assert!(of("risk") > of("highest_image_risk"), "{claim}");
    let fields: Vec<_> = claim.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        fields,
        [
            "risk",
            "risk_level",
            "highest_image_risk",
            "reasons",
            "duplicates",
            "duplicates_left_out",
            "cameras",
            "times",
            "places",
            "images_compared"
        ]
    );
}

#[test]
fn pictures_that_were_submitted_before_are_found_within_the_organisation_alone() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let known = picture(73);
    let image = json!({ "image_base64": BASE64_STANDARD.encode(jpeg(&known, 92)),
        "options": { "models": ["noise", "metadata"] } });
    let earlier = server.post("/v1/analyze", &key, &image).json();
    let again = [jpeg(&known, 75), jpeg(&picture(74), 90)];
    let batch = claimed(&server, &key, &body(&again, Some("claim-1")));
    let pair = &batch["claim"]["duplicates"][0];
    assert_eq!((&pair["other"], &pair["is_earlier"]), (&earlier["request_id"], &true.into()));
    assert_eq!(codes(&batch), ["claim.duplicate.earlier"]);
    // A claim that is sent again under its own name is not its own duplicate.
    let repeated = claimed(&server, &key, &body(&again, Some("claim-1")));
    let others: Vec<_> = repeated["claim"]["duplicates"].as_array().unwrap().iter().collect();
    assert!(others.iter().all(|pair| pair["other"] == earlier["request_id"]), "{others:#?}");
    // Another organisation's claim sees nothing of it.
    let (_, other) = server.key_of("other", &[]);
    let foreign = claimed(&server, &other, &body(&again, None));
    assert_eq!(foreign["claim"]["duplicates"], json!([]));
    assert_eq!(codes(&foreign).len(), 0);
}

#[test]
fn a_crop_of_an_earlier_picture_is_found_among_the_newest() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let known = picture(75);
    claimed(&server, &key, &body(&[jpeg(&known, 92)], None));
    let crop = known.crop(Region { x: 100, y: 60, width: 300, height: 260 });
    let batch = claimed(&server, &key, &body(&[jpeg(&crop, 85)], None));
    assert_eq!(codes(&batch), ["claim.duplicate.earlier.altered"]);
}

#[test]
fn times_places_and_cameras_that_do_not_fit_are_told_without_coordinates() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let (munich, hamburg) = (Some([48.1371, 11.5754]), Some([53.5511, 9.9937]));
    let mut request = body(&[dated(76, 2, munich), dated(77, 28, hamburg)], None);
    for image in request["images"].as_array_mut().unwrap() {
        image["context"] = json!({ "claimed_at": "2026-03-10" });
    }
    let batch = claimed(&server, &key, &request);
    let found = codes(&batch);
    for code in ["claim.places.apart", "claim.times.span", "claim.times.after_claimed"] {
        assert!(found.contains(&code), "{found:?}");
    }
    let claim = &batch["claim"];
    assert_eq!(
        (&claim["cameras"][0]["model"], &claim["times"]["known"]),
        (&"A-1".into(), &2.into())
    );
    assert!((claim["places"]["farthest_km"].as_f64().unwrap() - 611.0).abs() < 5.0);
    let text = claim.to_string();
    assert!(!text.contains("48.1") && !text.contains("11.5") && !text.contains("53.5"), "{text}");
}

#[test]
fn a_claim_is_told_with_the_batch_and_null_until_it_is_made() {
    let receiver = Receiver::start();
    let server = Server::start_arguments(&["--allow-net", "127.0.0.0/8"]);
    let (_, key) = server.key(&[]);
    let mut request = body(&[jpeg(&picture(78), 90)], Some("c"));
    request["webhook_url"] = receiver.url("/claim").into();
    let answer = server.post(PATH, &key, &request);
    let id = answer.json()["batch_id"].as_str().unwrap().to_owned();
    let early = server.get(&format!("/v1/batches/{id}"), Some(&key)).json();
    assert!(early["status"] == "COMPLETE" || early["claim"].is_null(), "{early}");
    let batch = server.finished_batch(&key, &id);
    let told = receiver.wait_for("/claim", 1)[0].json();
    let claim = &batch["claim"];
    assert_eq!(told["claim"], json!({ "risk": claim["risk"], "risk_level": claim["risk_level"] }));
    assert_eq!(told["event"], "batch.complete");
}

#[test]
fn a_batch_that_is_no_claim_says_nothing_of_one_and_a_single_image_cannot_be_one() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let mut request = body(&[jpeg(&picture(79), 90)], None);
    request["options"]["claim"] = false.into();
    let answer = server.post(PATH, &key, &request);
    let id = answer.json()["batch_id"].as_str().unwrap().to_owned();
    let batch = server.finished_batch(&key, &id);
    assert!(batch.get("claim").is_none(), "{batch}");
    let single = json!({
        "image_base64": BASE64_STANDARD.encode(jpeg(&picture(79), 90)), "options": options() });
    let answer = server.post("/v1/analyze", &key, &single);
    assert_eq!((answer.status, answer.error().as_str()), (400, "INVALID_REQUEST"));
    assert!(answer.message().contains("/v1/analyze/batch"), "{}", answer.message());
}

#[test]
fn a_claim_of_which_no_image_can_be_read_is_not_low() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let batch = claimed(&server, &key, &body(&[b"no picture".to_vec()], None));
    assert_eq!(batch["failed"], 1);
    assert_eq!(
        (codes(&batch), &batch["claim"]["risk_level"]),
        (vec!["claim.images.failed"], &"MEDIUM".into())
    );
}

#[test]
fn a_claim_is_made_and_told_once_however_often_the_process_dies() {
    let receiver = Receiver::start();
    let arguments = ["--allow-net", "127.0.0.0/8"];
    let more = "\n[[organisation]]\nname = \"acme\"\nrequests_per_minute = 100_000\n";
    let mut server = Server::start_with_arguments(more, &arguments);
    let (_, key) = server.key(&[]);
    let mut accepted = Vec::new();
    for round in 0..database::rounds(12) {
        let pair = picture(900 + round);
        let mut request = body(&[jpeg(&pair, 90), jpeg(&mirrored(&pair), 85)], None);
        request["options"]["models"] = json!(["metadata"]);
        request["webhook_url"] = receiver.url("/once").into();
        let answer = server.post(PATH, &key, &request);
        accepted.push(answer.json()["batch_id"].as_str().unwrap().to_owned());
        // Spread over the time that the images and the claim take.
        std::thread::sleep(Duration::from_millis(round * 7_919 % 701));
        server = server.restart_with(more, &arguments, |_| {});
    }
    for id in &accepted {
        let batch = server.finished_batch(&key, id);
        let claim = &batch["claim"];
        assert_eq!(claim["images_compared"], 2, "{batch}");
        assert!(claim["duplicates"]
            .as_array()
            .unwrap()
            .iter()
            .any(|pair| !pair["is_earlier"].as_bool().unwrap()));
    }
    let mut told = std::collections::HashMap::new();
    let mut number = accepted.len();
    while told.len() < accepted.len() {
        for message in receiver.wait_for("/once", number) {
            let id = message.json()["batch_id"].as_str().unwrap().to_owned();
            let bodies: &mut std::collections::HashSet<Vec<u8>> = told.entry(id).or_default();
            bodies.insert(message.body);
        }
        number += 1;
    }
    assert!(told.values().all(|bodies| bodies.len() == 1));
}
