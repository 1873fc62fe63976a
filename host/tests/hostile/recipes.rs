// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files of the forger of hostile files, each with the answer that a careful reader gives.

use assay::image::evidence::ImageEvidence;
use assay::image::DecodeLimits;
use assay_conformance::synth::hostile::{files, Answer};

/// Most memory of this process at its peak, KiB: far below what any bomb asks for.
const MOST_PEAK_KIB: u64 = 768 << 10;

/// Peak of resident memory, KiB; `None` where the system does not tell.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[test]
fn every_recipe_is_answered_within_bounded_memory() {
    let limits = DecodeLimits::default();
    let mut wrong = Vec::new();
    for file in files().unwrap() {
        assert!(file.bytes.len() <= 20_000_000, "{}: {} bytes", file.name, file.bytes.len());
        let found = ImageEvidence::from_bytes(file.bytes, &limits);
        let told = match &found {
            Ok(image) => {
                let _ = image.luma_coefficients();
                Answer::Picture
            }
            Err(error) if error.code() == "FILE_SIZE_EXCEEDED" => Answer::TooLarge,
            Err(_) => Answer::Refused,
        };
        let why = found.err().map(|error| error.to_string()).unwrap_or_default();
        if told != file.answer {
            wrong.push(format!("{}: {told:?} for {:?} {why}", file.name, file.answer));
        }
        // A decoder that panics is caught, and is a fault all the same.
        assert!(!why.contains("its decoder fails"), "{}", file.name);
        let peak = peak_kib().unwrap_or(0);
        assert!(peak <= MOST_PEAK_KIB, "{}: {peak} KiB at the peak", file.name);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
