// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tells a file's format by its content; names and media types are never asked.

use std::fmt;

use super::error::DecodeError;

/// A format that can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// JPEG, JFIF, EXIF.
    Jpeg,
    /// PNG and APNG.
    Png,
    /// WebP.
    Webp,
    /// HEIF with HEVC pictures.
    Heic,
    /// Windows and OS/2 bitmaps.
    Bmp,
    /// TIFF and BigTIFF.
    Tiff,
}

impl Format {
    /// The name in results.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Webp => "WEBP",
            Self::Heic => "HEIC",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Brands of ISO base media files whose pictures are HEVC [ISO/IEC 23008-12, annex B], or may be.
const HEVC_BRANDS: [&[u8; 4]; 8] =
    [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"];

/// Brands of HEIF files that leave the codec open [ISO/IEC 23008-12, 10].
const HEIF_BRANDS: [&[u8; 4]; 3] = [b"mif1", b"mif2", b"msf1"];

/// Lengths of the second header of a bitmap: OS/2, Windows 3, 4 and 5 and their relatives.
const BITMAP_HEADERS: [u32; 9] = [12, 16, 40, 48, 52, 56, 64, 108, 124];

/// Signatures of formats that are told apart only to name them: offset, bytes, name.
const OTHERS: [(usize, &[u8], &str); 36] = [
    (0, b"GIF8", "GIF"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\x01\0", "ICO"),
    (0, b"\0\0\x02\0", "CUR"),
    (0, b"qoif", "QOI"),
    (0, b"8BPS", "Photoshop"),
    (0, b"%PDF-", "PDF"),
    (0, b"%!PS", "PostScript"),
    (0, b"PK\x03\x04", "ZIP"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"v/1\x01", "OpenEXR"),
    (0, b"#?R", "Radiance HDR"),
    (0, b"BPG\xfb", "BPG"),
    (0, b"FLIF", "FLIF"),
    (0, b"DDS ", "DDS"),
    (0, b"farbfeld", "farbfeld"),
    (0, b"II\xbc\x01", "JPEG XR"),
    (0, b"gimp xcf", "GIMP"),
    (0, b"\x8aMNG", "MNG"),
    (0, b"\x8bJNG", "JNG"),
    (0, b"FUJIFILMCCD-RAW", "Camera raw (RAF)"),
    (0, b"IIU\0", "Camera raw (RW2)"),
    (0, b"IIRO", "Camera raw (ORF)"),
    (0, b"IIRS", "Camera raw (ORF)"),
    (0, b"MMOR", "Camera raw (ORF)"),
    (8, b"CR\x02\0", "Camera raw (CR2)"),
    (0, b"FOVb", "Camera raw (X3F)"),
    (0, b"BA", "OS/2 bitmap array"),
    (128, b"DICM", "DICOM"),
    (0, b"\x1aE\xdf\xa3", "Matroska or WebM"),
    (0, b"\x7fELF", "A program"),
    (0, b"\0asm", "A program"),
    (0, b"MZ", "A program"),
];

/// Starts of text files that are sent in place of a picture, in lower case.
const TEXTS: [(&[u8], &str); 7] = [
    (b"<!doctype html", "HTML"),
    (b"<html", "HTML"),
    (b"<head", "HTML"),
    (b"<svg", "SVG"),
    (b"<?xml", "XML or SVG"),
    (b"<", "XML or HTML"),
    (b"{", "JSON"),
];

/// Returns the format of a file from its first bytes; 64 are enough for any.
///
/// # Errors
/// [`DecodeError::UnsupportedFormat`] with the name of what it is instead.
pub fn sniff(bytes: &[u8]) -> Result<Format, DecodeError> {
    let unsupported =
        |found: &'static str| Err(DecodeError::UnsupportedFormat { found: found.into() });
    let has = |at: usize, magic: &[u8]| bytes.get(at..).is_some_and(|b| b.starts_with(magic));
    if let Some((_, _, name)) = OTHERS.iter().find(|(at, magic, _)| has(*at, magic)) {
        return unsupported(name);
    }
    if has(0, b"\xff\xd8") {
        return Ok(Format::Jpeg);
    }
    if has(0, b"\x89PNG\r\n\x1a\n") {
        return Ok(Format::Png);
    }
    if has(0, b"RIFF") {
        return if has(8, b"WEBP") { Ok(Format::Webp) } else { unsupported("RIFF (AVI or WAV)") };
    }
    if [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| has(0, *magic)) {
        return Ok(Format::Tiff);
    }
    if has(4, b"ftyp") {
        return of_brands(bytes);
    }
    if has(0, b"BM") && is_bitmap(bytes) {
        return Ok(Format::Bmp);
    }
    match bytes {
        [b'P', b'1'..=b'7', b' ' | b'\n' | b'\r' | b'\t', ..] => unsupported("Netpbm"),
        _ => unsupported(text(bytes).unwrap_or("This content")),
    }
}

/// Whether a file that starts with these bytes is of a supported format.
#[must_use]
pub fn is_supported(start: &[u8]) -> bool {
    sniff(start).is_ok()
}

/// The format of an ISO base media file, by its major brand, then by its compatible ones.
fn of_brands(bytes: &[u8]) -> Result<Format, DecodeError> {
    let length = bytes.first_chunk().map_or(0, |b| u32::from_be_bytes(*b) as usize);
    let end = length.clamp(12, 4096).min(bytes.len());
    let brands = bytes.get(8..end).unwrap_or_default().as_chunks::<4>().0;
    let found = match brands.split_first() {
        Some((major, _)) if HEVC_BRANDS.contains(&major) => return Ok(Format::Heic),
        Some((b"avif" | b"avis", _)) => "AVIF",
        Some((b"crx ", _)) => "Camera raw (CR3)",
        Some((b"mif3", _)) => "HEIF with a minimal header",
        Some((b"avci" | b"avcs", _)) => "HEIF with AVC pictures",
        Some((b"jpeg" | b"jpgs", _)) => "HEIF with JPEG pictures",
        // The minor version stands between the major brand and the compatible ones.
        Some((major, rest)) => {
            let compatible = rest.get(1..).unwrap_or_default();
            if compatible.iter().any(|brand| HEVC_BRANDS.contains(&brand)) {
                return Ok(Format::Heic);
            }
            if compatible.iter().any(|brand| matches!(brand, b"avif" | b"avis")) {
                "AVIF"
            } else if HEIF_BRANDS.contains(&major) {
                return Ok(Format::Heic);
            } else {
                "MP4 or QuickTime"
            }
        }
        None => "ISO base media",
    };
    Err(DecodeError::UnsupportedFormat { found: found.into() })
}

/// Whether what starts with `BM` goes on as a bitmap does, or ends before that can be told.
fn is_bitmap(bytes: &[u8]) -> bool {
    let length = bytes.get(14..18).and_then(|b| b.first_chunk());
    length.is_none_or(|b| BITMAP_HEADERS.contains(&u32::from_le_bytes(*b)))
}

fn text(bytes: &[u8]) -> Option<&'static str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let lower = bytes.get(..bytes.len().min(16))?.to_ascii_lowercase();
    let found = TEXTS.iter().find(|(start, _)| lower.starts_with(start));
    if let Some((_, name)) = found {
        return Some(name);
    }
    let is_text = |b: &u8| b.is_ascii_graphic() || b.is_ascii_whitespace();
    (!lower.is_empty() && lower.iter().all(is_text)).then_some("Text")
}
