// SPDX-License-Identifier: MIT OR Apache-2.0

use assay_signal::prnu::enrolled::{read_folder, EnrolledError};
use assay_signal::prnu::file::{is_name, EXTENSION};
use assay_signal::prnu::{FileError, Fingerprint};
use assay_signal::Samples;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::made::noise;

fn fingerprint() -> Fingerprint {
    Fingerprint::new("Reflex no. 1", 12, &noise(1, 80, 70)).unwrap()
}

/// The file with a change of its content and a digest that fits it.
fn changed(change: impl Fn(&mut Vec<u8>)) -> Result<Fingerprint, FileError> {
    let mut bytes = fingerprint().to_bytes();
    bytes.truncate(bytes.len() - 32);
    change(&mut bytes);
    let digest = Sha256::digest(&bytes);
    bytes.extend_from_slice(&digest);
    Fingerprint::read(&bytes)
}

/// Where the number of pictures stands: after magic, version, the name and its length.
const PICTURES_AT: usize = 8 + 4 + 1 + "Reflex no. 1".len();

#[test]
fn a_fingerprint_comes_back_from_its_file() {
    let made = fingerprint();
    let read = Fingerprint::read(&made.to_bytes()).unwrap();
    assert_eq!(read, made);
    assert_eq!((read.name(), read.pictures()), ("Reflex no. 1", 12));
    assert_eq!((read.width(), read.height()), (80, 70));
    assert_eq!(read.to_bytes(), made.to_bytes());
}

#[test]
fn rounding_to_a_byte_keeps_the_pattern() {
    let pattern = noise(3, 200, 150);
    let kept = Fingerprint::new("a", 1, &pattern).unwrap().pattern();
    let error: f32 = (&kept - &pattern).iter().map(|e| e * e).sum::<f32>() / pattern.len() as f32;
    // A step of 5 / 127 deviations has the variance step^2 / 12 = 1.3e-4.
    assert!(error < 2e-4, "{error}");
}

#[test]
fn broken_files_are_refused_by_what_is_wrong() {
    let bytes = fingerprint().to_bytes();
    assert_eq!(Fingerprint::read(&[]), Err(FileError::Magic));
    assert_eq!(Fingerprint::read(b"ASSAYNET and more"), Err(FileError::Magic));
    assert_eq!(Fingerprint::read(&bytes[..20]), Err(FileError::CutShort { what: "the digest" }));
    let found = 80 * 70 - 1;
    let short = Fingerprint::read(&bytes[..bytes.len() - 1]);
    assert_eq!(short, Err(FileError::Length { found, expected: 80 * 70 }));
    let mut flipped = bytes.clone();
    flipped[PICTURES_AT + 100] ^= 1;
    assert_eq!(Fingerprint::read(&flipped), Err(FileError::Digest));
    let version = changed(|bytes| bytes[8] = 2);
    assert_eq!(version, Err(FileError::Version { found: 2, expected: 1 }));
    assert_eq!(changed(|bytes| bytes[13] = b'/'), Err(FileError::Name));
    assert_eq!(changed(|bytes| bytes[13] = 0xff), Err(FileError::Name));
    assert_eq!(
        changed(|bytes| bytes[PICTURES_AT..PICTURES_AT + 4].fill(0)),
        Err(FileError::NoPicture)
    );
    let nan = changed(|bytes| bytes[PICTURES_AT + 12..][..4].copy_from_slice(&[0xff; 4]));
    assert_eq!(nan, Err(FileError::Flat));
}

#[test]
fn a_file_that_says_it_is_huge_is_refused_before_anything_is_made() {
    let huge = changed(|bytes| bytes[PICTURES_AT + 4..][..8].fill(0xff));
    let side = u32::MAX as usize;
    assert_eq!(huge, Err(FileError::Size { width: side, height: side }));
    let wide = changed(|bytes| bytes[PICTURES_AT + 5] = 1);
    assert_eq!(wide, Err(FileError::Length { found: 80 * 70, expected: (80 + 256) * 70 }));
}

#[test]
fn what_cannot_be_a_fingerprint_is_refused() {
    let pattern = noise(1, 80, 70);
    assert_eq!(Fingerprint::new("../x", 1, &pattern), Err(FileError::Name));
    assert_eq!(Fingerprint::new("a", 0, &pattern), Err(FileError::NoPicture));
    let size = FileError::Size { width: 80, height: 63 };
    assert_eq!(Fingerprint::new("a", 1, &noise(1, 80, 63)), Err(size));
    let flat = Samples::zeros((70, 80));
    assert_eq!(Fingerprint::new("a", 1, &flat), Err(FileError::Flat));
    let broken = Samples::from_elem((70, 80), f32::NAN);
    assert_eq!(Fingerprint::new("a", 1, &broken), Err(FileError::Flat));
}

#[test]
fn names_are_those_that_can_name_a_file() {
    for name in ["D200", "Nikon D200 (1)", "Café_no.1+2", &"x".repeat(100)] {
        assert!(is_name(name), "{name}");
    }
    for name in ["", ".hidden", "a/b", "a\\b", "a\n", "a ", "..", &"x".repeat(101)] {
        assert!(!is_name(name), "{name}");
    }
}

#[test]
fn a_folder_gives_its_cameras_by_name_and_refuses_two_of_one() {
    let folder = std::env::temp_dir().join(format!("assay-cameras-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = |name: &str| folder.join(format!("{name}.{EXTENSION}"));
    assert!(matches!(read_folder(&folder), Err(EnrolledError::Nothing { .. })));
    let write = |file: &str, name: &str| {
        let made = Fingerprint::new(name, 2, &noise(1, 80, 70)).unwrap();
        std::fs::write(path(file), made.to_bytes()).unwrap();
    };
    write("1", "b");
    write("2", "a");
    std::fs::write(folder.join("notes.txt"), "not a camera").unwrap();
    let cameras = read_folder(&folder).unwrap();
    assert_eq!(cameras.iter().map(Fingerprint::name).collect::<Vec<_>>(), ["a", "b"]);
    write("3", "a");
    assert!(matches!(read_folder(&folder), Err(EnrolledError::Twice { name, .. }) if name == "a"));
    std::fs::write(path("3"), "no fingerprint").unwrap();
    let refused = read_folder(&folder).unwrap_err().to_string();
    assert!(refused.contains("3.camera") && refused.contains("ASSAYCAM"), "{refused}");
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(matches!(read_folder(&folder), Err(EnrolledError::Unreadable { .. })));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(
        at in 0_usize..5_700, value in any::<u8>(), length in 0_usize..5_700, signed in any::<bool>(),
    ) {
        let mut bytes = fingerprint().to_bytes();
        if let Some(byte) = bytes.get_mut(at) {
            *byte = value;
        }
        bytes.truncate(length);
        if signed {
            let digest = Sha256::digest(&bytes);
            bytes.extend_from_slice(&digest);
        }
        if let Ok(read) = Fingerprint::read(&bytes) {
            prop_assert_eq!(read.to_bytes(), bytes);
        }
    }
}
