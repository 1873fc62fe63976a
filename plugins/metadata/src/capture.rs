// SPDX-License-Identifier: MIT OR Apache-2.0
//! What EXIF says of the capture, as attributes: lens, exposure, times, size. Read as it stands and not
//! judged here; the cues compare it.

use assay_plugin_api::report::Report;

use crate::account::{Account, Place};
use crate::cue::times::exif_time;
use crate::text::shown;

/// Adds lens, exposure and times, `Null` where EXIF does not give them.
pub(crate) fn add(report: Report, account: &Account) -> Report {
    let said = |key| account.statements.find(Place::Exif, key).map(shown);
    let time = |field| exif_time(account, field).map(|moment| moment.text());
    let facts = account.exif.as_ref();
    let shot = facts.map(|exif| exif.shot).unwrap_or_default();
    let size = facts.and_then(|exif| exif.size);
    report
        .attribute("lens_model", said("LensModel"))
        .attribute("digitised_at", time("DateTimeDigitized"))
        .attribute("changed_at", time("DateTime"))
        .attribute("time_offset", said("OffsetTimeOriginal"))
        .attribute("exposure_time_s", shot.exposure_s)
        .attribute("f_number", shot.f_number)
        .attribute("iso", shot.iso)
        .attribute("flash_fired", shot.flash)
        .attribute("focal_length_mm", shot.focal_mm)
        .attribute("focal_length_35mm_mm", shot.focal_35_mm)
        .attribute("maker_note_present", facts.is_some_and(|exif| exif.maker_note))
        .attribute("exif_width", size.map(|(width, _)| width))
        .attribute("exif_height", size.map(|(_, height)| height))
}

#[cfg(test)]
mod tests {
    use assay_plugin_api::report::{Score, Value};

    use super::*;
    use crate::lib_tests::account_of;
    use crate::synth::{jpeg, jpeg_with_exif, Exif};

    fn attribute(report: &Report, name: &str) -> Value {
        let found = report.attributes.iter().find(|attribute| attribute.name == name);
        found.unwrap_or_else(|| panic!("{name}")).value.clone()
    }

    #[test]
    fn the_capture_of_a_camera_is_said_and_absent_fields_are_null() {
        let exif = Exif::camera()
            .sub_text(0xa434, "35mm F1.8")
            .sub_text(0x9011, "+02:00")
            .sub_ratio(0x829a, &[(1, 4)])
            .sub_short(0x8827, 200);
        let report = add(Report::new(Score::clamped(0.5)), &account_of(&jpeg_with_exif(&exif)));
        assert_eq!(attribute(&report, "lens_model"), "35mm F1.8".into());
        assert_eq!(attribute(&report, "time_offset"), "+02:00".into());
        assert_eq!(attribute(&report, "changed_at"), "2024-05-01T10:00:00".into());
        assert_eq!(attribute(&report, "exposure_time_s"), Value::Real(0.25));
        assert_eq!(attribute(&report, "iso"), Value::Real(200.0));
        assert_eq!(attribute(&report, "f_number"), Value::Null);
        assert_eq!(attribute(&report, "maker_note_present"), true.into());
        assert_eq!(attribute(&report, "exif_width"), 64_u32.into());
        let none = add(Report::new(Score::clamped(0.5)), &account_of(&jpeg(&[])));
        assert_eq!(attribute(&none, "maker_note_present"), false.into());
        let absent = |a: &&assay_plugin_api::report::Attribute| a.value == Value::Null;
        assert_eq!(none.attributes.iter().filter(absent).count(), 12);
    }
}
