// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is kept of a picture to recognise it by, and what its file says that a claim compares.
//!
//! **Form 1**, numbers little-endian: 1 byte form; 32 digest of the file; 8 x 8 hashes, that of the
//! picture as it is first; 4 + 4 columns and rows, px; 2 number of corners; of each 2 + 2 column and
//! row on the largest level in 64ths of a px, and 32 bits' bytes; the facts, JSON. At most 16 kB.

use assay_signal::Samples;

use super::descriptor::Descriptor;
use super::facts::Facts;
use super::hash::{self, POSITIONS};
use super::keypoints::{base_size, keypoints, Keypoint, MOST};
use super::plane;
use crate::image::evidence::ImageEvidence;

/// The form that is written.
const FORM: u8 = 1;
/// Steps of a px in which corners are kept.
const STEPS: f32 = 64.0;
/// Longest facts, bytes: their texts are cut.
const LONGEST_FACTS: usize = 6_000;

/// What is kept of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Fingerprint {
    pub(super) digest: [u8; 32],
    pub(super) hashes: [u64; POSITIONS],
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) keypoints: Vec<Keypoint>,
    /// What the file says.
    pub facts: Facts,
}

/// What a picture looks like, and which file it is: all of a fingerprint but what the file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    digest: [u8; 32],
    hashes: [u64; POSITIONS],
    width: u32,
    height: u32,
    keypoints: Vec<Keypoint>,
}

/// What fingerprints are looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    /// The perceptual hash of the picture as it is.
    pub hash: u64,
}

impl Look {
    /// That of a picture's luma, `width` columns of `height` rows, and of the SHA-256 of its file.
    #[must_use]
    pub fn of(digest: [u8; 32], luma: &[u8], (width, height): (u32, u32)) -> Self {
        let columns = usize::try_from(width).unwrap_or(usize::MAX);
        let base: Samples = plane::of_luma(luma, columns, base_size(width, height));
        let (hashes, keypoints) = (hash::hashes(&base), keypoints(&base));
        Self { digest, hashes, width, height, keypoints }
    }

    /// That of an image.
    #[must_use]
    pub fn of_image(image: &ImageEvidence) -> Self {
        Self::of(image.sha256(), image.luma(), (image.width(), image.height()))
    }

    /// The fingerprint of which this is a part.
    #[must_use]
    pub fn with(self, facts: Facts) -> Fingerprint {
        let Self { digest, hashes, width, height, keypoints } = self;
        Fingerprint { digest, hashes, width, height, keypoints, facts }
    }
}

impl Fingerprint {
    /// What it is looked up by.
    #[must_use]
    pub fn keys(&self) -> Keys {
        Keys { digest: self.digest, hash: self.hashes[0] }
    }

    /// The hashes of the picture in all positions.
    #[must_use]
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// The bytes that are kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let corners = self.keypoints.get(..MOST.min(self.keypoints.len())).unwrap_or_default();
        let mut bytes = vec![FORM];
        bytes.extend(self.digest);
        bytes.extend(self.hashes.iter().flat_map(|hash| hash.to_le_bytes()));
        bytes.extend([self.width, self.height].iter().flat_map(|side| side.to_le_bytes()));
        // At most `MOST`, which is far below.
        bytes.extend((corners.len() as u16).to_le_bytes());
        for corner in corners {
            let steps = |at: f32| (at * STEPS).round().clamp(0.0, f32::from(u16::MAX)) as u16;
            bytes.extend(steps(corner.x).to_le_bytes());
            bytes.extend(steps(corner.y).to_le_bytes());
            bytes.extend(corner.descriptor.0.iter().flat_map(|word| word.to_le_bytes()));
        }
        let facts = serde_json::to_vec(&self.facts).unwrap_or_default();
        if facts.len() <= LONGEST_FACTS {
            bytes.extend(facts);
        } else {
            bytes.extend(b"{}");
        }
        bytes
    }

    /// Reads what was kept; `None` where no version of ours wrote it.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut rest = Rest(bytes);
        if rest.array::<1>()? != [FORM] {
            return None;
        }
        let digest = rest.array()?;
        let mut hashes = [0; POSITIONS];
        for hash in &mut hashes {
            *hash = u64::from_le_bytes(rest.array()?);
        }
        let (width, height) =
            (u32::from_le_bytes(rest.array()?), u32::from_le_bytes(rest.array()?));
        let count = usize::from(u16::from_le_bytes(rest.array()?));
        let mut keypoints = Vec::with_capacity(count.min(MOST));
        for _ in 0..count {
            let at = |bytes| f32::from(u16::from_le_bytes(bytes)) / STEPS;
            let (x, y) = (at(rest.array()?), at(rest.array()?));
            let mut words = [0; 4];
            for word in &mut words {
                *word = u64::from_le_bytes(rest.array()?);
            }
            keypoints.push(Keypoint { x, y, descriptor: Descriptor(words) });
        }
        let facts = serde_json::from_slice(rest.0).ok()?;
        Some(Self { digest, hashes, width, height, keypoints, facts })
    }
}

impl Keys {
    /// Those of a kept fingerprint; `None` where no version of ours wrote it.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = Rest(bytes);
        let is_known = rest.array::<1>()? == [FORM];
        let (digest, hash) = (rest.array()?, u64::from_le_bytes(rest.array()?));
        is_known.then_some(Self { digest, hash })
    }
}

/// Bytes that have not been read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }
}

#[cfg(test)]
mod tests {
    use assay_conformance::synth::{Camera, Scene};
    use proptest::prelude::*;

    use super::*;

    fn fingerprint() -> Fingerprint {
        let picture = Camera::with_body(3).shoot(&Scene::new(3).light(400, 320), 3);
        let facts = Facts { make: Some("Acme".into()), ..Facts::default() };
        Look::of([7; 32], &picture.luma(), (400, 320)).with(facts)
    }

    #[test]
    fn what_is_kept_reads_back_and_is_small() {
        let made = fingerprint();
        let bytes = made.to_bytes();
        assert!(made.keypoints.len() > 50 && bytes.len() < 16_384, "{}", bytes.len());
        let read = Fingerprint::parse(&bytes).unwrap();
        assert_eq!((read.keys(), &read.facts), (made.keys(), &made.facts));
        assert_eq!(read.keypoints.len(), made.keypoints.len());
        assert_eq!(read.to_bytes(), bytes);
        assert_eq!(Keys::of_bytes(&bytes), Some(made.keys()));
    }

    #[test]
    fn what_is_cut_or_of_another_form_is_not_read() {
        let bytes = fingerprint().to_bytes();
        for length in [0, 1, 40, 106, 500] {
            assert_eq!(Fingerprint::parse(&bytes[..length]), None);
        }
        assert_eq!(Fingerprint::parse(&[&[2], &bytes[1..]].concat()), None);
        assert_eq!(Keys::of_bytes(&[2; 60]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Fingerprint::parse(&bytes);
            if let Some(form) = bytes.first_mut() {
                *form = FORM;
            }
            let _ = Fingerprint::parse(&bytes);
        }
    }
}
