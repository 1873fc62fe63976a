// SPDX-License-Identifier: MIT OR Apache-2.0
//! WebP: sizes, and chunks that say more than there is.

use super::{plain, Answer, Hostile};
use crate::synth::codec::{self, CodecError};

pub(super) fn files() -> Result<Vec<Hostile>, CodecError> {
    let plain = codec::webp(&plain())?;
    let picture = plain.get(12..).unwrap_or_default();
    // 24 bits a side less one.
    let canvas = |side: [u8; 6]| chunk(b"VP8X", &[&[0x2c, 0, 0, 0][..], &side].concat());
    let huge = canvas([0xff, 0xff, 0, 0xff, 0xff, 0]);
    let fitting = canvas([127, 0, 0, 103, 0, 0]);
    let xmp = chunk(b"XMP ", &b"<a>".repeat(3_000_000));
    let exif = chunk(b"EXIF", &[b"II*\0\x08\0\0\0\xff\xff", &vec![0; 9_000_000][..]].concat());
    let lying = [b"ICCP", &u32::MAX.to_le_bytes()[..]].concat();
    // 14 bits a side less one.
    let lossless = chunk(b"VP8L", &[0x2f, 0xfe, 0xbf, 0xff, 0x0f]);
    let longest = chunk(b"VP8L", &[0x2f, 0xff, 0xff, 0xff, 0x0f]);
    Ok(vec![
        Hostile::new("webp/canvas", Answer::Refused, file(&[&huge, picture])),
        Hostile::new("webp/size", Answer::TooLarge, file(&[&lossless])),
        Hostile::new("webp/longest", Answer::Refused, file(&[&longest])),
        Hostile::new("webp/profile-length", Answer::Refused, file(&[&fitting, &lying, picture])),
        Hostile::new("webp/blocks", Answer::Picture, file(&[&fitting, picture, &exif, &xmp])),
    ])
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let padding = vec![0; data.len() % 2];
    [kind, &(data.len() as u32).to_le_bytes()[..], data, &padding].concat()
}

fn file(chunks: &[&[u8]]) -> Vec<u8> {
    let body = [b"WEBP", &chunks.concat()[..]].concat();
    [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
}
