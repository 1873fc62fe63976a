// SPDX-License-Identifier: MIT OR Apache-2.0
//! The file's times against each other and the calendar.
//!
//! **What it tests.** Whether a time cannot be; whether the file was changed before it was taken;
//! whether it was changed after it was taken.
//!
//! **Why it works.** A camera writes all its times at one moment from one clock. A program that
//! saves the file later moves `DateTime` and leaves `DateTimeOriginal`.
//!
//! **When it does not apply.** Transfer programs and rotation in a viewer move `DateTime` too:
//! changed is not falsified. EXIF's times have no zone unless the offset fields are there.
//!
//! **Constants and their source.** A camera needs at most minutes between capture and file
//! ([`MAX_WRITING_S`]; long exposures, merged exposures). Clocks around the world differ by at most
//! 26 hours ([`MAX_ZONES_S`]).
//!
//! **References.** Exif 3.0 §4.6.5.4 and §4.6.6.3.

use assay_plugin_api::finding::{Finding, Severity};

use super::Cue;
use crate::account::{Account, Place};
use crate::judgement::Evidence;
use crate::time::{read, Moment, Reading};

/// Longest time between a camera's first and last time stamp, s.
const MAX_WRITING_S: i64 = 10 * 60;
/// Largest difference between two clocks that show the same instant, s.
const MAX_ZONES_S: i64 = 26 * 3_600;

/// EXIF's times with the field of their offset.
const FIELDS: [(&str, &str); 3] = [
    ("DateTime", "OffsetTime"),
    ("DateTimeOriginal", "OffsetTimeOriginal"),
    ("DateTimeDigitized", "OffsetTimeDigitized"),
];

/// How one of EXIF's times reads.
fn reading(account: &Account, (field, offset): (&str, &str)) -> Reading {
    let text = account.statements.find(Place::Exif, field).unwrap_or_default();
    read(text, account.statements.find(Place::Exif, offset))
}

/// One of EXIF's times.
pub(crate) fn exif_time(account: &Account, field: &str) -> Option<Moment> {
    let field = FIELDS.into_iter().find(|(name, _)| *name == field)?;
    match reading(account, field) {
        Reading::At(moment) => Some(moment),
        _ => None,
    }
}

/// Whether all three of EXIF's times are there and show the same.
pub(crate) fn are_of_one_moment(account: &Account) -> bool {
    let times = FIELDS.map(|(name, _)| exif_time(account, name).map(|moment| moment.local));
    times[0].is_some() && times.iter().all(|time| *time == times[0])
}

/// All cues of the file's times.
pub(crate) fn cues(account: &Account) -> Vec<Cue> {
    let mut cues = impossible(account);
    let taken = exif_time(account, "DateTimeOriginal");
    let changed = exif_time(account, "DateTime");
    if let Some((taken, changed)) = taken.zip(changed) {
        let later_s = changed.clock_seconds_after(&taken);
        if later_s < -MAX_ZONES_S {
            cues.push(order(&taken, &changed));
        } else if later_s > MAX_WRITING_S {
            cues.push(later(&taken, &changed, later_s));
        }
    }
    cues
}

fn impossible(account: &Account) -> Vec<Cue> {
    let fields = FIELDS.into_iter().filter(|&field| reading(account, field) == Reading::Impossible);
    let names: Vec<_> = fields.map(|(name, _)| name).collect();
    if names.is_empty() {
        return Vec::new();
    }
    let text = format!("EXIF has a time that no calendar has ({}).", names.join(", "));
    let code = "exif.inconsistent.impossible_time";
    vec![Cue::new(Finding::new(code, Severity::Warning, text), Evidence::TimesContradict)]
}

fn order(taken: &Moment, changed: &Moment) -> Cue {
    let text = format!(
        "The file was last changed on {}, before it was taken on {}.",
        changed.date(),
        taken.date()
    );
    let finding = Finding::new("exif.inconsistent.time_order", Severity::Warning, text)
        .value("taken_at", taken.text())
        .value("changed_at", changed.text());
    Cue::new(finding, Evidence::TimesContradict)
}

fn later(taken: &Moment, changed: &Moment, later_s: i64) -> Cue {
    let text = if changed.date() == taken.date() {
        format!(
            "The file was changed on {} at {}, after it was taken at {}.",
            changed.date(),
            changed.clock(),
            taken.clock()
        )
    } else {
        format!(
            "The file was changed on {}, after it was taken on {}.",
            changed.date(),
            taken.date()
        )
    };
    let finding = Finding::new("exif.inconsistent.modified_later", Severity::Warning, text)
        .value("taken_at", taken.text())
        .value("changed_at", changed.text())
        .value("later_s", later_s);
    Cue::new(finding, Evidence::ModifiedLater)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lib_tests::account_of;
    use crate::synth::{jpeg_with_exif, Exif};

    fn codes(changed: &str, taken: &str) -> Vec<String> {
        let exif =
            Exif::camera().text(306, changed).sub_text(0x9003, taken).sub_text(0x9004, taken);
        let cues = cues(&account_of(&jpeg_with_exif(&exif)));
        cues.iter().map(|cue| cue.finding.code.to_string()).collect()
    }

    #[test]
    fn equal_times_and_the_seconds_of_writing_agree() {
        assert!(codes("2024:05:01 10:00:00", "2024:05:01 10:00:00").is_empty());
        assert!(codes("2024:05:01 10:00:31", "2024:05:01 10:00:00").is_empty());
    }

    #[test]
    fn a_change_after_capture_is_told() {
        assert_eq!(
            codes("2024:05:01 10:10:01", "2024:05:01 10:00:00"),
            ["exif.inconsistent.modified_later"]
        );
    }

    #[test]
    fn a_change_on_the_day_of_capture_is_told_by_the_clock() {
        let exif = Exif::camera().text(306, "2024:05:01 12:30:00");
        let cues = cues(&account_of(&jpeg_with_exif(&exif)));
        let text = cues[0].finding.text.as_str();
        assert!(text.contains("at 12:30:00, after it was taken at 10:00:00"), "{text}");
    }

    #[test]
    fn a_change_before_capture_contradicts_beyond_the_zones() {
        assert!(codes("2024:05:01 08:00:00", "2024:05:02 10:00:00").is_empty());
        assert_eq!(
            codes("2024:05:01 07:59:59", "2024:05:02 10:00:00"),
            ["exif.inconsistent.time_order"]
        );
    }

    #[test]
    fn a_thirteenth_month_is_told_and_a_blank_time_is_not() {
        assert_eq!(
            codes("2024:13:01 10:00:00", "2024:05:01 10:00:00"),
            ["exif.inconsistent.impossible_time"]
        );
        assert!(codes("    :  :     :  :  ", "2024:05:01 10:00:00").is_empty());
        assert!(codes("0000:00:00 00:00:00", "2024:05:01 10:00:00").is_empty());
    }
}
