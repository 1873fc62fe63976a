// SPDX-License-Identifier: MIT OR Apache-2.0
//! Programs that wrote the file.
//!
//! **What it tests.** Whether the file names, or bears the private marks of, a program that is no
//! camera.
//!
//! **Why it works.** Editors sign what they save: `Software`, `CreatorTool`, a history, image
//! resources that only Photoshop needs, the segment of “Save for Web”.
//!
//! **When it does not apply.** Edited is not falsified: a crop in Photoshop signs like a forgery. A
//! version number alone (`13.3`) is a camera's firmware and is no editor. Nothing here says *AI*.
//!
//! **Constants and their source.** [`super::editor_table`]; resources 0x0406 (JPEG quality), 0x0409
//! and 0x040C (thumbnail), which Photoshop writes and cameras do not [Adobe Photoshop File Formats
//! Specification, “Image Resource IDs”].
//!
//! **References.** Adobe XMP Specification Part 2, `xmpMM:History`.

use assay_plugin_api::finding::{Finding, Severity};

use super::editor_table::{Purpose, PROGRAMS};
use super::Cue;
use crate::account::{Account, Place, Statement};
use crate::judgement::Evidence;
use crate::text::{has_words, shown};

/// Fields that name programs.
const KEYS: &[&str] = &[
    "Software",
    "ProcessingSoftware",
    "xmp:CreatorTool",
    "tiff:Software",
    "stEvt:softwareAgent",
    "OriginatingProgram",
    "COM",
];
/// Image resources that Photoshop alone writes.
const PHOTOSHOP_RESOURCES: [u16; 3] = [0x0406, 0x0409, 0x040c];
/// Longest text in which a program is looked for, bytes.
const MAX_NAME_BYTES: usize = 256;

/// One cue a program.
pub(crate) fn cues(account: &Account) -> Vec<Cue> {
    let mut found: Vec<(&str, Purpose, String)> = Vec::new();
    let mut add = |name: &'static str, purpose, source: String| {
        if found.iter().all(|(known, ..)| *known != name) {
            found.push((name, purpose, source));
        }
    };
    for statement in account.statements.iter() {
        if let Some((name, purpose)) = program(statement) {
            let (place, key) = (statement.place.name(), shown(&statement.key));
            add(name, purpose, format!("{place}, {key}: \"{}\"", shown(&statement.value)));
        }
    }
    if account.photoshop_resources.iter().any(|id| PHOTOSHOP_RESOURCES.contains(id)) {
        add("Adobe Photoshop", Purpose::Edits, "Photoshop image resources".into());
    }
    if account.jpeg.as_ref().is_some_and(|jpeg| jpeg.saved_for_web) {
        add("Adobe Photoshop", Purpose::Edits, "segment of “Save for Web”".into());
    }
    // The program that did most comes first: it is the one that the attributes name.
    found.sort_by_key(|(_, purpose, _)| std::cmp::Reverse(*purpose));
    found.into_iter().map(|(name, purpose, source)| cue(name, purpose, &source)).collect()
}

/// The program that a statement names.
fn program(statement: &Statement) -> Option<(&'static str, Purpose)> {
    let names_programs = KEYS.contains(&statement.key.as_str())
        && (statement.key != "Software" || matches!(statement.place, Place::Exif | Place::PngText));
    if !names_programs || statement.value.len() > MAX_NAME_BYTES {
        return None;
    }
    let row = PROGRAMS.iter().find(|(words, ..)| has_words(&statement.value, words))?;
    Some((row.1, row.2))
}

fn cue(name: &str, purpose: Purpose, source: &str) -> Cue {
    let (severity, evidence, verb) = match purpose {
        Purpose::Edits => (Severity::Warning, Evidence::Editor, "edited with"),
        Purpose::Develops => (Severity::Notice, Evidence::Developer, "developed with"),
        Purpose::Resaves => (Severity::Notice, Evidence::Resaver, "saved again by"),
    };
    let text = format!("The file was {verb} {name} ({source}).");
    let finding = Finding::new("provenance.editor", severity, text).value("program", name);
    Cue::new(finding, evidence).said(format!("The file was {verb} {name}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lib_tests::account_of;
    use crate::synth::{jpeg, jpeg_with_exif, jpeg_with_xmp, png_texts, xmp_packet, Exif};

    fn program_of(software: &str) -> Option<Evidence> {
        let file = jpeg_with_exif(&Exif::camera().text(305, software));
        cues(&account_of(&file)).first().map(|cue| cue.evidence)
    }

    #[test]
    fn every_program_is_found_by_its_words() {
        for (words, name, _) in PROGRAMS {
            let file = jpeg_with_exif(&Exif::default().text(305, &format!("{words} 1.0")));
            let cues = cues(&account_of(&file));
            assert_eq!(cues.len(), 1, "{words}");
            // Some words lie within those of an earlier row; the program is of the same family.
            let found = cues[0].finding.text.as_str();
            let first = PROGRAMS.iter().find(|row| has_words(words, row.0)).unwrap();
            assert!(found.contains(name) || found.contains(first.1), "{words}: {found}");
        }
    }

    #[test]
    fn firmware_is_no_editor() {
        for software in
            ["13.3", "Ver.1.12", "Digital Camera FinePix4900ZOOM Ver1.00", "E990v1.1", "HDR+ 1.0.4"]
        {
            assert_eq!(program_of(software), None, "{software}");
        }
    }

    #[test]
    fn editors_developers_and_resavers_weigh_differently() {
        assert_eq!(program_of("Adobe Photoshop CC 2019 (Windows)"), Some(Evidence::Editor));
        assert_eq!(
            program_of("Adobe Photoshop Lightroom 4.1 (Macintosh)"),
            Some(Evidence::Developer)
        );
        assert_eq!(program_of("QuickTime 7.7.1"), Some(Evidence::Resaver));
    }

    #[test]
    fn a_history_names_its_programs() {
        let packet = xmp_packet(
            "<rdf:Description xmlns:xmpMM='http://ns.adobe.com/xap/1.0/mm/' \
             xmlns:stEvt='http://ns.adobe.com/xap/1.0/sType/ResourceEvent#'><xmpMM:History><rdf:Seq>\
             <rdf:li stEvt:action='saved' stEvt:softwareAgent='Adobe Photoshop CS6 (Windows)'/>\
             <rdf:li stEvt:action='saved' stEvt:softwareAgent='Adobe Photoshop Lightroom 6.0'/>\
             </rdf:Seq></xmpMM:History></rdf:Description>",
        );
        let cues = cues(&account_of(&jpeg_with_xmp(&packet)));
        let found: Vec<_> = cues.iter().map(|cue| cue.evidence).collect();
        assert_eq!(found, [Evidence::Editor, Evidence::Developer]);
    }

    #[test]
    fn private_marks_of_photoshop_count_without_its_name() {
        let resource = b"Photoshop 3.0\08BIM\x04\x06\0\0\0\0\0\x02\0\x05";
        assert_eq!(cues(&account_of(&jpeg(&[(0xed, resource)]))).len(), 1);
        assert_eq!(cues(&account_of(&jpeg(&[(0xec, b"Ducky\0\x01")]))).len(), 1);
        let iptc_only = b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\0";
        assert!(cues(&account_of(&jpeg(&[(0xed, iptc_only)]))).is_empty());
    }

    #[test]
    fn an_editor_in_a_caption_is_no_editor() {
        let file = png_texts(&[("Description", "How to use Photoshop")]);
        assert!(cues(&account_of(&file)).is_empty());
        assert_eq!(cues(&account_of(&png_texts(&[("Software", "GIMP 2.10")]))).len(), 1);
    }
}
