// SPDX-License-Identifier: MIT OR Apache-2.0
//! From cues to the sentences of the detail.

use crate::cue::Cue;
use crate::judgement::{Evidence, Judgement};

/// Most sentences: what decided, not all that was found.
const MAX_SENTENCES: usize = 3;
/// Least share of what moved the score that a sentence is spent on.
const MIN_SHARE: f64 = 0.1;

/// One to three sentences: the cues that moved the score most, in the direction that it took.
pub(crate) fn detail(judgement: &Judgement, cues: &[Cue], score: f64) -> String {
    let towards = if score >= 0.5 { 1.0 } else { -1.0 };
    let moved = |cue: &&Cue| judgement.ln_ratio(cue.evidence) * towards;
    let mut strongest: Vec<_> = cues.iter().filter(|cue| moved(cue) > 0.0).collect();
    strongest.sort_by(|a, b| moved(b).total_cmp(&moved(a)));
    let enough = MIN_SHARE * strongest.iter().map(moved).sum::<f64>();
    strongest.retain(|cue| moved(cue) >= enough);
    let mut sentences: Vec<&str> = Vec::new();
    for cue in strongest {
        if sentences.len() < MAX_SENTENCES && !sentences.contains(&cue.sentence.as_str()) {
            sentences.push(&cue.sentence);
        }
    }
    if sentences.is_empty() {
        let passage = cues.iter().find(|cue| cue.evidence == Evidence::Passage);
        sentences.extend(passage.map(|cue| cue.sentence.as_str()));
        sentences.push("Nothing in the metadata speaks for or against a camera original.");
    }
    sentences.join(" ")
}

#[cfg(test)]
mod tests {
    use assay_plugin_api::finding::{Finding, Severity};

    use super::*;
    use crate::named_files::NamedFiles;

    fn cue(text: &str, evidence: Evidence) -> Cue {
        Cue::new(Finding::new("a.b", Severity::Info, text), evidence)
    }

    fn said(cues: &[Cue], score: f64) -> String {
        detail(&Judgement::read("", &mut NamedFiles::default()).unwrap(), cues, score)
    }

    #[test]
    fn where_nothing_counts_what_explains_that_is_said() {
        let nothing = "Nothing in the metadata speaks for or against a camera original.";
        assert_eq!(said(&[], 0.5), nothing);
        let passage = cue("A size of messengers.", Evidence::Passage);
        assert_eq!(said(&[passage], 0.5), format!("A size of messengers. {nothing}"));
    }

    #[test]
    fn what_decided_comes_first_and_what_hardly_counts_is_left_out() {
        let cues = [
            cue("Small.", Evidence::SizeDiffers),
            cue("No EXIF.", Evidence::ExifAbsent),
            cue("Wrong day.", Evidence::ClaimContradicted),
            cue("Camera.", Evidence::CameraConsistent),
        ];
        assert_eq!(said(&cues, 0.7), "Wrong day. No EXIF.");
        assert_eq!(said(&cues, 0.3), "Camera.");
    }

    #[test]
    fn three_sentences_are_the_most_and_none_stands_twice() {
        let cues = [
            cue("A.", Evidence::Editor),
            cue("A.", Evidence::Editor),
            cue("B.", Evidence::EditorTraces),
            cue("C.", Evidence::TimesContradict),
            cue("D.", Evidence::Developer),
        ];
        assert_eq!(said(&cues, 0.9), "A. B. C.");
    }

    #[test]
    fn beside_a_declaration_a_missing_block_is_not_worth_a_sentence() {
        let cues =
            [cue("Made.", Evidence::DeclaredGenerated), cue("No EXIF.", Evidence::ExifAbsent)];
        assert_eq!(said(&cues, 0.99), "Made.");
    }

    #[test]
    fn nothing_found_is_said() {
        assert!(said(&[], 0.5).starts_with("Nothing"));
    }
}
