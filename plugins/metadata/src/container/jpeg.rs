// SPDX-License-Identifier: MIT OR Apache-2.0
//! JPEG: metadata segments and the quantisation tables [ITU-T T.81; C2PA 2.1 §A.3.1 for APP11].

use assay_signal::jpeg::writers::tables_of;
use assay_signal::jpeg::{ijg_quality, marker, JpegFile, MultiPicture, TableKind};

use super::jpeg_structure::Structure;
use super::{take, Blocks, MAX_BLOCK_BYTES};
use crate::account::{Place, Statement};
use crate::number::slice;
use crate::text::decoded;

/// Most comments read.
const MAX_COMMENTS: usize = 32;
/// Bytes of an APP11 segment in front of its first box's type: `JP`, box number, sequence, length.
const JUMBF_TYPE_AT: usize = 12;
/// Bytes of a JUMBF segment in which the store's label is looked for.
const JUMBF_LABEL_BYTES: u32 = 64;
/// Start of the APP12 segment that Adobe's “Save for Web” writes.
const DUCKY: &[u8] = b"Ducky\0";

/// What the structure of a JPEG file says of the program that wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct JpegFacts {
    /// First 64 bits of SHA-256 over luma and chroma table, hexadecimal.
    pub table_digest: Option<String>,
    /// IJG quality nearest to the luma table, 1..=100.
    pub quality: Option<u8>,
    /// Luma and chroma tables are exactly those of libjpeg at that quality.
    pub is_ijg: bool,
    /// Adobe's “Save for Web” left its segment.
    pub saved_for_web: bool,
    /// The images that the file lists; `None` without a list.
    pub pictures: Option<MultiPicture>,
    /// How the file is put together; `None` without a frame.
    pub structure: Option<Structure>,
}

/// Reads the segments.
pub(super) fn read(bytes: &[u8]) -> Blocks<'_> {
    let mut blocks = Blocks::default();
    let Ok(file) = JpegFile::parse(bytes) else { return blocks };
    blocks.size = file.frame().ok().map(|frame| (frame.width, frame.height));
    if let Some(block) = file.exif() {
        blocks.take_exif(block);
    }
    if let Some(packet) = file.xmp() {
        take(&mut blocks.xmp, packet);
    }
    if let Some(packet) = file.extended_xmp(MAX_BLOCK_BYTES) {
        take(&mut blocks.xmp, packet);
    }
    if let Some(resources) = file.photoshop() {
        take(&mut blocks.photoshop, resources);
    }
    blocks.icc = file.icc_profile(MAX_BLOCK_BYTES);
    for comment in file.comments().take(MAX_COMMENTS) {
        blocks.statements.push(Statement::new(Place::JpegComment, "COM", decoded(comment)));
    }
    let mut facts = tables(&file);
    facts.structure = Structure::read(&file, bytes);
    facts.pictures = file.multi_picture();
    for segment in file.segments() {
        let payload = segment.payload;
        match segment.marker {
            marker::APP11 if is_c2pa(payload) => blocks.c2pa_present = true,
            marker::APP0..=marker::APP15 if payload.starts_with(DUCKY) => {
                facts.saved_for_web = true;
            }
            marker::APP0..=marker::APP15 if payload.starts_with(b"{") => {
                let statement =
                    Statement::new(Place::JpegSegment, segment.name(), decoded(payload));
                blocks.statements.push(statement);
            }
            _ => {}
        }
    }
    blocks.jpeg = Some(facts);
    blocks
}

/// Whether an APP11 segment starts a JUMBF box labelled as a Content Credentials store.
fn is_c2pa(payload: &[u8]) -> bool {
    let start = payload.get(..payload.len().min(JUMBF_LABEL_BYTES as usize)).unwrap_or(payload);
    payload.starts_with(b"JP")
        && slice(payload, JUMBF_TYPE_AT, 4) == Some(b"jumb")
        && start.windows(4).any(|label| label == b"c2pa")
}

fn tables(file: &JpegFile<'_>) -> JpegFacts {
    let Some(luma) = file.luma_dqt() else { return JpegFacts::default() };
    let chroma = file.chroma_dqt();
    let estimate = ijg_quality(luma, TableKind::Luma);
    let of_chroma = chroma.map(|chroma| ijg_quality(chroma, TableKind::Chroma));
    let chroma_agrees = of_chroma.is_none_or(|of_chroma| {
        // At the highest qualities several settings give the same table.
        of_chroma.exact && of_chroma.quality.abs_diff(estimate.quality) <= 1
    });
    JpegFacts {
        table_digest: tables_of(file),
        quality: Some(estimate.quality),
        is_ijg: estimate.exact && chroma_agrees,
        ..JpegFacts::default()
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::synth::{jpeg, jpeg_with_step, jpeg_with_tables, TEST_XMP};

    #[test]
    fn every_block_of_a_jpeg_is_found() {
        let exif = b"Exif\0\0MM\0*";
        let xmp = [b"http://ns.adobe.com/xap/1.0/\0".as_slice(), TEST_XMP].concat();
        let file = jpeg(&[
            (0xe1, exif),
            (0xe1, &xmp),
            (0xed, b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\0"),
            (0xec, b"Ducky\0\x01\0\x04\0\0\0\x46\0\0"),
            (0xfe, b"a comment"),
        ]);
        let blocks = read(&file);
        assert_eq!(blocks.size, Some((64, 48)));
        assert_eq!(blocks.exif.as_deref(), Some(b"MM\0*".as_slice()));
        assert_eq!(blocks.xmp, [Cow::Borrowed(TEST_XMP)]);
        assert_eq!(blocks.photoshop.len(), 1);
        assert_eq!(blocks.statements.find(Place::JpegComment, "COM"), Some("a comment"));
        assert!(blocks.jpeg.unwrap().saved_for_web);
    }

    #[test]
    fn content_credentials_are_told_from_other_boxes() {
        let store = b"JP\x02\x11\0\0\0\x01\0\0\0\x40jumb\0\0\0\x1ejumdc2pa\0\x11\0\x10\x80\0\0\xaa\08\x9bq\x03c2pa\0";
        assert!(read(&jpeg(&[(0xeb, store)])).c2pa_present);
        let other = b"JP\x02\x11\0\0\0\x01\0\0\0\x40jumb\0\0\0\x1ejumdjson";
        assert!(!read(&jpeg(&[(0xeb, other)])).c2pa_present);
    }

    #[test]
    fn libjpeg_tables_are_known_and_flat_ones_are_not() {
        let flat = read(&jpeg_with_step(7, &[])).jpeg.unwrap();
        assert!(!flat.is_ijg);
        // Quality 100 of libjpeg: every step is 1.
        let finest = read(&jpeg_with_step(1, &[])).jpeg.unwrap();
        assert!(finest.is_ijg);
        assert_eq!(finest.quality, Some(100));
        assert_ne!(flat.table_digest, read(&jpeg_with_step(8, &[])).jpeg.unwrap().table_digest);
    }

    #[test]
    fn a_broken_table_leaves_the_rest_readable() {
        let file = jpeg_with_tables(&[0, 1, 2], &[(0xfe, b"still here")]);
        let blocks = read(&file);
        assert_eq!(blocks.jpeg.unwrap().table_digest, None);
        assert_eq!(blocks.statements.find(Place::JpegComment, "COM"), Some("still here"));
    }
}
