// SPDX-License-Identifier: MIT OR Apache-2.0
//! The focal length against its equivalent on film and against the sensor.
//!
//! **What it tests.** Whether the focal length, the focal length that EXIF gives for 35 mm film, and the
//! sensor's width belong to one camera.
//!
//! **Why it works.** Their ratio is the sensor's size, which lies between that of a large studio camera
//! and that of a small phone, and which the resolution in the focal plane gives a second time.
//!
//! **When it does not apply.** Fields are missing. A picture that was made smaller has a sensor too small
//! by its resolution, which is no contradiction; cameras bin and zoom, so that only a large difference the
//! other way counts.
//!
//! **Constants and their source.** [`FACTORS`]: 54 mm wide sensors to 1/6 inch ones, with half a step
//! of room; [`MOST_APART`]: twice a digital zoom that is not told.
//!
//! **References.** Exif 3.0 §4.6.6.7, FocalLengthIn35mmFilm, FocalPlaneXResolution.

use assay_plugin_api::finding::{Finding, Severity};

use super::Cue;
use crate::account::Account;
use crate::judgement::Evidence;

/// How much larger film can be than a sensor.
const FACTORS: std::ops::RangeInclusive<f64> = 0.5..=20.0;
/// Most by which two accounts of that differ.
const MOST_APART: f64 = 4.0;

/// The cue of a lens that fits no sensor, or another one than the file's.
pub(crate) fn cues(account: &Account) -> Vec<Cue> {
    let Some(shot) = account.exif.as_ref().map(|exif| exif.shot) else { return Vec::new() };
    let Some(factor) = shot.crop_factor() else { return Vec::new() };
    let text = if !FACTORS.contains(&factor) {
        format!("EXIF's focal lengths ask for a sensor {factor:.2} times smaller than film, which no camera has.")
    } else {
        match shot.crop_factor_of_sensor() {
            Some(other) if factor > MOST_APART * other => format!(
                "EXIF's focal lengths are of a sensor {factor:.1} times smaller than film, its \
                 resolution of one {other:.1} times smaller."
            ),
            _ => return Vec::new(),
        }
    };
    let finding = Finding::new("exif.inconsistent.focal_length", Severity::Notice, text)
        .value("crop_factor", factor);
    vec![Cue::new(finding, Evidence::ShotContradicts)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lib_tests::account_of;
    use crate::synth::{jpeg_with_exif, Exif};

    fn contradicts(exif: &Exif) -> bool {
        !cues(&account_of(&jpeg_with_exif(exif))).is_empty()
    }

    fn lens(focal_mm: u32, on_film_mm: u16) -> Exif {
        Exif::camera().sub_ratio(0x920a, &[(focal_mm, 1)]).sub_short(0xa405, on_film_mm)
    }

    #[test]
    fn lenses_of_phones_and_studios_are_possible() {
        assert!(!contradicts(&lens(4, 26)));
        assert!(!contradicts(&lens(80, 63)));
        assert!(!contradicts(&lens(50, 0)), "unknown is no contradiction");
    }

    #[test]
    fn a_lens_that_fits_no_sensor_contradicts() {
        assert!(contradicts(&lens(200, 24)));
        assert!(contradicts(&lens(2, 100)));
    }

    #[test]
    fn the_sensor_by_resolution_must_be_of_that_size() {
        // 64 px at 64 / 22.5 px a mm: 22.5 mm wide, 1.6 times smaller than film.
        let sensor = |exif: Exif| exif.sub_ratio(0xa20e, &[(640, 225)]).sub_short(0xa210, 4);
        assert!(!contradicts(&sensor(lens(50, 80))));
        assert!(contradicts(&sensor(lens(4, 26))));
    }
}
