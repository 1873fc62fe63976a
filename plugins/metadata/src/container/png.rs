// SPDX-License-Identifier: MIT OR Apache-2.0
//! PNG: chunks [PNG (Third Edition), W3C 2025, §5, §11.3; C2PA 2.1 §A.3.3 for `caBX`].

use std::borrow::Cow;

use super::inflate::inflated;
use super::{raw_profile, take, Blocks, PngStructure, MAX_BLOCK_BYTES};
use crate::account::{Place, Statement, Statements};
use crate::number::{array, be32, slice};
use crate::text::{decoded, MAX_KEPT_BYTES};

/// Bytes of the file signature.
const SIGNATURE_BYTES: usize = 8;
/// Bytes of a chunk beside its data: length, type, CRC.
const CHUNK_OVERHEAD: usize = 12;
/// Most chunks visited. A 100 MP file cut into 8 kB IDAT chunks has about 40,000.
const MAX_CHUNKS: usize = 200_000;
/// Longest keyword, bytes [PNG §11.3.3.1].
const MAX_KEYWORD_BYTES: usize = 79;
/// Bytes inflated from all texts of one file.
const MAX_INFLATED_BYTES: usize = 8 * 1024 * 1024;
/// Keyword of the XMP packet [XMP Specification Part 3, 2020, §1.1.5].
const XMP_KEYWORD: &[u8] = b"XML:com.adobe.xmp";

/// Reads the chunks. CRCs are not checked: a wrong one is the decoder's affair.
pub(super) fn read(bytes: &[u8]) -> Blocks<'_> {
    let mut blocks = Blocks::default();
    let mut at = SIGNATURE_BYTES;
    let mut budget = MAX_INFLATED_BYTES;
    let mut structure = PngStructure::default();
    for _ in 0..MAX_CHUNKS {
        let (Some(length), Some(kind)) = (be32(bytes, at), array::<4>(bytes, at + 4)) else {
            break;
        };
        let Some(data) = slice(bytes, at + 8, length) else { break };
        structure.push(kind, data.len());
        match &kind {
            b"IHDR" => blocks.size = be32(data, 0).zip(be32(data, 4)),
            b"eXIf" => blocks.take_exif(data),
            b"iCCP" if blocks.icc.is_none() => blocks.icc = profile(data, &mut budget),
            b"caBX" => blocks.c2pa_present = true,
            b"tIME" => modified(data, &mut blocks.statements),
            b"tEXt" | b"zTXt" | b"iTXt" => {
                if let Some((keyword, value)) = text(&kind, data, &mut budget) {
                    place(keyword, value, &mut blocks);
                }
            }
            b"IEND" => break,
            _ => {}
        }
        at += CHUNK_OVERHEAD + data.len();
    }
    blocks.png = Some(structure);
    blocks
}

/// The colour profile of iCCP: a name, a byte of compression method, the compressed profile.
fn profile(data: &[u8], budget: &mut usize) -> Option<Cow<'static, [u8]>> {
    let (_name, rest) = split_at_zero(data)?;
    let output = inflated(rest.get(1..)?, MAX_BLOCK_BYTES.min(*budget));
    *budget -= output.len();
    Some(Cow::Owned(output))
}

/// Keyword and text of a text chunk, inflated where it is compressed.
fn text<'a>(kind: &[u8], data: &'a [u8], budget: &mut usize) -> Option<(&'a [u8], Cow<'a, [u8]>)> {
    let (keyword, rest) = split_at_zero(data)?;
    if keyword.is_empty() || keyword.len() > MAX_KEYWORD_BYTES {
        return None;
    }
    let most = if keyword == XMP_KEYWORD { MAX_BLOCK_BYTES } else { MAX_KEPT_BYTES };
    let mut inflate = |stream: &[u8]| {
        let output = inflated(stream, most.min(*budget));
        *budget -= output.len();
        Cow::Owned(output)
    };
    let value = match kind {
        b"tEXt" => Cow::Borrowed(rest),
        // One byte of compression method, always 0.
        b"zTXt" => inflate(rest.get(1..)?),
        _ => {
            let is_compressed = *rest.first()? == 1;
            let (_language, rest) = split_at_zero(rest.get(2..)?)?;
            let (_translated_keyword, stream) = split_at_zero(rest)?;
            if is_compressed {
                inflate(stream)
            } else {
                Cow::Borrowed(stream)
            }
        }
    };
    Some((keyword, value))
}

/// Puts a text where it belongs: a block of another standard, or a statement.
fn place<'a>(keyword: &[u8], value: Cow<'a, [u8]>, blocks: &mut Blocks<'a>) {
    if keyword == XMP_KEYWORD {
        take(&mut blocks.xmp, value);
        return;
    }
    if let Some(kind) = keyword.strip_prefix(b"Raw profile type ") {
        raw_profile::place(kind, &value, blocks);
        return;
    }
    let statement = Statement::new(Place::PngText, decoded(keyword), decoded(&value));
    blocks.statements.push(statement);
}

/// tIME: year, month, day, hour, minute, second in UTC [PNG §11.3.5.1].
fn modified(data: &[u8], statements: &mut Statements) {
    if let [y1, y2, month, day, hour, minute, second] = *data {
        let year = u16::from_be_bytes([y1, y2]);
        let text = format!("{year:04}:{month:02}:{day:02} {hour:02}:{minute:02}:{second:02}+00:00");
        statements.push(Statement::new(Place::PngText, "tIME", text));
    }
}

fn split_at_zero(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|&byte| byte == 0)?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::synth::{png, TEST_XMP};

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn all_three_kinds_of_text_are_read() {
        let compressed = [b"two\0\0".as_slice(), &deflated(b"zipped")].concat();
        let international =
            [b"four\0\x01\0en\0vier\0".as_slice(), &deflated("é".as_bytes())].concat();
        let file = png(&[
            (b"tEXt", b"one\0plain"),
            (b"zTXt", &compressed),
            (b"iTXt", "three\0\0\0de\0drei\0grün".as_bytes()),
            (b"iTXt", &international),
        ]);
        let blocks = read(&file);
        let find = |key| blocks.statements.find(Place::PngText, key);
        assert_eq!(find("one"), Some("plain"));
        assert_eq!(find("two"), Some("zipped"));
        assert_eq!(find("three"), Some("grün"));
        assert_eq!(find("four"), Some("é"));
        assert_eq!(blocks.size, Some((64, 48)));
    }

    #[test]
    fn exif_xmp_and_content_credentials_are_found() {
        let xmp = [b"XML:com.adobe.xmp\0\0\0\0\0".as_slice(), TEST_XMP].concat();
        let blocks_of = png(&[(b"eXIf", b"MM\0*"), (b"iTXt", &xmp), (b"caBX", b"jumb")]);
        let blocks = read(&blocks_of);
        assert_eq!(blocks.exif.as_deref(), Some(b"MM\0*".as_slice()));
        assert_eq!(blocks.xmp, [Cow::Borrowed(TEST_XMP)]);
        assert!(blocks.c2pa_present);
    }

    #[test]
    fn text_after_the_picture_is_read_and_after_the_end_is_not() {
        let mut file = png(&[(b"IDAT", b"x"), (b"tEXt", b"late\0yes")]);
        file.extend_from_slice(&png(&[(b"tEXt", b"beyond\0no")])[8..]);
        let blocks = read(&file);
        assert_eq!(blocks.statements.find(Place::PngText, "late"), Some("yes"));
        assert_eq!(blocks.statements.find(Place::PngText, "beyond"), None);
    }

    #[test]
    fn many_bombs_share_one_budget() {
        let bomb = [b"k\0\0".as_slice(), &deflated(&vec![b'a'; 4_000_000])].concat();
        let chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"zTXt", bomb.as_slice()); 200];
        let blocks = read(&png(&chunks)).statements.iter().map(|s| s.value.len()).sum::<usize>();
        assert!(blocks <= 4 * 1024 * 1024, "{blocks} bytes kept");
    }

    #[test]
    fn the_time_of_change_is_a_statement() {
        let file = png(&[(b"tIME", &[0x07, 0xe8, 2, 29, 12, 30, 59])]);
        let time = read(&file);
        let time = time.statements.find(Place::PngText, "tIME");
        assert_eq!(time, Some("2024:02:29 12:30:59+00:00"));
    }
}
