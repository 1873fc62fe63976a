// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bodies of requests, frames of workers and programs, and what is kept beside an answer: those that the fuzz targets start
//! from are read, and what is damaged is refused with a reason or read as what it now says.

use assay::analysis::Derivation;
use assay::api::bodies::Body;
use assay::claim::Fingerprint;
use assay::net::Guard;
use assay::report::Heat;
use assay::worker::frames;
use proptest::prelude::*;

const IMAGE_BYTES: u64 = 1_000;
const SIDES: [u32; 2] = [640, 480];

/// First inputs of a fuzz target: name, the byte that chooses the reader, and what it reads.
fn seeds(target: &str) -> Vec<(String, u8, Vec<u8>)> {
    let folder = format!("{}/../fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
    let seed = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        (path.display().to_string(), bytes[0], bytes[1..].to_vec())
    };
    let seeds: Vec<_> = std::fs::read_dir(folder).unwrap().map(seed).collect();
    assert!(!seeds.is_empty());
    seeds
}

fn body(choice: u8, bytes: &[u8]) -> Result<(), assay::api::ApiError> {
    Body::ALL[usize::from(choice)].read(bytes, IMAGE_BYTES, &Guard::allowing(&[]))
}

/// Whether a frame is read; one that is must be written again as it was.
fn is_frame(choice: u8, frame: &[u8]) -> bool {
    let again = match choice {
        0 => frames::reply_again(frame),
        1 => frames::task_again(frame),
        _ => return frames::program_answer(frame, SIDES[0], SIDES[1]).is_ok(),
    };
    assert!(again.as_deref().is_none_or(|again| again == frame), "{frame:?}");
    again.is_some()
}

fn is_kept(choice: u8, kept: &[u8]) -> bool {
    let text = std::str::from_utf8(kept);
    match choice {
        0 => Heat::read(kept).is_some(),
        1 => {
            text.is_ok_and(|text| Derivation::parse(text).is_ok_and(|read| read.outcomes().is_ok()))
        }
        _ => Fingerprint::parse(kept).is_some(),
    }
}

#[test]
fn what_is_whole_is_read() {
    for (name, choice, bytes) in seeds("bodies") {
        let read = body(choice, &bytes);
        assert!(read.is_ok(), "{name}: {}", read.unwrap_err().message);
    }
    for (name, choice, frame) in seeds("frames") {
        assert!(is_frame(choice, &frame), "{name}");
    }
    for (name, choice, kept) in seeds("kept") {
        assert!(is_kept(choice, &kept), "{name}");
    }
}

#[test]
fn what_is_cut_or_has_something_behind_it_is_refused() {
    for (name, choice, frame) in seeds("frames") {
        assert!((0..frame.len()).all(|length| !is_frame(choice, &frame[..length])), "{name}");
        assert!(!is_frame(choice, &[&frame[..], b"}"].concat()), "{name}");
    }
    // A rotation's body may be missing.
    for (name, choice, bytes) in seeds("bodies").into_iter().filter(|(.., bytes)| bytes[0] == b'{')
    {
        let cut = |length: usize| body(choice, &bytes[..length]).is_err();
        assert!((1..bytes.len()).all(cut), "{name}");
    }
}

proptest! {
    #[test]
    fn what_is_damaged_is_read_or_refused_with_a_reason(at: prop::sample::Index, byte: u8) {
        let damaged = |target| {
            seeds(target).into_iter().map(move |(_, choice, mut bytes)| {
                *at.get_mut(&mut bytes) = byte;
                (choice, bytes)
            })
        };
        for (choice, bytes) in damaged("bodies") {
            if let Err(error) = body(choice, &bytes) {
                prop_assert!(error.code.status().is_client_error() && !error.message.is_empty());
            }
        }
        let _ = damaged("frames").filter(|(choice, frame)| is_frame(*choice, frame)).count();
        let _ = damaged("kept").filter(|(choice, kept)| is_kept(*choice, kept)).count();
    }
}
