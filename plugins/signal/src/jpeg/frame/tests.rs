// SPDX-License-Identifier: MIT OR Apache-2.0
use super::super::segments::walk;
use super::super::testing::{file, frame, segment};
use super::*;

fn read(parts: &[Vec<u8>]) -> Result<Frame, JpegError> {
    Frame::read(&walk(&file(parts), 0).unwrap().segments)
}

fn problem(header: Vec<u8>) -> &'static str {
    match read(&[header]).unwrap_err() {
        JpegError::Malformed { problem, .. } => problem,
        other => panic!("{other}"),
    }
}

#[test]
fn a_header_is_read_field_by_field() {
    let parts = [(1, 2, 2, 0), (2, 1, 1, 1), (3, 1, 1, 1)];
    let frame = read(&[frame(marker::SOF2, 640, 480, &parts)]).unwrap();
    assert_eq!((frame.coding, frame.precision), (Coding::Progressive, 8));
    assert_eq!((frame.width, frame.height, frame.offset), (640, 480, 2));
    let chroma = Component { id: 2, horizontal: 1, vertical: 1, table_slot: 1 };
    assert_eq!(frame.components[1], chroma);
    assert!(frame.is_progressive());
}

#[test]
fn every_start_of_frame_has_its_process() {
    let expected = [
        (0xC0, Coding::Baseline),
        (0xC1, Coding::Extended),
        (0xC2, Coding::Progressive),
        (0xC3, Coding::Lossless),
        (0xC5, Coding::Hierarchical),
        (0xC7, Coding::Hierarchical),
        (0xC9, Coding::Arithmetic),
        (0xCF, Coding::Arithmetic),
    ];
    for (code, coding) in expected {
        assert_eq!(read(&[frame(code, 8, 8, &[(1, 1, 1, 0)])]).unwrap().coding, coding);
    }
}

#[test]
fn padding_blocks_are_not_counted() {
    let parts = [(1, 2, 2, 0), (2, 1, 1, 1), (3, 1, 1, 1)];
    let frame = read(&[frame(marker::SOF0, 17, 9, &parts)]).unwrap();
    // Luma 17x9 in 3x2 blocks; chroma ceil(17 / 2) x ceil(9 / 2) = 9x5 in 2x1 blocks; units of
    // 16x16 samples.
    assert_eq!(frame.component_blocks(0), Some((3, 2)));
    assert_eq!(frame.component_size(1), Some((9, 5)));
    assert_eq!(frame.component_blocks(1), Some((2, 1)));
    assert_eq!(frame.mcu_count(), (2, 1));
    assert_eq!(frame.component_blocks(3), None);
}

#[test]
fn subsampling_has_its_usual_name() {
    let cases = [
        ([(1, 1), (1, 1), (1, 1)], "4:4:4"),
        ([(2, 2), (2, 2), (2, 2)], "4:4:4"),
        ([(2, 1), (1, 1), (1, 1)], "4:2:2"),
        ([(2, 2), (1, 2), (1, 2)], "4:2:2"),
        ([(2, 2), (1, 1), (1, 1)], "4:2:0"),
        ([(1, 2), (1, 1), (1, 1)], "4:4:0"),
        ([(4, 1), (1, 1), (1, 1)], "4:1:1"),
        ([(4, 2), (1, 1), (1, 1)], "other"),
        ([(3, 1), (2, 1), (2, 1)], "other"),
        ([(1, 1), (2, 2), (2, 2)], "other"),
        ([(2, 2), (1, 1), (2, 1)], "other"),
    ];
    for (factors, name) in cases {
        let parts: Vec<_> = (1..).zip(factors).map(|(id, (h, v))| (id, h, v, 0)).collect();
        let frame = read(&[frame(marker::SOF0, 64, 64, &parts)]).unwrap();
        assert_eq!(frame.subsampling(), name, "{factors:?}");
    }
    let grey = read(&[frame(marker::SOF0, 64, 64, &[(1, 2, 2, 0)])]).unwrap();
    assert_eq!(grey.subsampling(), "4:0:0");
}

#[test]
fn the_number_of_lines_may_follow_later() {
    let header = frame(marker::SOF0, 8, 0, &[(1, 1, 1, 0)]);
    assert_eq!(problem(header.clone()), "the height is 0 and no DNL segment gives it");
    let lines = segment(marker::DNL, &[1, 2]);
    assert_eq!(read(&[header, lines]).unwrap().height, 258);
}

#[test]
fn impossible_headers_are_named() {
    let one = [(1, 1, 1, 0)];
    assert_eq!(read(&[]).unwrap_err(), JpegError::NoFrame);
    assert_eq!(problem(segment(marker::SOF0, &[8, 0, 1])), "the header is shorter than 6 bytes");
    assert_eq!(problem(frame(marker::SOF0, 0, 8, &one)), "the width is 0");
    let none = "the number of components is outside 1..=4";
    assert_eq!(problem(frame(marker::SOF0, 8, 8, &[])), none);
    assert_eq!(problem(frame(marker::SOF0, 8, 8, &[(1, 1, 1, 0); 5])), none);
    let factor = "a sampling factor is outside 1..=4";
    assert_eq!(problem(frame(marker::SOF0, 8, 8, &[(1, 0, 1, 0)])), factor);
    assert_eq!(problem(frame(marker::SOF0, 8, 8, &[(1, 1, 5, 0)])), factor);
    let slot = "a quantisation table slot is above 3";
    assert_eq!(problem(frame(marker::SOF0, 8, 8, &[(1, 1, 1, 4)])), slot);
    let cut = segment(marker::SOF0, &[8, 0, 8, 0, 8, 3, 1, 0x11, 0]);
    assert_eq!(problem(cut), "the component list is cut short");
    let deep = segment(marker::SOF0, &[17, 0, 8, 0, 8, 1, 1, 0x11, 0]);
    assert_eq!(problem(deep), "the sample precision is outside 2..=16 bits");
}
