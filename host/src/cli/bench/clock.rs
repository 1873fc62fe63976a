// SPDX-License-Identifier: MIT OR Apache-2.0
//! Times and memory of this process.

use std::time::{Duration, Instant};

/// Length of the system's tick [proc(5): in 1/100 s wherever Linux runs].
const TICK: Duration = Duration::from_millis(10);

/// What one piece of work took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    /// By the clock.
    pub(super) wall: Duration,
    /// Of processors, all threads together, in whole ticks: of use in sums only. None where the system
    /// does not tell.
    pub(super) cpu: Option<Duration>,
}

/// CPU time of all threads of this process so far.
fn cpu() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    // User and system time [proc(5): fields 14 and 15].
    let ticks = fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<u32>().ok());
    Some(TICK * ticks.sum::<Option<u32>>()?)
}

/// Does `work`, and tells what it took. What other threads of the process do meanwhile counts.
pub(super) fn time<T>(work: impl FnOnce() -> T) -> (T, Taken) {
    let (start, before) = (Instant::now(), cpu());
    let made = work();
    let wall = start.elapsed();
    let cpu = cpu().zip(before).map(|(after, before)| after.saturating_sub(before));
    (made, Taken { wall, cpu })
}

/// The most memory that this process held, bytes; `None` where the system does not tell [proc(5): VmHWM].
pub(super) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}
