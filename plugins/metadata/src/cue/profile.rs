// SPDX-License-Identifier: MIT OR Apache-2.0
//! The colour profile against the camera.
//!
//! **What it tests.** Whether the profile is one that programs write, or another maker's, where EXIF names a
//! camera.
//!
//! **Why it works.** A camera embeds its maker's profile, a common one, or none. Programs embed that of the
//! library they are built on, and EXIF stays as it was.
//!
//! **When it does not apply.** The profile that nearly everybody copies, `sRGB IEC61966-2.1`, says nothing,
//! nor does Google's of 2023, which Android writes on phones of all makers. A profile tells who saved the
//! file, not what was changed.
//!
//! **Constants and their source.** [`OWNERS`]: profiles seen in 624 labelled photographs and 900 files of test
//! collections. Of 89 camera originals that name a maker none has a program's profile (upper 95 % bound
//! 4.1 %); one has another maker's: Canon's, saved by a program of Apple. Of 110 photographs with a maker that
//! went through ordinary software 5 have a program's; most have `sRGB IEC61966-2.1`, as cameras do.
//!
//! **References.** ICC.1:2022 §7.2; N. Krawetz, *A Picture's Worth…*, 2007, §3.

use assay_plugin_api::finding::{Finding, Severity};

use super::Cue;
use crate::account::{Account, Place};
use crate::block::icc::Profile;
use crate::judgement::Evidence;
use crate::text::shown;

/// Which field of the profile is looked at.
#[derive(Clone, Copy)]
enum Field {
    Creator,
    Copyright,
    Description,
}

/// Whose profile it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    /// A program's.
    Program,
    /// A service's.
    Service,
    /// A camera maker's, by a word of its name in EXIF.
    Maker(&'static str),
    /// Everybody writes it.
    Anyone,
}

/// Field, how its value begins, whose it is, in words. The first row that fits counts.
const OWNERS: &[(Field, &str, Owner, &str)] = &[
    (Field::Description, "c2", Owner::Service, "Facebook"),
    (Field::Description, "GIMP ", Owner::Program, "GIMP"),
    (Field::Creator, "lcms", Owner::Program, "a program with Little CMS"),
    (Field::Creator, "jxl", Owner::Program, "libjxl"),
    (Field::Creator, "ADBE", Owner::Program, "Adobe"),
    (Field::Copyright, "Copyright Artifex", Owner::Program, "a program of Artifex"),
    (
        Field::Copyright,
        "Google Inc. 2016",
        Owner::Program,
        "Chrome, Android or another program with Skia",
    ),
    (Field::Creator, "GOOG", Owner::Anyone, "Google"),
    (Field::Creator, "appl", Owner::Maker("apple"), "Apple"),
    (Field::Creator, "MNLT", Owner::Maker("minolta"), "Minolta"),
    (Field::Description, "Nikon ", Owner::Maker("nikon"), "Nikon"),
    (Field::Creator, "HP", Owner::Anyone, "Hewlett-Packard"),
];

/// Whose profile the file has, where the table knows it.
pub(crate) fn owner(account: &Account) -> Option<&'static str> {
    known(account.profile.as_ref()?).map(|(_, words)| words)
}

/// Whether Facebook wrote the profile.
pub(super) fn is_of_facebook(account: &Account) -> bool {
    let profile = account.profile.as_ref();
    profile.is_some_and(|p| p.copyright == "FB" && p.description.starts_with("c2"))
}

fn known(profile: &Profile) -> Option<(Owner, &'static str)> {
    let row = OWNERS.iter().find(|(field, start, ..)| {
        let value = match field {
            Field::Creator => &profile.creator,
            Field::Copyright => &profile.copyright,
            Field::Description => &profile.description,
        };
        value.starts_with(start)
    });
    row.map(|(_, _, owner, words)| (*owner, *words))
}

/// The cue of a profile that the camera did not write.
pub(crate) fn cues(account: &Account) -> Vec<Cue> {
    let profile = account.profile.as_ref();
    let Some((profile, (owner, words))) = profile.and_then(|p| Some((p, known(p)?))) else {
        return Vec::new();
    };
    let Some(make) = account.statements.find(Place::Exif, "Make") else { return Vec::new() };
    let name = &profile.description;
    let (code, evidence, text) = match owner {
        Owner::Program | Owner::Service => (
            "icc.of_program",
            Evidence::ProfileOfProgram,
            format!(
                "EXIF names a camera and the colour profile \"{name}\" is one that {words} writes."
            ),
        ),
        Owner::Maker(maker) if !make.to_lowercase().contains(maker) => (
            "icc.of_other_maker",
            Evidence::Resaver,
            format!(
                "EXIF names the maker \"{}\" beside the colour profile \"{name}\" of {words}: saved by a \
                 program or device of {words}.",
                shown(make)
            ),
        ),
        Owner::Maker(_) | Owner::Anyone => return Vec::new(),
    };
    let finding = Finding::new(code, Severity::Notice, text)
        .value("profile", name.as_str())
        .value("owner", words);
    vec![Cue::new(finding, evidence)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lib_tests::account_of;
    use crate::synth::{icc_profile, jpeg, Exif};

    /// Code of the cue for a profile beside a maker's EXIF.
    fn told(make: &str, (name, copyright, creator): (&str, &str, &str)) -> Option<String> {
        let profile =
            [b"ICC_PROFILE\0\x01\x01".as_slice(), &icc_profile(name, copyright, creator)].concat();
        let exif = [b"Exif\0\0".as_slice(), &Exif::camera().text(271, make).block()].concat();
        let account = account_of(&jpeg(&[(0xe1, &exif), (0xe2, &profile)]));
        cues(&account).first().map(|cue| cue.finding.code.to_string())
    }

    #[test]
    fn profiles_of_programs_beside_a_camera_are_told() {
        for profile in [
            ("GIMP built-in sRGB", "Public Domain", "lcms"),
            ("sRGB built-in", "No copyright, use freely", "lcms"),
            ("sRGB", "Google Inc. 2016", ""),
            ("Adobe RGB (1998)", "Copyright 1999 Adobe Systems", "ADBE"),
            ("c2", "FB", "lcms"),
        ] {
            assert_eq!(told("Acme", profile).as_deref(), Some("icc.of_program"), "{profile:?}");
        }
    }

    #[test]
    fn a_makers_profile_is_told_beside_another_maker_only() {
        let apple = ("Display P3", "Copyright Apple Inc., 2022", "appl");
        assert_eq!(told("Canon", apple).as_deref(), Some("icc.of_other_maker"));
        assert_eq!(told("Apple", apple), None);
        let nikon = ("Nikon sRGB 4.0.0.3000", "Nikon Inc.", "");
        assert_eq!(told("NIKON CORPORATION", nikon), None);
    }

    #[test]
    fn profiles_that_everybody_writes_and_unknown_ones_say_nothing() {
        let common = ("sRGB IEC61966-2.1", "Copyright (c) 1998 Hewlett-Packard Company", "HP  ");
        assert_eq!(told("Acme", common), None);
        assert_eq!(told("Samsung", ("sRGB IEC61966-2.1", "(c) 2023 Google Inc.", "GOOG")), None);
        assert_eq!(told("Acme", ("Acme RGB", "Acme", "ACME")), None);
    }

    #[test]
    fn a_profile_without_a_cameras_name_is_an_attribute_only() {
        let profile = [b"ICC_PROFILE\0\x01\x01".as_slice(), &icc_profile("c2", "FB", "lcms")];
        let account = account_of(&jpeg(&[(0xe2, &profile.concat())]));
        assert!(cues(&account).is_empty());
        assert_eq!(owner(&account), Some("Facebook"));
    }
}
