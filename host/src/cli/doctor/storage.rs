// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the server keeps what it must not lose: folder, database, disk; and the clock by which all of it
//! is dated.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::fs::{access, statvfs, Access};

use super::check::Check;
use super::machine::size;
use crate::cli::stored::Stored;
use crate::cli::CommandError;
use crate::config::{Service, Settings};
use crate::store::Standing;

/// How far the clock may differ from the database's, and the newest act lie ahead of it, s: nothing of what
/// hosts agree on by their clocks is shorter.
const APART: i64 = 5;
/// So many of the largest batches should fit on the disk.
const BATCHES: u64 = 10;

pub(super) fn checks(stored: &Stored, settings: &Settings) -> Vec<Check> {
    let data = stored.data();
    let mut checks = vec![folder(data)];
    checks.extend(disk(data, &settings.service));
    let now = Timestamp::now().as_second();
    match standing(stored, settings) {
        Ok(None) => checks.push(Check::warning(
            "database",
            "there is none yet",
            "make a key, which makes it: assay keys create --org NAME",
        )),
        Ok(Some(standing)) => {
            checks.push(database(&standing));
            if standing.version == standing.wanted {
                checks.extend([keys(&standing), clock(&standing, now)]);
            }
        }
        Err(error) => checks.push(Check::failed("database", error)),
    }
    checks
}

fn standing(stored: &Stored, settings: &Settings) -> Result<Option<Standing>, CommandError> {
    let database = stored.location(settings)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(Standing::of(&database))?)
}

/// The data directory, or what it will be made in.
fn folder(data: &Path) -> Check {
    let found = data.display().to_string();
    let Ok(metadata) = std::fs::metadata(data) else {
        let is_there = data.ancestors().find(|folder| folder.exists());
        return match is_there.map(|folder| access(folder, Access::WRITE_OK | Access::EXEC_OK)) {
            // The working folder is the end of a relative path.
            None | Some(Ok(())) => {
                Check::ok("data", format!("{found}, which the first start makes"))
            }
            Some(Err(_)) => Check::failed("data", format!("{found} cannot be made"))
                .advised("make it and give it to the server's user, or choose another with --data"),
        };
    };
    if !metadata.is_dir() {
        return Check::failed("data", format!("{found} is no folder"))
            .advised("choose another with --data");
    }
    if access(data, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_err() {
        let advice = "give it to the server's user, or choose another with --data";
        return Check::failed("data", format!("{found} cannot be written")).advised(advice);
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        let advice = format!("chmod 700 {found}");
        return Check::warning(
            "data",
            format!("{found} can be read by others: it holds pictures and secrets"),
            advice,
        );
    }
    Check::ok("data", found)
}

/// How much room is left, measured by the largest batch.
fn disk(data: &Path, service: &Service) -> Option<Check> {
    let working = PathBuf::from(".");
    let there = data.ancestors().find(|folder| folder.exists()).unwrap_or(&working);
    let system = statvfs(there).ok()?;
    let free = system.f_bavail.saturating_mul(system.f_frsize);
    let batch = service.max_batch_bytes;
    let found = format!("{} free", size(free));
    let advice = "make room, or lower `server.max_batch_bytes` and `retention.image_seconds`";
    Some(if free < batch {
        Check::failed("disk", format!("{found}: a batch does not fit")).advised(advice)
    } else if free < batch.saturating_mul(BATCHES) {
        Check::warning("disk", format!("{found}: fewer than {BATCHES} batches fit"), advice)
    } else {
        Check::ok("disk", found)
    })
}

fn database(standing: &Standing) -> Check {
    let Standing { engine, version, wanted, .. } = standing;
    match version.cmp(wanted) {
        std::cmp::Ordering::Equal => Check::ok("database", format!("{engine}, version {version}")),
        std::cmp::Ordering::Less => Check::warning(
            "database",
            format!("{engine}, version {version}; the next start brings it to {wanted}"),
            "copy it before, as an earlier program cannot use it afterwards",
        ),
        std::cmp::Ordering::Greater => Check::failed(
            "database",
            format!("{engine}, version {version}; this program knows none after {wanted}"),
        )
        .advised("use the program that made it, or a copy of before"),
    }
}

fn keys(standing: &Standing) -> Check {
    match standing.keys {
        0 => Check::warning(
            "keys",
            "none is in force: nobody can ask anything",
            "make one: assay keys create --org NAME",
        ),
        keys => Check::ok("keys", format!("{keys} in force")),
    }
}

/// Whether the clock stands where it last stood, or later, and where the database's does.
fn clock(standing: &Standing, now: i64) -> Check {
    let told = Timestamp::from_second(now).map_or_else(|_| now.to_string(), |now| now.to_string());
    let ahead = standing.newest_act.map_or(0, |newest| newest - now);
    let apart = (standing.clock - now).abs();
    let found = if apart > APART {
        format!("{told}, {apart} s from the database's")
    } else if ahead > APART {
        format!("{told}, {ahead} s before the newest act of the audit log")
    } else {
        return Check::ok("clock", told);
    };
    Check::failed("clock", found).advised("set the clock, and have it kept by NTP")
}

#[cfg(test)]
mod tests {
    use super::super::check::Level;
    use super::*;

    fn at_version(version: i64) -> Standing {
        let engine = "SQLite 3".into();
        let (clock, newest_act) = (1_000, Some(1_000));
        Standing { engine, version, wanted: 16, clock, newest_act, keys: 1 }
    }

    #[test]
    fn a_database_of_another_version_is_told_from_one_of_this() {
        let level = |version| database(&at_version(version)).level;
        assert_eq!([16, 15, 17].map(level), [Level::Ok, Level::Warning, Level::Failed]);
    }

    #[test]
    fn a_clock_that_was_put_back_or_differs_from_the_database_s_is_told() {
        let level = |now| clock(&at_version(16), now).level;
        assert_eq!([995, 1_005].map(level), [Level::Ok; 2]);
        assert_eq!([994, 1_006].map(level), [Level::Failed; 2]);
        let put_back = Standing { clock: 400, ..at_version(16) };
        assert!(clock(&put_back, 400).found.contains("600 s before"));
    }

    #[test]
    fn room_is_measured_by_the_largest_batch() {
        let here = tempfile::tempdir().unwrap();
        let level = |max_batch_bytes| {
            let service = Service { max_batch_bytes, ..Service::default() };
            disk(here.path(), &service).unwrap().level
        };
        assert_eq!(level(1), Level::Ok);
        assert_eq!(level(u64::MAX), Level::Failed);
        let missing = here.path().join("a/b");
        assert!(disk(&missing, &Service::default()).is_some());
    }
}
