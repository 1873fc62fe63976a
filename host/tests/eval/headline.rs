// SPDX-License-Identifier: MIT OR Apache-2.0
//! A headline is said where it clears the floors, and refused where it does not.

use assay::eval::headline::Headline;
use assay::eval::manifest::{Picture, Truth};
use assay::eval::random::Random;
use assay::eval::record::{Carried, Examined};
use assay::eval::summary::{Beside, Rows, SeriesSummary, TierSummary};
use assay::eval::tiers::Tier;

use crate::tables::{examined, picture, policy};

/// What may differ between pictures besides the truth.
#[derive(Clone, Copy, Default)]
struct Leak {
    format: bool,
    metadata: bool,
    /// Of the score, by source.
    cameras: f64,
    sources: usize,
}

/// Twenty pictures a class in each source; the detector sees `signal`.
fn rows(signal: f64, leak: Leak) -> Vec<(Picture, Examined)> {
    let mut random = Random::new(11);
    let mut rows = Vec::new();
    for index in 0..leak.sources * 40 {
        let truth = [Truth::AiGenerated, Truth::Authentic][index % 2];
        let is_positive = truth == Truth::AiGenerated;
        let source = index / 40;
        let side = if is_positive { signal } else { -signal };
        let camera = leak.cameras * source as f64;
        let score = (0.4 + side + camera + 0.1 * random.normal()).clamp(0.0, 1.0);
        let format = if leak.format && is_positive { "PNG" } else { "JPEG" };
        let mut one = examined(Some(score), None, format);
        if leak.metadata && !is_positive {
            one.facts.metadata = Carried { exif: 900, names_camera: true, ..Carried::default() };
        }
        rows.push((picture(index, truth, ["a", "b", "c", "d", "e", "f"][source]), one));
    }
    rows
}

fn measured(rows: &[(Picture, Examined)], control: &[(Picture, Examined)]) -> SeriesSummary {
    let of = |rows: &[(Picture, Examined)]| -> Vec<(Picture, Examined)> { rows.to_vec() };
    let (rows, control) = (of(rows), of(control));
    let pairs: Rows<'_> = rows.iter().map(|(p, e)| (p, e)).collect();
    let control = control.iter().map(|(p, e)| (p, e)).collect();
    let beside = Beside { control, ..Beside::default() };
    let tier = TierSummary::of(Tier::Q90, &pairs, &beside, &policy());
    tier.series.into_iter().find(|series| series.name == "gan").unwrap()
}

fn headline(signal: f64, leak: Leak) -> Headline {
    let found = measured(&rows(signal, leak), &[]).headline;
    assert_eq!(found.value.is_some(), found.refused.is_none());
    found
}

#[track_caller]
fn assert_refused(headline: &Headline, floor: &str) {
    let why = headline.refused.as_deref().unwrap_or("said");
    assert!(why.contains(floor), "{headline:?}");
    assert!(headline.floors.iter().any(|f| why.contains(f.name) && !f.is_cleared), "{headline:?}");
}

const SIX: Leak = Leak { format: false, metadata: false, cameras: 0.0, sources: 6 };

#[test]
fn detector_of_traces_has_a_headline() {
    let found = headline(0.15, SIX);
    assert!(found.value.unwrap() > 0.9 && found.interval.is_some(), "{found:?}");
    let names: Vec<_> = found.floors.iter().map(|floor| floor.name).collect();
    assert_eq!(names, ["chance", "size, format, quality, metadata", "real against real"]);
}

#[test]
fn detector_that_says_nothing_has_none() {
    assert_refused(&headline(0.0, SIX), "does not clear chance");
}

#[test]
fn detector_that_is_no_better_than_formats_or_metadata_has_none() {
    let floor = "size, format, quality, metadata 1.000";
    assert_refused(&headline(0.15, Leak { format: true, ..SIX }), floor);
    assert_refused(&headline(0.15, Leak { metadata: true, ..SIX }), floor);
}

#[test]
fn detector_that_tells_cameras_as_well_has_none() {
    assert_refused(&headline(0.07, Leak { cameras: 0.1, ..SIX }), "real against real");
}

#[test]
fn detector_of_content_has_none() {
    let seen = rows(0.15, SIX);
    assert_refused(&measured(&seen, &seen).headline, "content alone");
    let blind = rows(0.0, SIX);
    assert!(measured(&seen, &blind).headline.value.is_some());
}

#[test]
fn one_source_has_no_headline() {
    let found = headline(0.15, Leak { sources: 1, ..SIX });
    assert!(found.refused.unwrap().contains("one source has both classes"));
}
