// SPDX-License-Identifier: MIT OR Apache-2.0
//! Colour profiles [ICC.1:2022 §7, §9, §10]: who made the profile, not what it says of colours.

use crate::number::{array, be32, slice};
use crate::text::decoded_utf16;
use crate::text::{decoded, shown};

/// Bytes of the header.
const HEADER_BYTES: usize = 128;
/// Signature of every profile, in its header.
const SIGNATURE: [u8; 4] = *b"acsp";
/// Most tags visited.
const MAX_TAGS: usize = 128;
/// Longest text read, bytes.
const MAX_TEXT_BYTES: usize = 512;

/// Who made a profile. Texts are cleaned for a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    /// The profile's name.
    pub description: String,
    /// Whose it is.
    pub copyright: String,
    /// Signature of the colour management that is preferred, `lcms`.
    pub cmm: String,
    /// Signature of the device's maker, `APPL`.
    pub maker: String,
    /// Signature of the profile's creator.
    pub creator: String,
}

/// Reads a profile; `None` where it is none.
pub(crate) fn read(profile: &[u8]) -> Option<Profile> {
    if array(profile, 36) != Some(SIGNATURE) {
        return None;
    }
    let signature = |at| array::<4>(profile, at).map(|bytes| cleaned(&bytes)).unwrap_or_default();
    Some(Profile {
        description: text(profile, *b"desc").unwrap_or_default(),
        copyright: text(profile, *b"cprt").unwrap_or_default(),
        cmm: signature(4),
        maker: signature(48),
        creator: signature(80),
    })
}

/// Four letters without the zeros and spaces that fill them up.
fn cleaned(bytes: &[u8]) -> String {
    shown(decoded(bytes).trim_matches(['\0', ' ']))
}

/// The text of a tag: of the types of versions 2 and 4, in the first language.
fn text(profile: &[u8], wanted: [u8; 4]) -> Option<String> {
    let count = usize::try_from(be32(profile, HEADER_BYTES)?).ok()?.min(MAX_TAGS);
    let (at, length) = (0..count).find_map(|index| {
        let at = HEADER_BYTES + 4 + index * 12;
        (array(profile, at)? == wanted).then_some((be32(profile, at + 4)?, be32(profile, at + 8)?))
    })?;
    let value = slice(profile, usize::try_from(at).ok()?, length)?;
    let bounded = |at: usize, length: u32| {
        let length = usize::try_from(length).ok()?.min(MAX_TEXT_BYTES);
        value.get(at..at.checked_add(length)?)
    };
    let text = match value.get(..4)? {
        b"desc" => decoded(bounded(12, be32(value, 8)?)?),
        b"text" => decoded(bounded(8, u32::try_from(value.len().checked_sub(8)?).ok()?)?),
        b"mluc" => {
            let (length, at) = (be32(value, 20)?, be32(value, 24)?);
            decoded_utf16(bounded(usize::try_from(at).ok()?, length)?)
        }
        _ => return None,
    };
    Some(shown(text.trim_matches('\0')))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::synth::icc_profile;

    #[test]
    fn name_and_makers_of_a_profile_are_read() {
        let profile = read(&icc_profile("Display P3", "Copyright Apple Inc.", "appl")).unwrap();
        assert_eq!(profile.description, "Display P3");
        assert_eq!(profile.copyright, "Copyright Apple Inc.");
        assert_eq!((profile.cmm.as_str(), profile.creator.as_str()), ("appl", "appl"));
    }

    #[test]
    fn other_bytes_are_no_profile() {
        assert_eq!(read(b""), None);
        assert_eq!(read(&[0; 200]), None);
    }

    #[test]
    fn a_tag_beyond_the_end_has_no_text() {
        let whole = icc_profile("Display P3", "Copyright Apple Inc.", "appl");
        let cut = read(&whole[..HEADER_BYTES + 30]).unwrap();
        assert_eq!(cut.description, "");
        assert_eq!(cut.cmm, "appl");
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut profile = icc_profile("sRGB", "nobody", "lcms");
            for (index, byte) in changes {
                let at = index.index(profile.len());
                profile[at] = byte;
            }
            profile.truncate(cut.index(profile.len()) + 1);
            read(&profile);
        }
    }
}
