// SPDX-License-Identifier: MIT OR Apache-2.0
//! The further images of a Multi-Picture file.
//!
//! **What it tests.** Whether the images that the file lists behind its first one are there: gain maps, large
//! thumbnails, stereo views, parts of panoramas.
//!
//! **Why it works.** Cameras and phones write the list and the images together. A program that saves the
//! picture again and copies the segments that it does not know keeps the list and drops the images, or moves
//! them from where the list says that they are.
//!
//! **When it does not apply.** There is no list, as in most files. A download that was cut off lacks images
//! too. Some developers of raw pictures write gain maps: that all are there is a weak sign of a camera.
//!
//! **Constants and their source.** None here; [`assay_signal::jpeg::MultiPicture`] reads the list.
//!
//! **References.** CIPA DC-007-2021 (Multi-Picture Format); Ultra HDR Image Format 1.1; ISO 21496-1:2025.

use assay_plugin_api::finding::{Finding, Severity};
use assay_signal::jpeg::{ListedPicture, PictureState};

use super::Cue;
use crate::account::Account;
use crate::judgement::Evidence;

/// The images in one line: `primary, gain map`.
pub(crate) fn words(account: &Account) -> Option<String> {
    let pictures = listed(account);
    (!pictures.is_empty()).then(|| kinds(pictures.iter()))
}

/// The cue of the images that are listed.
pub(crate) fn cues(account: &Account) -> Vec<Cue> {
    let pictures = listed(account);
    let further = pictures.iter().filter(|picture| picture.offset > 0);
    let (there, missing): (Vec<_>, Vec<_>) =
        further.partition(|picture| picture.state == PictureState::Present);
    if !missing.is_empty() {
        let of = there.len() + missing.len();
        let text = format!(
            "The file lists {of} further image{} and {} of them {} not where it says ({}): saved again \
             by a program that kept the list, or cut off.",
            if of == 1 { "" } else { "s" },
            missing.len(),
            if missing.len() == 1 { "is" } else { "are" },
            kinds(missing.iter().copied()),
        );
        let finding = Finding::new("jpeg.pictures.missing", Severity::Notice, text)
            .value("listed", count(of))
            .value("missing", count(missing.len()));
        return vec![Cue::new(finding, Evidence::PicturesMissing)];
    }
    if there.is_empty() {
        return Vec::new();
    }
    let text = format!(
        "The file holds the further images that it lists, as cameras and phones write them ({}).",
        kinds(there.iter().copied())
    );
    let finding = Finding::new("jpeg.pictures.present", Severity::Info, text)
        .value("listed", count(there.len()));
    vec![Cue::new(finding, Evidence::PicturesPresent)]
}

fn listed(account: &Account) -> &[ListedPicture] {
    let pictures = account.jpeg.as_ref().and_then(|jpeg| jpeg.pictures.as_ref());
    pictures.map_or(&[], |pictures| pictures.pictures.as_slice())
}

/// The kinds of some images, each once.
fn kinds<'a>(pictures: impl Iterator<Item = &'a ListedPicture>) -> String {
    let mut kinds: Vec<&str> = Vec::new();
    for picture in pictures {
        if !kinds.contains(&picture.kind.words()) {
            kinds.push(picture.kind.words());
        }
    }
    kinds.join(", ")
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lib_tests::account_of;
    use crate::synth::{jpeg, multi_picture};

    fn told(file: &[u8]) -> Vec<(String, Evidence)> {
        let cues = cues(&account_of(file));
        cues.iter().map(|cue| (cue.finding.code.to_string(), cue.evidence)).collect()
    }

    #[test]
    fn a_gain_map_that_is_there_speaks_for_a_camera() {
        let file = multi_picture(0x05_0000);
        assert_eq!(told(&file), [("jpeg.pictures.present".into(), Evidence::PicturesPresent)]);
        assert_eq!(words(&account_of(&file)).as_deref(), Some("primary, gain map"));
    }

    #[test]
    fn a_list_whose_images_were_dropped_or_cut_is_told() {
        let file = multi_picture(0x01_0002);
        let first = file.len() - jpeg(&[]).len();
        for cut in [first, file.len() - 2] {
            let told = told(&file[..cut]);
            assert_eq!(told, [("jpeg.pictures.missing".into(), Evidence::PicturesMissing)]);
        }
    }

    #[test]
    fn a_file_without_a_list_says_nothing() {
        assert!(told(&jpeg(&[])).is_empty());
        assert_eq!(words(&account_of(&jpeg(&[]))), None);
        assert!(told(&jpeg(&[(0xe2, b"MPF\0II*\0\xff\xff\xff\xff")])).is_empty());
    }
}
