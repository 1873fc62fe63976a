// SPDX-License-Identifier: MIT OR Apache-2.0
//! PNG: sizes and streams that grow.

use flate2::Crc;

use super::bytes::zeros;
use super::{plain, Answer, Hostile};

/// Mebibytes of zeros of a bomb.
const BOMB_PARTS: usize = 1024;

pub(super) fn files() -> Vec<Hostile> {
    let plain = plain();
    let (width, height) = (plain.width as u32, plain.height as u32);
    let rows: Vec<u8> =
        plain.rgb.chunks_exact(3 * plain.width).flat_map(|row| [&[0], row].concat()).collect();
    let data = chunk(b"IDAT", &zeros(&rows, 0));
    let with = |between: &[u8]| file(width, height, between, &data);
    let bomb = zeros(&[], BOMB_PARTS);
    let profile = chunk(b"iCCP", &[b"p\0\0", &bomb[..]].concat());
    let text = chunk(b"zTXt", &[b"Comment\0\0", &bomb[..]].concat());
    let xmp = chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\x01\0\0\0", &bomb[..]].concat());
    let after = chunk(b"IDAT", &zeros(&rows, BOMB_PARTS));
    let empty = chunk(b"teSt", &[]).repeat(1_000_000);
    let exif = chunk(b"eXIf", &long_text());
    vec![
        Hostile::new("png/size", Answer::TooLarge, file(65_535, 65_535, &[], &data)),
        Hostile::new("png/most-size", Answer::Refused, file(u32::MAX >> 1, 1 << 30, &[], &data)),
        Hostile::new("png/profile-bomb", Answer::Picture, with(&profile)),
        Hostile::new("png/text-bomb", Answer::Picture, with(&text)),
        Hostile::new("png/xmp-bomb", Answer::Picture, with(&xmp)),
        Hostile::new("png/data-bomb", Answer::Picture, file(width, height, &[], &after)),
        Hostile::new("png/chunks", Answer::Picture, with(&empty)),
        Hostile::new("png/exif-text", Answer::Picture, with(&exif)),
    ]
}

/// An EXIF block whose orientation is a text of eight million zeros.
fn long_text() -> Vec<u8> {
    const LENGTH: u32 = 8_000_000;
    let entry = [&0x0112_u16.to_le_bytes()[..], &2_u16.to_le_bytes(), &LENGTH.to_le_bytes()];
    let start = [b"II*\0\x08\0\0\0\x01\0", &entry.concat()[..], &26_u32.to_le_bytes(), &[0; 4]];
    [start.concat(), vec![0; LENGTH as usize]].concat()
}

fn file(width: u32, height: u32, between: &[u8], data: &[u8]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let (header, end) = (chunk(b"IHDR", &header), chunk(b"IEND", &[]));
    [b"\x89PNG\r\n\x1a\n", &header[..], between, data, &end].concat()
}

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(name);
    crc.update(data);
    let length = (data.len() as u32).to_be_bytes();
    [&length[..], name, data, &crc.sum().to_be_bytes()].concat()
}
