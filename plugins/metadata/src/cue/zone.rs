// SPDX-License-Identifier: MIT OR Apache-2.0
//! The camera's clock against the satellites' and the place.
//!
//! **What it tests.** Whether the clock's difference from the satellites' time is a time zone, the zone
//! that EXIF names, and one that the place could have.
//!
//! **Why it works.** The receiver's time is UTC and its place is where the camera was; a capture time
//! written in later, or a place, is rarely changed in all fields.
//!
//! **When it does not apply.** No satellite time or place. Receivers keep a last fix for hours, and
//! clocks are set wrong: only differences beyond a day's zones, or an hour and more from the zone that the
//! file itself names, count, and they count little.
//!
//! **Constants and their source.** Zones lie from UTC-12 to UTC+14 (IANA tz database). The legal time is at
//! most [`MOST_FROM_SUN_H`] from the sun's: western China is 3.3 h ahead, plus an hour of summer time.
//!
//! **References.** Exif 3.0 §4.6.7 (GPS), §4.6.6.3 (offsets).

use assay_plugin_api::finding::{Finding, Severity};

use super::{times, Cue};
use crate::account::Account;
use crate::judgement::Evidence;

const HOUR_S: f64 = 3_600.0;
/// Zones of the world, hours ahead of UTC, with a quarter of an hour for a fix that is not of the moment.
const ZONES_H: std::ops::RangeInclusive<f64> = -12.25..=14.25;
/// Most by which a legal time is ahead of or behind the sun's, hours.
const MOST_FROM_SUN_H: f64 = 4.5;
/// Most by which the satellites' time and the zone that EXIF names disagree, hours: an old fix.
const MOST_FROM_OFFSET_H: f64 = 1.0;

/// The cue of a clock that is no zone ahead of UTC, or one of another place.
pub(crate) fn cues(account: &Account) -> Vec<Cue> {
    let Some(place) = account.exif.as_ref().map(|exif| exif.place) else { return Vec::new() };
    let Some(taken) = times::exif_time(account, "DateTimeOriginal") else { return Vec::new() };
    let named_h = taken.offset_seconds().map(|seconds| seconds as f64 / HOUR_S);
    let ahead_h = place.utc.map(|utc| taken.local.duration_since(utc).as_secs() as f64 / HOUR_S);
    let (text, hours) = match (ahead_h, named_h) {
        (Some(ahead), _) if !ZONES_H.contains(&ahead) => (
            format!(
                "The capture time is {:.0} hours from the satellites' time: more than any time zone.",
                ahead.abs()
            ),
            ahead,
        ),
        (Some(ahead), Some(named)) if (ahead - named).abs() > MOST_FROM_OFFSET_H => (
            format!(
                "EXIF names the time zone UTC{named:+.1} h, and the satellites' time makes it \
                 UTC{ahead:+.1} h."
            ),
            ahead - named,
        ),
        (ahead, named) => {
            let (zone, longitude) = match (named.or(ahead), place.longitude) {
                (Some(zone), Some(longitude)) => (zone, longitude),
                _ => return Vec::new(),
            };
            // Across the date line the same clock is a day ahead or behind.
            let from_sun = (zone - longitude / 15.0 + 12.0).rem_euclid(24.0) - 12.0;
            if from_sun.abs() <= MOST_FROM_SUN_H {
                return Vec::new();
            }
            let text = format!(
                "The capture time is of the zone UTC{zone:+.1} h, {:.0} hours from the place's.",
                from_sun.abs()
            );
            (text, from_sun)
        }
    };
    let finding = Finding::new("exif.inconsistent.time_zone", Severity::Notice, text)
        .value("hours_apart", hours);
    vec![Cue::new(finding, Evidence::PlaceContradicts)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lib_tests::account_of;
    use crate::synth::{jpeg_with_exif, Exif};

    fn sentence(exif: &Exif) -> Option<String> {
        cues(&account_of(&jpeg_with_exif(exif))).pop().map(|cue| cue.sentence)
    }

    /// Taken at 10:00 on the camera's clock, at this longitude and satellite time.
    fn shot(degrees_east: i32, utc: (u32, u32), date: &str) -> Exif {
        Exif::camera().gps_fix(degrees_east, utc, date)
    }

    #[test]
    fn a_clock_of_the_places_zone_agrees() {
        assert_eq!(sentence(&Exif::camera()), None);
        assert_eq!(sentence(&shot(11, (8, 0), "2024:05:01")), None, "summer in Munich");
        assert_eq!(sentence(&shot(76, (2, 0), "2024:05:01")), None, "western China");
        assert_eq!(sentence(&shot(-157, (20, 0), "2024:05:01")), None, "Hawaii");
        assert_eq!(sentence(&shot(-157, (20, 0), "2024:04:30")), None, "across the date line");
    }

    #[test]
    fn a_clock_days_away_is_no_zone() {
        let far = sentence(&shot(11, (8, 0), "2024:04:28")).unwrap();
        assert!(far.contains("74 hours") && far.contains("more than any time zone"), "{far}");
    }

    #[test]
    fn a_zone_of_another_place_contradicts() {
        let other = sentence(&shot(140, (15, 0), "2024:05:01")).unwrap();
        assert!(
            other.contains("UTC-5.0 h, 10 hours from the place's") || other.contains("14 hours"),
            "{other}"
        );
        assert!(!other.contains("140"), "no coordinates: {other}");
    }

    #[test]
    fn the_zone_that_exif_names_must_be_the_satellites() {
        let named = |offset: &str| shot(11, (8, 0), "2024:05:01").sub_text(0x9011, offset);
        assert_eq!(sentence(&named("+02:00")), None);
        let other = sentence(&named("+08:00")).unwrap();
        assert!(other.contains("UTC+8.0 h") && other.contains("UTC+2.0 h"), "{other}");
    }
}
