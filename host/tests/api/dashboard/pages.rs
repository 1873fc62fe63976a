// SPDX-License-Identifier: MIT OR Apache-2.0
//! What stands on pages, what is done there, and whose it is.

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};

use super::visitor::Visitor;
use super::{acts, change, image, ADMIN, PAGES};
use crate::isolation::{ask, hostile};
use crate::receiver::{Receiver, Reply};
use crate::support::Server;

#[test]
fn the_text_of_a_new_key_is_shown_once() {
    let server = Server::start();
    let (own, key) = server.key(&ADMIN);
    let visitor = Visitor::new(&server, &key);
    let text_of = |page: &str| {
        let (_, rest) = page.split_once("id=\"new-key\">").unwrap();
        rest.split('<').next().unwrap().to_owned()
    };
    let wish = [
        ("environment", "staging"),
        ("scope", "read"),
        ("scope", "analyze"),
        ("endpoints", "/v1/detectors\r\n/v1/analyze"),
        ("addresses", "127.0.0.0/8"),
        ("expires", "2100-01-01"),
    ];
    let answer = visitor.post("/keys", &wish);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let made = text_of(&answer.text());
    let (id, secret) = made.rsplit_once('_').unwrap();
    assert_eq!(server.get("/v1/detectors", Some(&made)).status, 200);
    assert_eq!(server.get("/v1/policies", Some(&made)).status, 403);
    let listed = server.get("/v1/admin/keys", Some(&key)).json();
    let listed = listed["keys"].as_array().unwrap().iter().find(|k| k["id"] == id).unwrap();
    assert_eq!(listed["expires_at"], "2100-01-01T00:00:00Z");
    assert_eq!(listed["endpoints"], json!(["/v1/detectors", "/v1/analyze"]));

    let rotated = visitor.post(&format!("/keys/{id}/rotate"), &[("overlap", "60")]);
    assert_eq!(rotated.status, 201);
    let rotated = text_of(&rotated.text());
    for text in [&made, &rotated] {
        assert_eq!(server.get("/v1/detectors", Some(text)).status, 200);
    }
    for path in PAGES.iter().chain(&["/keys", "/audit"]) {
        let page = visitor.page(path);
        assert!(!page.contains(secret) && !page.contains(&rotated), "{path}");
    }
    let ask = visitor.page(&format!("/keys/{id}/revoke"));
    assert!(ask.contains("refused at once") && !ask.contains("you are signed out"), "{ask}");
    let answer = visitor.post(&format!("/keys/{id}/revoke"), &[]);
    assert_eq!(answer.header("location"), Some("/keys?done=revoked"));
    assert!(visitor.page("/keys?done=revoked").contains("The key is revoked."));
    assert_eq!(server.get("/v1/detectors", Some(&made)).status, 401);
    assert_eq!(visitor.post(&format!("/keys/{id}/revoke"), &[]).status, 400);

    assert!(visitor.page(&format!("/keys/{own}/revoke")).contains("you are signed out"));
    visitor.post(&format!("/keys/{own}/revoke"), &[]);
    assert!(!visitor.is_signed_in());
}

#[test]
fn a_wish_that_makes_no_key_comes_back_with_what_is_wrong() {
    let server = Server::start();
    let (_, key) = server.key(&ADMIN);
    let visitor = Visitor::new(&server, &key);
    let usual = [("environment", "staging"), ("scope", "read")];
    for (name, text, part) in [
        ("addresses", "10.0.0.1/8 \"><script>", "no address"),
        ("endpoints", "/v1/nonsense", "known: /v1/analyze"),
        ("expires", "2020-01-01", "in the future"),
        ("expires", "soon", "Expected a day"),
        ("scope", "everything", "unknown scope"),
    ] {
        let answer = visitor.post("/keys", &[&usual[..], &[(name, text)]].concat());
        let page = answer.text();
        assert_eq!(answer.status, 400, "{name}: {page}");
        assert!(page.contains(part) || part == "no address", "{part}: {page}");
        assert!(!page.contains("<script>"), "{page}");
        assert!(page.contains("<option selected>staging"), "{page}");
    }
    assert_eq!(visitor.post("/keys", &[("environment", "staging")]).status, 400);
    assert_eq!(acts(&server, &key), ["session.begin", "key.create"]);
}

#[test]
fn analyses_are_found_by_what_is_known_of_them_and_hostile_names_are_text() {
    let server = Server::start();
    let (_, key) = server.key(&ADMIN);
    let hostile = "<script>alert('\u{202e}x')</script>";
    let body = json!({ "image_base64": image(801), "reference_id": hostile });
    let first = server.post("/v1/analyze", &key, &body).json();
    let again = json!({ "image_base64": image(801), "reference_id": "again" });
    let again = server.post("/v1/analyze", &key, &again).json();
    let second = json!({ "image_base64": image(802), "reference_id": "claim-7/front" });
    let second = server.post("/v1/analyze", &key, &second).json();
    let name = |body: &Value| body["request_id"].as_str().unwrap().to_owned();
    let (a, again, b) = (name(&first), name(&again), name(&second));
    let sha256 = first["image_info"]["sha256"].as_str().unwrap();
    let label = first["verdict"]["label"].as_str().unwrap();
    let visitor = Visitor::new(&server, &key);
    let shown = |query: &str| {
        let page = visitor.page(&format!("/analyses{query}"));
        assert!(!page.contains("<script>alert"), "{page}");
        [&a, &b, &again].map(|name| page.contains(&format!("href=\"/analyses/{name}\"")))
    };
    assert_eq!(shown(""), [true, true, false]);
    assert_eq!(shown(&format!("?q={a}")), [true, false, false]);
    assert_eq!(shown(&format!("?q={again}")), [false, false, true]);
    assert_eq!(shown(&format!("?q={}", sha256.to_uppercase())), [true, false, false]);
    assert_eq!(shown("?q=claim-7"), [false, true, false]);
    assert_eq!(shown("?q=claim-7/back"), [false, false, false]);
    assert_eq!(shown("?q=%25"), [false, false, false]);
    assert!(shown(&format!("?verdict={label}&from=2020-01-01&until=2100-01-01"))[0]);
    assert_eq!(shown("?until=2020-01-01"), [false, false, false]);
    let page = visitor.page("/analyses");
    assert!(page.contains("<bdi class=\"reference\">&#60;script&#62;alert("), "{page}");
    assert!(visitor.page("/").contains(&a));
    assert!(visitor.page("/usage").contains("<span class=\"number\">2</span> of 10,000 images"));
    let plugins = visitor.page("/plugins");
    assert!(plugins.contains("Splicing detection") && plugins.contains("2, "), "{plugins}");
    // What anybody put into a link is not said.
    assert!(!visitor.page("/?done=You+won").contains("You won"));
}

#[test]
fn lists_go_on_where_a_page_ends() {
    let server = Server::start();
    let (_, key) = server.key(&ADMIN);
    let row = |index: usize| {
        let name = format!("req_{index:024x}");
        let risk = if index.is_multiple_of(2) { "HIGH" } else { "LOW" };
        let body = json!({
            "reference_id": null, "verdict": { "label": "AUTHENTIC", "risk_level": risk, "risk": 0.5 },
            "image_info": { "sha256": "00" },
        });
        // Three a second, so that names decide too.
        format!("('{name}', 'acme', {}, '{body}')", 1_700_000_000 + index / 3)
    };
    let rows = (0..120).map(row).collect::<Vec<_>>().join(",");
    let columns = "request_id, organisation, finished_at, body";
    change(server.data(), &format!("INSERT INTO analyses ({columns}) VALUES {rows}"));
    change(
        server.data(),
        &format!("INSERT INTO analyses ({columns}) VALUES ('req_x', 'acme', 1, 'no JSON')"),
    );
    let visitor = Visitor::new(&server, &key);
    let mut seen = Vec::new();
    let mut path = "/analyses?risk=HIGH".to_owned();
    loop {
        let page = visitor.page(&path);
        let links = page.split("href=\"/analyses/req_").skip(1);
        seen.extend(links.map(|link| usize::from_str_radix(&link[..24], 16).unwrap()));
        let Some((_, rest)) = page.split_once("rel=\"next\" href=\"") else { break };
        path = rest.split('"').next().unwrap().replace("&#38;", "&");
        assert!(seen.len() <= 60, "{path}");
    }
    let expected: Vec<_> = (0..120).rev().filter(|index| index % 2 == 0).collect();
    assert_eq!(seen, expected);
    assert!(visitor.page("/analyses?q=req_x").contains("/analyses/req_x"));
}

#[test]
fn a_batch_tells_how_far_it_is() {
    let server = Server::start();
    let (_, key) = server.key(&ADMIN);
    let images = [
        json!({ "image_base64": image(803), "reference_id": "one" }),
        json!({ "image_base64": BASE64_STANDARD.encode(b"GIF89a"), "reference_id": "two" }),
    ];
    let body = json!({ "images": images, "batch_reference_id": "claim <7>" });
    let accepted = server.post("/v1/analyze/batch", &key, &body).json();
    let id = accepted["batch_id"].as_str().unwrap();
    let visitor = Visitor::new(&server, &key);
    let list = visitor.page("/batches");
    assert!(list.contains(id) && list.contains("claim &#60;7&#62;"), "{list}");
    server.finished_batch(&key, id);
    let progress = visitor.get(&format!("/batches/{id}/progress")).json();
    let expected =
        json!({ "done": 2, "total": 2, "text": "2 of 2 done, 1 failed", "is_over": true });
    assert_eq!(progress, expected);
    let page = visitor.page(&format!("/batches/{id}"));
    assert!(page.contains("2 of 2 done, 1 failed") && page.contains(">two</bdi>"), "{page}");
    assert!(!page.contains("data-progress"), "{page}");
}

#[test]
fn a_delivery_that_was_given_up_is_sent_again() {
    let receiver = Receiver::start();
    receiver.reply("/hook", [Reply::status(500), Reply::status(200)]);
    let more = "\n[webhooks]\nretry_seconds = []\n";
    let server = Server::start_with_arguments(more, &["--allow-net", "127.0.0.0/8"]);
    let (_, key) = server.key(&ADMIN);
    let options = json!({ "webhook_url": receiver.url("/hook") });
    let body = json!({ "image_base64": image(804), "options": options });
    assert_eq!(server.post("/v1/analyze", &key, &body).status, 202);
    let visitor = Visitor::new(&server, &key);
    let shows = |path: &str, part: &str| {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
        loop {
            let page = visitor.page(path);
            if page.contains(part) {
                return page;
            }
            assert!(std::time::Instant::now() < end, "{part}: {page}");
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    };
    let list = shows("/webhooks?state=abandoned", "href=\"/webhooks/deliveries/msg_");
    let (_, rest) = list.split_once("href=\"/webhooks/deliveries/").unwrap();
    let path = format!("/webhooks/deliveries/{}", rest.split('"').next().unwrap());
    assert!(visitor.page(&path).contains("<td>500</td>"));
    let answer = visitor.post(&format!("{path}/send-again"), &[]);
    assert_eq!(answer.header("location"), Some(&*format!("{path}?done=sent-again")));
    shows(&path, "<td>200</td>");

    let secret = server.webhooks(&["secret", "--org", "acme"]);
    let page = visitor.page("/webhooks");
    assert!(page.contains(&secret[..10]) && !page.contains(&secret), "{page}");
    assert!(visitor.post("/webhooks/secret/show", &[]).text().contains(&secret));
    let rotated = visitor.post("/webhooks/secret/rotate", &[("overlap", "3600")]).text();
    let new = server.webhooks(&["secret", "--org", "acme"]);
    assert!(rotated.contains(&new) && new != secret, "{rotated}");
    assert_eq!(visitor.post("/webhooks/secret/rotate", &[("overlap", "9999999")]).status, 400);
}

#[test]
fn what_another_organisation_has_is_not_there() {
    let receiver = Receiver::start();
    let server = Server::start_arguments(&["--allow-net", "127.0.0.0/8"]);
    let (id, owner) = server.key(&ADMIN);
    let (_, other) = server.key_of("other", &ADMIN);
    let options = json!({ "webhook_url": receiver.url("/hook") });
    let body = json!({ "image_base64": image(805), "reference_id": "owners-own" });
    server.post("/v1/analyze", &owner, &body);
    let told = json!({ "image_base64": image(805), "options": options });
    server.post("/v1/analyze", &owner, &told);
    let batch = json!({ "images": [body], "batch_reference_id": "owners-own" });
    let batch = server.post("/v1/analyze/batch", &owner, &batch).json();
    let batch = batch["batch_id"].as_str().unwrap();
    server.finished_batch(&owner, batch);
    let delivery = receiver.wait_for("/hook", 1)[0].headers["webhook-id"].clone();

    let own = Visitor::new(&server, &owner);
    let (batch, delivery) =
        (format!("/batches/{batch}"), format!("/webhooks/deliveries/{delivery}"));
    let progress = format!("{batch}/progress");
    let (revoke, rotate) = (format!("/keys/{id}/revoke"), format!("/keys/{id}/rotate"));
    let objects = [&batch, &progress, &delivery, &revoke, &rotate];
    for path in objects {
        assert_eq!(own.get(path).status, 200, "{path}");
    }
    let stranger = Visitor::new(&server, &other);
    for path in objects {
        let answer = stranger.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text().contains("owners-own"));
    }
    for path in [&revoke, &rotate, &format!("{delivery}/send-again")] {
        assert_eq!(stranger.post(path, &[("overlap", "0")]).status, 404, "{path}");
    }
    for path in PAGES.iter().chain(&["/analyses?q=owners-own"]) {
        let page = stranger.page(path);
        let is_asked = path.contains("owners-own");
        assert!(is_asked || !page.contains("owners-own"), "{path}");
        assert!(!page.contains(&id) && !page.contains("/analyses/req_"), "{path}");
    }
    assert!(own.is_signed_in());
}

#[test]
fn a_detector_that_crashes_is_told_with_what_keeps_it_in() {
    let folder = tempfile::tempdir().unwrap();
    let server = hostile(folder.path());
    let (_, key) = server.key(&ADMIN);
    let visitor = Visitor::new(&server, &key);
    let told = |page: &str| {
        let (_, card) = page.split_once("id=\"plugin-hostile\"").unwrap();
        card.split("</section>").next().unwrap().to_owned()
    };
    let card = told(&visitor.page("/plugins"));
    assert!(card.contains("in processes of its own") && card.contains("none failed"), "{card}");
    ask(&server, &key, "segfault", 806);
    let card = told(&visitor.page("/plugins"));
    assert!(card.contains("100.0 %</span> 1 failed"), "{card}");
    assert!(card.contains("<span class=\"badge bad\">1</span> calls ended"), "{card}");
    assert!(visitor.page("/").contains("100.0 % faults"));
}

#[test]
fn policies_can_be_taken_away_as_files() {
    let server = Server::start();
    let (_, key) = server.key(&ADMIN);
    let visitor = Visitor::new(&server, &key);
    assert!(visitor.page("/policies").contains("href=\"/policies/kyc.toml\""));
    let answer = visitor.get("/policies/kyc.toml");
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"kyc.toml\""));
    let policy = assay::policy::Policy::parse(&answer.text(), "kyc.toml").unwrap();
    let known = server.get("/v1/policies", Some(&key)).json();
    let known = known["policies"].as_array().unwrap().iter().find(|p| p["name"] == "kyc").unwrap();
    assert_eq!(known["digest"], policy.digest());
    assert_eq!(visitor.get("/policies/nobody.toml").status, 404);
}
