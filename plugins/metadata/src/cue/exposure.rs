// SPDX-License-Identifier: MIT OR Apache-2.0
//! The exposure against itself and against the picture.
//!
//! **What it tests.** Whether the two ways in which EXIF gives exposure time and aperture agree, and
//! whether a picture is bright though its exposure is right only for light that nature does not have.
//!
//! **Why it works.** A camera computes all fields from one setting. An exposure for exposure value 19
//! (f/16, 1/8000 s, ISO 25) sees sunlit snow as black.
//!
//! **When it does not apply.** Fields are missing; a flash fired, which no exposure value knows of.
//! Cameras round: to a third of a step, some to a whole one.
//!
//! **Constants and their source.** [`MOST_APART_EV`]: twice the coarsest rounding. [`BEYOND_SUN_EV`]:
//! sunlit snow is 16, the sun's own reflections 18 [ISO 2720:1974, table of exposure values];
//! [`BRIGHT`]: middle grey of an 8 bit picture is 0.46, and a picture of it can be two steps under.
//!
//! **References.** Exif 3.0 annex C, APEX units.

use assay_plugin_api::finding::{Finding, Severity};
use assay_plugin_api::plane::Luma8;

use super::Cue;
use crate::account::Account;
use crate::block::shot::Shot;
use crate::judgement::Evidence;

/// Most that two accounts of one setting are apart, steps.
const MOST_APART_EV: f64 = 2.0;
/// Exposure value that no lit scene asks for.
const BEYOND_SUN_EV: f64 = 19.0;
/// Rows between those that are averaged.
const ROW_STEP: usize = 8;
/// Mean luma of a picture that is not dark, of 1.
const BRIGHT: f64 = 0.35;

/// Mean luma of a picture, 0..=1, from rows [`ROW_STEP`] apart.
pub(crate) fn mean_luma(luma: &Luma8<'_>) -> f64 {
    let rows = luma.rows().step_by(ROW_STEP);
    let (sum, count) = rows.fold((0_u64, 0_u64), |(sum, count), row| {
        let row_sum: u64 = row.iter().map(|&value| u64::from(value)).sum();
        (sum + row_sum, count + row.len() as u64)
    });
    sum as f64 / (count.max(1) as f64 * 255.0)
}

/// Cues of the exposure; `mean_luma` is that of the picture, 0..=1.
pub(crate) fn cues(account: &Account, mean_luma: Option<f64>) -> Vec<Cue> {
    let Some(exif) = &account.exif else { return Vec::new() };
    let shot = &exif.shot;
    let mut cues = Vec::new();
    let accounts = [
        ("exposure times", shot.exposure_s.map(|time| -time.log2()), shot.shutter_apex),
        ("apertures", shot.f_number.map(|number| 2.0 * number.log2()), shot.aperture_apex),
    ];
    for (what, plain, apex) in accounts {
        let apart = plain.zip(apex).map(|(plain, apex)| (plain - apex).abs());
        if let Some(apart) = apart.filter(|&apart| apart > MOST_APART_EV) {
            // Some writers put zero or the value itself where its logarithm belongs.
            let is_unset = apex.is_some_and(|apex| apex <= 0.0)
                || apex == shot.f_number
                || apex == shot.exposure_s;
            if !is_unset {
                cues.push(two_accounts(what, apart));
            }
        }
    }
    cues.extend(mean_luma.and_then(|luma| beyond_sun(shot, luma)));
    cues
}

fn two_accounts(what: &str, apart: f64) -> Cue {
    let text = format!("EXIF gives two {what} that are {apart:.1} steps apart.");
    let finding = Finding::new("exif.inconsistent.exposure", Severity::Notice, text)
        .value("steps_apart", apart);
    Cue::new(finding, Evidence::ShotContradicts)
}

fn beyond_sun(shot: &Shot, luma: f64) -> Option<Cue> {
    let value = shot.exposure_value().filter(|&value| value > BEYOND_SUN_EV)?;
    if shot.flash != Some(false) || luma < BRIGHT {
        return None;
    }
    let text = format!(
        "EXIF's exposure (value {value:.0} at ISO 100, no flash) is right for more light than the \
         sun gives, and the picture is bright."
    );
    let finding = Finding::new("exif.inconsistent.brightness", Severity::Notice, text)
        .value("exposure_value", value)
        .value("mean_luma", luma);
    Some(Cue::new(finding, Evidence::ShotContradicts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lib_tests::account_of;
    use crate::synth::{jpeg_with_exif, Exif};

    fn codes(exif: &Exif, luma: f64) -> Vec<String> {
        let cues = cues(&account_of(&jpeg_with_exif(exif)), Some(luma));
        cues.iter().map(|cue| cue.finding.code.to_string()).collect()
    }

    /// 1/125 s at f/8 and ISO 100: value 13, sunlight behind haze.
    fn outdoors() -> Exif {
        Exif::camera()
            .sub_ratio(0x829a, &[(1, 125)])
            .sub_ratio(0x829d, &[(8, 1)])
            .sub_short(0x8827, 100)
            .sub_short(0x9209, 0)
    }

    #[test]
    fn a_setting_told_twice_agrees_within_rounding() {
        assert!(codes(&outdoors(), 0.5).is_empty());
        let agreed = outdoors().sub_signed_ratio(0x9201, (7, 1)).sub_ratio(0x9202, &[(6, 1)]);
        assert!(codes(&agreed, 0.5).is_empty());
        let unset = outdoors().sub_signed_ratio(0x9201, (0, 1)).sub_ratio(0x9202, &[(8, 1)]);
        assert!(codes(&unset, 0.5).is_empty());
    }

    #[test]
    fn two_different_settings_contradict() {
        let time = outdoors().sub_signed_ratio(0x9201, (2, 1));
        assert_eq!(codes(&time, 0.5), ["exif.inconsistent.exposure"]);
        let aperture = outdoors().sub_ratio(0x9202, &[(3, 1)]);
        assert_eq!(codes(&aperture, 0.5), ["exif.inconsistent.exposure"]);
    }

    #[test]
    fn a_bright_picture_of_more_than_sunlight_contradicts() {
        let short = outdoors().sub_ratio(0x829a, &[(1, 16_000)]);
        assert_eq!(codes(&short, 0.5), ["exif.inconsistent.brightness"]);
        assert!(codes(&short, 0.1).is_empty(), "a dark picture agrees");
        assert!(codes(&short.sub_short(0x9209, 1), 0.5).is_empty(), "a flash explains it");
    }
}
