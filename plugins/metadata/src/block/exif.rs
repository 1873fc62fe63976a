// SPDX-License-Identifier: MIT OR Apache-2.0
//! EXIF [CIPA DC-008-2023, Exif 3.0]: the fields that the cues use. Broken fields are left out and
//! the rest is read.

use exif::{Exif, In, Reader, Tag, Value};

use crate::account::{Place, Statement, Statements};
use crate::block::{place, shot};
use crate::container::tiff;
use crate::text::{decoded, decoded_utf16};

/// Largest block that is read, bytes. A TIFF file is one block; the pixels in it are not touched.
const MAX_BLOCK_BYTES: usize = 128 * 1024 * 1024;
/// Largest thumbnail that is kept, bytes: what fits beside EXIF in a JPEG segment.
const MAX_THUMBNAIL_BYTES: usize = 64 * 1024;
/// Bytes of a user comment's character code [Exif 3.0 §4.6.6.4].
const CHARACTER_CODE_BYTES: usize = 8;

/// Fields that become statements, by the name under which the cues know them.
const TEXT_FIELDS: &[(&str, Tag)] = &[
    ("Make", Tag::Make),
    ("Model", Tag::Model),
    ("Software", Tag::Software),
    ("ProcessingSoftware", Tag(exif::Context::Tiff, 0x000b)),
    ("HostComputer", Tag(exif::Context::Tiff, 0x013c)),
    ("Artist", Tag::Artist),
    ("Copyright", Tag::Copyright),
    ("ImageDescription", Tag::ImageDescription),
    ("DateTime", Tag::DateTime),
    ("DateTimeOriginal", Tag::DateTimeOriginal),
    ("DateTimeDigitized", Tag::DateTimeDigitized),
    ("OffsetTime", Tag::OffsetTime),
    ("OffsetTimeOriginal", Tag::OffsetTimeOriginal),
    ("OffsetTimeDigitized", Tag::OffsetTimeDigitized),
    ("LensModel", Tag::LensModel),
    ("LensSerialNumber", Tag::LensSerialNumber),
    ("BodySerialNumber", Tag::BodySerialNumber),
];
/// Fields of Windows, in UTF-16: XPComment and XPTitle.
const UTF16_FIELDS: &[(&str, Tag)] = &[
    ("XPTitle", Tag(exif::Context::Tiff, 0x9c9b)),
    ("XPComment", Tag(exif::Context::Tiff, 0x9c9c)),
];
/// Fields that only a camera has reason to write: exposure, aperture, sensitivity, focal length.
const CAPTURE_FIELDS: &[Tag] =
    &[Tag::ExposureTime, Tag::FNumber, Tag::PhotographicSensitivity, Tag::FocalLength];
/// Coordinates; a GPS directory without them says nothing of the place.
const PLACE_FIELDS: &[Tag] = &[Tag::GPSLatitude, Tag::GPSLongitude];

/// What EXIF says beside its texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ExifFacts {
    /// Width and height that EXIF gives, px; `None` unless both are positive.
    pub size: Option<(u32, u32)>,
    /// How many of the four capture fields are there.
    pub capture_fields: usize,
    /// The maker's own block is there.
    pub maker_note: bool,
    /// Coordinates are there.
    pub gps: bool,
    /// Exposure and lens.
    pub shot: shot::Shot,
    /// What the satellites say.
    pub place: place::Place,
    /// The small picture, a JPEG file.
    pub thumbnail: Option<Vec<u8>>,
}

/// Reads a block that starts with a TIFF header; `None` where no field of it can be read.
pub(crate) fn read(block: &[u8], statements: &mut Statements) -> Option<ExifFacts> {
    if block.len() > MAX_BLOCK_BYTES || !tiff::texts_are_bounded(block) {
        return None;
    }
    let read = Reader::new()
        .continue_on_error(true)
        .read_raw(tiff::with_plain_pointers(block).into_owned());
    let exif = read.or_else(|error| error.distill_partial_result(|_| ())).ok()?;
    let said_before = statements.iter().count();
    let mut say = |key: &str, value: String| {
        if !value.trim().is_empty() {
            statements.push(Statement::new(Place::Exif, key, value));
        }
    };
    for &(key, tag) in TEXT_FIELDS {
        say(key, text(&exif, tag));
    }
    for &(key, tag) in UTF16_FIELDS {
        say(key, decoded_utf16(&bytes(&exif, tag)));
    }
    // Libraries that do not know the sub-directory put it into the first one.
    for tag in [Tag::UserComment, Tag(exif::Context::Tiff, Tag::UserComment.number())] {
        say("UserComment", comment(&bytes(&exif, tag)));
    }
    let number = |tag| exif.get_field(tag, In::PRIMARY)?.value.get_uint(0).filter(|&n| n > 0);
    let has = |tag: &&Tag| exif.get_field(**tag, In::PRIMARY).is_some();
    let size = number(Tag::PixelXDimension).zip(number(Tag::PixelYDimension));
    let facts = ExifFacts {
        size,
        capture_fields: CAPTURE_FIELDS.iter().filter(has).count(),
        maker_note: has(&&Tag::MakerNote),
        gps: PLACE_FIELDS.iter().all(|tag| has(&tag)),
        shot: shot::Shot::read(&exif, size),
        place: place::Place::read(&exif),
        thumbnail: thumbnail(&exif),
    };
    let is_empty = facts == ExifFacts::default() && statements.iter().count() == said_before;
    // A TIFF file's own directory describes pixels, not their origin; in another container any
    // field at all shows that the block was kept.
    let has_origin = !is_empty || (!has(&&Tag::StripOffsets) && exif.fields().len() > 0);
    has_origin.then_some(facts)
}

/// A text field: its parts joined by spaces, as some writers pad with zeros in between.
fn text(exif: &Exif, tag: Tag) -> String {
    match exif.get_field(tag, In::PRIMARY).map(|field| &field.value) {
        // The first part is the value; what follows a zero byte is often memory of the camera.
        Some(Value::Ascii(parts)) => {
            let first = parts.iter().find(|part| !part.is_empty());
            first.map(|part| decoded(part)).unwrap_or_default()
        }
        Some(Value::Byte(bytes) | Value::Undefined(bytes, _)) => decoded(bytes),
        _ => String::new(),
    }
}

/// The thumbnail of the second directory; offsets are from the TIFF header.
fn thumbnail(exif: &Exif) -> Option<Vec<u8>> {
    let number = |tag| exif.get_field(tag, In::THUMBNAIL)?.value.get_uint(0);
    let start = usize::try_from(number(Tag::JPEGInterchangeFormat)?).ok()?;
    let length = usize::try_from(number(Tag::JPEGInterchangeFormatLength)?).ok()?;
    let bytes = exif.buf().get(start..start.checked_add(length)?)?;
    (bytes.len() <= MAX_THUMBNAIL_BYTES).then(|| bytes.to_vec())
}

/// The bytes of a field without a text type.
fn bytes(exif: &Exif, tag: Tag) -> Vec<u8> {
    match exif.get_field(tag, In::PRIMARY).map(|field| &field.value) {
        Some(Value::Byte(bytes) | Value::Undefined(bytes, _)) => bytes.clone(),
        Some(Value::Ascii(parts)) => parts.concat(),
        _ => Vec::new(),
    }
}

/// A user comment without its character code.
fn comment(bytes: &[u8]) -> String {
    let (code, rest) = bytes.split_at(CHARACTER_CODE_BYTES.min(bytes.len()));
    let text = match code {
        b"UNICODE\0" => decoded_utf16(rest),
        b"ASCII\0\0\0" | b"JIS\0\0\0\0\0" | [0, 0, 0, 0, 0, 0, 0, 0] => decoded(rest),
        // Some writers leave the code out.
        _ => decoded(bytes),
    };
    text.trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::synth::Exif as Builder;

    fn read_all(block: &[u8]) -> (Option<ExifFacts>, Statements) {
        let mut statements = Statements::default();
        (read(block, &mut statements), statements)
    }

    #[test]
    fn the_fields_of_a_camera_are_read_in_both_byte_orders() {
        for little_endian in [false, true] {
            let block = Builder::camera().ordered(little_endian).block();
            let (facts, statements) = read_all(&block);
            let facts = facts.unwrap();
            assert_eq!(facts.size, Some((64, 48)));
            assert_eq!(facts.capture_fields, 4);
            assert!(facts.maker_note && !facts.gps);
            assert_eq!(statements.find(Place::Exif, "Make"), Some("Acme"));
            assert_eq!(
                statements.find(Place::Exif, "DateTimeOriginal"),
                Some("2024:05:01 10:00:00")
            );
        }
    }

    #[test]
    fn directories_behind_pointers_of_their_own_type_are_read() {
        let plain = Builder::camera().gps();
        let (typed, statements) = read_all(&plain.clone().typed_pointers().block());
        let facts = typed.unwrap();
        assert!(facts.gps && facts.capture_fields == 4);
        assert_eq!(statements.find(Place::Exif, "DateTimeOriginal"), Some("2024:05:01 10:00:00"));
        assert_eq!(Some(facts), read_all(&plain.block()).0);
    }

    #[test]
    fn coordinates_count_and_a_bare_gps_version_does_not() {
        let (facts, _) = read_all(&Builder::camera().gps().block());
        assert!(facts.unwrap().gps);
    }

    #[test]
    fn a_user_comment_is_decoded_by_its_character_code() {
        assert_eq!(comment(b"ASCII\0\0\0hello \0\0"), "hello");
        assert_eq!(comment(b"UNICODE\0\0h\0i"), "hi");
        assert_eq!(comment(b"UNICODE\0h\0i\0"), "hi");
        assert_eq!(comment(b"no code at all"), "no code at all");
        assert_eq!(comment(b"abc"), "abc");
    }

    #[test]
    fn a_tiff_directory_of_pixels_alone_is_no_exif() {
        let pixels = Builder::default().long(256, 64).long(257, 48).long(273, 8).block();
        assert_eq!(read_all(&pixels).0, None);
        assert_eq!(read_all(&Builder::default().block()).0, None);
        let orientation = Builder::default().long(274, 1).block();
        assert!(read_all(&orientation).0.is_some());
    }

    #[test]
    fn what_is_whole_of_a_cut_block_is_read() {
        let block = Builder::camera().block();
        let (facts, statements) = read_all(&block[..block.len() - 8]);
        assert!(facts.is_some());
        assert_eq!(statements.find(Place::Exif, "Make"), Some("Acme"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(mut block in proptest::collection::vec(any::<u8>(), 0..600), le: bool) {
            let header: &[u8] = if le { b"II*\0\x08\0\0\0" } else { b"MM\0*\0\0\0\x08" };
            read_all(&block);
            let start = block.len().min(8);
            block[..start].copy_from_slice(&header[..start]);
            read_all(&block);
        }

        #[test]
        fn a_camera_block_with_changed_bytes_never_makes_the_reader_panic(
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        ) {
            let mut block = Builder::camera().gps().block();
            for (index, byte) in changes {
                let at = index.index(block.len());
                block[at] = byte;
            }
            read_all(&block);
        }
    }
}
