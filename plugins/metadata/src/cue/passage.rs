// SPDX-License-Identifier: MIT OR Apache-2.0
//! The way that the file took: screens, messengers, social networks.
//!
//! **What it tests.** Whether the file was made by photographing a screen's content, or was passed on by
//! a service that takes metadata away.
//!
//! **Why it works.** Such programs leave a mark, or sizes that no camera has. What they strip is then
//! explained, and absent EXIF is no evidence at all.
//!
//! **When it does not apply.** Sizes are a hint, not a proof: other programs scale to round numbers too. So
//! a passage never speaks against a picture; it only takes the weight of absent EXIF away.
//!
//! **Constants and their source.** Facebook and Instagram write an IPTC instruction that begins with
//! [`META_INSTRUCTION`], Facebook a colour profile of its own, `c2`. Systems call their screenshots by name ([`SCREENSHOTS`]). [`SCREENS`] are the
//! screens of phones in pixels, by their makers' data sheets, that cameras and generators don't share.
//! [`LONGEST_SIDES`] are sizes to which services scale: O. Giudice, A. Paratore, M. Moltisanti,
//! S. Battiato, *A Classification Engine for Image Ballistics of Social Data*, ICIAP 2017, table 1, and the
//! services' help pages.
//!
//! **References.** R. Caldelli, R. Becarelli, I. Amerini, *Image Origin Classification Based on Social
//! Network Provenance*, IEEE TIFS 2017.

use assay_plugin_api::finding::{Finding, Severity};

use super::{profile, Cue};
use crate::account::{Account, Place};
use crate::judgement::Evidence;
use crate::text::has_words;

/// Start of the instruction that Meta's services write.
const META_INSTRUCTION: &str = "FBMD";
/// Where and by which words a screenshot names itself.
const SCREENSHOTS: &[(Place, &str, &str)] = &[
    (Place::Exif, "UserComment", "screenshot"),
    (Place::Exif, "ImageDescription", "screenshot"),
    (Place::Xmp, "xmp:CreatorTool", "snipping tool"),
    (Place::PngText, "Software", "gnome-screenshot"),
    (Place::PngText, "Software", "spectacle"),
    (Place::PngText, "Software", "flameshot"),
    (Place::PngText, "Software", "sharex"),
    (Place::PngText, "Software", "greenshot"),
    (Place::PngText, "Software", "screenshot"),
    (Place::PngText, "Title", "screenshot"),
];
/// Screens of phones, px, the shorter side first.
const SCREENS: &[(u32, u32)] = &[
    (640, 1136),
    (750, 1334),
    (828, 1792),
    (1080, 2220),
    (1080, 2280),
    (1080, 2340),
    (1080, 2400),
    (1125, 2436),
    (1170, 2532),
    (1179, 2556),
    (1206, 2622),
    (1242, 2208),
    (1242, 2688),
    (1284, 2778),
    (1290, 2796),
    (1320, 2868),
    (1440, 2960),
    (1440, 3040),
    (1440, 3200),
];
/// Longest sides of pictures that services scale, px.
const LONGEST_SIDES: &[u32] = &[960, 1080, 1280, 1440, 1600, 2048, 2560, 4096];

/// The cue of a passage, the surest one only.
pub(crate) fn cues(account: &Account) -> Vec<Cue> {
    marked(account).or_else(|| sized(account)).into_iter().collect()
}

fn marked(account: &Account) -> Option<Cue> {
    let says = |(place, key, words): &(Place, &str, &str)| {
        account.statements.find(*place, key).is_some_and(|text| has_words(text, words))
    };
    if SCREENSHOTS.iter().any(says) {
        let text = "The file says that it is a screenshot.";
        return Some(cue("provenance.screenshot", Severity::Notice, text));
    }
    let instruction = account.statements.find(Place::Iptc, "SpecialInstructions");
    let is_of_meta = instruction.is_some_and(|text| text.starts_with(META_INSTRUCTION));
    (is_of_meta || profile::is_of_facebook(account)).then(|| {
        let text = "The file was passed on by Facebook or Instagram, which take metadata away.";
        cue("provenance.passed_on", Severity::Notice, text)
    })
}

fn sized(account: &Account) -> Option<Cue> {
    let (width, height) = account.size?;
    let (short, long) = (width.min(height), width.max(height));
    if account.exif.is_some() || account.xmp_present {
        return None;
    }
    if SCREENS.contains(&(short, long)) {
        let text = format!("No metadata, and the size of a phone's screen ({width}x{height} px).");
        return Some(cue("provenance.screen_size", Severity::Info, text));
    }
    let jpeg = account.jpeg.as_ref()?;
    let is_scaled = LONGEST_SIDES.contains(&long) && jpeg.is_ijg;
    let halves_chroma = jpeg.structure.as_ref().is_some_and(|s| s.subsampling == "4:2:0");
    (is_scaled && halves_chroma).then(|| {
        let text = format!(
            "No metadata, and a longest side of {long} px, to which social networks and messengers \
             scale."
        );
        cue("provenance.service_size", Severity::Info, text)
    })
}

fn cue(code: &'static str, severity: Severity, text: impl Into<String>) -> Cue {
    Cue::new(Finding::new(code, severity, text.into()), Evidence::Passage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lib_tests::account_of;
    use crate::synth::{icc_profile, jpeg, jpeg_with_exif, jpeg_with_iptc, png_texts, Exif};

    fn codes(file: &[u8]) -> Vec<String> {
        cues(&account_of(file)).iter().map(|cue| cue.finding.code.to_string()).collect()
    }

    fn of_size(size: (u32, u32)) -> Vec<String> {
        let mut account = account_of(&png_texts(&[]));
        account.size = Some(size);
        cues(&account).iter().map(|cue| cue.finding.code.to_string()).collect()
    }

    #[test]
    fn a_screenshot_that_says_so_is_one() {
        let file = jpeg_with_exif(&Exif::default().user_comment("Screenshot"));
        assert_eq!(codes(&file), ["provenance.screenshot"]);
        let text = png_texts(&[("Software", "gnome-screenshot")]);
        assert_eq!(codes(&text), ["provenance.screenshot"]);
        assert!(codes(&png_texts(&[("Description", "How to take a Screenshot")])).is_empty());
    }

    #[test]
    fn a_networks_instruction_is_a_passage() {
        assert_eq!(codes(&jpeg_with_iptc(40, "FBMD01000a9")), ["provenance.passed_on"]);
        assert!(codes(&jpeg_with_iptc(40, "Do not crop")).is_empty());
    }

    #[test]
    fn facebooks_colour_profile_is_a_passage() {
        let file = |copyright| {
            let profile = icc_profile("c2", copyright, "lcms");
            jpeg(&[(0xe2, &[b"ICC_PROFILE\0\x01\x01".as_slice(), &profile].concat())])
        };
        assert_eq!(codes(&file("FB")), ["provenance.passed_on"]);
        assert!(codes(&file("somebody")).is_empty());
    }

    #[test]
    fn a_screens_size_is_a_hint_either_way_round() {
        assert_eq!(of_size((1170, 2532)), ["provenance.screen_size"]);
        assert_eq!(of_size((2532, 1170)), ["provenance.screen_size"]);
        assert!(of_size((1024, 1024)).is_empty());
    }

    #[test]
    fn a_camera_or_a_size_of_its_own_is_no_passage() {
        assert!(codes(&jpeg_with_exif(&Exif::camera())).is_empty());
        assert!(codes(&jpeg(&[])).is_empty());
    }
}
