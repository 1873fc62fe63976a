// SPDX-License-Identifier: MIT OR Apache-2.0
//! JPEG: sizes, scans without end, segments without number.

use super::bytes::{position, with};
use super::{plain, Answer, Hostile};
use crate::synth::codec::{CodecError, Jpeg};

pub(super) fn files() -> Result<Vec<Hostile>, CodecError> {
    let plain = plain();
    let baseline = Jpeg::quality(80).encode(&plain)?;
    let progressive = Jpeg::quality(80).progressive().encode(&plain)?;
    let comments = segment(0xfe, b"x").repeat(200_000);
    let profile: Vec<u8> = (1..=255)
        .flat_map(|number| {
            segment(0xe2, &[b"ICC_PROFILE\0", &[number, 255][..], &vec![7; 65_000]].concat())
        })
        .collect();
    let exif = segment(0xe1, &[b"Exif\0\0", &circle()[..]].concat());
    // A first scan of no coefficient but the first, with no data behind it.
    let empty_scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0x01];
    let refining = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0x10];
    let sequential = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0xaa];
    Ok(vec![
        Hostile::new("jpeg/size", Answer::TooLarge, sized(&baseline, 0xc0)),
        Hostile::new("jpeg/progressive-size", Answer::TooLarge, sized(&progressive, 0xc2)),
        Hostile::new("jpeg/scans", Answer::Picture, before_end(&progressive, &refining, 5_000)),
        Hostile::new(
            "jpeg/first-scans",
            Answer::Picture,
            before_end(&progressive, &empty_scan, 5_000),
        ),
        Hostile::new(
            "jpeg/more-scans",
            Answer::Picture,
            before_end(&baseline, &sequential, 50_000),
        ),
        Hostile::new("jpeg/comments", Answer::Picture, after_start(&baseline, &comments)),
        Hostile::new("jpeg/profile", Answer::Picture, after_start(&baseline, &profile)),
        Hostile::new("jpeg/exif-circle", Answer::Picture, after_start(&baseline, &exif)),
    ])
}

/// 65,535 px a side in the frame header.
fn sized(file: &[u8], frame: u8) -> Vec<u8> {
    let at = position(file, &[0xff, frame]).unwrap_or(0);
    with(file.to_vec(), at + 5, &[0xff; 4])
}

fn after_start(file: &[u8], segments: &[u8]) -> Vec<u8> {
    let (start, rest) = file.split_at(2.min(file.len()));
    [start, segments, rest].concat()
}

fn before_end(file: &[u8], scan: &[u8], count: usize) -> Vec<u8> {
    let (rest, end) = file.split_at(file.len().saturating_sub(2));
    [rest, &scan.repeat(count), end].concat()
}

/// A segment of at most 65,533 bytes.
fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u16 + 2).to_be_bytes();
    [&[0xff, marker], &length[..], payload].concat()
}

/// Directories that follow and contain each other in a circle.
fn circle() -> Vec<u8> {
    let entry = |tag: u16, to: u32| {
        [&tag.to_le_bytes()[..], &4_u16.to_le_bytes(), &1_u32.to_le_bytes(), &to.to_le_bytes()]
            .concat()
    };
    let entries = [entry(0x8769, 8), entry(0x8825, 8), entry(0x014a, 8)].concat();
    [b"II*\0\x08\0\0\0\x03\0", &entries[..], &8_u32.to_le_bytes()].concat()
}
