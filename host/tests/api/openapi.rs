// SPDX-License-Identifier: MIT OR Apache-2.0
//! The OpenAPI document says what is really answered.

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use crate::support::{photo, Answer, Server};

/// Checks an answer against the document: its status is one of the operation's, and its body has the
/// shape that is given there.
pub(crate) fn check(document: &Value, operation: (&str, &str), answer: &Answer) {
    let (method, path) = operation;
    let status = answer.status.to_string();
    let response = &document["paths"][path][method]["responses"][&status];
    assert!(response.is_object(), "{method} {path} answers {status}, which is not described");
    for name in response["headers"].as_object().unwrap().keys().filter(|n| *n != "Retry-After") {
        assert!(answer.header(name).is_some(), "{method} {path} {status} lacks {name}");
    }
    let mut schema = response["content"]["application/json"]["schema"].clone();
    assert!(schema.is_object(), "{method} {path} {status}");
    schema["components"] = document["components"].clone();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let body = answer.json();
    let errors: Vec<_> = validator.iter_errors(&body).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{method} {path} {status}: {errors:?}");
}

#[test]
fn answers_have_the_described_shape() {
    let server = Server::start();
    let scopes = ["--scope", "admin", "--scope", "read", "--scope", "analyze"];
    let (_, key) = server.key(&scopes);
    let document = server.get("/openapi.json", None).json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    let image = BASE64_STANDARD.encode(photo(91));
    let options = json!({ "return_heatmap": true });
    let body = json!({ "image_base64": image, "options": options, "reference_id": "a" });
    let analysis = server.post("/v1/analyze", &key, &body);
    assert_eq!(analysis.status, 200);
    check(&document, ("post", "/v1/analyze"), &analysis);
    check(&document, ("post", "/v1/analyze"), &server.post("/v1/analyze", &key, &json!({})));
    check(&document, ("post", "/v1/analyze"), &server.post("/v1/analyze", "nobody", &body));
    let small = json!({ "image_base64": BASE64_STANDARD.encode(b"GIF89a") });
    check(&document, ("post", "/v1/analyze"), &server.post("/v1/analyze", &key, &small));

    let images = [json!({ "image_base64": image }), small];
    let accepted = server.post("/v1/analyze/batch", &key, &json!({ "images": images }));
    check(&document, ("post", "/v1/analyze/batch"), &accepted);
    let id = accepted.json()["batch_id"].as_str().unwrap().to_owned();
    let batch = server.finished_batch(&key, &id);
    check(
        &document,
        ("get", "/v1/batches/{batch_id}"),
        &server.get(&format!("/v1/batches/{id}"), Some(&key)),
    );
    for item in batch["results"].as_array().unwrap() {
        let path = format!("/v1/analyses/{}", item["request_id"].as_str().unwrap());
        check(&document, ("get", "/v1/analyses/{request_id}"), &server.get(&path, Some(&key)));
    }
    check(
        &document,
        ("get", "/v1/analyses/{request_id}"),
        &server.get("/v1/analyses/req_0", Some(&key)),
    );
    for path in document["paths"].as_object().unwrap().keys() {
        let is_plain = !path.contains('{') && !path.contains("metrics");
        if is_plain && document["paths"][path]["get"].is_object() {
            let answer = server.get(path, Some(&key));
            assert_eq!(answer.status, 200, "{path}");
            check(&document, ("get", path), &answer);
        }
    }
    let made = server.post("/v1/admin/keys", &key, &json!({}));
    assert_eq!(made.status, 201);
    check(&document, ("post", "/v1/admin/keys"), &made);
}

#[test]
fn the_page_is_whole_without_anybody_else() {
    let server = Server::start();
    let page = String::from_utf8(server.get("/docs/", None).body).unwrap();
    let start = String::from_utf8(server.get("/docs/swagger-initializer.js", None).body).unwrap();
    assert!(start.contains("/openapi.json"), "{start}");
    for text in [&page, &start] {
        assert!(!text.contains("http://") && !text.contains("https://"), "{text}");
    }
    for part in page
        .split([' ', '>'])
        .filter_map(|p| p.strip_prefix("src=\"").or(p.strip_prefix("href=\"")))
    {
        let name = part.split('"').next().unwrap().trim_start_matches("./");
        assert_eq!(server.get(&format!("/docs/{name}"), None).status, 200, "{name}");
    }
}
