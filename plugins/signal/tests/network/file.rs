// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes network files, as `plugins/training/network_file.py` does.

use assay_signal::network::{MAGIC, VERSION};
use sha2::{Digest, Sha256};

/// One layer; `weights` in the order of the file and exact in half precision.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) depthwise: bool,
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    pub(crate) relu6: bool,
    pub(crate) tap: bool,
    pub(crate) skip: usize,
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) weights: Vec<f32>,
    pub(crate) biases: Vec<f32>,
}

impl Layer {
    /// A layer of stride 1 without activation, tap and skip; weights and biases are sixty-fourths
    /// that follow from the seed, weights smaller the more of them a sum has.
    pub(crate) fn new(
        depthwise: bool,
        kernel: usize,
        inputs: usize,
        outputs: usize,
        seed: u64,
    ) -> Self {
        let terms = kernel * kernel * if depthwise { 1 } else { inputs };
        let scale = (-(terms as f32).log2() / 2.0).round().exp2();
        let count = kernel * kernel * if depthwise { outputs } else { inputs * outputs };
        let number = |at: usize| {
            let hash = (at as u64 + 1 + seed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            ((hash ^ hash >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) % 129
        };
        let unit = |at: usize| (number(at) as f32 - 64.0) / 64.0;
        Self {
            depthwise,
            kernel,
            stride: 1,
            relu6: false,
            tap: false,
            skip: 0,
            inputs,
            outputs,
            weights: (0..count).map(|at| scale * unit(at)).collect(),
            biases: (count..count + outputs).map(unit).collect(),
        }
    }
}

/// The bits of a number that half precision holds exactly and not as a subnormal.
fn half(value: f32) -> u16 {
    let bits = value.to_bits();
    assert_eq!(bits & 0x1FFF, 0, "{value} has more than 10 bits of fraction");
    let sign = (bits >> 16 & 0x8000) as u16;
    match bits >> 23 & 0xFF {
        0 => sign,
        exponent => sign | ((exponent - 112) << 10 | (bits >> 13 & 0x3FF)) as u16,
    }
}

fn text(out: &mut Vec<u8>, value: &str) {
    out.extend((value.len() as u32).to_le_bytes());
    out.extend(value.as_bytes());
}

/// The file without its digest.
pub(crate) fn content(mean: f32, scale: f32, layers: &[Layer]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend(VERSION.to_le_bytes());
    text(&mut out, "made-v1");
    text(&mut out, "nothing");
    out.extend([mean, scale].iter().flat_map(|number| number.to_le_bytes()));
    out.extend((layers.len() as u32).to_le_bytes());
    for layer in layers {
        let flags = [layer.depthwise, layer.relu6, layer.tap].map(u8::from);
        let [kernel, stride, skip] = [layer.kernel, layer.stride, layer.skip].map(|n| n as u8);
        out.extend([flags[0], kernel, stride, flags[1], flags[2], skip]);
        out.extend((layer.inputs as u16).to_le_bytes());
        out.extend((layer.outputs as u16).to_le_bytes());
        out.extend(layer.weights.iter().flat_map(|&weight| half(weight).to_le_bytes()));
        out.extend(layer.biases.iter().flat_map(|bias| bias.to_le_bytes()));
    }
    out
}

/// Content with its digest.
pub(crate) fn signed(mut content: Vec<u8>) -> Vec<u8> {
    let digest = Sha256::digest(&content);
    content.extend_from_slice(&digest);
    content
}
