// SPDX-License-Identifier: MIT OR Apache-2.0
//! The words that a report uses, in plain language. `docs/GLOSSARY.md` has them for those who work on the
//! code.

use serde::Serialize;

/// A word and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Term {
    /// The word.
    pub term: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

const fn term(term: &'static str, meaning: &'static str) -> Term {
    Term { term, meaning }
}

/// The words, sorted.
pub const TERMS: &[Term] = &[
    term("calibration", "Correcting a number so that it comes true as often as it says: of all answers of 0.8, about 80 of 100 should be right."),
    term("confidence", "How sure the verdict is, from 0 to 1."),
    term("Content Credentials", "Statements about a picture that are signed and stored with it (C2PA). A signature proves who said something and that nothing was changed since, not that it is true."),
    term("detector", "One test of the picture. Each asks one question and knows nothing of the others."),
    term("digest", "A fingerprint of a file (SHA-256): two files with the same digest are the same, byte by byte."),
    term("finding", "One observation of a detector that a person can check."),
    term("grid", "The squares of 8 by 8 pixels in which JPEG files are compressed. A part that was pasted in often has a grid of its own."),
    term("heatmap", "A drawing of where in the picture something was seen. It shows places to look at, not outlines."),
    term("lattice", "A regular pattern that enlarging leaves in a picture, as many generators do."),
    term("log-odds", "The number in which evidence is added up: 0 says nothing, +1 makes something about 2.7 times as likely against its opposite, -1 as much less likely."),
    term("metadata", "What a file says about itself: camera, time, place, program. Anyone can write or remove it."),
    term("not applicable", "The test cannot speak on this picture: it is too small, too flat, or saved in a way that leaves no trace to look at."),
    term("policy", "The rules that turn the detectors' answers into a verdict: how much each counts, and from where on something is said."),
    term("region", "A box in the picture that a finding names."),
    term("risk", "The probability that the picture is not authentic, given the policy: the larger of that of a generator and that of a change."),
    term("score", "How much a detector's answer speaks for what it looks for, from 0 to 1. In the middle it says nothing."),
    term("severity", "How much a finding weighs: decisive, warning, notice, or information only."),
    term("spectrum", "How much fine and coarse detail a picture has in each direction. Regular patterns show as bright points."),
    term("stability", "Whether the verdict stays the same when the picture is saved again or resized."),
    term("threshold", "The probability from which on the policy gives a verdict."),
    term("watermark", "Bits that some generators hide in the pixels of everything they make."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_sorted_and_stand_once() {
        let lower = |term: &Term| term.term.to_lowercase();
        assert!(TERMS.windows(2).all(|pair| lower(&pair[0]) < lower(&pair[1])));
    }

    #[test]
    fn every_term_is_a_word_of_the_projects_glossary() {
        let glossary = include_str!("../../../docs/GLOSSARY.md").to_lowercase();
        for Term { term, .. } in TERMS {
            assert!(glossary.contains(&term.to_lowercase()), "{term}");
        }
    }
}
