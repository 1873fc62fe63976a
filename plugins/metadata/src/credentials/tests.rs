// SPDX-License-Identifier: MIT OR Apache-2.0
//! Stores that are signed here, in every container, whole, changed and hostile.

use std::sync::LazyLock;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::named_files::NamedFiles;
use crate::synth::signed::{action, authority, signed, signed_with};
use crate::synth::{jpeg, png, webp, Exif};

const CAPTURE: &str = "digitalCapture";
const LIMIT: Duration = Duration::MAX;

static TRUSTING: LazyLock<Validator> =
    LazyLock::new(|| Validator::new(&Anchors::Bundle(authority())).unwrap());

fn credentials(validator: &Validator, file: &[u8]) -> Credentials {
    match validator.read(file, LIMIT) {
        Reading::Read(credentials) => *credentials,
        Reading::Refused(why) => panic!("refused: {why}"),
    }
}

/// A JPEG with a scan long enough to be changed in the middle.
fn picture() -> Vec<u8> {
    let mut file = jpeg(&[]);
    let end = file.split_off(file.len() - 2);
    [file, vec![0x5a; 600], end].concat()
}

/// ISO base media with a `meta` box that is empty and 64 bytes of picture.
fn heic() -> Vec<u8> {
    let mut file = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec();
    file.extend_from_slice(b"\0\0\0\x0cmeta\0\0\0\0");
    file.extend_from_slice(b"\0\0\0\x48mdat");
    file.extend_from_slice(&[7; 64]);
    file
}

fn tiff() -> Vec<u8> {
    Exif::default().ordered(true).long(256, 64).long(257, 48).block()
}

#[test]
fn every_container_is_validated_and_a_changed_byte_is_seen() {
    let lossy = [0, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0, 0x30, 0, 1, 2, 3, 4];
    let files = [
        ("image/jpeg", picture()),
        ("image/png", png(&[(b"IDAT", &[9; 64])])),
        ("image/webp", webp(&[(b"VP8 ", &lossy)])),
        ("image/heic", heic()),
        ("image/tiff", tiff()),
    ];
    for (format, file) in files {
        let signed = signed(&file, format, CAPTURE);
        let whole = credentials(&TRUSTING, &signed);
        assert_eq!(whole.state, State::Trusted, "{format}: {:?}", whole.failures);
        assert_eq!(whole.origin.term(), Some(CAPTURE), "{format}");
        assert!(crate::lib_tests::account_of(&signed).c2pa_present, "{format}");
    }
}

#[test]
fn valid_is_not_trusted() {
    let file = signed(&picture(), "image/jpeg", CAPTURE);
    let nobody = Validator::new(&Anchors::Nobody).unwrap();
    let shipped = Validator::new(&Anchors::read("", &mut NamedFiles::default()).unwrap()).unwrap();
    for validator in [nobody, shipped] {
        let read = credentials(&validator, &file);
        assert_eq!(read.state, State::Valid);
        assert_eq!(read.failures, ["signingCredential.untrusted"]);
    }
}

#[test]
fn a_changed_picture_is_changed_whoever_is_trusted() {
    let mut file = signed(&picture(), "image/jpeg", CAPTURE);
    let at = file.len() - 300;
    file[at] ^= 1;
    assert_eq!(credentials(&TRUSTING, &file).state, State::ContentChanged);
    let longer = [signed(&picture(), "image/jpeg", CAPTURE), b"appended".to_vec()].concat();
    assert_eq!(credentials(&TRUSTING, &longer).state, State::ContentChanged);
}

#[test]
fn a_store_moved_to_another_picture_does_not_hold() {
    let file = signed(&picture(), "image/jpeg", CAPTURE);
    let start = file.windows(2).position(|pair| pair == [0xff, 0xeb]).unwrap();
    let length = usize::from(u16::from_be_bytes([file[start + 2], file[start + 3]]));
    let other = jpeg(&[(0xeb, &file[start + 4..start + 2 + length])]);
    assert_eq!(credentials(&TRUSTING, &other).state, State::ContentChanged);
}

#[test]
fn a_changed_statement_is_seen() {
    let file = signed(&picture(), "image/jpeg", CAPTURE);
    let at = file.windows(CAPTURE.len()).position(|word| word == CAPTURE.as_bytes()).unwrap();
    let mut changed = file;
    changed[at..at + CAPTURE.len()].copy_from_slice(b"digitalCreated");
    let read = TRUSTING.read(&changed, LIMIT);
    match read {
        Reading::Read(read) => assert!(!read.state.is_intact(), "{:?}", read.state),
        Reading::Refused(_) => {}
    }
}

#[test]
fn the_chain_of_ingredients_is_followed() {
    let generated = signed(&picture(), "image/jpeg", "trainedAlgorithmicMedia");
    let cropped = action("c2pa.cropped", "An Editor", None);
    let edited = signed_with(&picture(), "image/jpeg", &[cropped], Some(&generated));
    let read = credentials(&TRUSTING, &edited);
    assert_eq!(read.state, State::Trusted, "{:?}", read.failures);
    assert_eq!(read.origin, Origin::Generated { program: Some("Any Maker 1".into()) });
    assert!(read.actions.contains(&"c2pa.cropped".to_owned()), "{:?}", read.actions);
    assert_eq!(read.manifests, 2);
    assert_eq!(read.generator.as_deref(), Some("Test Maker 2"));
}

#[test]
fn a_file_without_a_store_and_a_broken_store_are_refused_in_words() {
    let none = TRUSTING.read(&picture(), LIMIT);
    assert!(matches!(&none, Reading::Refused(why) if why.contains("no store")), "{none:?}");
    let broken = png(&[(b"caBX", b"\0\0\0\x10jumb\0\0\0\0")]);
    assert!(matches!(TRUSTING.read(&broken, LIMIT), Reading::Refused(_)));
}

#[test]
fn a_deadline_that_has_passed_is_kept() {
    let file = signed(&picture(), "image/jpeg", CAPTURE);
    let late = TRUSTING.read(&file, Duration::ZERO);
    assert!(matches!(&late, Reading::Refused(why) if why.contains("too long")), "{late:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_byte_changed_anywhere_never_leaves_other_statements_valid(
        at in any::<prop::sample::Index>(),
        flip in 1_u8..=255,
    ) {
        static FILE: LazyLock<Vec<u8>> =
            LazyLock::new(|| signed(&picture(), "image/jpeg", CAPTURE));
        let mut file = FILE.clone();
        let at = at.index(file.len());
        file[at] ^= flip;
        if let Reading::Read(read) = TRUSTING.read(&file, LIMIT) {
            // Padding inside the store is signed by nobody and says nothing.
            let whole = credentials(&TRUSTING, &FILE);
            prop_assert!(!matches!(read.state, State::Trusted | State::Valid) || *read == whole);
        }
    }

    #[test]
    fn a_store_of_any_bytes_is_refused_or_read_and_ends(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let store = [b"\0\0\x01\0jumb\0\0\0\x1ejumdc2pa\0\x11\0\x10\x80\0\0\xaa\08\x9bq\x03c2pa\0", &*bytes];
        let _ = TRUSTING.read(&png(&[(b"caBX", &store.concat())]), LIMIT);
    }
}
