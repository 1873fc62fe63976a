// SPDX-License-Identifier: MIT OR Apache-2.0
//! The messages that open generators write unless told otherwise.
//!
//! *Sources.* `StableDiffusionV1`: `scripts/txt2img.py` and `img2img.py` of CompVis/stable-diffusion.
//! `StableDiffusionV1-Inpainting`: `scripts/inpaint_st.py` of runwayml/stable-diffusion. `SDV2`:
//! `scripts/txt2img.py` of Stability-AI/stablediffusion. The 48 bits of SDXL:
//! `scripts/demo/streamlit_helpers.py` of Stability-AI/generative-models, and
//! `pipelines/stable_diffusion_xl/watermark.py` of huggingface/diffusers. Those of FLUX:
//! `src/flux/util.py` of black-forest-labs/flux and `src/flux2/watermark.py` of flux2, a 48-bit
//! constant that is written without its two leading zeros. `InvokeAI`: the watermark node of
//! invoke-ai/InvokeAI (`backend/image_util/invisible_watermark.py`). Texts are written byte by byte,
//! the highest bit first.

/// Letters of a text from which on it is compared letter by letter.
const LEAST_LETTERS: usize = 8;

/// What a message consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    /// ASCII, 8 bits a character.
    Text(&'static str),
    /// The lowest bits of a number, highest first.
    Number {
        /// The bits.
        value: u64,
        /// How many.
        count: usize,
    },
}

/// A known message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Snake case, stable.
    pub name: &'static str,
    /// Who writes it, for a person.
    pub writer: &'static str,
    content: Content,
}

/// The messages that are looked for.
pub static KNOWN: [Message; 6] = [
    Message {
        name: "stable_diffusion_1",
        writer: "Stable Diffusion 1",
        content: Content::Text("StableDiffusionV1"),
    },
    Message {
        name: "stable_diffusion_1_inpainting",
        writer: "the inpainting script of Stable Diffusion 1",
        content: Content::Text("StableDiffusionV1-Inpainting"),
    },
    Message {
        name: "stable_diffusion_2",
        writer: "Stable Diffusion 2",
        content: Content::Text("SDV2"),
    },
    Message {
        name: "stable_diffusion_xl",
        writer: "Stable Diffusion XL",
        content: Content::Number { value: 0xB3EC_907B_B19E, count: 48 },
    },
    Message {
        name: "flux",
        writer: "FLUX",
        content: Content::Number { value: 0x2AFE_879C_F52E, count: 46 },
    },
    Message { name: "invokeai", writer: "InvokeAI", content: Content::Text("InvokeAI") },
];

impl Message {
    /// A text that no program is known to write.
    #[cfg(test)]
    pub(super) const fn of_text(name: &'static str, text: &'static str) -> Self {
        Self { name, writer: name, content: Content::Text(text) }
    }

    /// Number of bits.
    #[must_use]
    pub fn length(&self) -> usize {
        match self.content {
            Content::Text(text) => 8 * text.len(),
            Content::Number { count, .. } => count,
        }
    }

    /// How many bits on a bit is compared with others of its kind: 8 in texts, 1 where all are alike.
    ///
    /// Letters share their highest bits, and so does any other text that somebody writes into a
    /// picture; only what differs from letter to letter tells one text from another. Texts of few letters
    /// would have too little left, and have no more in common with others than chance allows.
    #[must_use]
    pub(super) fn period(&self) -> usize {
        match self.content {
            Content::Text(text) if text.len() >= LEAST_LETTERS => 8,
            Content::Text(_) | Content::Number { .. } => 1,
        }
    }

    /// The bits in the order in which blocks carry them.
    pub fn bits(&self) -> impl Iterator<Item = bool> + '_ {
        (0..self.length()).map(|index| match self.content {
            Content::Text(text) => {
                let byte = text.as_bytes().get(index / 8).copied().unwrap_or_default();
                byte >> (7 - index % 8) & 1 == 1
            }
            Content::Number { value, count } => value >> (count - 1 - index) & 1 == 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str) -> String {
        let message = KNOWN.iter().find(|message| message.name == name).unwrap();
        message.bits().map(|bit| if bit { '1' } else { '0' }).collect()
    }

    #[test]
    fn bits_are_those_of_the_sources() {
        let xl = "101100111110110010010000011110111011000110011110";
        assert_eq!(text("stable_diffusion_xl"), xl);
        assert_eq!(text("flux"), "1010101111111010000111100111001111010100101110");
        assert_eq!(text("stable_diffusion_2"), "01010011010001000101011000110010");
        assert_eq!(text("stable_diffusion_1").len(), 136);
        assert_eq!(&text("invokeai")[..16], "0100100101101110");
    }

    #[test]
    fn no_two_messages_of_a_length_resemble_each_other() {
        for (i, one) in KNOWN.iter().enumerate() {
            for other in KNOWN.iter().skip(i + 1).filter(|other| other.length() == one.length()) {
                let equal = one.bits().zip(other.bits()).filter(|(a, b)| a == b).count();
                assert!(4 * equal < 3 * one.length(), "{} {}", one.name, other.name);
            }
        }
    }
}
