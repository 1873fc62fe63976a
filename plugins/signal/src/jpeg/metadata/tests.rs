// SPDX-License-Identifier: MIT OR Apache-2.0
use super::super::testing::{file, segment};
use super::*;

const MIB: usize = 1 << 20;

fn tagged(code: u8, tag: &[u8], data: &[u8]) -> Vec<u8> {
    segment(code, &[tag, data].concat())
}

fn extended(guid: u8, full: u32, offset: u32, data: &[u8]) -> Vec<u8> {
    let head = [&[guid; 32], full.to_be_bytes().as_slice(), &offset.to_be_bytes()].concat();
    tagged(marker::APP1, EXTENDED_XMP, &[head.as_slice(), data].concat())
}

fn icc(number: u8, count: u8, data: &[u8]) -> Vec<u8> {
    tagged(marker::APP2, ICC, &[&[number, count], data].concat())
}

#[test]
fn exif_and_xmp_come_without_their_tags() {
    let bytes = file(&[
        tagged(marker::APP1, XMP, b"<x:xmpmeta/>"),
        tagged(marker::APP1, EXIF, b"II*\0"),
        tagged(marker::APP1, EXIF, b"second"),
    ]);
    let jpeg = JpegFile::parse(&bytes).unwrap();
    assert_eq!(jpeg.exif(), Some(b"II*\0".as_slice()));
    assert_eq!(jpeg.xmp(), Some(b"<x:xmpmeta/>".as_slice()));
    assert_eq!(JpegFile::parse(&file(&[])).unwrap().exif(), None);
}

#[test]
fn extended_xmp_is_put_together_in_order() {
    let bytes = file(&[extended(7, 9, 4, b"efghi"), extended(7, 9, 0, b"abcd")]);
    let jpeg = JpegFile::parse(&bytes).unwrap();
    assert_eq!(jpeg.extended_xmp(MIB), Some(b"abcdefghi".to_vec()));
    assert_eq!(jpeg.extended_xmp(8), None);
}

#[test]
fn extended_xmp_with_a_gap_or_a_foreign_portion_is_not_whole() {
    let gap = file(&[extended(7, 9, 0, b"abc"), extended(7, 9, 4, b"efghi")]);
    assert_eq!(JpegFile::parse(&gap).unwrap().extended_xmp(MIB), None);
    let foreign = file(&[extended(7, 9, 0, b"abcd"), extended(8, 9, 4, b"efghi")]);
    assert_eq!(JpegFile::parse(&foreign).unwrap().extended_xmp(MIB), None);
    let huge = file(&[extended(7, u32::MAX, 0, b"abcd")]);
    assert_eq!(JpegFile::parse(&huge).unwrap().extended_xmp(usize::MAX), None);
}

#[test]
fn overlapping_extended_xmp_is_taken_once() {
    let bytes = file(&[extended(7, 6, 0, b"abcd"), extended(7, 6, 2, b"cdef")]);
    assert_eq!(JpegFile::parse(&bytes).unwrap().extended_xmp(MIB), Some(b"abcdef".to_vec()));
}

#[test]
fn an_icc_profile_of_one_chunk_is_borrowed() {
    let bytes = file(&[icc(1, 1, b"profile")]);
    let profile = JpegFile::parse(&bytes).unwrap().icc_profile(MIB);
    assert!(matches!(profile, Some(Cow::Borrowed(b"profile"))));
}

#[test]
fn icc_chunks_are_put_together_by_number() {
    let bytes = file(&[icc(2, 3, b"cd"), icc(3, 3, b"ef"), icc(1, 3, b"ab"), icc(1, 3, b"ab")]);
    let jpeg = JpegFile::parse(&bytes).unwrap();
    assert_eq!(jpeg.icc_profile(MIB).as_deref(), Some(b"abcdef".as_slice()));
    assert_eq!(jpeg.icc_profile(5), None);
    let missing = file(&[icc(1, 3, b"ab"), icc(3, 3, b"ef")]);
    assert_eq!(JpegFile::parse(&missing).unwrap().icc_profile(MIB), None);
}

#[test]
fn iptc_is_found_even_across_two_segments() {
    // 8BIM, identifier 0x0404, empty name, length 6, data.
    let block = b"8BIM\x04\x04\0\0\0\0\0\x06\x1C\x02\x05ABC";
    let one = file(&[tagged(marker::APP13, photoshop::SIGNATURE, block)]);
    let jpeg = JpegFile::parse(&one).unwrap();
    assert!(matches!(jpeg.iptc(), Some(Cow::Borrowed(b"\x1C\x02\x05ABC"))));
    let (head, tail) = block.split_at(14);
    let two = file(&[
        tagged(marker::APP13, photoshop::SIGNATURE, head),
        tagged(marker::APP13, photoshop::SIGNATURE, tail),
    ]);
    let jpeg = JpegFile::parse(&two).unwrap();
    assert_eq!(jpeg.photoshop().as_deref(), Some(block.as_slice()));
    assert_eq!(jpeg.iptc().as_deref(), Some(b"\x1C\x02\x05ABC".as_slice()));
}

#[test]
fn adobe_and_jfif_headers_are_read() {
    let bytes = file(&[
        segment(marker::APP0, b"JFIF\0\x01\x02\x01\x00\x48\x00\x60\x00\x00"),
        segment(marker::APP14, b"Adobe\x00\x64\x80\x00\x00\x00\x02"),
        segment(marker::COM, b"one"),
        segment(marker::COM, b"two"),
    ]);
    let jpeg = JpegFile::parse(&bytes).unwrap();
    let jfif =
        JfifHeader { version: (1, 2), density_unit: 1, density: (72, 96), thumbnail: (0, 0) };
    assert_eq!(jpeg.jfif(), Some(jfif));
    assert_eq!(jpeg.adobe(), Some(AdobeMarker { version: 100, transform: 2 }));
    assert_eq!(jpeg.comments().collect::<Vec<_>>(), [b"one", b"two"]);
}

#[test]
fn short_headers_are_absent() {
    let bytes = file(&[segment(marker::APP0, b"JFIF\0\x01"), segment(marker::APP14, b"Adobe\0")]);
    let jpeg = JpegFile::parse(&bytes).unwrap();
    assert_eq!((jpeg.jfif(), jpeg.adobe()), (None, None));
}
