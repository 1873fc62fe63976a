// SPDX-License-Identifier: MIT OR Apache-2.0
//! Memory does not grow with the number of calls or of detectors.

use std::ops::Range;
use std::time::{Duration, Instant};

use super::{detect, keeps, Case, Trial};
use crate::case::Problem;
use crate::evidence::{jpeg, Given};

pub(super) const CASES: &[Case] = &[
    Case {
        id: "no-leak-in-calls",
        group: "limits",
        description:
            "Up to 1,000 calls on a small picture, as many as 10 s allow, take no memory for good.",
        clause: keeps("No call and no detector keeps memory for good."),
        run: calls,
    },
    Case {
        id: "no-leak-in-detectors",
        group: "limits",
        description: "100 detectors made and dropped take no memory for good.",
        clause: keeps("No call and no detector keeps memory for good."),
        run: detectors,
    },
];

const CALLS: usize = 1_000;
/// Time after which a tenth of the calls is enough.
const ENOUGH: Duration = Duration::from_secs(10);
/// Calls before the first measurement: caches fill, the allocator finds its size.
const WARM_UP_CALLS: usize = 200;
const DETECTORS: usize = 100;
const WARM_UP_DETECTORS: usize = 10;
/// Growth that passes, KiB: 4 KiB a call or 40 KiB a detector; an allocator's own unrest is less.
const MOST_GROWTH_KIB: u64 = 4 * 1024;

fn calls(trial: &Trial<'_>) -> Result<(), Problem> {
    let (_plugin, detector) = trial.detector()?;
    let given = Given::of_picture(&jpeg::photo(trial.seed(), 264, 264));
    let grown = growth(WARM_UP_CALLS, CALLS, |call| {
        trial.at(&format!("call {call}"));
        drop(detect(&detector, &given));
        Ok(())
    })?;
    judge(grown, "calls on a picture of 264x264 px")
}

fn detectors(trial: &Trial<'_>) -> Result<(), Problem> {
    let plugin = trial.open()?;
    let given = Given::of_picture(&jpeg::photo(trial.seed(), 264, 264));
    let grown = growth(WARM_UP_DETECTORS, DETECTORS, |number| {
        trial.at(&format!("detector {number}"));
        let made = plugin.create(&[]);
        let detector = made.map_err(|e| Problem::skipped(format!("no detector: {e}")))?;
        drop(detect(&detector, &given));
        Ok(())
    })?;
    judge(grown, "100 detectors made, asked once and dropped")
}

fn judge(grown: u64, what: &str) -> Result<(), Problem> {
    if grown <= MOST_GROWTH_KIB {
        return Ok(());
    }
    Err(Problem::failed(format!(
        "{what}: expected at most {MOST_GROWTH_KIB} KiB more memory, found {grown} KiB"
    )))
}

/// KiB that the process grew by over `count` turns after `warm_up` turns; of slow turns over a tenth of
/// them. Where that is too much it is measured again over the next `count`: a leak takes as much once more, an
/// allocator that has found another arena for a thread does not.
fn growth(
    warm_up: usize,
    count: usize,
    mut turn: impl FnMut(usize) -> Result<(), Problem>,
) -> Result<u64, Problem> {
    let mut take = |turns: Range<usize>| {
        let (begun, fewest) = (Instant::now(), turns.start + turns.len() / 10);
        let is_wanted = |number: &usize| *number < fewest || begun.elapsed() < ENOUGH;
        turns.take_while(is_wanted).try_for_each(&mut turn)
    };
    take(0..warm_up)?;
    let mut grown_after = |begun: usize| -> Result<u64, Problem> {
        let before = resident_kib()?;
        take(begun..begun + count)?;
        Ok(resident_kib()?.saturating_sub(before))
    };
    let grown = grown_after(warm_up)?;
    if grown <= MOST_GROWTH_KIB {
        return Ok(grown);
    }
    Ok(grown.min(grown_after(warm_up + count)?))
}

/// Memory of this process that is in RAM, KiB.
fn resident_kib() -> Result<u64, Problem> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| Problem::skipped("this system does not tell a process's memory"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn kept_memory_is_measured() {
        let mut kept = Vec::new();
        let grown = growth(1, 8, |turn| {
            kept.push(vec![turn as u8 | 1; 8 << 20]);
            Ok(())
        });
        // Eight times 8 MiB, less what the allocator had in reserve and other tests gave back.
        assert!(grown.unwrap() > 32 * 1024, "kept {}", kept.len());
    }
}
