// SPDX-License-Identifier: MIT OR Apache-2.0
//! The declared kind of source.
//!
//! **What it tests.** What IPTC's *Digital Source Type* says about how the picture came to be.
//!
//! **Why it works.** It is the one field that is made for this, and services write it.
//!
//! **When it does not apply.** It can be written into any file. `algorithmicMedia` is made by a
//! formula (a fractal, a chart), not by a trained model, and is not called AI.
//!
//! **Constants and their source.** The vocabulary below [IPTC NewsCodes, Digital Source Type,
//! `http://cv.iptc.org/newscodes/digitalsourcetype/`], retired terms included.
//!
//! **References.** IPTC Photo Metadata Standard 2023.2, “Digital Source Type”.

use assay_plugin_api::finding::{Finding, Severity};

use super::Cue;
use crate::account::{Account, Place};
use crate::judgement::Evidence;
use crate::text::shown;

/// Keys under which the term stands.
const KEYS: &[&str] = &["Iptc4xmpExt:DigitalSourceType", "Iptc4xmpExt:DigitalSourcefileType"];

/// Terms that say something of the origin, in words and as evidence. Other terms of the vocabulary
/// are reported and weigh nothing.
const TERMS: &[(&str, Evidence, &str)] = &[
    ("trainedAlgorithmicMedia", Evidence::DeclaredGenerated, "made by a trained model"),
    (
        "compositeWithTrainedAlgorithmicMedia",
        Evidence::DeclaredAiEdited,
        "a composite with parts made by a trained model",
    ),
    ("compositeSynthetic", Evidence::DeclaredCreated, "a composite with synthetic parts"),
    ("composite", Evidence::DeclaredCreated, "a composite"),
    ("algorithmicMedia", Evidence::DeclaredCreated, "made by an algorithm without a trained model"),
    ("dataDrivenMedia", Evidence::DeclaredCreated, "drawn from data"),
    ("digitalArt", Evidence::DeclaredCreated, "digital art"),
    ("digitalCreation", Evidence::DeclaredCreated, "made by a person with digital tools"),
    ("virtualRecording", Evidence::DeclaredCreated, "a recording of a virtual event"),
    ("screenCapture", Evidence::DeclaredCreated, "a capture of a screen"),
    ("softwareImage", Evidence::DeclaredCreated, "made by software"),
    ("algorithmicallyEnhanced", Evidence::Developer, "a capture enhanced by an algorithm"),
    ("minorHumanEdits", Evidence::Developer, "a capture with minor edits"),
    ("humanEdits", Evidence::Editor, "a capture edited by a person"),
    ("compositeCapture", Evidence::Editor, "a composite of captures"),
    ("digitalCapture", Evidence::DeclaredCapture, "taken by a digital camera"),
    ("computationalCapture", Evidence::DeclaredCapture, "taken by a digital camera"),
    ("negativeFilm", Evidence::Nothing, "scanned from negative film"),
    ("positiveFilm", Evidence::Nothing, "scanned from positive film"),
    ("print", Evidence::Nothing, "scanned from a print"),
];

/// The term of the first statement that has one: the last part of its address or QCode.
pub(crate) fn term(account: &Account) -> Option<String> {
    let value = KEYS.iter().find_map(|key| account.statements.find(Place::Xmp, key))?;
    let term = value.trim_end_matches('/').rsplit(['/', ':', '#']).next()?;
    Some(shown(term)).filter(|term| !term.is_empty())
}

/// What a term is evidence for, and in words; nothing and no words for a term that is not known.
pub(crate) fn meaning(term: &str) -> (Evidence, &'static str) {
    let known = TERMS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(term));
    known.map_or((Evidence::Nothing, ""), |(_, evidence, words)| (*evidence, *words))
}

/// The cue of the declared source type.
pub(crate) fn cues(account: &Account) -> Vec<Cue> {
    let Some(term) = term(account) else { return Vec::new() };
    let (evidence, words) = meaning(&term);
    let severity = match evidence {
        Evidence::DeclaredGenerated => Severity::Decisive,
        Evidence::DeclaredAiEdited => Severity::Warning,
        Evidence::DeclaredCreated | Evidence::Editor => Severity::Notice,
        _ => Severity::Info,
    };
    let text = if words.is_empty() {
        format!("The file declares the digital source type \"{term}\".")
    } else {
        format!("The file declares itself {words} (digital source type {term}).")
    };
    let finding = Finding::new("provenance.declared.source_type", severity, text)
        .value("digital_source_type", term);
    vec![Cue::new(finding, evidence)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lib_tests::account_of;
    use crate::synth::{jpeg_with_xmp, xmp_property};

    const NAMESPACE: &str = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";

    fn cue_of(value: &str) -> Cue {
        let file = jpeg_with_xmp(&xmp_property(NAMESPACE, "DigitalSourceType", value));
        let mut cues = cues(&account_of(&file));
        assert_eq!(cues.len(), 1);
        cues.remove(0)
    }

    #[test]
    fn every_term_is_known_as_an_address_and_as_a_code() {
        for (term, evidence, _) in TERMS {
            for prefix in ["http://cv.iptc.org/newscodes/digitalsourcetype/", "digsrctype:", ""] {
                assert_eq!(
                    cue_of(&format!("{prefix}{term}")).evidence,
                    *evidence,
                    "{prefix}{term}"
                );
            }
        }
    }

    #[test]
    fn an_algorithm_without_a_trained_model_is_not_called_ai() {
        let cue = cue_of("http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia");
        assert!(!cue.evidence.is_declared_ai());
        assert_eq!(cue.finding.severity, Severity::Notice);
    }

    #[test]
    fn an_unknown_term_weighs_nothing() {
        assert_eq!(cue_of("somethingNew").evidence, Evidence::Nothing);
    }
}
