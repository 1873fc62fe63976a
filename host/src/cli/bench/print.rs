// SPDX-License-Identifier: MIT OR Apache-2.0
//! What was measured, as tables or as one object.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::{json, Value};

use super::figures::{Found, Set, Spread};
use super::rate::Rate;
use crate::cli::in_order::cores;

/// Columns of a stage's name.
const NAME_COLUMNS: usize = 14;

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// Prints tables.
pub(super) fn human(mut out: impl Write, found: &Found) -> io::Result<()> {
    for set in &found.sets {
        of_set(&mut out, set)?;
    }
    if let Some(bytes) = found.peak_memory_bytes {
        writeln!(out, "most memory held: {:.0} MB", bytes as f64 / 1e6)?;
    }
    Ok(())
}

fn of_set(out: &mut impl Write, set: &Set) -> io::Result<()> {
    writeln!(out, "{}", set.name)?;
    writeln!(
        out,
        "  {:NAME_COLUMNS$} {:>9} {:>9} {:>9} {:>9}",
        "ms", "least", "median", "most", "CPU"
    )?;
    for (name, wall, cpu) in set.stages.spreads() {
        writeln!(
            out,
            "  {name:NAME_COLUMNS$} {:9.1} {:9.1} {:9.1} {}",
            milliseconds(wall.least),
            milliseconds(wall.median),
            milliseconds(wall.most),
            cpu.map_or_else(|| "        –".into(), |cpu| format!("{:9.1}", milliseconds(cpu))),
        )?;
    }
    for rate in &set.rates {
        writeln!(
            out,
            "  {} at once: {:.2} pictures a second{} ({} pictures)",
            rate.jobs,
            rate.pictures_per_second(),
            rate.cpu_seconds()
                .map_or_else(String::new, |s| format!(", {:.0} ms CPU each", s * 1e3)),
            rate.pictures,
        )?;
    }
    writeln!(out)
}

/// Prints one object.
pub(super) fn json(mut out: impl Write, found: &Found) -> io::Result<()> {
    let object = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "cores": cores(),
        "sets": found.sets.iter().map(set_json).collect::<Value>(),
        "peak_memory_bytes": found.peak_memory_bytes,
    });
    serde_json::to_writer_pretty(&mut out, &object)?;
    writeln!(out)
}

fn set_json(set: &Set) -> Value {
    let spread = |spread: Spread| {
        json!({
            "least": milliseconds(spread.least),
            "median": milliseconds(spread.median),
            "most": milliseconds(spread.most),
        })
    };
    let stages = set.stages.spreads().map(|(name, wall, cpu)| {
        json!({ "stage": name, "wall_ms": spread(wall), "mean_cpu_ms": cpu.map(milliseconds) })
    });
    let rate = |rate: &Rate| {
        json!({
            "jobs": rate.jobs,
            "pictures": rate.pictures,
            "pictures_per_second": rate.pictures_per_second(),
            "cpu_seconds_per_picture": rate.cpu_seconds(),
        })
    };
    json!({
        "name": set.name,
        "stages": stages.collect::<Value>(),
        "rates": set.rates.iter().map(rate).collect::<Value>(),
    })
}
