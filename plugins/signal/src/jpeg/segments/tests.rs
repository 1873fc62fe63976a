// SPDX-License-Identifier: MIT OR Apache-2.0
use proptest::prelude::*;

use super::super::testing::{file, scan, segment};
use super::*;

fn names(walk: &Walk<'_>) -> Vec<&'static str> {
    walk.segments.iter().map(Segment::name).collect()
}

#[test]
fn segments_come_with_offset_and_payload() {
    let bytes = file(&[segment(marker::COM, b"hello"), segment(marker::APP0, b"")]);
    let walk = walk(&bytes, 0).unwrap();
    assert_eq!(names(&walk), ["COM", "APP0", "EOI"]);
    assert_eq!((walk.segments[0].offset, walk.segments[0].payload), (2, b"hello".as_slice()));
    // 2 + (2 + 2 + 5) = 11
    assert_eq!((walk.segments[1].offset, walk.segments[1].payload), (11, b"".as_slice()));
    assert_eq!((walk.end, walk.terminated, walk.garbage), (bytes.len(), true, 0));
}

#[test]
fn data_without_start_marker_are_refused() {
    for bytes in [b"".as_slice(), b"\xFF", b"\xFF\xD9", b"GIF89a"] {
        assert_eq!(walk(bytes, 0).unwrap_err(), JpegError::NotJpeg);
    }
}

#[test]
fn fill_bytes_are_stepped_over_and_are_no_garbage() {
    let bytes = file(&[vec![0xFF, 0xFF, 0xFF], segment(marker::COM, b"x")]);
    let walk = walk(&bytes, 0).unwrap();
    assert_eq!((names(&walk), walk.garbage), (vec!["COM", "EOI"], 0));
    assert_eq!(walk.segments[0].offset, 5);
}

#[test]
fn garbage_between_segments_is_stepped_over_and_counted() {
    let bytes = file(&[segment(marker::COM, b"x"), vec![1, 2, 3], segment(marker::COM, b"y")]);
    let walk = walk(&bytes, 0).unwrap();
    assert_eq!((names(&walk), walk.garbage), (vec!["COM", "COM", "EOI"], 3));
}

#[test]
fn entropy_coded_data_keep_stuffing_and_restart_markers() {
    let coded = [1, 0xFF, 0, 2, 0xFF, 0xD3, 3, 0xFF, 0x42, 4];
    let bytes = file(&[scan(&[(1, 0)], [0, 63, 0], &coded)]);
    let walk = walk(&bytes, 0).unwrap();
    assert_eq!(names(&walk), ["SOS", "EOI"]);
    assert_eq!(walk.segments[0].entropy, coded);
}

#[test]
fn a_segment_longer_than_the_file_is_cut_and_marked() {
    let bytes = [0xFF, 0xD8, 0xFF, marker::COM, 0, 9, b'a', b'b'];
    let walk = walk(&bytes, 0).unwrap();
    assert_eq!((walk.segments[0].payload, walk.segments[0].truncated), (b"ab".as_slice(), true));
    assert!(!walk.terminated);
    assert_eq!(walk.end, bytes.len());
}

#[test]
fn a_length_below_two_is_marked_and_the_walk_goes_on() {
    let bytes = [0xFF, 0xD8, 0xFF, marker::COM, 0, 1, 0xFF, marker::EOI];
    let walk = walk(&bytes, 0).unwrap();
    assert!(walk.segments[0].truncated);
    assert_eq!(names(&walk), ["COM", "EOI"]);
}

#[test]
fn what_follows_the_end_marker_is_not_walked() {
    let mut bytes = file(&[]);
    let end = bytes.len();
    bytes.extend(file(&[segment(marker::COM, b"second")]));
    assert_eq!(walk(&bytes, 0).unwrap().end, end);
    assert_eq!(names(&walk(&bytes, end).unwrap()), ["COM", "EOI"]);
}

#[test]
fn a_flood_of_segments_is_refused() {
    let bytes = file(&vec![segment(marker::COM, b""); MAX_SEGMENTS + 1]);
    let error = walk(&bytes, 0).unwrap_err();
    let offset = 2 + 4 * MAX_SEGMENTS;
    assert_eq!(error, JpegError::TooManySegments { limit: MAX_SEGMENTS, offset });
}

proptest! {
    #[test]
    fn the_first_ff_is_found_as_by_the_naive_search(
        bytes in proptest::collection::vec(prop_oneof![3 => any::<u8>(), 1 => Just(0xFF)], 0..64),
        quiet in 0_usize..40,
    ) {
        let bytes = [vec![0xFE; quiet], bytes].concat();
        prop_assert_eq!(find_ff(&bytes), bytes.iter().position(|byte| *byte == 0xFF));
    }

    #[test]
    fn segments_lie_in_the_file_in_order_without_overlap(
        bytes in proptest::collection::vec(
            prop_oneof![2 => any::<u8>(), 2 => Just(0xFF), 1 => Just(0), 1 => Just(marker::SOS)],
            0..400,
        ),
    ) {
        let bytes = [vec![0xFF, 0xD8], bytes].concat();
        let walk = walk(&bytes, 0).unwrap();
        let mut end = 2;
        for segment in &walk.segments {
            prop_assert!(segment.offset >= end);
            prop_assert_eq!(&bytes[segment.offset..segment.offset + 2], &[0xFF, segment.marker]);
            end = segment.offset + 2 + segment.payload.len() + segment.entropy.len();
        }
        prop_assert!(end <= walk.end && walk.end <= bytes.len());
    }
}
