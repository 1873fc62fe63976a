// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a database is brought to this version: the files of `host/migrations`, which the program carries.
//!
//! A number means the same on both engines from 17 on; what came before is one file on PostgreSQL. A file
//! that was released is not changed any more: databases remember its checksum.

use std::sync::LazyLock;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::SqlSafeStr as _;

/// The files of an engine: number, name, text.
macro_rules! files {
    ($engine:literal: $($number:literal $name:literal),+ $(,)?) => {
        &[$((
            $number,
            $name,
            include_str!(concat!("../../migrations/", $engine, "/", $number, "_", $name, ".sql")),
        )),+]
    };
}

/// Number, name and text of each.
type Files = &'static [(&'static str, &'static str, &'static str)];

const SQLITE_FILES: Files = files!(
    "sqlite":
    "0001" "keys",
    "0002" "usage",
    "0003" "analyses",
    "0004" "results",
    "0005" "idempotency",
    "0006" "jobs",
    "0007" "webhooks",
    "0008" "audit_organisation",
    "0009" "repeats",
    "0010" "repeats_by_moment",
    "0011" "audit_log",
    "0012" "trial",
    "0013" "derivations",
    "0014" "sessions",
    "0015" "claims",
    "0016" "search",
    "0017" "hosts",
    "0018" "region",
    "0019" "localised",
    "0020" "guesses",
);

const POSTGRES_FILES: Files = files!(
    "postgres":
    "0016" "whole",
    "0017" "hosts",
    "0018" "region",
    "0019" "localised",
    "0020" "guesses",
);

/// Those of SQLite.
pub(super) static SQLITE: LazyLock<Migrator> = LazyLock::new(|| migrator(SQLITE_FILES));
/// Those of PostgreSQL.
pub(super) static POSTGRES: LazyLock<Migrator> = LazyLock::new(|| migrator(POSTGRES_FILES));

fn migrator(files: Files) -> Migrator {
    let migration = |(number, name, text): &(&'static str, &str, &'static str)| {
        let number = number.parse().ok()?;
        let name = name.replace('_', " ").into();
        Some(Migration::new(number, name, MigrationType::Simple, text.into_sql_str(), false))
    };
    Migrator::with_migrations(files.iter().filter_map(migration).collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The names of the files in a folder, in order.
    fn names(engine: &str) -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        let files = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Databases of earlier versions remember these: a file that is changed no longer opens them.
    #[test]
    fn what_was_released_is_not_changed() {
        let sqlite = [
            (1, "a8465345c891e601"),
            (2, "ec92c42fd0d4e74b"),
            (3, "2d5e45d360989976"),
            (4, "9d0129723f4d579a"),
            (5, "6e1f5be60ab70906"),
            (6, "204e79d5bf51ad2f"),
            (7, "5363edf6d5958c0b"),
            (8, "58cd4c92dd6507d8"),
            (9, "793d39a656eeefa8"),
            (10, "9ee3eabd708d1449"),
            (11, "fb588d7eed53d4c8"),
            (12, "e9ebe854716b458d"),
            (13, "d8f5e8427ef1efac"),
            (14, "781393b1db1dcb04"),
            (15, "8b62f79048c45ec4"),
            (16, "ec23bcc84355fe17"),
        ];
        let postgres = [(16, "baef56ef29c68ee6")];
        let starts = |migrator: &Migrator| -> Vec<(i64, String)> {
            let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            migrator.iter().map(|file| (file.version, hex(&file.checksum[..8]))).collect()
        };
        for (known, migrator) in [(&sqlite[..], &*SQLITE), (&postgres[..], &*POSTGRES)] {
            let found = starts(migrator);
            for ((number, start), found) in known.iter().zip(found) {
                assert_eq!((*number, (*start).to_owned()), found);
            }
        }
    }

    #[test]
    fn every_file_is_carried_and_later_numbers_mean_the_same() {
        for (engine, files) in [("sqlite", SQLITE_FILES), ("postgres", POSTGRES_FILES)] {
            let listed: Vec<_> =
                files.iter().map(|(n, name, _)| format!("{n}_{name}.sql")).collect();
            assert_eq!(listed, names(engine), "{engine}");
            assert_eq!(migrator(files).iter().count(), files.len(), "{engine}");
        }
        let later = |files: Files| {
            let later = files.iter().filter(|(number, _, _)| *number > "0016");
            later.map(|(number, name, _)| (*number, *name)).collect::<Vec<_>>()
        };
        assert_eq!(later(SQLITE_FILES), later(POSTGRES_FILES));
    }
}
