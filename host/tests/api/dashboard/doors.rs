// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who is let in, for how long, what a form needs, and what keeps others out.

use super::visitor::{post, sign_in, Visitor};
use super::{acts, change, ADMIN, PAGES};
use crate::support::Server;

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
fn nothing_is_seen_or_done_without_signing_in() {
    let server = Server::start();
    let (id, key) = server.key(&ADMIN);
    let one = ["/batches/batch_0", "/batches/batch_0/progress", "/policies/kyc.toml"];
    let of_key = |act: &str| format!("/keys/{id}/{act}");
    let [rotate, restrict, revoke] = ["rotate", "restrict", "revoke"].map(of_key);
    let forms = [&*rotate, &*restrict, &*revoke, "/webhooks/deliveries/msg_0"];
    for path in PAGES.iter().chain(&one).chain(&forms) {
        let answer = server.get(path, None);
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header("location").unwrap().starts_with("/sign-in"), "{path}");
        assert!(answer.body.is_empty(), "{path}");
        // A key is for programs: it opens no page.
        assert_eq!(server.get(path, Some(&key)).status, 303, "{path}");
    }
    for path in [
        &*rotate,
        &*restrict,
        &*revoke,
        "/keys",
        "/sign-out",
        "/webhooks/secret/show",
        "/webhooks/secret/rotate",
        "/webhooks/deliveries/msg_0/send-again",
    ] {
        let fields = [("token", "x"), ("overlap", "0"), ("scope", "admin")];
        for cookie in ["", "\r\nCookie: assay-session=x", "\r\nCookie: assay-session="] {
            let answer = post(&server, path, cookie, &fields);
            assert_eq!(
                (answer.status, answer.header("location")),
                (303, Some("/sign-in")),
                "{path}"
            );
        }
    }
    assert_eq!(acts(&server, &key), ["key.create"]);
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
    if crate::database::server().is_none() {
        let kept = std::fs::read(server.data().join("assay.sqlite-wal")).unwrap();
        assert!(!kept.windows(value.len()).any(|part| part == value.as_bytes()));
    }

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
    assert_eq!(assets.len(), 5, "{assets:?}");
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
    let answer = server.send("GET", "/nothing", None, "text/plain\r\nAccept: text/html", &[]);
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (404, Some("text/html; charset=utf-8"))
    );
    for path in ["/nothing", "/v1", "/v1/nothing", "/v1/", "/v1/keys"] {
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
