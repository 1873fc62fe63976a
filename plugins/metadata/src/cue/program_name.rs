// SPDX-License-Identifier: MIT OR Apache-2.0
//! The usual names of generators in statements that are about a generator anyway.
//!
//! Content Credentials and IPTC's *AI System Used* name a program in its maker's words: a library, a
//! model, a service. Such words would be far too short for a field that any file has, so that they
//! serve here to name what is declared already, and never to find a declaration.
//!
//! **Source.** Claim generators and software agents in the credentials of the services' own
//! downloads.

use super::generator::program_named;
use crate::text::has_words;

/// Words, lower case, and whose they are; particular ones before general ones.
const NAMES: &[(&str, &str)] = &[
    ("google c2pa", "Google AI"),
    ("gemini", "Google AI"),
    ("imagen", "Google AI"),
    ("nano banana", "Google AI"),
    ("magic editor", "Google AI"),
    ("gpt-4o", "OpenAI"),
    ("gpt image", "OpenAI"),
    ("sora", "OpenAI"),
    ("firefly", "Adobe Firefly"),
    ("flux.1", "Black Forest Labs FLUX"),
    ("flux.2", "Black Forest Labs FLUX"),
    ("flux", "Black Forest Labs FLUX"),
    ("photo assist", "Samsung Galaxy AI"),
    ("galaxy ai", "Samsung Galaxy AI"),
    ("microsoft designer", "Microsoft Designer"),
    ("bing", "Bing Image Creator"),
    ("mai-image", "Microsoft Designer"),
    ("stable image", "Stability AI"),
    ("magic media", "Canva"),
    ("canva", "Canva"),
    ("nova canvas", "Amazon Nova"),
    ("titan image", "Amazon Titan"),
    ("byteplus", "ByteDance Seedream"),
    ("doubao", "ByteDance Doubao"),
    ("bria", "Bria"),
    ("higgsfield", "Higgsfield"),
    ("leonardo", "Leonardo AI"),
];

/// The usual name of the generator that a program's own words name, where it is known.
pub(crate) fn usual_name(program: &str) -> Option<&'static str> {
    let spaced = program.replace('_', " ");
    let known = || NAMES.iter().find(|(words, _)| has_words(&spaced, words));
    program_named(program).or_else(|| known().map(|(_, name)| *name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_services_have_their_usual_names() {
        for (words, name) in [
            ("Google C2PA Core Generator Library 925066386:925066386", "Google AI"),
            ("GPT-4o", "OpenAI"),
            ("gpt-image 2.0", "OpenAI"),
            ("Flux.2", "Black Forest Labs FLUX"),
            ("Black Forest Labs API", "Black Forest Labs FLUX"),
            ("Photo assist", "Samsung Galaxy AI"),
            ("Adobe_Firefly", "Adobe Firefly"),
            ("Dreamina/1.0", "ByteDance Seedream"),
        ] {
            assert_eq!(usual_name(words), Some(name), "{words}");
        }
    }

    #[test]
    fn other_programs_have_none() {
        for words in ["", "c2pa-rs/0.62.0", "Adobe Photoshop", "Influx 2", "Soraya"] {
            assert_eq!(usual_name(words), None, "{words}");
        }
    }
}
