// SPDX-License-Identifier: MIT OR Apache-2.0
//! IPTC's fields of generated pictures.
//!
//! **What it tests.** Whether XMP names the system that generated the picture, or the prompt that it was
//! given.
//!
//! **Why it works.** The fields are defined for generated pictures only, so that any value declares one.
//!
//! **When it does not apply.** They can be written into any file, and were added in 2025.
//!
//! **Constants and their source.** Names of the properties.
//!
//! **References.** IPTC Photo Metadata Standard 2025.1: AI System Used, AI System Version Used, AI Prompt
//! Information.

use assay_plugin_api::finding::{Finding, Severity};

use super::{usual_name, Cue};
use crate::account::{Account, Place};
use crate::judgement::Evidence;
use crate::text::shown;

const SYSTEM: &str = "Iptc4xmpExt:AISystemUsed";
const VERSION: &str = "Iptc4xmpExt:AISystemVersionUsed";
const PROMPT: &str = "Iptc4xmpExt:AIPromptInformation";

/// The cue of a system or prompt that is named.
pub(crate) fn cues(account: &Account) -> Vec<Cue> {
    let said = |key| account.statements.find(Place::Xmp, key).map(shown);
    let (system, version, prompt) = (said(SYSTEM), said(VERSION), said(PROMPT));
    if system.is_none() && prompt.is_none() {
        return Vec::new();
    }
    let key = if system.is_some() { SYSTEM } else { PROMPT };
    let system = system.unwrap_or_else(|| "a generator that it does not name".into());
    let generator = usual_name(&system).unwrap_or(&system);
    let text = format!("The file declares that {generator} generated it (XMP, {key}).");
    let mut finding = Finding::new("provenance.declared.generator", Severity::Decisive, text)
        .value("generator", generator)
        .value("place", Place::Xmp.name())
        .value("key", key);
    if let Some(version) = version {
        finding = finding.value("model", format!("{system} {version}"));
    }
    vec![Cue::new(finding, Evidence::DeclaredGenerated)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lib_tests::account_of;
    use crate::synth::{jpeg_with_xmp, xmp_property};

    const NAMESPACE: &str = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";

    fn text_of(name: &str, value: &str) -> Option<String> {
        let file = jpeg_with_xmp(&xmp_property(NAMESPACE, name, value));
        cues(&account_of(&file)).first().map(|cue| cue.finding.text.to_string())
    }

    #[test]
    fn a_named_system_or_a_prompt_declares_a_generator() {
        let named = text_of("AISystemUsed", "ChatGPT DALL-E").unwrap();
        assert!(named.contains("OpenAI"), "{named}");
        assert!(text_of("AISystemUsed", "Some New Thing").unwrap().contains("Some New Thing"));
        assert!(text_of("AIPromptInformation", "a house").unwrap().contains("does not name"));
    }

    #[test]
    fn other_fields_declare_none() {
        assert_eq!(text_of("AISystemVersionUsed", "3"), None);
        assert_eq!(text_of("Event", "AI fair"), None);
    }
}
