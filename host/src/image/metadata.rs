// SPDX-License-Identifier: MIT OR Apache-2.0
//! The raw blocks that a file carries beside its pixels.

use exif::{Exif, In, Reader, Tag, Value};

/// Longest EXIF block that is read here, bytes: cameras' have some kilobytes and a small picture. A text of
/// zeros takes 24 times its length.
const MAX_EXIF_BYTES: usize = 4 << 20;

/// Blocks of bytes as the file has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The EXIF block, from its TIFF header on.
    pub exif: Option<Vec<u8>>,
    /// The file itself is an EXIF block, as a TIFF is; `exif` is then empty.
    pub is_exif_the_file: bool,
    /// The XMP packet.
    pub xmp: Option<Vec<u8>>,
    /// The ICC profile.
    pub icc: Option<Vec<u8>>,
}

/// Maker and model that an EXIF block names, without repeating the maker; `None` without both.
#[must_use]
pub fn camera_name(block: &[u8]) -> Option<String> {
    let read = read_exif(block)?;
    let text = |tag| match &read.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(parts) => {
            let text = String::from_utf8_lossy(parts.first()?).trim().to_owned();
            (!text.is_empty()).then_some(text)
        }
        _ => None,
    };
    let (make, model) = (text(Tag::Make)?, text(Tag::Model)?);
    let first_word = make.split_whitespace().next().unwrap_or_default().to_lowercase();
    let repeats = model.to_lowercase().starts_with(&first_word);
    Some(if repeats { model } else { format!("{make} {model}") })
}

/// What can be read of an EXIF block.
pub(crate) fn read_exif(block: &[u8]) -> Option<Exif> {
    if block.len() > MAX_EXIF_BYTES {
        return None;
    }
    let mut reader = Reader::new();
    reader.continue_on_error(true);
    reader.read_raw(block.to_vec()).or_else(|error| error.distill_partial_result(|_| ())).ok()
}

impl Metadata {
    /// The EXIF orientation as written; `None` without one in 1..=8.
    #[must_use]
    pub fn orientation(&self) -> Option<u8> {
        let read = read_exif(self.exif.as_deref()?)?;
        let value = read.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0)?;
        u8::try_from(value).ok().filter(|value| (1..=8).contains(value))
    }
}
