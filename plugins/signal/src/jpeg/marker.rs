// SPDX-License-Identifier: MIT OR Apache-2.0
//! Marker codes (the byte after `0xFF`), ITU-T T.81 table B.1.

/// Start of frame 0, baseline; the other frames follow up to [`SOF15`].
pub const SOF0: u8 = 0xC0;
/// Start of frame 2, progressive.
pub const SOF2: u8 = 0xC2;
/// Define Huffman tables.
pub const DHT: u8 = 0xC4;
/// Reserved for extensions, lies between the frames.
pub const JPG: u8 = 0xC8;
/// Define arithmetic coding conditioning, lies between the frames.
pub const DAC: u8 = 0xCC;
/// Start of frame 15, differential lossless with arithmetic coding.
pub const SOF15: u8 = 0xCF;
/// First restart marker.
pub const RST0: u8 = 0xD0;
/// Last restart marker.
pub const RST7: u8 = 0xD7;
/// Start of image.
pub const SOI: u8 = 0xD8;
/// End of image.
pub const EOI: u8 = 0xD9;
/// Start of scan; entropy-coded data follow its header.
pub const SOS: u8 = 0xDA;
/// Define quantisation tables.
pub const DQT: u8 = 0xDB;
/// Define number of lines.
pub const DNL: u8 = 0xDC;
/// Define restart interval.
pub const DRI: u8 = 0xDD;
/// Define hierarchical progression.
pub const DHP: u8 = 0xDE;
/// Expand reference components.
pub const EXP: u8 = 0xDF;
/// First application segment (JFIF).
pub const APP0: u8 = 0xE0;
/// EXIF and XMP.
pub const APP1: u8 = 0xE1;
/// ICC profile, multi-picture format.
pub const APP2: u8 = 0xE2;
/// JUMBF boxes, C2PA.
pub const APP11: u8 = 0xEB;
/// Photoshop resources.
pub const APP13: u8 = 0xED;
/// Adobe colour transform.
pub const APP14: u8 = 0xEE;
/// Last application segment.
pub const APP15: u8 = 0xEF;
/// Comment.
pub const COM: u8 = 0xFE;
/// Temporary use in arithmetic coding, has no payload.
pub const TEM: u8 = 0x01;

const SOF_NAMES: [&str; 16] = [
    "SOF0", "SOF1", "SOF2", "SOF3", "DHT", "SOF5", "SOF6", "SOF7", "JPG", "SOF9", "SOF10", "SOF11",
    "DAC", "SOF13", "SOF14", "SOF15",
];
const APP_NAMES: [&str; 16] = [
    "APP0", "APP1", "APP2", "APP3", "APP4", "APP5", "APP6", "APP7", "APP8", "APP9", "APP10",
    "APP11", "APP12", "APP13", "APP14", "APP15",
];

/// The marker's short name, `reserved` for codes without one.
#[must_use]
pub fn name(marker: u8) -> &'static str {
    match marker {
        SOF0..=SOF15 => SOF_NAMES[usize::from(marker & 15)],
        RST0..=RST7 => "RST",
        SOI => "SOI",
        EOI => "EOI",
        SOS => "SOS",
        DQT => "DQT",
        DNL => "DNL",
        DRI => "DRI",
        DHP => "DHP",
        EXP => "EXP",
        APP0..=APP15 => APP_NAMES[usize::from(marker & 15)],
        COM => "COM",
        TEM => "TEM",
        _ => "reserved",
    }
}

/// Whether the marker is a start of frame, of whatever process.
#[must_use]
pub fn is_frame(marker: u8) -> bool {
    matches!(marker, SOF0..=SOF15) && !matches!(marker, DHT | JPG | DAC)
}

/// Whether the marker stands alone, without length and payload.
#[must_use]
pub fn is_standalone(marker: u8) -> bool {
    matches!(marker, RST0..=EOI | TEM)
}

/// Whether the marker ends entropy-coded data.
///
/// Reserved codes do not: in coded data they are damage, and what follows can still be read
/// from the next restart marker on.
#[must_use]
pub fn ends_entropy(marker: u8) -> bool {
    matches!(marker, SOF0..=SOF15 | SOI..=APP15 | COM)
}

/// Whether the marker is a restart marker.
#[must_use]
pub fn is_restart(marker: u8) -> bool {
    matches!(marker, RST0..=RST7)
}
