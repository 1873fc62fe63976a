// SPDX-License-Identifier: MIT OR Apache-2.0
//! The dashboard as a browser gets it: who is let in, what a form needs, what is whose.

use std::path::Path;

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde_json::{json, Value};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

use crate::receiver::{Receiver, Reply};
use crate::support::{photo, Server};
use crate::visitor::{post, sign_in, Visitor};

const ADMIN: [&str; 6] = ["--scope", "admin", "--scope", "read", "--scope", "analyze"];
/// Every page that the navigation leads to.
const PAGES: [&str; 9] = [
    "/",
    "/analyses",
    "/batches",
    "/policies",
    "/keys",
    "/usage",
    "/webhooks",
    "/plugins",
    "/audit",
];

fn image(seed: u64) -> String {
    BASE64_STANDARD.encode(photo(seed))
}

#[tokio::main(flavor = "current_thread")]
async fn change(data: &Path, statement: &str) {
    let options = SqliteConnectOptions::new().filename(data.join("assay.sqlite"));
    let options = options.busy_timeout(std::time::Duration::from_secs(60));
    let pool = SqlitePool::connect_with(options).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(&pool).await.unwrap();
    pool.close().await;
}

fn acts(server: &Server, key: &str) -> Vec<String> {
    let audit = server.get("/v1/admin/audit", Some(key)).json();
    let entries = audit["entries"].as_array().unwrap().iter();
    entries.map(|entry| entry["act"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_session_begins_with_an_admin_key_and_ends_when_it_is_told_to() {
    let server = Server::start();
    let (id, key) = server.key(&ADMIN);
    let answer = server.get("/", None);
    assert_eq!((answer.status, answer.header("location")), (303, Some("/sign-in")));
    assert_eq!(server.get("/sign-in", None).status, 200);
    let answer = server.get("/analyses?q=a", None);
    assert_eq!(answer.header("location"), Some("/sign-in?next=%2Fanalyses%3Fq%3Da"));

    let answer = sign_in(&server, &key);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("assay-session="), "{cookie}");
    assert!(cookie.ends_with("; Max-Age=43200; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    let visitor = Visitor::new(&server, &key);
    let page = visitor.page("/");
    assert!(page.contains("acme") && page.contains(&id) && !page.contains(&key), "{page}");
    assert_eq!(visitor.get("/sign-in").header("location"), Some("/"));

    let answer = visitor.post("/sign-out", &[]);
    assert_eq!(answer.header("location"), Some("/sign-in?done=signed-out"));
    assert!(answer.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert!(!visitor.is_signed_in());
    assert_eq!(acts(&server, &key)[..3], ["session.end", "session.begin", "session.begin"]);
}

#[test]
fn who_administrates_nothing_is_refused_at_the_door() {
    let server = Server::start_with("\n[server]\nunknown_keys = 3\nunknown_key_seconds = 60\n");
    let (_, reads) = server.key(&["--scope", "read"]);
    let (_, narrow) = server.key(&["--scope", "admin", "--endpoint", "/v1/admin/keys"]);
    let (_, far) = server.key(&["--scope", "admin", "--allow-ip", "192.0.2.0/24"]);
    let (id, revoked) = server.key(&["--scope", "admin"]);
    server.keys(&["revoke", &id]);
    for (key, status, part) in [
        (&*reads, 403, "lacks the scope `admin`"),
        (&*narrow, 403, "some paths"),
        (&*far, 403, "this address"),
        (&*revoked, 401, "revoked"),
        ("", 401, "unknown"),
        ("<b>nonsense</b>", 401, "unknown"),
        (&format!("ak_{:016x}_{:064x}", 1, 1), 401, "unknown"),
        (&format!("ak_{:016x}_{:064x}", 2, 2), 429, "Too many unknown keys"),
    ] {
        let answer = sign_in(&server, key);
        let page = answer.text();
        assert_eq!(answer.status, status, "{key}: {page}");
        assert!(page.contains(part) && page.contains("role=\"alert\""), "{part}: {page}");
        assert!(answer.header("set-cookie").is_none());
        assert!(key.is_empty() || !page.contains(key), "{page}");
    }
}

#[test]
fn a_session_is_over_with_its_key_its_day_and_its_rest() {
    let server = Server::start();
    let (id, key) = server.key(&ADMIN);
    let visitor = Visitor::new(&server, &key);
    assert!(visitor.is_signed_in());
    // Only a digest of the cookie is kept.
    let value = visitor.cookie.split_once('=').unwrap().1.to_owned();
    let kept = std::fs::read(server.data().join("assay.sqlite-wal")).unwrap();
    assert!(!kept.windows(value.len()).any(|part| part == value.as_bytes()));

    let back = |column: &str, seconds: i64| {
        let statement = format!("UPDATE sessions SET {column} = {column} - {seconds}");
        change(server.data(), &statement);
    };
    back("used_at", 3_500);
    assert!(visitor.is_signed_in());
    // That was a use.
    back("used_at", 3_500);
    assert!(visitor.is_signed_in());
    back("used_at", 3_700);
    assert!(!visitor.is_signed_in());
    let visitor = Visitor::new(&server, &key);
    back("made_at", 43_300);
    assert!(!visitor.is_signed_in());

    let visitor = Visitor::new(&server, &key);
    server.keys(&["revoke", &id]);
    assert!(!visitor.is_signed_in());
    let answer = visitor.post_bare("/keys", "", &[("scope", "admin")]);
    assert_eq!((answer.status, answer.header("location")), (303, Some("/sign-in")));
}

#[test]
fn forms_without_the_token_and_those_of_other_sites_change_nothing() {
    let server = Server::start();
    let (_, key) = server.key(&ADMIN);
    let (visitor, other) = (Visitor::new(&server, &key), Visitor::new(&server, &key));
    let (token, foreign) = (visitor.token(), other.token());
    assert_ne!(token, foreign);
    let scope = ("scope", "read");
    for (headers, fields) in [
        ("", &[scope][..]),
        ("", &[scope, ("token", &foreign)]),
        ("", &[scope, ("token", "")]),
        ("\r\nSec-Fetch-Site: cross-site", &[scope, ("token", &token)]),
        ("\r\nSec-Fetch-Site: same-site", &[scope, ("token", &token)]),
        ("\r\nOrigin: https://evil.example", &[scope, ("token", &token)]),
        ("\r\nOrigin: null", &[scope, ("token", &token)]),
    ] {
        for path in ["/keys", "/sign-out", "/webhooks/secret/rotate", "/webhooks/secret/show"] {
            let answer = visitor.post_bare(path, headers, fields);
            assert_eq!(answer.status, 403, "{path} {headers} {fields:?}");
            assert!(answer.text().contains("<h1>This is not allowed</h1>"));
        }
    }
    let answer = post(&server, "/sign-in", "\r\nOrigin: https://evil.example", &[("key", &key)]);
    assert_eq!(answer.status, 403);
    assert!(answer.header("set-cookie").is_none());
    assert_eq!(acts(&server, &key), ["session.begin", "session.begin", "key.create"]);
    // A script sends the token in a header; a form of ours tells where it is from.
    let own = format!("\r\nX-CSRF-Token: {token}\r\nSec-Fetch-Site: same-origin");
    let wish = [scope, ("environment", "staging")];
    assert_eq!(visitor.post_bare("/keys", &own, &wish).status, 201);
    let own = "\r\nOrigin: http://test";
    let wish = [scope, ("environment", "staging"), ("token", &token)];
    assert_eq!(visitor.post_bare("/keys", own, &wish).status, 201);
}

#[test]
fn every_answer_keeps_others_out_and_nothing_is_inline() {
    let server = Server::start();
    let (_, key) = server.key(&ADMIN);
    let visitor = Visitor::new(&server, &key);
    let mut assets = Vec::new();
    for path in PAGES.iter().chain(&["/sign-in", "/nothing", "/keys/ak_0/revoke"]) {
        let answer = visitor.get(path);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        let page = answer.text();
        for inline in ["<style", " style=", " onclick=", " onload=", "javascript:", "://"] {
            let page = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!page.contains(inline), "{path}: {inline}");
        }
        assert!(!page.contains("<script>"), "{path}");
        let links = page.split("\"/assets/").skip(1);
        assets.extend(links.map(|link| format!("/assets/{}", link.split('"').next().unwrap())));
    }
    assets.sort();
    assets.dedup();
    assert_eq!(assets.len(), 3, "{assets:?}");
    for asset in assets {
        let answer = server.get(&asset, None);
        assert_eq!(answer.status, 200, "{asset}");
        assert!(answer.header("cache-control").unwrap().contains("immutable"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let (folder, name) = asset.rsplit_once('/').unwrap();
        let other = format!("{}0/{name}", &folder[..folder.len() - 1]);
        assert_eq!(server.get(&other, None).status, if other == asset { 200 } else { 404 });
    }
}

#[test]
fn pages_fail_as_pages_and_the_api_as_it_did() {
    let server = Server::start();
    let answer = server.get("/nothing", None);
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (404, Some("text/html; charset=utf-8"))
    );
    for path in ["/v1/nothing", "/v1/", "/v1/keys"] {
        let answer = server.get(path, None);
        assert_eq!((answer.status, answer.error().as_str()), (404, "NOT_FOUND"), "{path}");
        assert!(answer.header("content-security-policy").is_none());
    }
    assert_eq!(server.send("PUT", "/healthz", None, "", &[]).error(), "METHOD_NOT_ALLOWED");
    assert_eq!(server.send("HEAD", "/sign-in", None, "", &[]).status, 200);
    let (_, key) = server.key(&ADMIN);
    let visitor = Visitor::new(&server, &key);
    for path in [
        "/analyses?verdict=FAKE",
        "/analyses?from=yesterday",
        "/analyses?cursor=7",
        "/batches?cursor=x",
        "/webhooks?state=lost",
        "/audit?cursor=-",
    ] {
        let answer = visitor.get(path);
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.text().contains("<h1>This cannot be read</h1>"), "{path}");
    }
}

#[test]
fn behind_tls_the_cookie_is_ours_alone() {
    let server = Server::start_with("\n[server]\npublic_url = \"https://assay.example\"\n");
    let (_, key) = server.key(&ADMIN);
    let own = "\r\nOrigin: https://assay.example";
    let answer = post(&server, "/sign-in", own, &[("key", &key)]);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-assay-session="), "{cookie}");
    assert!(cookie.ends_with("; SameSite=Strict; Secure"), "{cookie}");
    assert!(Visitor::new(&server, &key).is_signed_in());
}

#[test]
fn a_key_may_do_here_what_it_may_do_elsewhere() {
    let server = Server::start();
    let (_, key) = server.key(&["--scope", "admin"]);
    let visitor = Visitor::new(&server, &key);
    let start = visitor.page("/");
    assert!(start.contains("lacks the scope <code>read</code>") && !start.contains("/analyses"));
    for path in ["/analyses", "/batches", "/policies", "/policies/kyc.toml", "/usage", "/plugins"] {
        assert_eq!(visitor.get(path).status, 403, "{path}");
    }
    for path in ["/keys", "/webhooks", "/audit"] {
        assert_eq!(visitor.get(path).status, 200, "{path}");
    }
}

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
    assert!(page.contains("<bdi>&#60;script&#62;alert("), "{page}");
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
        let risk = if index % 2 == 0 { "HIGH" } else { "LOW" };
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
    assert!(page.contains("2 of 2 done, 1 failed") && page.contains("<bdi>two</bdi>"), "{page}");
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
