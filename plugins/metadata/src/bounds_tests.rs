// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files made to cost much: each gives an answer, and what is kept of it is bounded by count and size.

use std::sync::mpsc;
use std::time::Duration;

use assay_plugin_api::check;
use assay_plugin_api::report::{Report, Value};
use assay_plugin_api::testing::EvidenceBuilder;

use crate::account::Account;
use crate::lib_tests::account_of;
use crate::synth::{jpeg, png, webp, xmp_packet, xmp_property, Exif};
use crate::Metadata;

const XMP: &str = "http://ns.adobe.com/xap/1.0/";
/// Most statements and bytes of statements that an account may keep.
const MOST_STATEMENTS: usize = 1_024;
const MOST_STATEMENT_BYTES: usize = 4 * 1024 * 1024;
/// A hang is a failure, not a wait; the work itself is asserted by counts. About 1 s of processor time
/// is used, of a machine that may have much else to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// Account and report of a file, which come within the patience and the bounds.
fn bounded(file: Vec<u8>) -> (Account, Report) {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let account = account_of(&file);
        let report = EvidenceBuilder::new().encoded(file).run::<Metadata>();
        // Nobody listens any more where the patience is at its end.
        let _ = sender.send((account, report));
    });
    let (account, report) = receiver.recv_timeout(PATIENCE).expect("an answer in time");
    let report = report.unwrap();
    check::report(&report, 64, 48).unwrap();
    let bytes: usize = account.statements.iter().map(|s| s.key.len() + s.value.len()).sum();
    assert!(bytes <= MOST_STATEMENT_BYTES, "{bytes} bytes kept");
    assert!(account.statements.iter().count() <= MOST_STATEMENTS);
    (account, report)
}

#[test]
fn twenty_megabytes_of_xmp_are_cut_in_every_container() {
    let long = xmp_property(XMP, "CreatorTool", &"x".repeat(20_000_000));
    let many: String = (0..1_000_000).map(|i| format!("<p:a{i}>t</p:a{i}>")).collect();
    let many = xmp_packet(&format!("<rdf:Description xmlns:p='{XMP}'>{many}</rdf:Description>"));
    assert!(many.len() > 20_000_000);
    for packet in [long.as_bytes(), many.as_bytes()] {
        let keyed = [b"XML:com.adobe.xmp\0\0\0\0\0".as_slice(), packet].concat();
        let parts: Vec<Vec<u8>> = packet.chunks(60_000).scan(0, extended(packet.len())).collect();
        let segments: Vec<_> = parts.iter().map(|part| (0xe1, part.as_slice())).collect();
        for file in [
            png(&[(b"iTXt", &keyed)]),
            webp(&[(b"VP8L", &[0x2f, 0, 0, 0, 0]), (b"XMP ", packet)]),
            Exif::default().bytes(700, packet).block(),
            jpeg(&segments),
        ] {
            let (account, _) = bounded(file);
            assert!(!account.xmp_present, "a packet of 20 MB is not parsed");
        }
    }
}

/// Portions of an extended packet of `full` bytes.
fn extended(full: usize) -> impl FnMut(&mut usize, &[u8]) -> Option<Vec<u8>> {
    move |offset, data| {
        let long = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
        let name = b"http://ns.adobe.com/xmp/extension/\0".as_slice();
        let portion = [name, &[b'A'; 32], &long(full), &long(*offset), data].concat();
        *offset += data.len();
        Some(portion)
    }
}

#[test]
fn a_hundred_thousand_chunks_of_any_kind_are_walked_within_the_bounds() {
    for (kind, data) in [
        (b"tEXt", b"key\0value".as_slice()),
        (b"zTXt", b"key\0\0\x78\x9c\x4b\x04\0\0\x62\0\x62"),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x"),
        (b"iCCP", b"a\0\0\x78\x9c\x4b\x04\0\0\x62\0\x62"),
        (b"IDAT", b"x"),
        (b"abCd", b""),
    ] {
        let (account, _) = bounded(png(&vec![(kind, data); 100_000]));
        let structure = account.png.unwrap();
        assert!(structure.words().len() < 400 && structure.faults.len() <= 8);
    }
}

#[test]
fn boxes_within_boxes_are_refused_or_passed_over() {
    // Each level adds its header in front of what it holds.
    let nested = |levels: u32, kind: &[u8; 4]| {
        let headers = (1..=levels)
            .rev()
            .flat_map(|level| [(level * 8).to_be_bytes().as_slice(), kind].concat());
        headers.collect::<Vec<u8>>()
    };
    let heic = [b"\0\0\0\x0cftypheic".as_slice(), &nested(200_000, b"meta")].concat();
    bounded(heic);
    let many = [b"\0\0\0\x0cftypheic".as_slice(), &b"\0\0\0\x08free".repeat(200_000)].concat();
    bounded(many);
    let (account, report) = bounded(png(&[(b"caBX", &nested(100_000, b"jumb"))]));
    assert!(account.c2pa_present);
    let state = report.attributes.iter().find(|attribute| attribute.name == "c2pa_state").unwrap();
    assert_eq!(state.value, Value::Text("unreadable".into()));
}

#[test]
fn directories_that_lead_in_circles_and_deep_elements_end() {
    let circle = |pointer: u16| {
        let mut block = b"MM\0*\0\0\0\x08\0\x01".to_vec();
        block.extend(pointer.to_be_bytes());
        block.extend(b"\0\x04\0\0\0\x01\0\0\0\x08\0\0\0\x08");
        block
    };
    for pointer in [0x8769, 0x8825, 0x014a] {
        bounded(circle(pointer));
    }
    let deep = xmp_packet(&("<a>".repeat(200_000) + &"</a>".repeat(200_000)));
    bounded(png(&[(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", deep.as_bytes()].concat())]));
    let images = vec![(0xe2_u8, b"MPF\0MM\0*\0\0\0\x08\xff\xff".as_slice()); 1_000];
    bounded(jpeg(&images));
}
