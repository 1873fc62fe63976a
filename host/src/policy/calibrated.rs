// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a policy's numbers were fitted to: a record for people and audits, with which nothing
//! computes.
//!
//! It is part of the policy's digest, and it is the file's own: a policy that extends a calibrated
//! one changes its numbers and so does not inherit the record.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::Serialize;

use super::read::UNIT;
use crate::config::document::reader::Reader;
use crate::config::document::Content;

/// Counts of pictures.
const COUNT: RangeInclusive<u64> = 0..=1_000_000_000_000;
/// Characters of a SHA-256, hexadecimal.
const DIGEST_CHARACTERS: usize = 64;

/// What the numbers of a policy were fitted to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibrated {
    /// The command that made the policy.
    pub command: String,
    /// The day (UTC), `YYYY-MM-DD`.
    pub date: String,
    /// SHA-256 over the sorted lines `<SHA-256 of a file> <label>` of the pictures, hexadecimal.
    pub digest: String,
    /// Name, version and digest of the policy from which the rest was taken.
    pub base: String,
    /// Largest probability of an error of either kind on the next picture, 0..=1, where the thresholds
    /// promise one: an accusation of an authentic picture, AUTHENTIC of another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conformal: Option<f64>,
    /// Largest rate of false positives among camera originals that the thresholds were chosen for,
    /// 0..=1.
    pub target_fpr: f64,
    /// And among other authentic pictures, 0..=1.
    pub target_fpr_others: f64,
    /// Largest share of positives that may be called AUTHENTIC, 0..=1.
    pub target_miss: f64,
    /// The tiers that both classes went through.
    pub tiers: Vec<String>,
    /// Version and digest of each detector, by model key.
    pub detectors: BTreeMap<String, String>,
    /// Pictures by label, or by label and kind: `authentic.camera_original`.
    pub pictures: BTreeMap<String, u64>,
    /// The fit for `ai_generated`, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_generated: Option<Measured>,
    /// The fit for `manipulated`, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manipulated: Option<Measured>,
}

/// Cross-fitted numbers of one hypothesis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// Pictures of which the hypothesis holds.
    pub n_positive: u64,
    /// Authentic pictures.
    pub n_authentic: u64,
    /// Share of positives that the probabilities assume, 0..=1; none for a half.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior: Option<f64>,
    /// Weight of the ridge that the fit chose.
    pub ridge: f64,
    /// Area under the ROC curve, 0..=1.
    pub auc: f64,
    /// Brier score at the odds of `prior`, 0..=1.
    pub brier: f64,
    /// Calibration error at the odds of `prior`, 0..=1.
    pub ece: f64,
    /// Balanced accuracy at the threshold, 0..=1.
    pub balanced_accuracy: f64,
    /// `count of n, share (low-high)` at the threshold, by set of authentic pictures and tier.
    pub false_positives: BTreeMap<String, String>,
    /// The same of the positives that are at the threshold, by tier.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub found: BTreeMap<String, String>,
}

/// Reads the record; what is wrong goes to the reader's collector.
pub(super) fn calibrated(mut reader: Reader<'_>) -> Calibrated {
    let record = Calibrated {
        command: reader.required_text("command"),
        date: reader.required_text("date"),
        digest: reader.required_text("digest"),
        base: reader.required_text("base"),
        conformal: reader.number("conformal", UNIT),
        target_fpr: needed(&mut reader, "target_fpr"),
        target_fpr_others: needed(&mut reader, "target_fpr_others"),
        target_miss: needed(&mut reader, "target_miss"),
        tiers: tiers(&mut reader),
        detectors: texts(&mut reader, "detectors"),
        pictures: counts(&mut reader),
        ai_generated: reader.table("ai_generated").map(measured),
        manipulated: reader.table("manipulated").map(measured),
    };
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let digest = &record.digest;
    if !digest.is_empty() && (digest.len() != DIGEST_CHARACTERS || !digest.chars().all(is_hex)) {
        let message = format!("`{}` must be 64 hexadecimal digits", reader.path_of("digest"));
        reader.fault("digest", message);
    }
    reader.finish();
    record
}

fn measured(mut reader: Reader<'_>) -> Measured {
    let mut whole = |key| {
        let found = reader.whole(key, COUNT);
        if !reader.has(key) {
            reader.missing(key, "a whole number");
        }
        found.unwrap_or(0)
    };
    let (n_positive, n_authentic) = (whole("n_positive"), whole("n_authentic"));
    let measured = Measured {
        n_positive,
        n_authentic,
        prior: reader.number("prior", UNIT),
        ridge: needed(&mut reader, "ridge"),
        auc: needed(&mut reader, "auc"),
        brier: needed(&mut reader, "brier"),
        ece: needed(&mut reader, "ece"),
        balanced_accuracy: needed(&mut reader, "balanced_accuracy"),
        false_positives: texts(&mut reader, "false_positives"),
        found: texts(&mut reader, "found"),
    };
    reader.finish();
    measured
}

/// A number within 0..=1 that must be there.
fn needed(reader: &mut Reader<'_>, key: &'static str) -> f64 {
    let found = reader.number(key, UNIT);
    if !reader.has(key) {
        reader.missing(key, "a number within 0..=1");
    }
    found.unwrap_or(0.0)
}

fn tiers(reader: &mut Reader<'_>) -> Vec<String> {
    let mut tiers = Vec::new();
    for node in reader.array("tiers") {
        match node.as_text() {
            Some(tier) => tiers.push(tier.to_owned()),
            None => reader.wrong("tiers", node, "an array of texts"),
        }
    }
    tiers
}

fn texts(reader: &mut Reader<'_>, key: &'static str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (name, entry) in reader.entries(key) {
        match entry.node.as_text() {
            Some(text) => drop(found.insert(name.to_owned(), text.to_owned())),
            None => reader.wrong(&format!("{key}.{name}"), &entry.node, "a text"),
        }
    }
    found
}

fn counts(reader: &mut Reader<'_>) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    for (name, entry) in reader.entries("pictures") {
        let count = match entry.node.content {
            Content::Int(count) => u64::try_from(count).ok(),
            _ => None,
        };
        match count.filter(|count| COUNT.contains(count)) {
            Some(count) => drop(found.insert(name.to_owned(), count)),
            None => reader.wrong(&format!("pictures.{name}"), &entry.node, "a whole number"),
        }
    }
    found
}
