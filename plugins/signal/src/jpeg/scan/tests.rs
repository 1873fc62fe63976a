// SPDX-License-Identifier: MIT OR Apache-2.0
use super::super::marker;
use super::super::segments::walk;
use super::super::testing;
use super::*;

fn read(code: u8, payload: &[u8]) -> Result<ScanHeader, &'static str> {
    let parts = [(1, 2, 2, 0), (2, 1, 1, 1), (2, 1, 1, 1)];
    let bytes = testing::file(&[
        testing::frame(code, 8, 8, &parts),
        testing::segment(marker::SOS, payload),
    ]);
    let walk = walk(&bytes, 0).unwrap();
    ScanHeader::read(&walk.segments[1], &Frame::read(&walk.segments).unwrap())
}

#[test]
fn a_header_is_read_field_by_field() {
    let header = read(marker::SOF2, &[1, 1, 0x23, 5, 9, 0x10]).unwrap();
    let expected = ScanHeader { parts: vec![(0, 2, 3)], band: (5, 9), high: 1, low: 0 };
    assert_eq!(header, expected);
}

#[test]
fn identifiers_that_appear_twice_stand_for_components_in_their_order() {
    let header = read(marker::SOF0, &[2, 2, 0x00, 2, 0x11, 0, 63, 0]).unwrap();
    assert_eq!(header.parts, [(1, 0, 0), (2, 1, 1)]);
}

#[test]
fn sequential_headers_may_say_any_band() {
    assert!(read(marker::SOF0, &[1, 1, 0, 0, 0, 0]).is_ok());
}

#[test]
fn impossible_headers_are_named() {
    let cases: [(&[u8], &str); 11] = [
        (&[], "the header is empty"),
        (&[0, 0, 63, 0], "the number of components does not fit the frame"),
        (&[4, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0], "the number of components does not fit the frame"),
        (&[2, 1, 0, 2], "the header is cut short"),
        (&[1, 1, 0, 0, 0], "the header is cut short"),
        (&[1, 9, 0, 0, 0, 0], "a component is not in the frame, or named twice"),
        (&[1, 1, 0x40, 0, 0, 0], "a Huffman table slot is above 3"),
        (&[1, 1, 0, 1, 64, 0], "the band does not lie in 0..=63"),
        (&[1, 1, 0, 0, 5, 0], "a band mixes DC and AC coefficients"),
        (&[2, 1, 0, 2, 0, 1, 5, 0], "an AC band has more than one component"),
        (&[1, 1, 0, 1, 5, 0x31], "the bit positions do not follow one another"),
    ];
    for (payload, problem) in cases {
        assert_eq!(read(marker::SOF2, payload).unwrap_err(), problem, "{payload:?}");
    }
}

#[test]
fn narrowing_clamps() {
    assert_eq!([40_000, -40_000, 7].map(narrow), [i16::MAX, i16::MIN, 7]);
}
