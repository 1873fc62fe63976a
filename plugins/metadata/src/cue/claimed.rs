// SPDX-License-Identifier: MIT OR Apache-2.0
//! The file's times against the request's claim.
//!
//! **What it tests.** Whether the picture was taken, or the file made, at another time than
//! `context.claimed_at` says, or the file was already changed before the claimed time.
//!
//! **Why it works.** An old picture is often handed in for a new event; its times are seldom
//! changed.
//!
//! **When it does not apply.** A camera with a wrong clock looks the same. Where a zone is unknown
//! every zone is allowed, so that only what holds in all of them is told.
//!
//! **Constants and their source.** The tolerance is a parameter, one day by default: claims name a
//! day from memory.
//!
//! **References.** RFC 3339 for the claim; Exif 3.0, XMP Part 1 and IPTC IIM 4.2 for the times.

use assay_plugin_api::finding::{Finding, Severity};

use super::times::exif_time;
use super::Cue;
use crate::account::{Account, Place};
use crate::judgement::Evidence;
use crate::time::{read, Moment, Reading};

const DAY_S: i64 = 86_400;

/// What a time is the time of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// Light fell on the sensor.
    Taken,
    /// The file was made.
    Made,
    /// The file was changed; it may be long after.
    Changed,
}

/// Times beside EXIF's, from the most to the least telling.
const FURTHER: [(Place, &str, Event); 8] = [
    (Place::Xmp, "exif:DateTimeOriginal", Event::Taken),
    (Place::Xmp, "photoshop:DateCreated", Event::Taken),
    (Place::Iptc, "DateCreated", Event::Taken),
    (Place::Xmp, "xmp:CreateDate", Event::Made),
    (Place::PngText, "Creation Time", Event::Made),
    (Place::PngText, "date:create", Event::Made),
    (Place::Xmp, "xmp:ModifyDate", Event::Changed),
    (Place::PngText, "tIME", Event::Changed),
];

/// The most telling time of the file.
fn best_time(account: &Account) -> Option<(Moment, Event)> {
    let further = |wanted: Event| {
        let mut rows = FURTHER.into_iter().filter(move |(.., event)| *event == wanted);
        rows.find_map(|(place, key, _)| match read(account.statements.find(place, key)?, None) {
            Reading::At(moment) => Some(moment),
            _ => None,
        })
    };
    let taken = exif_time(account, "DateTimeOriginal")
        .or_else(|| exif_time(account, "DateTimeDigitized"))
        .or_else(|| further(Event::Taken));
    let made = || further(Event::Made).map(|moment| (moment, Event::Made));
    let changed = || exif_time(account, "DateTime").or_else(|| further(Event::Changed));
    taken
        .map(|moment| (moment, Event::Taken))
        .or_else(made)
        .or_else(|| changed().map(|moment| (moment, Event::Changed)))
}

/// The time at which the picture was taken, as the file says.
pub(crate) fn taken_at(account: &Account) -> Option<Moment> {
    best_time(account).filter(|(_, event)| *event == Event::Taken).map(|(moment, _)| moment)
}

/// The cue of a time that contradicts the claim by more than `tolerance_s`.
pub(crate) fn cues(account: &Account, claim: Option<&Moment>, tolerance_s: i64) -> Vec<Cue> {
    let (Some(claim), Some((moment, event))) = (claim, best_time(account)) else {
        return Vec::new();
    };
    let after_s = moment.seconds_after(claim);
    let contradicts = match event {
        Event::Taken | Event::Made => after_s.abs() > tolerance_s,
        // A file changed after the event is no surprise; one changed before it shows something else.
        Event::Changed => after_s < -tolerance_s,
    };
    if !contradicts {
        return Vec::new();
    }
    let what = match event {
        Event::Taken => "Capture",
        Event::Made => "File creation",
        Event::Changed => "File modification",
    };
    let side = if after_s > 0 { "after" } else { "before" };
    let days = after_s.abs() / DAY_S;
    let (date, claimed) = (moment.date(), claim.date());
    let text = format!(
        "{what} timestamp {date} is inconsistent with the claimed date {claimed}: at least {days} \
         days {side} it."
    );
    let finding = Finding::new("exif.inconsistent.claimed_date", Severity::Warning, text)
        .value("file_time", moment.text())
        .value("claimed_at", claim.text())
        .value("days", if after_s > 0 { days } else { -days });
    let said = format!("{what} timestamp {date} is inconsistent with the claimed date {claimed}.");
    vec![Cue::new(finding, Evidence::ClaimContradicted).said(said)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lib_tests::account_of;
    use crate::synth::{jpeg_with_exif, jpeg_with_iptc, png_texts, Exif};
    use crate::time;

    fn contradicts(file: &[u8], claim: &str) -> bool {
        !cues(&account_of(file), time::claimed(claim).as_ref(), DAY_S).is_empty()
    }

    #[test]
    fn a_capture_within_a_day_in_some_zone_agrees() {
        let file = jpeg_with_exif(&Exif::camera());
        for claim in [
            "2024-05-01",
            "2024-05-02",
            "2024-04-30",
            "2024-05-01T10:00:00Z",
            "2024-05-02T18:00:00+02:00",
        ] {
            assert!(!contradicts(&file, claim), "{claim}");
        }
        for claim in ["2024-05-05", "2024-04-01", "2020-01-01T00:00:00Z"] {
            assert!(contradicts(&file, claim), "{claim}");
        }
    }

    #[test]
    fn a_known_zone_narrows_the_comparison() {
        let known = Exif::camera().sub_text(0x9011, "+00:00");
        // Taken at 10:00 UTC; 25 hours before the claim.
        assert!(contradicts(&jpeg_with_exif(&known), "2024-05-02T11:00:01Z"));
        assert!(!contradicts(&jpeg_with_exif(&Exif::camera()), "2024-05-02T11:00:01Z"));
    }

    #[test]
    fn a_later_change_is_no_contradiction_and_an_earlier_one_is() {
        let changed = jpeg_with_exif(&Exif::default().text(306, "2024:05:01 10:00:00"));
        assert!(!contradicts(&changed, "2024-01-01"));
        assert!(contradicts(&changed, "2024-06-01"));
    }

    #[test]
    fn times_of_other_standards_count() {
        assert!(contradicts(&jpeg_with_iptc(55, "20240501"), "2024-06-01"));
        assert!(contradicts(
            &png_texts(&[("date:create", "2024-05-01T10:00:00+00:00")]),
            "2024-01-01"
        ));
    }

    #[test]
    fn without_a_claim_or_a_time_there_is_no_cue() {
        let file = jpeg_with_exif(&Exif::camera());
        assert!(cues(&account_of(&file), None, DAY_S).is_empty());
        assert!(!contradicts(&png_texts(&[]), "2024-06-01"));
    }
}
