// SPDX-License-Identifier: MIT OR Apache-2.0
//! The manifest of an operator's network, and its file of ONNX operators; the first byte chooses.
#![no_main]

use std::sync::LazyLock;

use assay_onnx::manifest::Manifest;
use assay_onnx::network::Network;
use libfuzzer_sys::fuzz_target;

/// What the smallest network of the detector's tests takes and answers.
const MANIFEST: &str = "name = \"made\"\nfile = \"model.onnx\"\nsha256 = \"\
    0000000000000000000000000000000000000000000000000000000000000000\"\n\
    [input]\nwidth = 32\nheight = 32\n[output]\nmap = \"sigmoid\"\n";

static TAKEN: LazyLock<Manifest> = LazyLock::new(|| {
    Manifest::parse(MANIFEST).unwrap_or_else(|error| panic!("{error}"))
});

fuzz_target!(|data: &[u8]| {
    let Some((choice, file)) = data.split_first() else { return };
    if choice % 2 == 0 {
        let Ok(text) = std::str::from_utf8(file) else { return };
        if let Err(error) = Manifest::parse(text) {
            assert!(!error.to_string().is_empty());
        }
        return;
    }
    if let Ok(network) = Network::read(file.to_vec(), &TAKEN.input, &TAKEN.output) {
        let input = vec![0.5; (3 * TAKEN.input.width * TAKEN.input.height) as usize];
        if let Ok(probability) = network.probability(&input) {
            assert!((0.0..=1.0).contains(&probability));
        }
    }
});
