// SPDX-License-Identifier: MIT OR Apache-2.0
//! An EXIF block as cameras and editors write it.
//!
//! Little-endian TIFF with IFD0, the EXIF IFD and the GPS IFD [CIPA DC-008 (Exif 2.32), §4.6].

/// What a block says. Empty texts and `None` are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exif {
    /// Tag 0x010f.
    pub make: String,
    /// Tag 0x0110.
    pub model: String,
    /// Tag 0x0131.
    pub software: String,
    /// Tag 0x9003, `YYYY:MM:DD HH:MM:SS`.
    pub taken_at: String,
    /// Tag 0x0112, `1..=8`.
    pub orientation: Option<u16>,
    /// Latitude and longitude, degrees, north and east positive.
    pub position: Option<[f64; 2]>,
    /// Tag 0x829a, exposure time as numerator and denominator, s.
    pub exposure_time: Option<[u32; 2]>,
    /// Tag 0x829d, the f-number as numerator and denominator.
    pub f_number: Option<[u32; 2]>,
    /// Tag 0x8827.
    pub sensitivity: Option<u16>,
    /// Tag 0xa431, the camera's serial number.
    pub serial: String,
    /// Tag 0xa434.
    pub lens: String,
}

/// A tag with its value as bytes.
struct Entry {
    tag: u16,
    kind: u16,
    count: u32,
    bytes: Vec<u8>,
}

/// Type numbers [CIPA DC-008, §4.6.2].
const ASCII: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;

impl Exif {
    /// The block of a camera that took the picture and changed nothing.
    #[must_use]
    pub fn of_camera(make: &str, model: &str, taken_at: &str) -> Self {
        Self {
            make: make.into(),
            model: model.into(),
            taken_at: taken_at.into(),
            orientation: Some(1),
            exposure_time: Some([1, 125]),
            sensitivity: Some(100),
            ..Self::default()
        }
    }

    /// The block, starting with its TIFF header; a JPEG's APP1 puts `Exif\0\0` before it.
    #[must_use]
    pub fn tiff(&self) -> Vec<u8> {
        let detail = present([
            self.exposure_time.map(|time| rationals(0x829a, &[time])),
            self.f_number.map(|number| rationals(0x829d, &[number])),
            self.sensitivity.map(|value| short(0x8827, value)),
            ascii(0x9003, &self.taken_at),
            ascii(0xa431, &self.serial),
            ascii(0xa434, &self.lens),
        ]);
        let place = self.position.map(place).unwrap_or_default();
        let main = |detail_at: usize, place_at: usize| {
            present([
                ascii(0x010f, &self.make),
                ascii(0x0110, &self.model),
                self.orientation.map(|value| short(0x0112, value)),
                ascii(0x0131, &self.software),
                (!detail.is_empty()).then(|| pointer(0x8769, detail_at)),
                (!place.is_empty()).then(|| pointer(0x8825, place_at)),
            ])
        };
        // A pointer takes the same room whatever it points at.
        let detail_at = HEADER.len() + size(&main(0, 0));
        let place_at = detail_at + size(&detail);
        let mut bytes = HEADER.to_vec();
        for directory in [main(detail_at, place_at), detail, place] {
            append(&mut bytes, &directory);
        }
        bytes
    }
}

/// Byte order, magic number, offset of the first directory.
const HEADER: [u8; 8] = *b"II*\0\x08\0\0\0";
/// Bytes of a directory without its entries: their count and the offset of the next directory.
const FRAME_BYTES: usize = 6;
/// Bytes of an entry.
const ENTRY_BYTES: usize = 12;
/// Bytes of a value that fits into its entry.
const INLINE_BYTES: usize = 4;

fn present<const N: usize>(entries: [Option<Entry>; N]) -> Vec<Entry> {
    entries.into_iter().flatten().collect()
}

/// Bytes that a directory and its values take; 0 without entries, because none is written.
fn size(entries: &[Entry]) -> usize {
    if entries.is_empty() {
        return 0;
    }
    let values = entries.iter().map(|entry| entry.bytes.len()).filter(|&n| n > INLINE_BYTES);
    FRAME_BYTES + ENTRY_BYTES * entries.len() + values.sum::<usize>()
}

/// Writes a directory at the end of `bytes`, its entries first and then the values that do not fit.
fn append(bytes: &mut Vec<u8>, entries: &[Entry]) {
    if entries.is_empty() {
        return;
    }
    let mut value_at = bytes.len() + FRAME_BYTES + ENTRY_BYTES * entries.len();
    let mut values: Vec<u8> = Vec::new();
    bytes.extend((entries.len() as u16).to_le_bytes());
    for entry in entries {
        bytes.extend(entry.tag.to_le_bytes());
        bytes.extend(entry.kind.to_le_bytes());
        bytes.extend(entry.count.to_le_bytes());
        if entry.bytes.len() > INLINE_BYTES {
            bytes.extend(offset(value_at));
            value_at += entry.bytes.len();
            values.extend(&entry.bytes);
        } else {
            let mut inline = entry.bytes.clone();
            inline.resize(INLINE_BYTES, 0);
            bytes.extend(inline);
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(values);
}

fn offset(at: usize) -> [u8; 4] {
    (at as u32).to_le_bytes()
}

fn ascii(tag: u16, text: &str) -> Option<Entry> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.push(0);
    let count = bytes.len() as u32;
    (!text.is_empty()).then_some(Entry { tag, kind: ASCII, count, bytes })
}

fn short(tag: u16, value: u16) -> Entry {
    Entry { tag, kind: SHORT, count: 1, bytes: value.to_le_bytes().to_vec() }
}

fn pointer(tag: u16, at: usize) -> Entry {
    Entry { tag, kind: LONG, count: 1, bytes: offset(at).to_vec() }
}

fn rationals(tag: u16, values: &[[u32; 2]]) -> Entry {
    let bytes = values.iter().flatten().flat_map(|part| part.to_le_bytes()).collect();
    Entry { tag, kind: RATIONAL, count: values.len() as u32, bytes }
}

/// The GPS directory of a latitude and a longitude, in degrees, minutes and hundredths of seconds.
fn place([latitude, longitude]: [f64; 2]) -> Vec<Entry> {
    let parts = |degrees: f64| {
        let hundredths = (degrees.abs() * 360_000.0).round() as u32;
        [[hundredths / 360_000, 1], [hundredths / 6_000 % 60, 1], [hundredths % 6_000, 100]]
    };
    present([
        ascii(1, if latitude < 0.0 { "S" } else { "N" }),
        Some(rationals(2, &parts(latitude))),
        ascii(3, if longitude < 0.0 { "W" } else { "E" }),
        Some(rationals(4, &parts(longitude))),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(bytes: &[u8], at: usize, length: usize) -> usize {
        bytes[at..at + length].iter().rev().fold(0, |sum, &byte| sum << 8 | usize::from(byte))
    }

    /// Tags of the directory at `at`, each with the four bytes of its value or offset.
    fn directory(bytes: &[u8], at: usize) -> Vec<(usize, usize)> {
        let entries = (0..number(bytes, at, 2)).map(|i| at + 2 + 12 * i);
        entries.map(|at| (number(bytes, at, 2), number(bytes, at + 8, 4))).collect()
    }

    #[test]
    fn directories_hold_what_was_given_in_order_of_their_tags() {
        let mut exif = Exif::of_camera("Maker", "M-1", "2024:05:06 07:08:09");
        exif.position = Some([48.5, -2.25]);
        let bytes = exif.tiff();
        let main = directory(&bytes, 8);
        let tags: Vec<_> = main.iter().map(|entry| entry.0).collect();
        assert_eq!(tags, [0x010f, 0x0110, 0x0112, 0x8769, 0x8825]);
        assert_eq!(&bytes[main[0].1..][..6], b"Maker\0");
        assert_eq!(main[1].1.to_le_bytes()[..4], *b"M-1\0");
        assert_eq!(main[2].1, 1);
        let detail = directory(&bytes, main[3].1);
        assert_eq!(&bytes[detail[2].1..][..20], b"2024:05:06 07:08:09\0");
        let place = directory(&bytes, main[4].1);
        assert_eq!([place[0].1, place[2].1], [usize::from(b'N'), usize::from(b'W')]);
        let degrees = |at: usize| [number(&bytes, at, 4), number(&bytes, at + 8, 4)];
        assert_eq!([degrees(place[1].1), degrees(place[3].1)], [[48, 30], [2, 15]]);
    }

    #[test]
    fn empty_block_is_a_header_alone() {
        assert_eq!(Exif::default().tiff(), HEADER);
    }
}
