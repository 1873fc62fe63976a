// SPDX-License-Identifier: MIT OR Apache-2.0
//! The dashboard as a browser gets it, over plain HTTP.

mod doors;
mod pages;
mod visitor;

use std::path::Path;

use base64::prelude::{Engine as _, BASE64_STANDARD};

use crate::database;
use crate::support::{photo, Server};

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

/// A photo in base64.
fn image(seed: u64) -> String {
    BASE64_STANDARD.encode(photo(seed))
}

/// Changes the database behind the program's back.
fn change(data: &Path, statement: &str) {
    database::alter(data, &[statement]).unwrap();
}

/// The administrative acts of the key's organisation, the newest first.
fn acts(server: &Server, key: &str) -> Vec<String> {
    let audit = server.get("/v1/admin/audit", Some(key)).json();
    let entries = audit["entries"].as_array().unwrap().iter();
    entries.map(|entry| entry["act"].as_str().unwrap().to_owned()).collect()
}
