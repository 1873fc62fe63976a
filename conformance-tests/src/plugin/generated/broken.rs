// SPDX-License-Identifier: MIT OR Apache-2.0
//! Damaged files and blocks of metadata beside intact planes.

use assay_plugin_api::evidence::keys;
use proptest::prelude::*;

use crate::evidence::{jpeg, Given};
use crate::synth::codec::{self, CodecError, Jpeg};
use crate::synth::{random, Exif};

/// What was done to a file. Places are shares of its length in 65,536ths.
#[derive(Clone, Debug)]
pub(super) struct Damage {
    /// Number of the original.
    original: usize,
    /// Where the file ends.
    end: Option<u16>,
    /// Bytes that were overwritten.
    bytes: Vec<(u16, u8)>,
    /// Where random bytes were put in, and how many.
    inserted: Option<(u16, u8)>,
}

/// A JPEG, a PNG, a BMP, a TIFF, a WebP of one photo, and bytes that are none.
pub(super) fn originals(seed: u64) -> Result<Vec<Given>, CodecError> {
    let mut exif = Exif::of_camera("Synthetic", "S-1", "2024:05:06 07:08:09");
    exif.position = Some([48.5, -2.25]);
    let coding = Jpeg::quality(85).exif(exif).segment(1, *b"http://ns.adobe.com/xap/1.0/\0<x:x");
    let photo = jpeg::photo(seed, 96, 72);
    let plain = jpeg::of_picture(&photo, &coding)?;
    let progressive = jpeg::of_picture(&photo, &coding.clone().progressive())?;
    let texts = [("parameters", "Steps: 20"), ("Software", "synth"), ("XML:com.adobe.xmp", "<x")];
    let files = [
        ("PNG", codec::png(&photo, &texts)?),
        ("BMP", codec::bmp(&photo)?),
        ("TIFF", codec::tiff(&photo)?),
        ("WEBP", codec::webp(&photo)?),
        ("JPEG", (0..600).map(|i| random::at(seed, i, 0).bits() as u8).collect()),
    ];
    let others = files.into_iter().map(|(format, encoded)| {
        let mut given = Given { encoded, ..Given::of_picture(&photo) };
        given.facts.insert(keys::FORMAT, format.into());
        given
    });
    Ok([plain, progressive].into_iter().chain(others).collect())
}

pub(super) fn strategy(originals: usize) -> impl Strategy<Value = Damage> {
    // The first 4,096 of 65,536ths hold the headers of a small file: half of the hits go there.
    let place = || prop_oneof![0_u16..4_096, any::<u16>()];
    let end = proptest::option::of(place());
    let bytes = proptest::collection::vec((place(), any::<u8>()), 0..12);
    let inserted = proptest::option::of((place(), any::<u8>()));
    (0..originals, end, bytes, inserted).prop_map(|(original, end, bytes, inserted)| Damage {
        original,
        end,
        bytes,
        inserted,
    })
}

impl Damage {
    pub(super) fn make(&self, originals: &[Given]) -> Given {
        let mut given = originals.get(self.original).cloned().unwrap_or_default();
        self.apply(&mut given.encoded);
        for blob in given.blobs.values_mut() {
            self.apply(blob);
        }
        given
    }

    fn apply(&self, file: &mut Vec<u8>) {
        let place = |share: u16, length: usize| length * usize::from(share) / 65_536;
        for &(at, byte) in &self.bytes {
            let at = place(at, file.len());
            if let Some(old) = file.get_mut(at) {
                *old = byte;
            }
        }
        if let Some((at, count)) = self.inserted {
            let at = place(at, file.len());
            let bytes =
                (0..usize::from(count)).map(|i| random::at(u64::from(count), i, at).bits() as u8);
            let bytes: Vec<u8> = bytes.collect();
            file.splice(at..at, bytes);
        }
        if let Some(end) = self.end {
            file.truncate(place(end, file.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_overwrites_inserts_and_cuts() {
        let damage = |end, bytes: &[(u16, u8)], inserted| Damage {
            original: 0,
            end,
            bytes: bytes.to_vec(),
            inserted,
        };
        let apply = |damage: Damage| {
            let mut file = vec![1, 2, 3, 4];
            damage.apply(&mut file);
            file
        };
        assert_eq!(apply(damage(None, &[(0, 9), (0x8000, 8)], None)), [9, 2, 8, 4]);
        assert_eq!(apply(damage(Some(0x8000), &[], None)), [1, 2]);
        assert_eq!(apply(damage(None, &[], Some((0x4000, 5)))).len(), 9);
        let mut empty = Vec::new();
        damage(Some(7), &[(3, 3)], Some((9, 0))).apply(&mut empty);
        assert!(empty.is_empty());
    }
}
