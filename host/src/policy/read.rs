// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a document to a policy: types, ranges, names; defaults where a key is not written.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use assay_plugin_api::finding::Severity;

use super::calibrated::calibrated;
use super::calibration::calibration;
use super::claim::claim;
use super::schema::{
    Bounds, Condition, DetectorPolicy, FusionPolicy, HypothesisPolicy, ParamValue, Places, Policy,
    QuorumPolicy, RiskLevel, RiskPolicy, Rule, StabilityPolicy, VerdictPolicy,
};
use crate::config::document::fault::Fault;
use crate::config::document::names::{is_finding_pattern, is_kebab_case, is_snake_case};
use crate::config::document::reader::{number_of, Collector, Reader};
use crate::config::document::{Content, Entry, Node, Table};

/// A probability.
pub(super) const UNIT: RangeInclusive<f64> = 0.0..=1.0;
/// Weights and biases beyond this decide alone whatever the others say: log-odds of 50 are 1e-22.
pub(super) const LOG_ODDS: RangeInclusive<f64> = -50.0..=50.0;
/// Longest deadline: an hour.
const DEADLINE_MS: RangeInclusive<u64> = 1..=3_600_000;
/// Below this a copy is no delivery that a person would accept.
const COPY_QUALITY: RangeInclusive<u64> = 50..=100;
/// At 1 the copy is not resized, below one half it is another picture to most detectors.
const COPY_SCALE: RangeInclusive<f64> = 0.5..=0.99;
/// Severities by their words.
const SEVERITIES: [(&str, Severity); 4] = [
    ("info", Severity::Info),
    ("notice", Severity::Notice),
    ("warning", Severity::Warning),
    ("decisive", Severity::Decisive),
];
/// Levels to which a fault may raise the risk. LOW is none of them: a fault must not go unseen.
const FAULT_LEVELS: [(&str, RiskLevel); 2] =
    [("MEDIUM", RiskLevel::Medium), ("HIGH", RiskLevel::High)];

/// Checks that a document has its own name and version: they are not what it inherits.
pub(super) fn check_head(layer: &Node, collector: &Collector) {
    let mut reader = Reader::root(layer, collector);
    let name = reader.required_text("name");
    if !name.is_empty() && !is_kebab_case(&name) {
        reader.fault("name", "`name` must be lower-case words joined by `-`");
    }
    reader.required_text("version");
}

/// Reads the whole policy; what is wrong goes to the collector and its default into the policy.
pub(super) fn policy(root: &Node, collector: &Collector) -> Policy {
    let mut reader = Reader::root(root, collector);
    reader.text("extends");
    // What is wrong with them `check_head` has told.
    let text = |node: Option<&Node>| node.and_then(Node::as_text).unwrap_or_default().to_owned();
    let policy = Policy {
        name: text(reader.node("name")),
        version: text(reader.node("version")),
        description: reader.text("description").unwrap_or_default(),
        quorum: quorum(reader.table("quorum")),
        verdict: verdict(reader.table("verdict")),
        risk: risk(reader.table("risk")),
        stability: stability(reader.table("stability")),
        fusion: fusion(reader.table("fusion"), collector),
        detectors: detectors(&reader.entries("detectors"), collector),
        claim: claim(reader.table("claim"), collector),
        calibrated: reader.table("calibrated").map(calibrated),
        rules: rules(reader.array("rule"), collector),
        digest: String::new(),
        places: places(root),
    };
    reader.finish();
    policy
}

fn quorum(reader: Option<Reader<'_>>) -> QuorumPolicy {
    let mut quorum = QuorumPolicy { min_scored: 1, min_weight_share: 0.0, required: Vec::new() };
    let Some(mut reader) = reader else { return quorum };
    quorum.min_scored = reader.whole("min_scored", 1..=64).unwrap_or(quorum.min_scored);
    quorum.min_weight_share =
        reader.number("min_weight_share", UNIT).unwrap_or(quorum.min_weight_share);
    for node in reader.array("required") {
        match node.as_text() {
            Some(key) if is_snake_case(key) => quorum.required.push(key.to_owned()),
            _ => reader.wrong("required", node, "an array of detectors' model keys"),
        }
    }
    quorum.required.sort_unstable();
    quorum.required.dedup();
    reader.finish();
    quorum
}

fn verdict(reader: Option<Reader<'_>>) -> VerdictPolicy {
    let mut verdict = VerdictPolicy { ai_generated: 0.7, manipulated: 0.7, authentic_below: 0.3 };
    let Some(mut reader) = reader else { return verdict };
    verdict.ai_generated = reader.number("ai_generated", UNIT).unwrap_or(verdict.ai_generated);
    verdict.manipulated = reader.number("manipulated", UNIT).unwrap_or(verdict.manipulated);
    verdict.authentic_below =
        reader.number("authentic_below", UNIT).unwrap_or(verdict.authentic_below);
    reader.finish();
    verdict
}

fn risk(reader: Option<Reader<'_>>) -> RiskPolicy {
    let mut risk = RiskPolicy { medium: 0.60, high: 0.85, on_fault: RiskLevel::Medium };
    let Some(mut reader) = reader else { return risk };
    risk.medium = reader.number("medium", UNIT).unwrap_or(risk.medium);
    risk.high = reader.number("high", UNIT).unwrap_or(risk.high);
    risk.on_fault = reader.word("on_fault", &FAULT_LEVELS).unwrap_or(risk.on_fault);
    reader.finish();
    risk
}

fn stability(reader: Option<Reader<'_>>) -> StabilityPolicy {
    let mut stability = StabilityPolicy { enabled: false, jpeg_quality: 85, scale: 0.9 };
    let Some(mut reader) = reader else { return stability };
    stability.enabled = reader.flag("enabled").unwrap_or(stability.enabled);
    let quality = reader.whole("jpeg_quality", COPY_QUALITY);
    let quality = quality.and_then(|quality| u8::try_from(quality).ok());
    stability.jpeg_quality = quality.unwrap_or(stability.jpeg_quality);
    stability.scale = reader.number("scale", COPY_SCALE).unwrap_or(stability.scale);
    reader.finish();
    stability
}

fn fusion(reader: Option<Reader<'_>>, collector: &Collector) -> FusionPolicy {
    let none = || HypothesisPolicy { bias: 0.0, weights: BTreeMap::new() };
    let mut fusion = FusionPolicy {
        max_renormalisation: 2.0,
        score_clamp: 0.01,
        ai_generated: none(),
        manipulated: none(),
    };
    let Some(mut reader) = reader else { return fusion };
    fusion.max_renormalisation =
        reader.number("max_renormalisation", 1.0..=100.0).unwrap_or(fusion.max_renormalisation);
    fusion.score_clamp = reader.number("score_clamp", 1e-6..=0.49).unwrap_or(fusion.score_clamp);
    fusion.ai_generated = hypothesis(reader.table("ai_generated"), collector);
    fusion.manipulated = hypothesis(reader.table("manipulated"), collector);
    reader.finish();
    fusion
}

fn hypothesis(reader: Option<Reader<'_>>, collector: &Collector) -> HypothesisPolicy {
    let mut hypothesis = HypothesisPolicy { bias: 0.0, weights: BTreeMap::new() };
    let Some(mut reader) = reader else { return hypothesis };
    hypothesis.bias = reader.number("bias", LOG_ODDS).unwrap_or(hypothesis.bias);
    for (key, Entry { key: place, node }) in reader.entries("weights") {
        let weight = number_of(node).filter(|weight| LOG_ODDS.contains(weight));
        if !is_snake_case(key) {
            collector.push(Fault::new(place.clone(), "a weight's key must be a model key"));
        } else if let Some(weight) = weight {
            hypothesis.weights.insert(key.to_owned(), weight);
        } else {
            let (from, to) = LOG_ODDS.into_inner();
            let expected = format!("a number within {from}..={to}");
            reader.wrong(&format!("weights.{key}"), node, &expected);
        }
    }
    reader.finish();
    hypothesis
}

fn detectors(
    entries: &[(&str, &Entry)],
    collector: &Collector,
) -> BTreeMap<String, DetectorPolicy> {
    let mut detectors = BTreeMap::new();
    for (key, Entry { key: place, node }) in entries {
        if !is_snake_case(key) || *key == "all" {
            let message = format!("a detector's key must be snake_case, found `{key}`");
            collector.push(Fault::new(place.clone(), message));
        } else if let Some(reader) = Reader::new(node, &format!("detectors.{key}"), collector) {
            detectors.insert((*key).to_owned(), detector(reader, collector));
        }
    }
    detectors
}

fn detector(mut reader: Reader<'_>, collector: &Collector) -> DetectorPolicy {
    let mut detector = DetectorPolicy::default();
    detector.enabled = reader.flag("enabled").unwrap_or(detector.enabled);
    detector.deadline_ms = reader.whole("deadline_ms", DEADLINE_MS).unwrap_or(detector.deadline_ms);
    detector.threshold = reader.number("threshold", UNIT).unwrap_or(detector.threshold);
    detector.clear_below = reader.number("clear_below", UNIT).unwrap_or(detector.clear_below);
    for (name, Entry { node, .. }) in reader.entries("params") {
        let path = reader.path_of("params");
        if let Some(value) = scalar(node, &format!("{path}.{name}"), collector) {
            detector.params.insert(name.to_owned(), value);
        }
    }
    detector.calibration = reader.table("calibration").and_then(calibration);
    reader.finish();
    detector
}

fn scalar(node: &Node, path: &str, collector: &Collector) -> Option<ParamValue> {
    match &node.content {
        Content::Bool(flag) => Some(ParamValue::Bool(*flag)),
        Content::Int(number) => Some(ParamValue::Int(*number)),
        Content::Real(number) if number.is_finite() => Some(ParamValue::Real(*number)),
        Content::Text(text) => Some(ParamValue::Text(text.clone())),
        _ => {
            let found = node.describe();
            let message = format!("`{path}` must be a text, a number or a switch, found {found}");
            collector.push(Fault::new(node.place.clone(), message));
            None
        }
    }
}

fn rules(nodes: &[Node], collector: &Collector) -> Vec<Rule> {
    let readers = nodes.iter().filter_map(|node| Reader::new(node, "rule", collector));
    let mut rules: Vec<Rule> = readers.map(|reader| rule(reader, collector)).collect();
    rules.sort_by(|a, b| a.name.cmp(&b.name));
    rules
}

fn rule(mut reader: Reader<'_>, collector: &Collector) -> Rule {
    let name = reader.required_text("name");
    if !name.is_empty() && !is_kebab_case(&name) {
        reader.fault("name", "a rule's name must be lower-case words joined by `-`");
    }
    let finding = reader.required_text("finding");
    if !finding.is_empty() && !is_finding_pattern(&finding) {
        let message = format!(
            "`finding` must be a code such as \"jpeg.grid.foreign\", or its first words and `.*`, \
             found \"{finding}\""
        );
        reader.fault("finding", message);
    }
    let detector = reader.text("detector");
    if detector.as_ref().is_some_and(|key| !is_snake_case(key)) {
        reader.fault("detector", "`detector` must be a model key such as \"metadata\"");
    }
    let path = reader.path_of("where");
    let conditions = reader.entries("where").into_iter().filter_map(|(name, entry)| {
        condition(&entry.node, &format!("{path}.{name}"), collector).map(|c| (name.to_owned(), c))
    });
    let conditions = conditions.collect();
    let rule = Rule {
        name,
        enabled: reader.flag("enabled").unwrap_or(true),
        finding,
        detector,
        min_severity: reader.word("min_severity", &SEVERITIES).unwrap_or(Severity::Info),
        conditions,
        p_ai_generated: bounds(reader.table("p_ai_generated")),
        p_manipulated: bounds(reader.table("p_manipulated")),
        reason: reader.required_text("reason"),
    };
    if rule.p_ai_generated.is_empty() && rule.p_manipulated.is_empty() {
        reader.missing("p_ai_generated` or `rule.p_manipulated", "such as { at_least = 0.97 }");
    }
    reader.finish();
    rule
}

fn bounds(reader: Option<Reader<'_>>) -> Bounds {
    let Some(mut reader) = reader else { return Bounds::default() };
    let bounds = Bounds {
        at_least: reader.number("at_least", UNIT),
        at_most: reader.number("at_most", UNIT),
    };
    reader.finish();
    bounds
}

fn condition(node: &Node, path: &str, collector: &Collector) -> Option<Condition> {
    if node.as_table().is_none() {
        return scalar(node, path, collector).map(Condition::Equals);
    }
    let mut reader = Reader::new(node, path, collector)?;
    let condition = if reader.has("one_of") {
        let nodes = reader.array("one_of").iter();
        Condition::OneOf { one_of: nodes.filter_map(|n| scalar(n, path, collector)).collect() }
    } else {
        let any = f64::MIN..=f64::MAX;
        Condition::Within { min: reader.number("min", any.clone()), max: reader.number("max", any) }
    };
    if condition == (Condition::Within { min: None, max: None }) {
        reader.missing("min", "a number (or give `max`, or `one_of`)");
    }
    reader.finish();
    Some(condition)
}

/// The places of all keys and values, by dotted path; in arrays a text stands for itself and a table
/// for its name.
fn places(root: &Node) -> Places {
    fn walk(table: &Table, path: &str, places: &mut Places) {
        for (name, entry) in table {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if let Some(table) = entry.node.as_table() {
                walk(table, &path, places);
            }
            if let Content::Array(nodes) = &entry.node.content {
                for node in nodes {
                    let name = node.as_table().and_then(|table| table.get("name"));
                    let name = name.map_or(node, |entry| &entry.node).as_text();
                    let path = format!("{path}.{}", name.unwrap_or_default());
                    if let Some(table) = node.as_table() {
                        walk(table, &path, places);
                    }
                    places.insert(path, (node.place.clone(), node.place.clone()));
                }
            }
            places.insert(path, (entry.key.clone(), entry.node.place.clone()));
        }
    }
    let mut places = Places::new();
    if let Some(table) = root.as_table() {
        walk(table, "", &mut places);
    }
    places
}
