// SPDX-License-Identifier: MIT OR Apache-2.0
use proptest::prelude::*;

use super::super::testing::{file, segment};
use super::*;

/// A Multi-Picture segment with one entry of attributes, length and offset for each image.
fn multi_picture_segment(little_endian: bool, images: &[(u32, u32, u32)]) -> Vec<u8> {
    let long = |value: u32| if little_endian { value.to_le_bytes() } else { value.to_be_bytes() };
    let short = |value: u16| if little_endian { value.to_le_bytes() } else { value.to_be_bytes() };
    let header: &[u8] = if little_endian { b"II*\0" } else { b"MM\0*" };
    let list_bytes = u32::try_from(images.len() * ENTRY_BYTES).unwrap();
    let mut block = [IDENTIFIER, header, &long(8), &short(2)].concat();
    block.extend([short(0xB000).as_slice(), &short(7), &long(4), b"0100"].concat());
    block.extend([short(MP_ENTRY).as_slice(), &short(7), &long(list_bytes), &long(38)].concat());
    block.extend(long(0));
    for (attributes, length, offset) in images {
        block.extend([long(*attributes), long(*length), long(*offset), long(0)].concat());
    }
    segment(marker::APP2, &block)
}

/// A file with the segment and these images behind it, whose list is right.
fn listed(little_endian: bool, further: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let images = |first: u32| {
        let mut at = first;
        let mut list = vec![(0x2003_0000, first, 0)];
        for (attributes, image) in further {
            let length = u32::try_from(image.len()).unwrap();
            // Offsets count from 10 bytes into the file: start marker, then BASE.
            list.push((*attributes, length, at - 10));
            at += length;
        }
        file(&[multi_picture_segment(little_endian, &list)])
    };
    let first = u32::try_from(images(10).len()).unwrap();
    let tail: Vec<u8> = further.iter().flat_map(|(_, image)| image.clone()).collect();
    [images(first), tail].concat()
}

fn pictures(bytes: &[u8]) -> Vec<(PictureKind, PictureState)> {
    let found = JpegFile::parse(bytes).unwrap().multi_picture().unwrap();
    found.pictures.iter().map(|picture| (picture.kind, picture.state)).collect()
}

fn small() -> Vec<u8> {
    file(&[segment(marker::COM, b"a further image")])
}

#[test]
fn images_are_listed_with_their_kinds_in_both_byte_orders() {
    use PictureKind::{Disparity, LargeThumbnail, Primary};
    for little_endian in [false, true] {
        let bytes = listed(little_endian, &[(0x01_0002, small()), (0x2002_0002, small())]);
        let present = |kind| (kind, PictureState::Present);
        assert_eq!(pictures(&bytes), [Primary, LargeThumbnail, Disparity].map(present));
    }
}

#[test]
fn a_gain_map_is_told_by_its_number_or_by_its_own_segments() {
    let said = |marker, text: &[u8]| file(&[segment(marker, text)]);
    for (attributes, image) in [
        (0x05_0000, small()),
        (0, said(marker::APP1, b"http://ns.adobe.com/xap/1.0/\0<x xmlns:h='http://ns.adobe.com/hdr-gain-map/1.0/'/>")),
        (0, said(marker::APP1, b"http://ns.adobe.com/xap/1.0/\0<x xmlns:h='http://ns.apple.com/HDRGainMap/1.0/'/>")),
        (0, said(marker::APP2, b"urn:iso:std:iso:ts:21496:-1\0\0\0\0\0")),
    ] {
        let found = pictures(&listed(true, &[(attributes, image)]));
        assert_eq!(found[1], (PictureKind::GainMap, PictureState::Present));
    }
    assert_eq!(pictures(&listed(true, &[(0, small())]))[1].0, PictureKind::Undefined);
}

#[test]
fn images_that_are_not_there_are_told_apart() {
    let whole = listed(false, &[(0x02_0003, small())]);
    let states = |bytes: &[u8]| pictures(bytes)[1].1;
    assert_eq!(states(&whole), PictureState::Present);
    assert_eq!(states(&whole[..whole.len() - 3]), PictureState::CutOff);
    assert_eq!(states(&whole[..whole.len() - small().len()]), PictureState::OutsideFile);
    let shifted = [&whole[..whole.len() - small().len()], b"\0\0", small().as_slice()].concat();
    assert_eq!(states(&shifted), PictureState::NotJpeg);
}

#[test]
fn a_directory_that_cannot_be_read_lists_nothing() {
    let broken = file(&[segment(marker::APP2, b"MPF\0II*\0\xff\xff\xff\xff")]);
    assert_eq!(pictures(&broken), []);
    assert!(JpegFile::parse(&file(&[])).unwrap().multi_picture().is_none());
    let other = file(&[segment(marker::APP2, b"ICC_PROFILE\0")]);
    assert!(JpegFile::parse(&other).unwrap().multi_picture().is_none());
}

#[test]
fn the_list_is_bounded() {
    let many = vec![(0x02_0001, 9, 1); 4_000];
    let bytes = file(&[multi_picture_segment(true, &many)]);
    assert_eq!(pictures(&bytes).len(), MAX_IMAGES);
}

proptest! {
    #[test]
    fn no_bytes_of_the_segment_make_it_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = listed(false, &[(0, small()), (0x01_0001, small())]);
        for (index, byte) in changes {
            let at = 2 + index.index(bytes.len() - 2);
            bytes[at] = byte;
        }
        let _ = JpegFile::parse(&bytes).unwrap().multi_picture();
    }
}
