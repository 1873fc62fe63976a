// SPDX-License-Identifier: MIT OR Apache-2.0
//! Our own binary files, without the mark before and the digest behind that the targets add; patterns
//! for watermarks; the frame of a library.

use assay_signal::network;
use assay_signal::prnu::Fingerprint;
use assay_signal::Samples;

use crate::Seeds;

fn text(out: &mut Vec<u8>, value: &str) {
    out.extend((value.len() as u32).to_le_bytes());
    out.extend(value.as_bytes());
}

fn numbers(out: &mut Vec<u8>, values: &[f32]) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

/// Three layers: a convolution with a tap, one in depth, one of single pixels with a tap.
pub(crate) fn networks() -> Seeds {
    let mut out = network::VERSION.to_le_bytes().to_vec();
    text(&mut out, "made-v1");
    text(&mut out, "nothing");
    numbers(&mut out, &[128.0, 0.015_625]);
    out.extend(3_u32.to_le_bytes());
    // Kind, kernel, stride, activation, tap, skip, channels in and out.
    let layers: [([u8; 6], [u16; 2]); 3] =
        [([0, 3, 2, 1, 1, 0], [3, 4]), ([1, 3, 1, 1, 0, 0], [4, 4]), ([0, 1, 1, 0, 1, 2], [4, 4])];
    for ([kind, kernel, rest @ ..], [inputs, outputs]) in layers {
        out.extend([kind, kernel]);
        out.extend(rest);
        out.extend([inputs.to_le_bytes(), outputs.to_le_bytes()].concat());
        let weights = usize::from(kernel).pow(2) * usize::from(outputs);
        let weights = if kind == 1 { weights } else { weights * usize::from(inputs) };
        // Halves of 0.25.
        out.extend(std::iter::repeat_n(0x3400_u16.to_le_bytes(), weights).flatten());
        numbers(&mut out, &vec![0.5; usize::from(outputs)]);
    }
    vec![("layers", out)]
}

/// The first byte chooses: a classifier of two parts, an attribution of two families.
pub(crate) fn models() -> Seeds {
    let mut model = vec![0];
    model.extend(assay_signal::model::VERSION.to_le_bytes());
    text(&mut model, "made");
    model.extend(2_u32.to_le_bytes());
    text(&mut model, "pair-v1");
    model.extend(2_u32.to_le_bytes());
    // Clip, means, deviations, weights, bias, shares.
    numbers(&mut model, &[4.0, 1.0, 2.0, 2.0, 0.5, 3.0, -1.0, 0.25, 1.0, 0.5]);
    model.extend([1_u32.to_le_bytes().to_vec(), 1_u16.to_le_bytes().to_vec()].concat());
    model.extend(1_u16.to_le_bytes());
    numbers(&mut model, &[0.5]);
    model.extend([(-1_i16).to_le_bytes(), (-2_i16).to_le_bytes()].concat());
    numbers(&mut model, &[10.0, 20.0]);
    text(&mut model, "one-v1");
    model.extend(1_u32.to_le_bytes());
    numbers(&mut model, &[8.0, 0.0, 1.0, 1.0, 0.0, 2.0, 0.0]);
    model.extend(0_u32.to_le_bytes());
    for state in 0..3 {
        model.push(u8::from(state == 2));
        if state == 2 {
            model.extend(2_u32.to_le_bytes());
        }
        let calibration =
            if state == 2 { [0.0, 0.25, 10.0, 0.75] } else { [1.0, 0.0, 0.1, 0.9_f64] };
        model.extend(calibration.iter().flat_map(|number| number.to_le_bytes()));
        model.extend(2_u32.to_le_bytes());
        numbers(&mut model, &[-1.0, 2.0]);
    }
    let mut attribution = vec![1];
    attribution.extend(assay_signal::attribution::VERSION.to_le_bytes());
    for name in ["made", "pair-v1", "one-v1"] {
        text(&mut attribution, name);
    }
    attribution.extend(3_u32.to_le_bytes());
    attribution.extend(0.5_f64.to_le_bytes());
    // Clip, means, deviations.
    numbers(&mut attribution, &[4.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
    attribution.extend(2_u32.to_le_bytes());
    for name in ["latent", "pixels"] {
        text(&mut attribution, name);
        attribution.push(1);
        numbers(&mut attribution, &[0.5, -0.5, 1.0, 0.0]);
    }
    vec![("classifier", model), ("attribution", attribution)]
}

pub(crate) fn cameras() -> Seeds {
    let pattern = Samples::from_shape_fn((64, 64), |(y, x)| ((x * 7 + y * 13) % 19) as f32 - 9.0);
    let file = Fingerprint::new("Maker M-1 (a)", 12, &pattern).unwrap().to_bytes();
    vec![("small", file[8..file.len() - 32].to_vec())]
}

/// The first byte is size and padding; the rest is repeated over the picture.
pub(crate) fn patterns() -> Seeds {
    let ramp = (0..=255).collect();
    let noise = (0_u32..700).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    vec![("flat", vec![0, 128]), ("ramp", ramp), ("noise", noise)]
}

/// A 64-bit little-endian shared object with one segment and no section
/// [System V ABI, ELF-64 object file format].
pub(crate) fn libraries() -> Seeds {
    let mut elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    elf.extend([3_u16.to_le_bytes(), 62_u16.to_le_bytes()].concat());
    elf.extend(1_u32.to_le_bytes());
    // Entry, program headers, section headers.
    elf.extend([0_u64, 64, 0].iter().flat_map(|number| number.to_le_bytes()));
    elf.extend(0_u32.to_le_bytes());
    elf.extend([64_u16, 56, 1, 64, 0, 0].iter().flat_map(|number| number.to_le_bytes()));
    elf.extend([1_u32.to_le_bytes(), 5_u32.to_le_bytes()].concat());
    elf.extend([0_u64, 0, 0, 120, 120, 4096].iter().flat_map(|number| number.to_le_bytes()));
    vec![
        ("elf", elf),
        ("macho", b"\xcf\xfa\xed\xfe\x07\0\0\x01".to_vec()),
        ("text", b"MZ".to_vec()),
    ]
}
