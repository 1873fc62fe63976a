// SPDX-License-Identifier: MIT OR Apache-2.0
//! The headline of a series, if it clears the floors: what is reached without looking for any trace is no
//! achievement of a detector, and a mean that is not clearly above it is refused.

use std::collections::BTreeMap;

use serde::Serialize;

use super::estimates::Matched;
use super::floors::RealAgainstReal;
use super::interval::Interval;
use super::manifest::Picture;
use super::paired::{matched_difference, Pair};
use super::series::Sample;

/// AUC of scores that say nothing.
const CHANCE: f64 = 0.5;

/// The content-matched mean as far as it may be said.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Headline {
    /// The content-matched mean; none where it is refused or there is none.
    pub value: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
    /// Why it is refused, in words; none where it is not.
    pub refused: Option<String>,
    /// What it was held against.
    pub floors: Vec<Floor>,
}

/// A floor and how far the mean is above it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Floor {
    /// What it is.
    pub name: &'static str,
    /// Where it lies, as an AUC; of paired ones on the pictures that both have.
    pub level: f64,
    /// The mean less the level, 95 %.
    pub above: Option<Interval>,
    /// Whether the lower end of that is above 0.
    pub is_cleared: bool,
}

/// Scores of a floor by picture.
pub type FloorScores<'a> = BTreeMap<&'a Picture, f64>;

/// What a series is held against.
#[derive(Clone, Copy, Debug)]
pub struct Floors<'a> {
    /// Of the classifier on what a file is stored as.
    pub storage: &'a FloorScores<'a>,
    /// Of the series itself on content alone; empty where that was not asked for.
    pub content: &'a FloorScores<'a>,
    /// Of the series on real sources.
    pub real: Option<&'a RealAgainstReal>,
}

impl Headline {
    /// Holds a content-matched mean against its floors.
    #[must_use]
    pub fn of(matched: Option<&Matched>, samples: &[Sample<'_>], floors: Floors<'_>) -> Self {
        let Some(matched) = matched else { return Self::default() };
        let above = |level: f64| {
            let interval = matched.interval?;
            Some(Interval { low: interval.low - level, high: interval.high - level })
        };
        let mut held = vec![Floor::of("chance", CHANCE, above(CHANCE))];
        let paired = [
            ("size, format, quality, metadata", floors.storage),
            ("content alone", floors.content),
        ];
        held.extend(paired.into_iter().filter_map(|(name, scores)| below(name, samples, scores)));
        if let Some(real) = floors.real {
            let level = CHANCE + real.typical;
            held.push(Floor::of("real against real", level, above(level)));
        }
        let refused = match matched.interval {
            None => Some("one source has both classes, and its mean has no interval".to_owned()),
            Some(_) => refusal(&held),
        };
        let is_said = refused.is_none();
        Self {
            value: is_said.then_some(matched.mean),
            interval: matched.interval.filter(|_| is_said),
            refused,
            floors: held,
        }
    }
}

impl Floor {
    fn of(name: &'static str, level: f64, above: Option<Interval>) -> Self {
        Self { name, level, above, is_cleared: above.is_some_and(|above| above.low > 0.0) }
    }
}

/// A floor that has a score for the same pictures; `None` where no source has enough of both classes.
fn below(name: &'static str, samples: &[Sample<'_>], scores: &FloorScores<'_>) -> Option<Floor> {
    let mut pairs = Vec::with_capacity(samples.len());
    for Sample { scored, picture, .. } in samples {
        if let Some(floor) = scores.get(picture) {
            let (group, source) = (picture.group.as_str(), picture.source.as_str());
            let is_positive = scored.is_positive;
            pairs.push(Pair { scores: [*floor, scored.score], is_positive, group, source });
        }
    }
    let found = matched_difference(&pairs)?;
    let [level, _] = found.means.values;
    let floor = Floor::of(name, level, found.means.interval);
    // A floor that points the wrong way is no higher than chance, which is held against by itself.
    let is_cleared = floor.is_cleared || level <= CHANCE;
    Some(Floor { is_cleared, ..floor })
}

fn refusal(held: &[Floor]) -> Option<String> {
    let told = |floor: &Floor| {
        let above = floor.above.map_or_else(
            || "no interval".to_owned(),
            |above| format!("above by {:+.3} to {:+.3}", above.low, above.high),
        );
        format!("{} {:.3} ({above})", floor.name, floor.level)
    };
    let missed: Vec<_> = held.iter().filter(|floor| !floor.is_cleared).map(told).collect();
    (!missed.is_empty()).then(|| format!("does not clear {}", missed.join("; ")))
}
