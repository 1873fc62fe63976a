// SPDX-License-Identifier: MIT OR Apache-2.0
//! The database of a test: a file in its data directory, or one of its own on a server.
//!
//! `ASSAY_TEST_DATABASE` names the server, in URL form without a database; `engines` runs these tests again
//! with it.

use std::path::Path;
use std::process::Command;

use assay::store::{DatabaseUrl, Location};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _};
use tempfile::TempDir;

/// The server, where the tests run on one.
pub(crate) fn server() -> Option<String> {
    std::env::var("ASSAY_TEST_DATABASE").ok()
}

/// A new data directory, on a server with a database of its own.
pub(crate) fn folder() -> TempDir {
    let data = tempfile::tempdir().unwrap();
    if let Some(server) = server() {
        make(&server, &name(data.path()));
    }
    data
}

/// The database of a data directory on the server.
pub(crate) fn url(data: &Path) -> Option<String> {
    server().map(|server| format!("{server}/{}", name(data)))
}

/// What the engine of these tests understands.
pub(crate) fn either<'a>(file: &'a str, on_server: &'a str) -> &'a str {
    if server().is_some() {
        on_server
    } else {
        file
    }
}

/// How often the process is killed, of so many times. On a server, which the tests go through beside the others,
/// fewer times than a job may break off: on a busy machine one may be hit by all.
pub(crate) fn rounds(times: u64) -> u64 {
    if server().is_some() {
        2
    } else {
        times
    }
}

/// A name that only this data directory has.
fn name(data: &Path) -> String {
    format!("assay{}", data.file_name().unwrap().to_str().unwrap().replace('.', "-"))
}

/// Where the store of a data directory is.
pub(crate) fn location(data: &Path) -> Location {
    Location::of(url(data).map(DatabaseUrl::new).as_ref(), data).unwrap()
}

/// The program with the data directory and its database.
pub(crate) fn assay(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.env("ASSAY_DATA", data).env_remove("ASSAY_DATABASE");
    command.envs(url(data).map(|url| ("ASSAY_DATABASE", url)));
    command
}

/// Makes an empty database.
pub(crate) fn make(server: &str, name: &str) {
    let statement = format!("CREATE DATABASE \"{name}\"");
    on_server(&format!("{server}/postgres"), &[&statement]).unwrap();
}

/// Changes the database of a data directory behind the program's back.
pub(crate) fn alter(data: &Path, statements: &[&str]) -> Result<(), sqlx::Error> {
    match url(data) {
        Some(url) => on_server(&url, statements),
        None => on_thread(async || {
            let options = SqliteConnectOptions::new().filename(data.join("assay.sqlite"));
            let options = options.busy_timeout(std::time::Duration::from_secs(60));
            let mut connection = SqliteConnection::connect_with(&options).await?;
            for statement in statements {
                let statement = AssertSqlSafe((*statement).to_owned());
                sqlx::raw_sql(statement).execute(&mut connection).await?;
            }
            connection.close().await
        }),
    }
}

/// Does statements in the database of a URL.
pub(crate) fn on_server(url: &str, statements: &[&str]) -> Result<(), sqlx::Error> {
    on_thread(async || {
        let mut connection = PgConnection::connect(url).await?;
        for statement in statements {
            let statement = AssertSqlSafe((*statement).to_owned());
            sqlx::raw_sql(statement).execute(&mut connection).await?;
        }
        connection.close().await
    })
}

/// Runs to its end, whether the caller is in a runtime or not.
fn on_thread<T: Send>(act: impl AsyncFnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let run = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(act())
        };
        scope.spawn(run).join().unwrap()
    })
}
