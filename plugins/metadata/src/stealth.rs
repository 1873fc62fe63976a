// SPDX-License-Identifier: MIT OR Apache-2.0
//! Texts that generators hide in the lowest bits of the pixels, to survive programs that drop PNG's texts.
//!
//! **What it tests.** Whether the lowest bits of alpha, or those of red, green and blue, start with one of
//! the four words that open such a text, column after column from the top left.
//!
//! **Why it works.** Fifteen letters are 120 bits, which no other picture has by chance.
//!
//! **When it does not apply.** One lossy save, one scaling or one crop at the left or the top destroys it.
//! JPEG never carries it. It can be written into any picture, like any declaration.
//!
//! **Constants and their source.** Words, order of the bits and length as NovelAI and the extension
//! *stealth pnginfo* of the Stable Diffusion WebUI write them: 15 letters, 32 bits of length in bits, the
//! text, compressed by gzip where the word ends in `comp`.

mod alpha;

use std::io::Read;

use assay_plugin_api::evidence::Evidence;
use assay_plugin_api::plane::Rgb8;
use flate2::read::GzDecoder;
use serde_json::Value;

use crate::account::{Place, Statement, Statements};
use crate::text::{decoded, MAX_KEPT_BYTES};

/// Letters of the opening word.
const WORD_BYTES: usize = 15;
/// Bytes of the length.
const LENGTH_BYTES: usize = 4;
/// Bits in front of the text.
const HEADER_BITS: usize = (WORD_BYTES + LENGTH_BYTES) * 8;
/// Opening words in alpha: plain and compressed.
const ALPHA_WORDS: [&[u8; WORD_BYTES]; 2] = [b"stealth_pnginfo", b"stealth_pngcomp"];
/// Opening words in red, green and blue.
const RGB_WORDS: [&[u8; WORD_BYTES]; 2] = [b"stealth_rgbinfo", b"stealth_rgbcomp"];

/// Adds what a hidden text says: its fields where it is JSON, else the whole as `parameters`.
pub(crate) fn read(evidence: &Evidence<'_>, statements: &mut Statements) {
    let bytes = evidence.encoded();
    // Only these containers are lossless or can be.
    let is_png = bytes.starts_with(b"\x89PNG");
    let is_webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    if !is_png && !is_webp {
        return;
    }
    let in_colour = || text(&in_rgb(evidence.rgb().ok()?), RGB_WORDS);
    let Some(text) = in_colour().or_else(|| alpha::text_of(bytes)) else { return };
    let Some(Value::Object(fields)) = serde_json::from_str(&text).ok() else {
        statements.push(Statement::new(Place::Stealth, "parameters", text));
        return;
    };
    for (key, value) in fields {
        let value = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        statements.push(Statement::new(Place::Stealth, key, value));
    }
}

/// The lowest bits of red, green and blue, column after column.
fn in_rgb<'a>(rgb: Rgb8<'a>) -> impl Fn(usize) -> Option<u8> + 'a {
    let (width, height) = (rgb.width(), rgb.height());
    move |index| {
        let (pixel, channel) = (index / 3, index % 3);
        let (x, y) = (pixel / height, pixel % height);
        (x < width).then(|| rgb.row(y).get(x * 3 + channel).map(|sample| sample & 1))?
    }
}

/// The hidden text, where `bit(0)`, `bit(1)`, … open with one of `words` (plain, compressed).
fn text(bit: &impl Fn(usize) -> Option<u8>, words: [&[u8; WORD_BYTES]; 2]) -> Option<String> {
    let byte = |at: usize| (0..8).try_fold(0, |byte, i| Some(byte << 1 | bit(at + i)?));
    let word: Vec<u8> = (0..WORD_BYTES).map_while(|i| byte(i * 8)).collect();
    let is_compressed = words.iter().position(|known| word == *known)? == 1;
    let length = (WORD_BYTES..WORD_BYTES + LENGTH_BYTES)
        .try_fold(0_usize, |length, i| Some(length << 8 | usize::from(byte(i * 8)?)))?;
    let length = (length / 8).min(MAX_KEPT_BYTES);
    let hidden: Vec<u8> = (0..length).map_while(|i| byte(HEADER_BITS + i * 8)).collect();
    if !is_compressed {
        return Some(decoded(&hidden));
    }
    let mut output = Vec::new();
    // An error leaves in `output` what was inflated before it.
    let most = MAX_KEPT_BYTES as u64;
    let _ = GzDecoder::new(hidden.as_slice()).take(most).read_to_end(&mut output);
    Some(decoded(&output))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;

    use assay_plugin_api::testing::EvidenceBuilder;
    use proptest::prelude::*;

    use super::*;
    use crate::account::Account;
    use crate::cue::generator;

    /// The bits of a hidden text.
    pub(crate) fn bits(word: &[u8], text: &[u8]) -> Vec<u8> {
        let hidden = if word.ends_with(b"comp") {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        } else {
            text.to_vec()
        };
        let length = u32::try_from(hidden.len() * 8).unwrap().to_be_bytes();
        let bytes = [word, &length, &hidden].concat();
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1)).collect()
    }

    fn account(builder: &EvidenceBuilder) -> Account {
        Account::read(&Evidence::new(builder.as_source()))
    }

    /// A picture that hides `bits` in red, green and blue.
    fn in_colour(bits: &[u8]) -> EvidenceBuilder {
        let height = 100;
        EvidenceBuilder::rgb(90, height, |x, y| {
            let first = 3 * (x * height + y) as usize;
            std::array::from_fn(|c| 0x80 | bits.get(first + c).copied().unwrap_or(1))
        })
        .encoded(crate::synth::png(&[]))
    }

    const JSON: &str = r#"{"Software":"NovelAI","Source":"NovelAI Diffusion V4.5 4BDE2A90",
        "Comment":"{\"steps\": 28, \"sampler\": \"k_euler\", \"seed\": 7, \"scale\": 5.0}"}"#;

    #[test]
    fn a_text_hidden_in_colour_is_read_plain_and_compressed() {
        for word in RGB_WORDS {
            let account = account(&in_colour(&bits(word, JSON.as_bytes())));
            assert_eq!(account.statements.find(Place::Stealth, "Software"), Some("NovelAI"));
            let cues = generator::cues(&account);
            let text = format!("{:?}", cues[0].finding);
            assert!(text.contains("NovelAI Diffusion V4.5") && text.contains("steps 28"), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_json_is_parameters() {
        let builder = in_colour(&bits(b"stealth_rgbinfo", b"a house\nSteps: 9, Seed: 4"));
        let cues = generator::cues(&account(&builder));
        assert_eq!(cues.len(), 1);
        assert!(cues[0].finding.text.contains("hidden in the pixels"), "{}", cues[0].finding.text);
    }

    #[test]
    fn a_picture_without_the_word_has_no_hidden_text() {
        let plain = in_colour(&bits(b"stealth_rgbinfx", b"Steps: 9, Seed: 4"));
        assert_eq!(account(&plain).statements.iter().count(), 0);
        let file = in_colour(&bits(b"stealth_rgbinfo", b"x")).encoded(crate::synth::jpeg(&[]));
        assert_eq!(account(&file).statements.iter().count(), 0);
    }

    #[test]
    fn a_length_beyond_the_picture_ends_with_it() {
        let mut long = bits(b"stealth_rgbinfo", b"Steps: 9, Seed: 4");
        long[WORD_BYTES * 8..HEADER_BITS].fill(1);
        let account = account(&in_colour(&long));
        let text = account.statements.find(Place::Stealth, "parameters").unwrap();
        assert!(text.starts_with("Steps: 9"));
    }

    proptest! {
        #[test]
        fn no_bits_make_the_reader_panic(rest in proptest::collection::vec(0_u8..2, 0..800)) {
            let all = [bits(b"stealth_rgbcomp", b"")[..120].to_vec(), rest].concat();
            account(&in_colour(&all));
        }
    }
}
