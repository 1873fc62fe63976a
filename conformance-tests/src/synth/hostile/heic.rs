// SPDX-License-Identifier: MIT OR Apache-2.0
//! HEIF: tables whose counts cost nothing, parts that contain each other, tiles and slices without end.
//!
//! The coded picture is that of `data/ramp.heic`, 128x104 px.

use super::bytes::position;
use super::{Answer, Hostile};
use crate::fixtures::HEIC;

/// Numbers of the items.
const FIRST: u16 = 1;
const SECOND: u16 = 2;

/// A file in parts.
#[derive(Clone)]
struct File {
    /// Number, type, data.
    items: Vec<(u16, [u8; 4], Vec<u8>)>,
    /// Type, from, to.
    references: Vec<([u8; 4], u16, Vec<u16>)>,
    /// Size that each item states, px.
    size: (u32, u32),
    /// In place of the items' locations.
    locations: Option<Vec<u8>>,
    /// Further boxes of `meta`.
    more: Vec<u8>,
}

pub(super) fn files() -> Vec<Hostile> {
    let coded = coded();
    let plain = File {
        items: vec![(FIRST, *b"hvc1", coded.clone())],
        references: Vec::new(),
        size: (128, 104),
        locations: None,
        more: Vec::new(),
    };
    let sized = File { size: (65_535, 65_535), ..plain.clone() };
    let second = |kind: [u8; 4], data: Vec<u8>, to: Vec<u16>| {
        let items = vec![(FIRST, kind, data), (SECOND, *b"hvc1", coded.clone())];
        File { items, references: vec![(*b"dimg", FIRST, to)], ..plain.clone() }
    };
    let mut circle = second(*b"hvc1", coded.clone(), vec![SECOND]);
    circle.references.push((*b"dimg", SECOND, vec![FIRST]));
    let grid = |side: u8| [0, 0, side, side, 0, 128, 0, 104].to_vec();
    let tiles = second(*b"grid", grid(254), vec![SECOND; 255 * 255]);
    let mut inside = second(*b"iden", Vec::new(), vec![FIRST]);
    inside.references.push((*b"auxl", FIRST, vec![FIRST]));
    let overlay = [vec![0; 10], vec![0, 128, 0, 104], vec![0; 4 * 2_000]].concat();
    let overlays = second(*b"iovl", overlay, vec![SECOND; 2_000]);
    // Slices of four bytes, that would each be decoded over the whole picture.
    let slice = [&4_u32.to_be_bytes()[..], &[0x26, 0x01, 0x2a, 0x80]].concat();
    let mut slices = plain.clone();
    slices.items[0].2.extend(slice.repeat(1_000_000));
    // Every field of an extent has no length.
    let of_item = |number: u16| [&number.to_be_bytes()[..], &[0, 0, 0xff, 0xff]].concat();
    let extents = (0..20_000).flat_map(of_item);
    let extents =
        [&[0, 0, 0, 0, 0, 0][..], &20_000_u16.to_be_bytes(), &extents.collect::<Vec<_>>()];
    let extents = File { locations: Some(extents.concat()), ..plain.clone() };
    let mut twice = plain.clone();
    twice.items = vec![(FIRST, *b"hvc1", coded.clone()); 300];
    let mut many = plain.clone();
    many.items.extend((2..20_000).map(|number| (number, *b"hvc1", Vec::new())));
    // Each in the one before.
    let nested =
        (1..=125_000_u32).rev().flat_map(|left| [&(8 * left).to_be_bytes()[..], b"meta"].concat());
    let nested = nested.collect();
    let nested = File { more: nested, ..plain.clone() };
    vec![
        Hostile::new("heic/size", Answer::TooLarge, sized.write()),
        Hostile::new("heic/parts-in-a-circle", Answer::Picture, circle.write()),
        Hostile::new("heic/part-of-itself", Answer::Refused, inside.write()),
        Hostile::new("heic/tiles", Answer::Picture, tiles.write()),
        Hostile::new("heic/overlays", Answer::Refused, overlays.write()),
        Hostile::new("heic/slices", Answer::Refused, slices.write()),
        Hostile::new("heic/extents", Answer::Refused, extents.write()),
        Hostile::new("heic/items-twice", Answer::Refused, twice.write()),
        Hostile::new("heic/items", Answer::Refused, many.write()),
        Hostile::new("heic/nested", Answer::Picture, nested.write()),
    ]
}

/// The box of this type in the plain file, header included.
fn found(kind: &[u8; 4]) -> &'static [u8] {
    let at = position(HEIC, kind).and_then(|at| at.checked_sub(4)).unwrap_or(0);
    let rest = HEIC.get(at..).unwrap_or_default();
    let length = rest.first_chunk().map_or(0, |length| u32::from_be_bytes(*length) as usize);
    rest.get(..length).unwrap_or(rest)
}

/// The coded picture.
fn coded() -> Vec<u8> {
    found(b"mdat").get(8..).unwrap_or_default().to_vec()
}

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
}

/// A box with version and flags 0.
fn full(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    boxed(kind, &[&[0; 4], content].concat())
}

impl File {
    fn write(&self) -> Vec<u8> {
        let start = boxed(b"ftyp", b"heic\0\0\0\0mif1heic");
        let data: Vec<u8> = self.items.iter().flat_map(|(_, _, data)| data.clone()).collect();
        let mut place = start.len() as u32 + 8;
        let count = (self.items.len() as u16).to_be_bytes();
        let mut infos = count.to_vec();
        let mut locations = [&[0x44, 0][..], &count].concat();
        let mut associations = u32::from(self.items.len() as u16).to_be_bytes().to_vec();
        for (number, kind, data) in &self.items {
            let number = number.to_be_bytes();
            let info = [&[2, 0, 0, 0][..], &number, &[0, 0], kind, &[0]].concat();
            infos.extend(boxed(b"infe", &info));
            let length = data.len() as u32;
            let extent = [&place.to_be_bytes()[..], &length.to_be_bytes()].concat();
            locations.extend([&number[..], &[0, 0, 0, 1], &extent].concat());
            place += length;
            // Size and decoder of every item.
            associations.extend([&number[..], &[2, 1, 0x82]].concat());
        }
        let size = [&self.size.0.to_be_bytes()[..], &self.size.1.to_be_bytes()].concat();
        let properties = boxed(b"ipco", &[full(b"ispe", &size), found(b"hvcC").to_vec()].concat());
        let properties = [properties, full(b"ipma", &associations)].concat();
        let references = self.references.iter().flat_map(|(kind, from, to)| {
            let to: Vec<u8> = to.iter().flat_map(|number| number.to_be_bytes()).collect();
            let count = (to.len() / 2) as u16;
            boxed(kind, &[&from.to_be_bytes()[..], &count.to_be_bytes(), &to].concat())
        });
        let locations = match &self.locations {
            Some(content) => boxed(b"iloc", content),
            None => full(b"iloc", &locations),
        };
        let handler = [&[0; 4][..], b"pict", &[0; 13]].concat();
        let meta = [
            full(b"hdlr", &handler),
            full(b"pitm", &FIRST.to_be_bytes()),
            full(b"iinf", &infos),
            locations,
            boxed(b"iprp", &properties),
            full(b"iref", &references.collect::<Vec<_>>()),
            self.more.clone(),
        ];
        [start, boxed(b"mdat", &data), full(b"meta", &meta.concat())].concat()
    }
}
