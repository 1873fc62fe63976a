// SPDX-License-Identifier: MIT OR Apache-2.0
//! Somebody at the dashboard, as plain HTTP: a cookie, and the token that the pages' forms have.

use crate::support::{Answer, Server};

/// Somebody who is signed in.
pub(crate) struct Visitor<'a> {
    server: &'a Server,
    pub(crate) cookie: String,
}

/// A form's body.
pub(crate) fn form(fields: &[(&str, &str)]) -> Vec<u8> {
    let encoded =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let pairs = fields.iter().map(|(name, text)| format!("{name}={}", encoded(text)));
    pairs.collect::<Vec<_>>().join("&").into_bytes()
}

/// Sends a form with more headers.
pub(crate) fn post(server: &Server, path: &str, headers: &str, fields: &[(&str, &str)]) -> Answer {
    let kind = format!("application/x-www-form-urlencoded{headers}");
    server.send("POST", path, None, &kind, &form(fields))
}

/// Tries to sign in.
pub(crate) fn sign_in(server: &Server, key: &str) -> Answer {
    post(server, "/sign-in", "", &[("key", key)])
}

impl<'a> Visitor<'a> {
    pub(crate) fn new(server: &'a Server, key: &str) -> Self {
        let answer = sign_in(server, key);
        assert_eq!(answer.status, 303, "{}", answer.text());
        let cookie = answer.header("set-cookie").unwrap();
        Self { server, cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        let kind =
            format!("text/plain\r\nAccept: text/html\r\nCookie: theme=dark; {}", self.cookie);
        self.server.send("GET", path, None, &kind, &[])
    }

    /// A page that must be there.
    pub(crate) fn page(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    }

    /// What the forms of this session send.
    pub(crate) fn token(&self) -> String {
        let page = self.page("/keys");
        let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    /// Sends a form of this session.
    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token();
        let fields = [&[("token", token.as_str())], fields].concat();
        self.post_bare(path, "", &fields)
    }

    /// Sends just these fields.
    pub(crate) fn post_bare(&self, path: &str, headers: &str, fields: &[(&str, &str)]) -> Answer {
        post(self.server, path, &format!("\r\nCookie: {}{headers}", self.cookie), fields)
    }

    /// Whether somebody is still signed in.
    pub(crate) fn is_signed_in(&self) -> bool {
        match self.get("/keys").status {
            200 => true,
            303 => false,
            other => panic!("{other}"),
        }
    }
}
