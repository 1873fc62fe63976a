// SPDX-License-Identifier: MIT OR Apache-2.0
//! From cues to the sentences of the detail.

use crate::cue::Cue;

/// Most sentences: what decided, not all that was found.
const MAX_SENTENCES: usize = 2;

/// One or two sentences: the cues that moved the score most, in the direction that it took.
pub(crate) fn detail(cues: &[Cue], score: f64) -> String {
    let towards = if score >= 0.5 { 1.0 } else { -1.0 };
    let moved = |cue: &&Cue| cue.evidence.ln_ratio() * towards;
    let mut strongest: Vec<_> = cues.iter().filter(|cue| moved(cue) > 0.0).collect();
    strongest.sort_by(|a, b| moved(b).total_cmp(&moved(a)));
    // What is told of a declaration is whole by itself.
    let most = match strongest.first() {
        Some(first) if first.evidence.is_declared_ai() => 1,
        _ => MAX_SENTENCES,
    };
    let sentences: Vec<_> =
        strongest.into_iter().take(most).map(|cue| cue.sentence.as_str()).collect();
    if sentences.is_empty() {
        return "Nothing in the metadata speaks for or against a camera original.".into();
    }
    sentences.join(" ")
}

#[cfg(test)]
mod tests {
    use assay_plugin_api::finding::{Finding, Severity};

    use super::*;
    use crate::judgement::Evidence;

    fn cue(text: &str, evidence: Evidence) -> Cue {
        Cue::new(Finding::new("a.b", Severity::Info, text), evidence)
    }

    #[test]
    fn the_strongest_cues_come_first_and_only_two() {
        let cues = [
            cue("Small.", Evidence::SizeDiffers),
            cue("No EXIF.", Evidence::ExifAbsent),
            cue("Wrong day.", Evidence::ClaimContradicted),
            cue("Camera.", Evidence::CameraConsistent),
        ];
        assert_eq!(detail(&cues, 0.7), "Wrong day. No EXIF.");
        assert_eq!(detail(&cues, 0.3), "Camera.");
    }

    #[test]
    fn a_declaration_stands_alone() {
        let cues =
            [cue("Made.", Evidence::DeclaredGenerated), cue("No EXIF.", Evidence::ExifAbsent)];
        assert_eq!(detail(&cues, 0.99), "Made.");
    }

    #[test]
    fn nothing_found_is_said() {
        assert!(detail(&[], 0.5).starts_with("Nothing"));
    }
}
