// SPDX-License-Identifier: MIT OR Apache-2.0
//! The database, what is in it, and the clock by which all of it is dated.

use jiff::Timestamp;

use super::check::Check;
use crate::cli::stored::Stored;
use crate::cli::CommandError;
use crate::config::Settings;
use crate::store::Standing;

/// How far the clock may differ from the database's, and the newest act lie ahead of it, s: nothing of what
/// hosts agree on by their clocks is shorter.
const APART: i64 = 5;

pub(super) async fn checks(stored: &Stored, settings: &Settings) -> Vec<Check> {
    let standing = match standing(stored, settings).await {
        Ok(standing) => standing,
        Err(error) => return vec![Check::failed("database", error)],
    };
    let Some(standing) = standing else {
        let advice = "make a key, which makes it: assay keys create --org NAME";
        return vec![Check::warning("database", "there is none yet", advice)];
    };
    let mut checks = vec![database(&standing)];
    if standing.version == standing.wanted {
        checks.extend([keys(&standing), clock(&standing, Timestamp::now().as_second())]);
    }
    checks
}

async fn standing(stored: &Stored, settings: &Settings) -> Result<Option<Standing>, CommandError> {
    Ok(Standing::of(&stored.location(settings)?).await?)
}

fn database(standing: &Standing) -> Check {
    let Standing { engine, version, wanted, .. } = standing;
    if *version == 0 {
        let found = format!("{engine}, empty; the next start makes its tables");
        return Check::warning("database", found, "make a key: assay keys create --org NAME");
    }
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
        let levels = [Level::Ok, Level::Warning, Level::Failed, Level::Warning];
        assert_eq!([16, 15, 17, 0].map(level), levels);
    }

    #[test]
    fn a_clock_that_was_put_back_or_differs_from_the_database_s_is_told() {
        let level = |now| clock(&at_version(16), now).level;
        assert_eq!([995, 1_005].map(level), [Level::Ok; 2]);
        assert_eq!([994, 1_006].map(level), [Level::Failed; 2]);
        let put_back = Standing { clock: 400, ..at_version(16) };
        assert!(clock(&put_back, 400).found.contains("600 s before"));
    }
}
