// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the server keeps files that it must not lose: the data directory, its disk, and what images wait in.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{access, statvfs, Access};

use super::check::Check;
use super::machine::size;
use crate::cli::{setup, CommandError};
use crate::config::{Service, Settings};
use crate::depot::{Depot, Location};

/// So many of the largest batches should fit on the disk.
const BATCHES: u64 = 10;

/// `said` is where images wait if the command line or the environment says so.
pub(super) async fn checks(data: &Path, said: Option<&str>, settings: &Settings) -> Vec<Check> {
    let mut checks = vec![folder("data", data, "--data")];
    checks.extend(disk(data, &settings.service));
    checks.extend(
        blobs(said, settings).await.unwrap_or_else(|error| Some(Check::failed("blobs", error))),
    );
    checks
}

/// What images wait in, unless that is the data directory. A file is written there and removed.
async fn blobs(said: Option<&str>, settings: &Settings) -> Result<Option<Check>, CommandError> {
    let location = match setup::blobs_location(said, settings.blobs.clone())? {
        None => return Ok(None),
        Some(Location::Folder(path)) if !path.exists() => {
            return Ok(Some(folder("blobs", &path, "--blobs")));
        }
        Some(location) => location,
    };
    let found = location.to_string();
    let tried = async { Depot::open(location)?.try_writing().await }.await;
    Ok(Some(match tried {
        Ok(()) => Check::ok("blobs", found),
        Err(error) => Check::failed("blobs", error)
            .advised("see whether it is there, and what may be done with these credentials"),
    }))
}

/// A folder, or what it will be made in; `other` is how another one is chosen.
fn folder(subject: &'static str, data: &Path, other: &str) -> Check {
    let found = data.display().to_string();
    let Ok(metadata) = std::fs::metadata(data) else {
        let is_there = data.ancestors().find(|folder| folder.exists());
        return match is_there.map(|folder| access(folder, Access::WRITE_OK | Access::EXEC_OK)) {
            // The working folder is the end of a relative path.
            None | Some(Ok(())) => {
                Check::ok(subject, format!("{found}, which the first start makes"))
            }
            Some(Err(_)) => Check::failed(subject, format!("{found} cannot be made")).advised(
                format!("make it and give it to the server's user, or choose another with {other}"),
            ),
        };
    };
    if !metadata.is_dir() {
        return Check::failed(subject, format!("{found} is no folder"))
            .advised(format!("choose another with {other}"));
    }
    if access(data, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_err() {
        let advice = format!("give it to the server's user, or choose another with {other}");
        return Check::failed(subject, format!("{found} cannot be written")).advised(advice);
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        let advice = format!("chmod 700 {found}");
        return Check::warning(
            subject,
            format!("{found} can be read by others: it holds pictures and secrets"),
            advice,
        );
    }
    Check::ok(subject, found)
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

#[cfg(test)]
mod tests {
    use super::super::check::Level;
    use super::*;

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
