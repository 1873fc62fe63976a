// SPDX-License-Identifier: MIT OR Apache-2.0
//! What took how long, as a table with a bar for each stage, from where it began to where it ended.

use std::fmt;
use std::time::{Duration, Instant};

use serde_json::{json, Value};

use crate::stage::Stage;

/// Columns of a stage's name.
const NAME_COLUMNS: usize = 14;
/// Columns of a bar that takes the whole time.
const BAR_COLUMNS: usize = 48;

/// The stages of one picture, in the order in which they began.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    start: Option<Instant>,
    whole: Duration,
    stages: Vec<Stage>,
}

impl Timeline {
    pub(crate) fn of(stages: impl Iterator<Item = Stage>) -> Self {
        let mut stages: Vec<_> = stages.collect();
        stages.sort_by_key(|stage| stage.start);
        let start = stages.first().map(|stage| stage.start);
        let ends = stages.iter().map(|stage| stage.start + stage.took);
        let whole = start.zip(ends.max()).map_or(Duration::ZERO, |(start, end)| end - start);
        Self { start, whole, stages }
    }

    /// When a stage began, from the first one on.
    fn offset(&self, stage: &Stage) -> Duration {
        self.start.map_or(Duration::ZERO, |start| stage.start.saturating_duration_since(start))
    }

    /// The stages as objects: name, beginning and length in ms.
    pub(crate) fn to_json(&self) -> Value {
        let rounded = |time| (milliseconds(time) * 1e3).round() / 1e3;
        let stage = |stage: &Stage| {
            json!({
                "stage": stage.name,
                "start_ms": rounded(self.offset(stage)),
                "took_ms": rounded(stage.took),
            })
        };
        self.stages.iter().map(stage).collect()
    }

    /// The bar of a stage: spaces up to its beginning, then at least one mark.
    fn bar(&self, stage: &Stage) -> String {
        let column = |time: Duration| {
            let share = time.as_secs_f64() / self.whole.as_secs_f64().max(f64::MIN_POSITIVE);
            (share * BAR_COLUMNS as f64).round() as usize
        };
        let offset = self.offset(stage);
        let from = column(offset).min(BAR_COLUMNS - 1);
        let to = column(offset + stage.took).clamp(from + 1, BAR_COLUMNS);
        format!("{}{}", " ".repeat(from), "█".repeat(to - from))
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {:NAME_COLUMNS$} {:>9} {:>9}", "stage", "from ms", "took ms")?;
        for stage in &self.stages {
            let (from, took) = (milliseconds(self.offset(stage)), milliseconds(stage.took));
            let (name, bar) = (&stage.name, self.bar(stage));
            writeln!(f, "  {name:NAME_COLUMNS$} {from:9.1} {took:9.1} {bar}")?;
        }
        writeln!(f, "  {:NAME_COLUMNS$} {:9} {:9.1}", "whole", "", milliseconds(self.whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_stand_where_they_began_and_are_as_long_as_they_took() {
        let start = Instant::now();
        let stage = |name: &str, from, took| Stage {
            name: name.into(),
            start: start + Duration::from_millis(from),
            took: Duration::from_millis(took),
        };
        let stages = [stage("noise", 50, 50), stage("fetch", 0, 0), stage("decode", 0, 50)];
        let timeline = Timeline::of(stages.into_iter());
        let lines: Vec<_> = timeline.to_string().lines().map(str::to_owned).collect();
        let half = BAR_COLUMNS / 2;
        assert!(lines[1].ends_with("fetch                0.0       0.0 █"), "{}", lines[1]);
        assert!(lines[2].ends_with(&format!("50.0 {}", "█".repeat(half))), "{}", lines[2]);
        let bar = format!("50.0 {}{}", " ".repeat(half), "█".repeat(half));
        assert!(lines[3].ends_with(&bar), "{}", lines[3]);
        assert!(lines[4].ends_with("100.0"), "{}", lines[4]);
        assert_eq!(timeline.to_json()[2]["stage"], "noise");
        assert_eq!(timeline.to_json()[2]["start_ms"], 50.0);
    }

    #[test]
    fn nothing_done_takes_no_time() {
        let timeline = Timeline::of(std::iter::empty());
        assert_eq!(timeline.to_json(), json!([]));
        assert_eq!(timeline.to_string().lines().count(), 2);
    }
}
