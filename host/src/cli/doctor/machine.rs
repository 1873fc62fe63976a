// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the machine, or the container, grants: processors, memory, open files.

use std::path::{Path, PathBuf};

use super::check::Check;
use crate::cli::{descriptors, setup};
use crate::config::Settings;

/// Where control groups stand, version 2 [cgroups(7)].
const CONTROL_GROUPS: &str = "/sys/fs/cgroup";

pub(super) fn checks(settings: &Settings) -> Vec<Check> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let at_once = settings.service.examined_at_once();
    vec![processors(cores, at_once), memory(settings, at_once), files(settings)]
}

fn processors(cores: usize, at_once: usize) -> Check {
    let found = format!("{cores}, for {at_once} pictures at once");
    if at_once <= 2 * cores {
        return Check::ok("processors", found);
    }
    Check::warning(
        "processors",
        found,
        "lower `server.at_once`, or set it to 0 for one a processor",
    )
}

/// Whether as many pictures as are examined at once may each take what decoding may.
fn memory(settings: &Settings, at_once: usize) -> Check {
    let each = setup::limits(settings).max_memory_bytes;
    let wanted = each.saturating_mul(u64::try_from(at_once).unwrap_or(u64::MAX));
    let Some(granted) = granted_memory() else {
        return Check::warning(
            "memory",
            "neither /proc/meminfo nor a control group tells how much there is",
            format!("let /proc be read; decoding alone may take {}", size(wanted)),
        );
    };
    let found = format!(
        "{}, of which decoding {at_once} pictures at once may take {}",
        size(granted),
        size(wanted)
    );
    if granted > wanted {
        return Check::ok("memory", found);
    }
    Check::warning("memory", found, "lower `server.at_once` or grant more memory")
}

fn files(settings: &Settings) -> Check {
    let wanted = settings.service.connections;
    let limit = descriptors::raise_limit();
    let fit = descriptors::connections_within(limit, wanted);
    let limit = limit.map_or("no limit".into(), |limit| limit.to_string());
    let found = format!("{limit}, for {fit} of {wanted} connections");
    if fit >= wanted {
        return Check::ok("open files", found);
    }
    Check::warning(
        "open files",
        found,
        "raise the limit (LimitNOFILE=, ulimit -Hn) or lower `server.connections`",
    )
}

/// The memory of the machine or of the narrowest control group that the process is in, bytes.
fn granted_memory() -> Option<u64> {
    let meminfo = std::fs::read_to_string("/proc/meminfo").ok();
    let total = meminfo.as_deref().and_then(total_memory);
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok();
    let group = groups.as_deref().and_then(own_group);
    let limits = group.into_iter().flat_map(|group| {
        let folders = group.ancestors().map(Path::to_owned).collect::<Vec<_>>();
        let inside = folders.into_iter().filter(|folder| folder.starts_with(CONTROL_GROUPS));
        inside.filter_map(|folder| std::fs::read_to_string(folder.join("memory.max")).ok())
    });
    // Where there is no limit the file says `max`.
    let limits = limits.filter_map(|text| text.trim().parse().ok());
    total.into_iter().chain(limits).min()
}

/// The machine's memory as /proc/meminfo has it: `MemTotal:  24689920 kB`.
fn total_memory(meminfo: &str) -> Option<u64> {
    let rest = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = rest.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// The folder of a process's control group, as /proc/self/cgroup has it: `0::/system.slice/assay.service`.
fn own_group(groups: &str) -> Option<PathBuf> {
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    Some(Path::new(CONTROL_GROUPS).join(path))
}

/// A number of bytes for a person.
pub(super) fn size(bytes: u64) -> String {
    const GIBIBYTE: f64 = (1_u64 << 30) as f64;
    format!("{:.1} GiB", bytes as f64 / GIBIBYTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_of_memory_is_read() {
        assert_eq!(
            total_memory("MemTotal:       24689920 kB\nMemFree: 1 kB\n"),
            Some(24_689_920 << 10)
        );
        assert_eq!(total_memory("MemFree: 1 kB\n"), None);
        let group = own_group("0::/system.slice/assay.service\n").unwrap();
        assert_eq!(group, Path::new("/sys/fs/cgroup/system.slice/assay.service"));
        assert_eq!(own_group("1:memory:/a\n0::/\n").unwrap(), Path::new(CONTROL_GROUPS));
        assert_eq!(own_group("1:memory:/a\n"), None);
        assert_eq!(size(3 << 29), "1.5 GiB");
        assert!(granted_memory().is_none_or(|bytes| bytes > 1 << 20));
    }

    #[test]
    fn more_at_once_than_there_are_processors_is_told() {
        assert_eq!(processors(2, 4).advice, None);
        assert!(processors(2, 5).advice.unwrap().contains("server.at_once"));
    }
}
