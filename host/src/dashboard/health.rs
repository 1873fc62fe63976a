// SPDX-License-Identifier: MIT OR Apache-2.0
//! How the detectors have answered since the process began, out of what it has measured.

use std::collections::BTreeMap;

/// The histogram of all calls of detectors.
const CALLS: &str = "assay_detector_seconds";
/// The counter of calls that a process of a detector's own ended, or that were not made because too many
/// had ended so before.
const PROCESS_FAULTS: &str = "assay_worker_faults_total{";

/// What became of one detector's calls.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Health {
    /// Those that were answered with a score.
    pub(super) scored: u64,
    /// Those on which it could not speak.
    pub(super) not_applicable: u64,
    /// Those that failed.
    pub(super) failed: u64,
    /// Those that overran their deadline.
    pub(super) late: u64,
    /// All of them together, s.
    seconds: f64,
}

impl Health {
    /// All calls.
    pub(super) fn calls(&self) -> u64 {
        self.scored + self.not_applicable + self.failed + self.late
    }

    /// How many of a hundred calls went wrong.
    pub(super) fn faults_percent(&self) -> f64 {
        100.0 * (self.failed + self.late) as f64 / self.calls().max(1) as f64
    }

    /// How long a call took on average, ms.
    pub(super) fn mean_ms(&self) -> f64 {
        1e3 * self.seconds / self.calls().max(1) as f64
    }
}

/// The health of each detector by its model key, from the text that `/metrics` gives.
pub(super) fn of_all(metrics: &str) -> BTreeMap<String, Health> {
    let mut all: BTreeMap<String, Health> = BTreeMap::new();
    for line in metrics.lines() {
        let Some((kind, labels, value)) = call(line) else { continue };
        let Some(detector) = label(labels, "detector") else { continue };
        let health = all.entry(detector.to_owned()).or_default();
        if kind == "sum" {
            health.seconds += value;
            continue;
        }
        // A count is written without a fraction.
        let calls = value as u64;
        match label(labels, "status") {
            Some("complete") => health.scored += calls,
            Some("not_applicable") => health.not_applicable += calls,
            Some("timeout") => health.late += calls,
            _ => health.failed += calls,
        }
    }
    all
}

/// How many calls each library's processes ended, by the file's name, from the same text.
pub(super) fn process_faults(metrics: &str) -> BTreeMap<&str, u64> {
    let told = metrics.lines().filter_map(|line| {
        let (labels, number) = line.strip_prefix(PROCESS_FAULTS)?.rsplit_once("} ")?;
        Some((label(labels, "library")?, number.trim().parse().ok()?))
    });
    told.collect()
}

/// `sum` or `count`, the labels and the value of a line that tells of calls.
fn call(line: &str) -> Option<(&str, &str, f64)> {
    let (kind, rest) = line.strip_prefix(CALLS)?.strip_prefix('_')?.split_once('{')?;
    let (labels, value) = rest.rsplit_once("} ")?;
    let is_told = kind == "sum" || kind == "count";
    is_told.then_some((kind, labels, value.trim().parse().ok()?))
}

fn label<'a>(labels: &'a str, name: &str) -> Option<&'a str> {
    let pairs = labels.split(',').filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(known, _)| *known == name);
    found.next().map(|(_, text)| text.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const METRICS: &str = r#"# TYPE assay_detector_seconds histogram
assay_detector_seconds_bucket{detector="gan",status="complete",le="0.001"} 7
assay_detector_seconds_sum{detector="gan",status="complete"} 1.5
assay_detector_seconds_count{detector="gan",status="complete"} 6
assay_detector_seconds_sum{detector="gan",status="timeout"} 2.5
assay_detector_seconds_count{detector="gan",status="timeout"} 2
assay_detector_seconds_count{detector="noise",status="not_applicable"} 3
assay_requests_inside 4
assay_worker_faults_total{library="libassay_x.so"} 5
"#;

    #[test]
    fn calls_are_told_by_what_became_of_them() {
        let all = of_all(METRICS);
        let gan = all["gan"];
        assert_eq!((gan.calls(), gan.scored, gan.late, gan.failed), (8, 6, 2, 0));
        assert_eq!((gan.faults_percent(), gan.mean_ms()), (25.0, 500.0));
        assert_eq!(all["noise"].not_applicable, 3);
        assert_eq!(Health::default().faults_percent(), 0.0);
        assert_eq!(process_faults(METRICS), BTreeMap::from([("libassay_x.so", 5)]));
    }
}
