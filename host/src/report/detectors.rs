// SPDX-License-Identifier: MIT OR Apache-2.0
//! What each detector was asked and what it saw, in plain words.

use base64::prelude::{Engine as _, BASE64_STANDARD};
use serde::Serialize;

use super::node::Node;
use super::shape::{Fact, FindingPart};
use super::text::{shown, tame, SHORT};
use crate::analysis::outcome::DetectorOutcome;

/// Most detectors, findings of one, and values of one that are told.
const MOST_DETECTORS: usize = 64;
const MOST_FINDINGS: usize = 64;
const MOST_FACTS: usize = 128;
/// Most boxes of one finding that are looked at.
const MOST_PLACES: usize = 256;
/// How deep values may be nested.
const DEPTH: usize = 4;
/// Fields of an answer that are told elsewhere.
const TOLD_ELSEWHERE: [&str; 8] =
    ["score", "label", "detail", "status", "findings", "version", "digest", "duration_ms"];
/// Attributes that are told with the file's account of itself.
pub(super) const CHAIN: &str = "c2pa_manifests";
/// Endings of attributes that hold or name pictures.
const PICTURES: [&str; 2] = ["_png_base64", "_path"];
/// The attribute that holds the averaged spectrum.
const SPECTRUM: &str = "spectrum_png_base64";
/// What a PNG starts with [RFC 2083, 12.11].
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The shipped detectors: key of the result, model, title, and the question in one sentence.
pub(super) const KNOWN: [[&str; 4]; 6] = [
    [
        "gan_detection",
        "gan",
        "GAN detection",
        "Do the pixels carry the statistical traces of the older kind of generators?",
    ],
    [
        "diffusion_detection",
        "diffusion",
        "Diffusion detection",
        "Do the pixels carry the traces of today's generators, or the invisible watermark that some of \
         them write?",
    ],
    [
        "noise_analysis",
        "noise",
        "Noise analysis",
        "Is the picture's fine noise that of one exposure of one camera sensor?",
    ],
    [
        "metadata_analysis",
        "metadata",
        "Metadata analysis",
        "What does the file say about itself, and does its account hold?",
    ],
    [
        "frequency_analysis",
        "frequency",
        "Frequency analysis",
        "Does the picture have the regular pattern that an up-sampler leaves, and does its detail fall \
         off as a camera's does?",
    ],
    [
        "splicing_detection",
        "splicing",
        "Splicing detection",
        "Does a part of the picture come from elsewhere, or from another place of the same picture?",
    ],
];

/// One detector's section.
#[derive(Clone, Debug, Serialize)]
pub struct DetectorPart {
    /// Its key in results.
    pub key: String,
    /// Its name in requests and policies.
    pub model: String,
    /// Its name for a person.
    pub title: String,
    /// What it asks, in one sentence.
    pub question: &'static str,
    /// `complete`, `not_applicable`, `error`, `timeout`.
    pub status: String,
    /// Its word on the picture.
    pub label: String,
    /// The word, or why there is none, in plain words.
    pub answer: &'static str,
    /// How much it speaks for what it looks for, 0..=1.
    pub score: Option<f64>,
    /// Its own sentence.
    pub detail: String,
    /// Its observations, the weightiest first.
    pub findings: Vec<FindingPart>,
    /// What it measured besides.
    pub facts: Vec<Fact>,
    /// Its version.
    pub version: String,
    /// SHA-256 of its library, hexadecimal.
    pub digest: String,
    /// How long it took, ms.
    pub duration_ms: Option<f64>,
    /// The averaged spectrum, a PNG in base64.
    #[serde(skip)]
    pub spectrum: Option<String>,
}

impl DetectorPart {
    /// Whether it answered.
    #[must_use]
    pub fn has_answered(&self) -> bool {
        self.status == "complete"
    }

    /// The spectrum as the address of an image.
    #[must_use]
    pub fn spectrum_uri(&self) -> Option<String> {
        self.spectrum.as_ref().map(|png| format!("data:image/png;base64,{png}"))
    }

    /// The share of `longest` that its time takes, 0..=100.
    #[must_use]
    pub fn share_of(&self, longest: &f64) -> f64 {
        let took = self.duration_ms.unwrap_or(0.0);
        if *longest > 0.0 {
            (took / longest * 100.0).clamp(0.0, 100.0)
        } else {
            0.0
        }
    }
}

/// The sections of an answer's detectors; `outcomes` are what is kept beside it.
pub(super) fn sections(results: Node<'_>, outcomes: &[DetectorOutcome]) -> Vec<DetectorPart> {
    let section = |(key, result): (&str, Node<'_>)| {
        let kept = outcomes.iter().find(|outcome| outcome.result_key == key);
        section(key, result, kept)
    };
    results.fields(MOST_DETECTORS).map(section).collect()
}

fn section(key: &str, result: Node<'_>, kept: Option<&DetectorOutcome>) -> DetectorPart {
    let known = KNOWN.iter().find(|[known, ..]| *known == key);
    let fallback = |of_kept: fn(&DetectorOutcome) -> &String, of_known: usize| {
        let known = known.and_then(|known| known.get(of_known));
        let kept = kept.map(|kept| shown(of_kept(kept), SHORT));
        kept.or_else(|| known.map(|word| (*word).to_owned())).unwrap_or_else(|| shown(key, SHORT))
    };
    let status = result.at("status").word();
    let label = result.at("label").word();
    let mut findings: Vec<_> = result.at("findings").items(MOST_FINDINGS).map(finding).collect();
    findings.sort_by_key(|finding| weight(&finding.severity));
    DetectorPart {
        key: shown(key, SHORT),
        model: fallback(|kept| &kept.model_key, 1),
        title: fallback(|kept| &kept.title, 2),
        question: known
            .map_or("What it asks is told by its own documentation.", |[.., question]| question),
        answer: answer(&status, &label),
        score: result.at("score").share(),
        detail: result.at("detail").sentence(),
        findings,
        facts: facts(result),
        version: result.at("version").word(),
        digest: result.at("digest").word(),
        duration_ms: result.at("duration_ms").number().filter(|took| *took >= 0.0),
        spectrum: result.at(SPECTRUM).value().and_then(|value| png(value.as_str()?)),
        status,
        label,
    }
}

/// A PNG in base64, made anew so that it holds nothing else.
fn png(text: &str) -> Option<String> {
    let bytes = BASE64_STANDARD.decode(text).ok()?;
    bytes.starts_with(PNG).then(|| BASE64_STANDARD.encode(bytes))
}

fn finding(finding: Node<'_>) -> FindingPart {
    let value = |(name, value): (&str, Node<'_>)| fact(name, value);
    FindingPart {
        code: finding.at("code").word(),
        severity: finding.at("severity").word(),
        text: finding.at("text").sentence(),
        values: finding.at("values").fields(MOST_FACTS).filter_map(value).collect(),
        regions: Vec::new(),
        places: finding.at("regions").items(MOST_PLACES).filter_map(place).collect(),
    }
}

/// A box that covers something.
fn place(region: Node<'_>) -> Option<[u32; 4]> {
    let side = |name| region.at(name).pixels();
    let place = [side("x")?, side("y")?, side("width")?, side("height")?];
    (place[2] > 0 && place[3] > 0).then_some(place)
}

/// Where a severity stands in the order of weight.
fn weight(severity: &str) -> usize {
    ["decisive", "warning", "notice", "info"]
        .iter()
        .position(|known| *known == severity)
        .unwrap_or(4)
}

fn facts(result: Node<'_>) -> Vec<Fact> {
    let is_told = |name: &str| {
        !TOLD_ELSEWHERE.contains(&name)
            && name != CHAIN
            && !PICTURES.iter().any(|ending| name.ends_with(ending))
    };
    let facts = result.fields(MOST_FACTS).filter(|(name, _)| is_told(name));
    facts.filter_map(|(name, value)| fact(name, value)).collect()
}

/// A value that is not null.
fn fact(name: &str, value: Node<'_>) -> Option<Fact> {
    let value = value.value().filter(|value| !value.is_null())?;
    Some(Fact { name: shown(name, SHORT), value: tame(value, DEPTH) })
}

fn answer(status: &str, label: &str) -> &'static str {
    match (status, label) {
        ("not_applicable", _) => "could not be tested on this picture",
        ("error", _) => "failed, and says nothing",
        ("timeout", _) => "took too long, and says nothing",
        ("complete", "SYNTHETIC") => "speaks for a generator",
        ("complete", "MANIPULATED") => "speaks for a changed part",
        ("complete", "SUSPICIOUS") => "found something that does not fit a camera original",
        ("complete", "AUTHENTIC") => "found nothing that speaks against the picture",
        ("complete", "INCONCLUSIVE") => "speaks neither for nor against the picture",
        _ => "gave an answer that this version does not know",
    }
}
