// SPDX-License-Identifier: MIT OR Apache-2.0
//! The dashboard as a browser gets it, over plain HTTP.

mod doors;
mod pages;
mod visitor;

use std::path::Path;

use base64::prelude::{Engine as _, BASE64_STANDARD};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

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
#[tokio::main(flavor = "current_thread")]
async fn change(data: &Path, statement: &str) {
    let options = SqliteConnectOptions::new().filename(data.join("assay.sqlite"));
    let options = options.busy_timeout(std::time::Duration::from_secs(60));
    let pool = SqlitePool::connect_with(options).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(&pool).await.unwrap();
    pool.close().await;
}

/// The administrative acts of the key's organisation, the newest first.
fn acts(server: &Server, key: &str) -> Vec<String> {
    let audit = server.get("/v1/admin/audit", Some(key)).json();
    let entries = audit["entries"].as_array().unwrap().iter();
    entries.map(|entry| entry["act"].as_str().unwrap().to_owned()).collect()
}
