// SPDX-License-Identifier: MIT OR Apache-2.0
//! TIFF: sizes, streams that grow, strips over each other, tiles of no size and of every size.

use super::bytes::zeros;
use super::{plain, Answer, Hostile};

/// Mebibytes of zeros of a bomb.
const BOMB_PARTS: usize = 1024;

const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const COMPRESSION: u16 = 259;
const FILL_ORDER: u16 = 266;
const OFFSETS: u16 = 273;
const ROWS: u16 = 278;
const LENGTHS: u16 = 279;
const TILE_WIDTH: u16 = 322;
const TILE_HEIGHT: u16 = 323;
const JPEG_TABLES: u16 = 347;

const LZW: u64 = 5;
const JPEG: u64 = 7;
const DEFLATE: u64 = 8;
const GROUP_3: u64 = 3;
const PACKBITS: u64 = 32_773;

/// Tags with their values, data at offset 16.
struct File {
    data: Vec<u8>,
    tags: Vec<(u16, Vec<u64>)>,
    next: u64,
}

pub(super) fn files() -> Vec<Hostile> {
    let plain = plain();
    let of_plain = |compression, data: &[u8]| File::new(128, 104, compression, data);
    let deflated = zeros(&plain.rgb, BOMB_PARTS);
    // A clear code, then the code of a zero again and again: each is longer by one than the last.
    let lzw = [&[0x80, 0x00][..], &[0xff; 4_000_000]].concat();
    let blank = zeros(&[0; 300], 0);
    let rows = 1_000_000;
    let mut overlapping = File::new(100, rows, DEFLATE, &[&blank[..], &[0; 4_000_000]].concat());
    overlapping.set(ROWS, &[1]);
    overlapping.set(OFFSETS, &vec![16; rows as usize]);
    overlapping.set(LENGTHS, &vec![u64::from(u32::MAX); rows as usize]);
    let mut tables = of_plain(JPEG, &[0xff, 0xd8, 0xff, 0xd9]);
    tables.set(ROWS, &[1]);
    tables.set(OFFSETS, &[16; 104]);
    tables.set(LENGTHS, &[4; 104]);
    tables.set(JPEG_TABLES, &vec![0xffd8_ffd9; 1_000_000]);
    let tiled = |width, height| {
        let mut file = of_plain(DEFLATE, &deflated[..4096]);
        file.set(TILE_WIDTH, &[width]);
        file.set(TILE_HEIGHT, &[height]);
        file
    };
    let mut dots = tiled(1, 1);
    dots.set(WIDTH, &[10_000]);
    dots.set(HEIGHT, &[10_000]);
    let mut reversed = of_plain(1, &[&plain.rgb[..], &[0; 8_000_000]].concat());
    reversed.set(FILL_ORDER, &[2]);
    reversed.set(ROWS, &[1]);
    reversed.set(OFFSETS, &(0..104).map(|row| 16 + row * 384).collect::<Vec<_>>());
    reversed.set(LENGTHS, &[u64::from(u32::MAX); 104]);
    let mut circle = of_plain(1, &plain.rgb);
    circle.next = 16 + plain.rgb.len() as u64;
    let nothing = |compression| of_plain(compression, &[128; 8_000_000]).small();
    vec![
        Hostile::new("tiff/size", Answer::TooLarge, File::new(65_535, 65_535, 1, &[0]).small()),
        Hostile::new("tiff/most-size", Answer::Refused, File::new(1 << 40, 1 << 40, 1, &[0]).big()),
        Hostile::new("tiff/deflate-bomb", Answer::Picture, of_plain(DEFLATE, &deflated).small()),
        Hostile::new("tiff/lzw", Answer::Refused, of_plain(LZW, &lzw).small()),
        Hostile::new("tiff/packbits", Answer::Refused, nothing(PACKBITS)),
        Hostile::new("tiff/group-3", Answer::Refused, nothing(GROUP_3)),
        Hostile::new("tiff/overlapping", Answer::Refused, overlapping.small()),
        Hostile::new("tiff/tables", Answer::Refused, tables.small()),
        Hostile::new("tiff/tiles-of-everything", Answer::TooLarge, tiled(1 << 40, 1 << 40).big()),
        Hostile::new("tiff/tiles-of-nothing", Answer::Refused, tiled(0, 0).small()),
        Hostile::new("tiff/tiles-of-a-dot", Answer::Refused, dots.small()),
        Hostile::new("tiff/reversed", Answer::Picture, reversed.small()),
        Hostile::new("tiff/circle", Answer::Picture, circle.small()),
    ]
}

impl File {
    /// Three samples of 8 bits in one strip.
    fn new(width: u64, height: u64, compression: u64, data: &[u8]) -> Self {
        let one = |tag: u16, value: u64| (tag, vec![value]);
        let tags = vec![
            one(WIDTH, width),
            one(HEIGHT, height),
            (258, vec![8, 8, 8]),
            one(COMPRESSION, compression),
            one(262, 2),
            one(OFFSETS, 16),
            one(277, 3),
            one(ROWS, height),
            one(LENGTHS, data.len() as u64),
        ];
        Self { data: data.to_vec(), tags, next: 0 }
    }

    fn set(&mut self, tag: u16, values: &[u64]) {
        self.tags.retain(|(known, _)| *known != tag);
        self.tags.push((tag, values.to_vec()));
        self.tags.sort_by_key(|(tag, _)| *tag);
    }

    /// Values of 32 bits; those that are larger are cut.
    fn small(&self) -> Vec<u8> {
        self.write(b"II*\0", 4)
    }

    /// Values of 64 bits.
    fn big(&self) -> Vec<u8> {
        self.write(b"II+\0\x08\0\0\0", 8)
    }

    fn write(&self, mark: &[u8], word: usize) -> Vec<u8> {
        let number = |value: u64| value.to_le_bytes()[..word].to_vec();
        let directory = 16 + self.data.len().next_multiple_of(2);
        let mut bytes = [mark, &number(directory as u64)].concat();
        bytes.resize(16, 0);
        bytes.extend_from_slice(&self.data);
        bytes.resize(directory, 0);
        let kind = if word == 4 { 4_u16 } else { 16 };
        let count = self.tags.len() as u64;
        bytes.extend_from_slice(&count.to_le_bytes()[..if word == 4 { 2 } else { 8 }]);
        let mut outside = bytes.len() + self.tags.len() * (4 + 2 * word) + word;
        let mut values = Vec::new();
        for (tag, all) in &self.tags {
            bytes.extend_from_slice(&[tag.to_le_bytes(), kind.to_le_bytes()].concat());
            bytes.extend(number(all.len() as u64));
            if let [value] = all.as_slice() {
                bytes.extend(number(*value));
            } else {
                bytes.extend(number(outside as u64));
                outside += all.len() * word;
                values.extend(all.iter().flat_map(|value| number(*value)));
            }
        }
        bytes.extend(number(self.next));
        bytes.extend(values);
        bytes
    }
}
