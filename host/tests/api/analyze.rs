// SPDX-License-Identifier: MIT OR Apache-2.0
//! `POST /v1/analyze`.

use assay_conformance::synth::{codec, hostile, Picture};
use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::support::{photo, Answer, Server};

const PATH: &str = "/v1/analyze";

fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

fn form(parts: &[(&str, &[u8])]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, value) in parts {
        let head = format!(
            "--b0\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"x\"\r\n\r\n"
        );
        body.extend(head.as_bytes());
        body.extend(*value);
        body.extend(b"\r\n");
    }
    body.extend(b"--b0--\r\n");
    ("multipart/form-data; boundary=b0".into(), body)
}

/// The answer without what differs from call to call.
fn result(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.json());
    let mut body = answer.json();
    let fields = body.as_object_mut().unwrap();
    for name in ["request_id", "processed_at", "processing_time_ms"] {
        fields.remove(name).unwrap();
    }
    for model in fields["model_results"].as_object_mut().unwrap().values_mut() {
        model.as_object_mut().unwrap().remove("duration_ms").unwrap();
    }
    body
}

#[test]
fn json_and_form_give_the_same_result_in_the_guides_shape() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let picture = photo(1);
    let body = json!({
        "image_base64": base64(&picture),
        "options": { "models": ["all"], "metadata_analysis": true, "return_heatmap": false, "webhook_url": null },
        "reference_id": "claim-78234-photo-1",
    });
    let answer = server.post(PATH, &key, &body);
    let keys: Vec<_> = answer.json().as_object().unwrap().keys().cloned().collect();
    let guide = [
        "request_id",
        "reference_id",
        "status",
        "processed_at",
        "verdict",
        "model_results",
        "image_info",
        "processing_time_ms",
    ];
    assert_eq!(keys[..guide.len()], guide);
    assert_eq!(answer.json()["request_id"].as_str(), answer.header("x-request-id"));
    assert_eq!(answer.json()["reference_id"], "claim-78234-photo-1");
    assert_eq!(answer.json()["model_results"].as_object().unwrap().len(), 6);
    assert!(!answer.json()["heatmap"].is_object());

    let (kind, body) = form(&[("image", &picture), ("reference_id", b"claim-78234-photo-1")]);
    let of_form = server.send("POST", PATH, Some(&key), &kind, &body);
    assert_eq!(result(&of_form), result(&answer));
    let data = json!({
        "image_base64": format!("data:image/jpeg;base64,{}", base64(&picture)),
        "reference_id": "claim-78234-photo-1",
    });
    assert_eq!(result(&server.post(PATH, &key, &data)), result(&answer));
}

#[test]
fn options_choose_models_and_a_heatmap() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let body = json!({
        "image_base64": base64(&photo(2)),
        "options": { "models": ["splicing", "noise"], "return_heatmap": true },
        "context": { "claimed_at": "2026-03-16" },
    });
    let answer = server.post(PATH, &key, &body).json();
    assert_eq!(answer["model_results"].as_object().unwrap().len(), 2);
    let png = |name: &str| {
        let bytes = BASE64_STANDARD.decode(answer["heatmap"][name].as_str().unwrap()).unwrap();
        image::load_from_memory(&bytes).unwrap()
    };
    let (mask, overlay) = (png("mask_png_base64"), png("overlay_png_base64"));
    assert_eq!((mask.width(), mask.height(), mask.color()), (400, 320, image::ColorType::L8));
    assert_eq!(overlay.color(), image::ColorType::Rgb8);
    let form = form(&[("image", &photo(2)), ("options", br#"{"metadata_analysis": false}"#)]);
    let answer = server.send("POST", PATH, Some(&key), &form.0, &form.1).json();
    assert_eq!(answer["model_results"].as_object().unwrap().len(), 5);
}

#[test]
fn the_spectrum_comes_with_the_heatmap_only() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let spectrum = |return_heatmap: bool| {
        let body = json!({
            "image_base64": base64(&photo(4)),
            "options": { "models": ["frequency"], "return_heatmap": return_heatmap },
        });
        let answer = server.post(PATH, &key, &body).json();
        answer["model_results"]["frequency_analysis"]["spectrum_png_base64"].clone()
    };
    let bytes = BASE64_STANDARD.decode(spectrum(true).as_str().unwrap()).unwrap();
    let picture = image::load_from_memory(&bytes).unwrap();
    assert_eq!(
        (picture.width(), picture.height(), picture.color()),
        (256, 256, image::ColorType::L8)
    );
    assert!(spectrum(false).is_null());
}

#[test]
fn bad_requests_say_what_is_wrong() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let image = base64(&photo(3));
    let cases = [
        (json!({}), "either image_url or image_base64"),
        (json!({ "image_url": "https://a.example/x.jpg", "image_base64": image }), "either"),
        (json!({ "image_base64": "%%" }), "image_base64"),
        (json!({ "image_base64": image, "models": ["gan"] }), "unknown field `models`"),
        (
            json!({ "image_base64": image, "options": { "models": ["gans"] } }),
            "did you mean \"gan\"?",
        ),
        (
            json!({ "image_base64": image, "options": { "models": ["metadata"], "metadata_analysis": false } }),
            "drop one",
        ),
        (json!({ "image_base64": image, "context": { "claimed_at": "soon" } }), "RFC 3339"),
        (json!({ "image_base64": image, "reference_id": "x".repeat(300) }), "at most 256 bytes"),
    ];
    for (body, expected) in cases {
        let answer = server.post(PATH, &key, &body);
        assert_eq!((answer.status, answer.error().as_str()), (400, "INVALID_REQUEST"));
        assert!(answer.message().contains(expected), "{}", answer.message());
    }
    let answer =
        server.send("POST", PATH, Some(&key), "application/json", b"{\"image_base64\":\n 7}");
    assert!(answer.message().contains("line 2 column"), "{}", answer.message());
    let answer = server.send("POST", PATH, Some(&key), "text/plain", b"hello");
    assert!(answer.message().contains("found \"text/plain\""), "{}", answer.message());
    let (kind, body) = form(&[("picture", b"x")]);
    let answer = server.send("POST", PATH, Some(&key), &kind, &body);
    assert!(answer.message().contains("unknown field \"picture\""), "{}", answer.message());
}

#[test]
fn pictures_that_cannot_be_examined_have_the_guides_codes() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let whole = photo(4);
    let small = codec::png(&Picture::from_fn(99, 120, |_, _| [9; 3]), &[]).unwrap();
    let large = vec![0; 20_000_001];
    let cases: [(&[u8], u16, &str); 5] = [
        (b"GIF89a, and so on", 422, "UNSUPPORTED_FORMAT"),
        (b"", 422, "IMAGE_CORRUPT"),
        (&whole[..200], 422, "IMAGE_CORRUPT"),
        (&small, 422, "IMAGE_TOO_SMALL"),
        (&large, 413, "FILE_SIZE_EXCEEDED"),
    ];
    for (bytes, status, code) in cases {
        let answer = server.post(PATH, &key, &json!({ "image_base64": base64(bytes) }));
        assert_eq!((answer.status, answer.error().as_str()), (status, code));
        let (kind, body) = form(&[("image", bytes)]);
        let answer = server.send("POST", PATH, Some(&key), &kind, &body);
        assert_eq!((answer.status, answer.error().as_str()), (status, code));
    }
}

/// What a small file makes large is refused before it is, and nothing of it stays.
#[test]
fn hostile_files_are_refused_and_the_server_goes_on() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let hostile = [
        ("jpeg/size", 413, "FILE_SIZE_EXCEEDED"),
        ("png/size", 413, "FILE_SIZE_EXCEEDED"),
        ("heic/slices", 422, "IMAGE_CORRUPT"),
        ("heic/extents", 422, "IMAGE_CORRUPT"),
        ("heic/part-of-itself", 422, "UNSUPPORTED_FORMAT"),
        ("tiff/overlapping", 422, "IMAGE_CORRUPT"),
        ("tiff/tiles-of-everything", 413, "FILE_SIZE_EXCEEDED"),
        ("bmp/moves", 422, "IMAGE_CORRUPT"),
    ];
    let files = hostile::files().unwrap();
    for (name, status, code) in hostile {
        let file = files.iter().find(|file| file.name == name).unwrap();
        let (kind, body) = form(&[("image", &file.bytes)]);
        let answer = server.send("POST", PATH, Some(&key), &kind, &body);
        assert_eq!((answer.status, answer.error().as_str()), (status, code), "{name}");
    }
    // The library that reads the container goes round in this file for ever when asked for its profile.
    let circle = files.iter().find(|file| file.name == "heic/parts-in-a-circle").unwrap();
    let (kind, body) = form(&[("image", &circle.bytes)]);
    assert_eq!(server.send("POST", PATH, Some(&key), &kind, &body).status, 200);
}

/// An array is no object, however well its entries fit.
#[test]
fn fields_are_read_by_name_only() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let (_, admin) = server.key(&["--scope", "admin"]);
    let image = BASE64_STANDARD.encode(photo(7));
    let by_place = json!([null, image, [["gan"], true, false, null, null], "a", [null]]);
    let options = json!({ "image_base64": image, "options": [["gan"], true] });
    for (path, key, body) in [
        ("/v1/analyze", &key, by_place),
        ("/v1/analyze", &key, options),
        ("/v1/analyze/batch", &key, json!({ "images": [[null, image, null, [null]]] })),
        ("/v1/admin/keys", &admin, json!([])),
        ("/v1/admin/webhooks/secret/rotate", &admin, json!([5])),
    ] {
        let answer = server.post(path, key, &body);
        assert_eq!((answer.status, answer.error().as_str()), (400, "INVALID_REQUEST"), "{path}");
        assert!(answer.message().contains("expected an object"), "{}", answer.message());
    }
    let body = json!({ "image_base64": image, "options": null, "context": null });
    assert_eq!(server.post("/v1/analyze", &key, &body).status, 200);
    assert_eq!(server.post("/v1/admin/keys", &admin, &json!(null)).status, 201);
}

/// As `base64` prints it, and as others write it.
#[test]
fn base64_may_have_line_breaks_and_no_padding() {
    let server = Server::start();
    let (_, key) = server.key(&[]);
    let text = BASE64_STANDARD.encode(photo(8));
    let (head, tail) = text.split_at(76);
    let bare = text.trim_end_matches('=');
    for image in [format!("{head}\n{tail}\n"), bare.to_owned(), format!("DATA:;base64,{text}")] {
        assert_eq!(server.post("/v1/analyze", &key, &json!({ "image_base64": image })).status, 200);
    }
}
