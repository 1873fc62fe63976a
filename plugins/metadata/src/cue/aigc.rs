// SPDX-License-Identifier: MIT OR Apache-2.0
//! The Chinese label of generated content.
//!
//! **What it tests.** Whether the file carries the implicit label `AIGC` that services in China must
//! write into the metadata of what they generate.
//!
//! **Why it works.** The label is a JSON object with fixed field names, in XMP, a PNG text, EXIF's
//! user comment or description, or bare in a JPEG segment. Only an object with one of those names
//! counts, so that the four letters alone are no label.
//!
//! **When it does not apply.** It can be removed, and it can be written into any file.
//!
//! **Constants and their source.** Field names and values of `Label`: 1 generated, 2 possibly
//! generated, 3 suspected to be generated.
//!
//! **References.** GB 45438-2025, *Cybersecurity technology — Labeling method for content generated
//! by artificial intelligence*, annex E; TC260-PG.

use assay_plugin_api::finding::{Finding, Severity};
use serde_json::Value;

use super::Cue;
use crate::account::{Account, Place, Statement};
use crate::judgement::Evidence;
use crate::text::shown;

/// Names of which one must be there [GB 45438-2025, annex E]; the last two are of Tencent Cloud's form.
const FIELDS: [&str; 7] = [
    "Label",
    "ContentProducer",
    "ProduceID",
    "ContentPropagator",
    "PropagateID",
    "ServiceProvider",
    "ServiceUser",
];
/// What producers are called by whom they are: a part of the producer's code, which has the unified
/// social credit code of the firm, or the name that stands in its place. Codes as in the services' own
/// downloads; a firm may have several services.
const PRODUCERS: &[(&str, &str)] = &[
    ("91110102MACQD9K640", "ByteDance Doubao"),
    ("doubao", "ByteDance Doubao"),
    ("9144030008867405X2", "ByteDance Jimeng"),
    ("91110000802100433B", "Baidu"),
    ("91440300708461136T", "Tencent"),
    ("腾讯云", "Tencent"),
    ("picwish", "PicWish"),
];
/// Longest text that is parsed, bytes; a label has a few hundred.
const MAX_LABEL_BYTES: usize = 16 * 1024;

/// The cue of the first label that can be read.
pub(crate) fn cues(account: &Account) -> Vec<Cue> {
    account.statements.iter().find_map(cue).into_iter().collect()
}

fn cue(statement: &Statement) -> Option<Cue> {
    let label = label(statement)?;
    let kind = field(&label, "Label").unwrap_or_else(|| "1".to_owned());
    let (severity, evidence, words) = match kind.as_str() {
        // Some producers write the label's name where its number belongs.
        "1" | "AIGC" => (Severity::Decisive, Evidence::DeclaredGenerated, "generated"),
        "2" => (Severity::Warning, Evidence::DeclaredAiEdited, "possibly generated"),
        _ => (Severity::Warning, Evidence::DeclaredAiEdited, "suspected to be generated"),
    };
    let named = |name| field(&label, name).filter(|text| !text.is_empty());
    let producer =
        named("ContentProducer").or_else(|| named("ServiceProvider")).unwrap_or_default();
    let known = PRODUCERS.iter().find(|(part, _)| producer.contains(part)).map(|(_, name)| *name);
    let by = match (producer.is_empty(), known) {
        (true, _) => String::new(),
        (false, Some(name)) => format!(" by {name} (producer {producer})"),
        (false, None) => format!(" by producer {producer}"),
    };
    let place = statement.place.name();
    let text = format!("The file carries the AIGC label: content {words}{by} ({place}).");
    let finding = Finding::new("provenance.declared.generator", severity, text)
        .value("generator", known.unwrap_or("AIGC label"))
        .value("label", kind)
        .value("producer", producer)
        .value("place", place)
        .value("key", shown(&statement.key));
    Some(Cue::new(finding, evidence))
}

/// The label in a statement: the object under `AIGC`, or the statement itself where its key is that.
fn label(statement: &Statement) -> Option<Value> {
    let value = statement.value.as_str();
    // `AIGC{…}` is seen where a field's own name is taken.
    let bare = value
        .trim_start()
        .strip_prefix("AIGC")
        .map(|rest| rest.trim_start_matches([' ', ':', '=']));
    let is_named = statement.key.eq_ignore_ascii_case("AIGC")
        || statement.key == "TC260:AIGC"
        || bare.is_some_and(|rest| rest.starts_with('{'));
    if value.len() > MAX_LABEL_BYTES || !(is_named || value.contains("\"AIGC\"")) {
        return None;
    }
    let json = value.get(value.find('{')?..=value.rfind('}')?)?;
    let parsed: Value = serde_json::from_str(json).ok()?;
    let inner = match parsed.get("AIGC") {
        Some(Value::String(text)) => serde_json::from_str(text).ok()?,
        Some(inner) => inner.clone(),
        None if is_named => parsed,
        None => return None,
    };
    let is_bare = statement.place != Place::JpegSegment || is_named || value.contains("\"AIGC\"");
    (is_bare && FIELDS.iter().any(|name| inner.get(name).is_some())).then_some(inner)
}

/// A field as a clean text; numbers are written as they are.
fn field(label: &Value, name: &str) -> Option<String> {
    match label.get(name)? {
        Value::String(text) => Some(shown(text)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lib_tests::account_of;
    use crate::synth::{
        jpeg, jpeg_with_exif, jpeg_with_iptc, jpeg_with_xmp, png, png_texts, webp, xmp_packet,
        xmp_property, Exif,
    };

    const LABEL: &str = r#"{"Label":"1","ContentProducer":"00119","ProduceID":"x"}"#;

    fn wrapped() -> String {
        format!(r#"{{"AIGC":{LABEL}}}"#)
    }

    #[test]
    fn the_label_is_found_in_every_place_it_is_put() {
        let xmp = xmp_property("http://www.tc260.org.cn/ns/AIGC/1.0/", "AIGC", LABEL);
        let files = [
            jpeg_with_xmp(&xmp),
            png_texts(&[("AIGC", LABEL)]),
            jpeg_with_exif(&Exif::default().user_comment(&wrapped())),
            jpeg_with_exif(&Exif::default().text(270, &wrapped())),
            jpeg_with_exif(&Exif::default().text(270, &format!("AIGC{LABEL}"))),
            jpeg(&[(0xeb, wrapped().as_bytes())]),
            jpeg(&[(0xfe, wrapped().as_bytes())]),
        ];
        for (index, file) in files.iter().enumerate() {
            let cues = cues(&account_of(file));
            assert_eq!(cues.len(), 1, "file {index}");
            assert_eq!(cues[0].evidence, Evidence::DeclaredGenerated);
            assert!(cues[0].finding.text.contains("00119"));
        }
    }

    #[test]
    fn the_letters_without_a_field_of_the_standard_are_no_label() {
        for text in [r#"{"AIGC":{"note":"talk"}}"#, "a talk about \"AIGC\" {}", "{\"AIGC\":"] {
            assert!(cues(&account_of(&png_texts(&[("Comment", text)]))).is_empty(), "{text}");
        }
        assert!(cues(&account_of(&png_texts(&[("AIGC", "{}")]))).is_empty());
    }

    #[test]
    fn the_label_is_found_in_every_container() {
        let namespace = "http://www.tc260.org.cn/ns/AIGC/1.0/";
        let element = xmp_property(namespace, "AIGC", LABEL);
        let quoted = LABEL.replace('"', "&quot;");
        let attribute = |prefix: &str| {
            xmp_packet(&format!(
                "<rdf:Description rdf:about='' xmlns:{prefix}='{namespace}' TC260:AIGC=\"{quoted}\"/>"
            ))
        };
        let in_png = |packet: &str| {
            png(&[(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", packet.as_bytes()].concat())])
        };
        let comment = Exif::default().user_comment(&wrapped()).block();
        for (index, file) in [
            in_png(&element),
            in_png(&attribute("TC260")),
            // Written by services: the prefix is declared under another name.
            in_png(&attribute("C260")),
            webp(&[(b"VP8L", &[0x2f, 0, 0, 0, 0]), (b"XMP ", element.as_bytes())]),
            webp(&[(b"VP8L", &[0x2f, 0, 0, 0, 0]), (b"EXIF", &comment)]),
            png(&[(b"eXIf", &comment)]),
            Exif::default().bytes(700, element.as_bytes()).block(),
            jpeg_with_iptc(120, &wrapped()),
            png_texts(&[("AIGC", &LABEL.replace("\"1\"", "\"AIGC\""))]),
        ]
        .iter()
        .enumerate()
        {
            let cues = cues(&account_of(file));
            assert_eq!(cues.len(), 1, "file {index}");
            assert_eq!(cues[0].evidence, Evidence::DeclaredGenerated, "file {index}");
        }
    }

    #[test]
    fn a_known_producer_is_named() {
        let named = |label: &str| {
            let cues = cues(&account_of(&png_texts(&[("AIGC", label)])));
            cues[0].finding.values[0].value.clone()
        };
        let doubao = r#"{"Label":"1","ContentProducer":"001191110102MACQD9K64010000"}"#;
        assert_eq!(named(doubao), "ByteDance Doubao".into());
        assert_eq!(named(r#"{"ServiceProvider":"腾讯云","Time":"1"}"#), "Tencent".into());
        assert_eq!(named(LABEL), "AIGC label".into());
    }

    #[test]
    fn possible_and_suspected_are_weaker() {
        let text = wrapped().replace("\"Label\":\"1\"", "\"Label\":3");
        let cues = cues(&account_of(&png_texts(&[("Comment", &text)])));
        assert_eq!(cues[0].finding.severity, Severity::Warning);
    }
}
