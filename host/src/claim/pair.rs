// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether two pictures are the same one, and what was done to it.
//!
//! The movement that their corners speak for says how the one lies in the other. Copies of one capture fit it to
//! a fraction of a pixel. Two captures of one scene fit it badly, or in few corners, since the camera moved:
//! that is what any claim looks like, and it is told apart.

use super::alignment::{align, Movement};
use super::fingerprint::Fingerprint;
use super::hash;
use super::keypoints::{base_size, Keypoint};

/// Bits in which the hashes of copies of the whole picture differ at most: with four bands of 16 bits one band
/// differs in at most one bit, by which earlier pictures are found.
pub(super) const MOST_HASH_BITS: u32 = 7;
/// Largest median distance of a copy's corners from where the movement puts them, px of the larger of the two
/// scales. Of copies 97 of 100 stay below it (`docs/CLAIMS.md`).
const COPY_RESIDUAL: f64 = 0.6;
/// Smallest share of the common corners that fit, in copies.
const COPY_SHARE: f64 = 0.04;
/// Share of a picture that lies in the other from which nothing was cut off: the edges of a level are not exact.
const WHOLE: f64 = 0.97;
/// Lengths that differ by less were not resized.
const SAME_LENGTH: f64 = 0.01;
/// Smallest turn that is told, degrees.
const SMALLEST_TURN: f64 = 0.75;
/// Samples along each side by which overlaps are measured.
const SAMPLES: usize = 32;
/// How far from the edge corners are found at all, px.
const EDGE: f64 = 18.0;

/// What two pictures have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kinship {
    /// The same file, byte for byte.
    SameFile,
    /// The same capture in two files.
    SamePicture,
    /// Two captures of one scene, or of one printed picture.
    SameScene,
}

impl Kinship {
    /// The word in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SameFile => "same_file",
            Self::SamePicture => "same_picture",
            Self::SameScene => "same_scene",
        }
    }
}

/// Two pictures that have something in common. Lengths are the pictures' own px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kin {
    /// What.
    pub kinship: Kinship,
    /// Factor from the one to the other.
    pub scale: f64,
    /// Turn from the one to the other, degrees clockwise, behind mirroring.
    pub turn_degrees: f64,
    /// Whether the other is mirrored, left to right before the turn.
    pub is_mirrored: bool,
    /// Share of the one that lies in the other, 0..=1.
    pub share_of_one: f64,
    /// Share of the other that lies in the one.
    pub share_of_other: f64,
    /// Share of the corners in what they have in common that fit, 0..=1.
    pub score: f64,
    /// Expected number of false alarms, decimal logarithm; minus infinity for one file.
    pub log10_nfa: f64,
}

impl Kin {
    /// What was done to the one or the other beside saving it again: `resized`, `cropped`, `mirrored`, `turned`.
    #[must_use]
    pub fn changes(&self) -> Vec<&'static str> {
        let is_cropped = self.share_of_one.min(self.share_of_other) < WHOLE;
        let words = [
            ("resized", (self.scale - 1.0).abs() > SAME_LENGTH),
            ("cropped", is_cropped),
            ("mirrored", self.is_mirrored),
            ("turned", self.turn_degrees.abs() > SMALLEST_TURN),
        ];
        words.into_iter().filter(|(_, is_done)| *is_done).map(|(word, _)| word).collect()
    }

    /// Whether somebody did more than deliver it: cut, mirrored or turned it.
    #[must_use]
    pub fn is_altered(&self) -> bool {
        self.changes().iter().any(|change| *change != "resized")
    }

    /// Whether both are one capture.
    #[must_use]
    pub fn is_same_capture(&self) -> bool {
        self.kinship != Kinship::SameScene
    }
}

/// Bits in which the hashes of two pictures differ, in the position in which they differ least.
pub(super) fn hash_bits(one: &Fingerprint, other: &Fingerprint) -> u32 {
    let to_other = |hash: &u64| hash::distance(*hash, other.hashes[0]);
    one.hashes.iter().map(to_other).min().unwrap_or(u32::MAX)
}

/// Compares two pictures; `None` where they have nothing in common.
#[must_use]
pub fn compare(one: &Fingerprint, other: &Fingerprint) -> Option<Kin> {
    if one.digest == other.digest {
        return Some(Kin {
            kinship: Kinship::SameFile,
            scale: 1.0,
            turn_degrees: 0.0,
            is_mirrored: false,
            share_of_one: 1.0,
            share_of_other: 1.0,
            score: 1.0,
            log10_nfa: f64::NEG_INFINITY,
        });
    }
    let (base_of_one, base_of_other) = (base(one), base(other));
    let area = base_of_other.0 * base_of_other.1;
    let found = align(&one.keypoints, &other.keypoints, area)?;
    let (there, back) = (found.movement, found.movement.inverse());
    let common = common(&one.keypoints, &there, base_of_other)
        .min(common(&other.keypoints, &back, base_of_one))
        .max(found.corners);
    let score = found.corners as f64 / common as f64;
    let residual = found.residual / there.factor().max(1.0);
    let is_copy = residual <= COPY_RESIDUAL && score >= COPY_SHARE;
    let own = |print: &Fingerprint, base: (f64, f64)| f64::from(print.width).max(1.0) / base.0;
    Some(Kin {
        kinship: if is_copy { Kinship::SamePicture } else { Kinship::SameScene },
        scale: there.factor() * own(other, base_of_other) / own(one, base_of_one),
        turn_degrees: turn_degrees(&there),
        is_mirrored: there.is_mirrored,
        share_of_one: share_within(base_of_one, &there, base_of_other),
        share_of_other: share_within(base_of_other, &back, base_of_one),
        score,
        log10_nfa: found.log10_nfa,
    })
}

/// The turn, degrees clockwise: behind a mirror that exchanges left and right, as people mirror pictures, where the
/// movement's exchanges up and down.
fn turn_degrees(movement: &Movement) -> f64 {
    let turn = movement.turn_degrees();
    if !movement.is_mirrored {
        return turn;
    }
    if turn > 0.0 {
        turn - 180.0
    } else {
        turn + 180.0
    }
}

fn base(print: &Fingerprint) -> (f64, f64) {
    let (width, height) = base_size(print.width, print.height);
    (width as f64, height as f64)
}

/// Corners of a picture that the movement puts where the other one, of a size, can have some.
fn common(corners: &[Keypoint], movement: &Movement, (width, height): (f64, f64)) -> usize {
    let is_within = |corner: &&Keypoint| {
        let (x, y) = movement.apply((f64::from(corner.x), f64::from(corner.y)));
        x > EDGE && y > EDGE && x < width - EDGE && y < height - EDGE
    };
    corners.iter().filter(is_within).count()
}

/// Share of a picture of one size that the movement puts into one of another.
fn share_within((width, height): (f64, f64), movement: &Movement, other: (f64, f64)) -> f64 {
    let at = |index: usize, length: f64| (index as f64 + 0.5) / SAMPLES as f64 * length;
    let spots = (0..SAMPLES).flat_map(|row| (0..SAMPLES).map(move |column| (column, row)));
    let is_within = |(column, row): &(usize, usize)| {
        let (x, y) = movement.apply((at(*column, width), at(*row, height)));
        (0.0..=other.0).contains(&x) && (0.0..=other.1).contains(&y)
    };
    spots.filter(is_within).count() as f64 / (SAMPLES * SAMPLES) as f64
}

#[cfg(test)]
mod tests {
    use assay_conformance::synth::{Camera, Picture, Scene};
    use assay_plugin_api::finding::Region;

    use sha2::{Digest as _, Sha256};

    use super::super::facts::Facts;
    use super::super::fingerprint::Look;
    use super::*;
    use crate::image::resave;

    fn photo(seed: u64) -> Picture {
        Camera::with_body(seed).shoot(&Scene::new(seed).light(480, 360), seed)
    }

    /// The fingerprint of a picture that was saved as JPEG 80.
    fn saved(picture: &Picture) -> Fingerprint {
        let (width, height) = (picture.width as u32, picture.height as u32);
        let pixels = resave::picture(width, height, picture.rgb.as_slice()).unwrap();
        let file = resave::jpeg(&pixels, 80).unwrap();
        let read = image::load_from_memory(&file).unwrap().to_rgb8().into_raw();
        let luma = Picture { rgb: read, ..*picture }.luma();
        Look::of(Sha256::digest(&file).into(), &luma, (width, height)).with(Facts::default())
    }

    fn turned(picture: &Picture) -> Picture {
        let Picture { width, height, .. } = *picture;
        Picture::from_fn(height, width, |x, y| picture.pixel(y, height - 1 - x))
    }

    fn mirrored(picture: &Picture) -> Picture {
        let Picture { width, height, .. } = *picture;
        Picture::from_fn(width, height, |x, y| picture.pixel(width - 1 - x, y))
    }

    fn same(one: &Picture, other: &Picture) -> Kin {
        let kin = compare(&saved(one), &saved(other)).expect("they are the same picture");
        assert_eq!(kin.kinship, Kinship::SamePicture, "{kin:?}");
        kin
    }

    #[test]
    fn a_crop_says_which_part_it_is_of() {
        let photo = photo(11);
        let crop = photo.crop(Region { x: 60, y: 40, width: 300, height: 240 });
        let kin = same(&photo, &crop);
        assert_eq!(kin.changes(), ["cropped"]);
        assert!((kin.share_of_one - 300.0 * 240.0 / (480.0 * 360.0)).abs() < 0.03, "{kin:?}");
        assert!(kin.share_of_other > 0.98 && (kin.scale - 1.0).abs() < 0.01 && kin.is_altered());
    }

    #[test]
    fn a_mirrored_or_turned_picture_is_the_same_and_says_so() {
        let photo = photo(12);
        assert_eq!(same(&photo, &mirrored(&photo)).changes(), ["mirrored"]);
        let kin = same(&photo, &turned(&photo));
        assert_eq!(kin.changes(), ["turned"]);
        assert!((kin.turn_degrees - 90.0).abs() < 0.5, "{kin:?}");
    }

    #[test]
    fn a_smaller_picture_is_the_same_at_its_factor() {
        let photo = photo(13);
        let (width, height) = (480, 360);
        let pixels = resave::picture(width, height, photo.rgb.as_slice()).unwrap();
        let small = resave::reduced(&pixels, 0.6);
        let (width, height) = small.dimensions();
        let small =
            Picture { width: width as usize, height: height as usize, rgb: small.into_raw() };
        let kin = same(&photo, &small);
        assert_eq!(kin.changes(), ["resized"]);
        assert!((kin.scale - 0.6).abs() < 0.01 && !kin.is_altered(), "{kin:?}");
    }

    #[test]
    fn other_scenes_have_nothing_in_common() {
        let prints: Vec<_> = (20..26).map(|seed| saved(&photo(seed))).collect();
        for (index, one) in prints.iter().enumerate() {
            for other in &prints[index + 1..] {
                assert_eq!(compare(one, other), None);
            }
        }
    }

    #[test]
    fn one_file_is_the_same_file() {
        let print = saved(&photo(14));
        let kin = compare(&print, &print).unwrap();
        assert_eq!((kin.kinship, kin.changes().len()), (Kinship::SameFile, 0));
    }
}
