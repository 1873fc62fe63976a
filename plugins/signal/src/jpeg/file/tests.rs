// SPDX-License-Identifier: MIT OR Apache-2.0
use super::super::testing::{file, flat_table, frame, huffman, scan, segment};
use super::*;

const COLOR: [(u8, u8, u8, u8); 3] = [(1, 2, 2, 0), (2, 1, 1, 1), (3, 1, 1, 1)];
const CMYK: [(u8, u8, u8, u8); 4] = [(1, 1, 1, 0), (2, 1, 1, 0), (3, 1, 1, 0), (4, 1, 1, 0)];

fn adobe(transform: u8) -> Vec<u8> {
    segment(marker::APP14, &[b"Adobe\0\x64\0\0\0\0".as_slice(), &[transform]].concat())
}

fn model(parts: &[Vec<u8>]) -> ColorModel {
    JpegFile::parse(&file(parts)).unwrap().color_model()
}

#[test]
fn the_color_model_follows_the_rules_of_libjpeg() {
    let three = || frame(marker::SOF0, 8, 8, &COLOR);
    let four = || frame(marker::SOF0, 8, 8, &CMYK);
    let letters =
        || frame(marker::SOF0, 8, 8, &[(b'R', 1, 1, 0), (b'G', 1, 1, 0), (b'B', 1, 1, 0)]);
    let jfif = || segment(marker::APP0, b"JFIF\0\x01\x02\x01\x00\x48\x00\x60\x00\x00");
    assert_eq!(model(&[frame(marker::SOF0, 8, 8, &[(1, 1, 1, 0)])]), ColorModel::Grey);
    assert_eq!(model(&[three()]), ColorModel::YCbCr);
    assert_eq!(model(&[adobe(0), three()]), ColorModel::Rgb);
    assert_eq!(model(&[adobe(1), letters()]), ColorModel::YCbCr);
    assert_eq!(model(&[letters()]), ColorModel::Rgb);
    assert_eq!(model(&[jfif(), letters()]), ColorModel::YCbCr);
    assert_eq!(model(&[four()]), ColorModel::Cmyk);
    assert_eq!(model(&[adobe(2), four()]), ColorModel::Ycck);
    assert_eq!(model(&[frame(marker::SOF0, 8, 8, &COLOR[..2])]), ColorModel::Other);
    assert_eq!(model(&[]), ColorModel::Other);
}

#[test]
fn a_component_has_the_table_that_its_first_scan_saw() {
    let bytes = file(&[
        flat_table(0, 2),
        frame(marker::SOF0, 8, 8, &COLOR),
        flat_table(0, 3),
        flat_table(1, 4),
        scan(&[(1, 0)], [0, 63, 0], &[]),
        flat_table(0, 5),
        flat_table(1, 6),
        scan(&[(2, 0), (3, 0)], [0, 63, 0], &[]),
        flat_table(1, 7),
    ]);
    let jpeg = JpegFile::parse(&bytes).unwrap();
    assert_eq!(jpeg.luma_dqt(), Some(&[3; 64]));
    assert_eq!(jpeg.chroma_dqt(), Some(&[6; 64]));
    assert_eq!(jpeg.component_table(2).map(|table| table.steps[0]), Some(6));
    assert_eq!(jpeg.component_table(3), None);
    assert_eq!(jpeg.quantisation_tables().len(), 6);
}

#[test]
fn without_luma_there_is_no_luma_table_but_a_quality() {
    let bytes = file(&[adobe(0), flat_table(0, 1), frame(marker::SOF0, 8, 8, &COLOR)]);
    let jpeg = JpegFile::parse(&bytes).unwrap();
    assert_eq!((jpeg.luma_dqt(), jpeg.chroma_dqt()), (None, None));
    assert_eq!(
        jpeg.quality().map(|estimate| (estimate.quality, estimate.exact)),
        Some((100, true))
    );
    let error = jpeg.luma_coefficients(&Limits::default()).unwrap_err();
    assert_eq!(error, JpegError::NoLuma { color: "RGB" });
}

#[test]
fn a_grey_file_has_no_chroma_table() {
    let bytes = file(&[flat_table(0, 9), frame(marker::SOF0, 8, 8, &COLOR[..1])]);
    let jpeg = JpegFile::parse(&bytes).unwrap();
    assert_eq!((jpeg.luma_dqt(), jpeg.chroma_dqt()), (Some(&[9; 64]), None));
}

#[test]
fn what_follows_the_image_is_reported() {
    let first = file(&[frame(marker::SOF0, 8, 8, &COLOR)]);
    assert_eq!(JpegFile::parse(&first).unwrap().trailing(), None);
    let second = file(&[segment(marker::COM, b"second")]);
    let bytes = [first.as_slice(), &[0; 5], &second, &first, b"ftypmp42"].concat();
    let jpeg = JpegFile::parse(&bytes).unwrap();
    let (start, length) = (first.len(), second.len());
    let trailing = Span { offset: start, length: bytes.len() - start };
    assert_eq!(jpeg.trailing(), Some(trailing));
    let further =
        [Span { offset: start + 5, length }, Span { offset: start + 5 + length, length: start }];
    assert_eq!(jpeg.further_images(), further);
}

#[test]
fn damage_shows_but_metadata_stay_readable() {
    let whole = file(&[segment(marker::COM, b"hello"), frame(marker::SOF0, 8, 8, &COLOR)]);
    assert!(JpegFile::parse(&whole).unwrap().is_whole());
    let cut = &whole[..whole.len() - 8];
    let jpeg = JpegFile::parse(cut).unwrap();
    assert!(!jpeg.is_whole());
    assert!(matches!(jpeg.frame(), Err(JpegError::Malformed { name: "SOF0", offset: 11, .. })));
    assert_eq!(jpeg.comments().next(), Some(b"hello".as_slice()));
    let error = jpeg.luma_coefficients(&Limits::default()).unwrap_err();
    assert!(matches!(error, JpegError::Malformed { name: "SOF0", .. }));
}

#[test]
fn the_set_of_huffman_tables_is_judged() {
    let standard = huffman(&HuffmanTable::standard(true, 0));
    let mut other = HuffmanTable::standard(true, 1);
    other.values.swap(3, 4);
    let set = |parts: &[Vec<u8>]| JpegFile::parse(&file(parts)).unwrap().huffman_set();
    assert_eq!(set(&[]), HuffmanSet::Absent);
    assert_eq!(set(std::slice::from_ref(&standard)), HuffmanSet::Standard);
    assert_eq!(set(&[standard, huffman(&other)]), HuffmanSet::Optimised);
}

#[test]
fn a_component_that_is_not_there_is_refused() {
    let bytes = file(&[frame(marker::SOF0, 8, 8, &COLOR)]);
    let jpeg = JpegFile::parse(&bytes).unwrap();
    let limits = Limits::default();
    let error = jpeg.component_coefficients(3, &limits).unwrap_err();
    assert_eq!(error, JpegError::NoComponent { component: 3, count: 3 });
    let error = jpeg.component_coefficients(1, &limits).unwrap_err();
    assert_eq!(error, JpegError::NoScan { component: 1 });
    let error = jpeg.coefficients(&limits).unwrap_err();
    assert_eq!(error, JpegError::NoScan { component: 0 });
}
