// SPDX-License-Identifier: MIT OR Apache-2.0
//! An analysis as the guide's 200 body, with our additions beside the guide's fields.

use assay_plugin_api::finding::{Finding, Region};
use assay_plugin_api::report::{Attribute, Label, Report, Value as PluginValue};
use jiff::Timestamp;
use serde_json::{Map, Number, Value};

use super::body::{
    AnalysisBody, FindingBody, FoundRegionBody, ImageInfoBody, ModelResultBody, PolicyBody,
    ReasonBody, RegionBody, VerdictBody,
};
use super::{pictures, stability, Heatmap, Pictures, RequestId};
use crate::analysis::outcome::{DetectorOutcome, Outcome};
use crate::analysis::{Analysis, FoundRegion};
use crate::fusion::{label_of, Reason, Verdict};
use crate::policy::Policy;

/// Decimals of a score or probability in JSON.
const DECIMALS: i32 = 4;

/// An analysis with what only its caller knows.
#[derive(Clone, Debug)]
pub struct AnalysisView<'a> {
    /// The request.
    pub request_id: RequestId,
    /// The caller's own name for the request.
    pub reference_id: Option<&'a str>,
    /// The input's path or name.
    pub source: Option<&'a str>,
    /// When the analysis ended.
    pub processed_at: Timestamp,
    /// From the first byte to the verdict, ms.
    pub processing_time_ms: u64,
    /// Where in the picture, if that was drawn.
    pub heatmap: Option<Heatmap>,
    /// What becomes of the pictures that detectors hand over.
    pub pictures: Pictures,
    /// What came of it.
    pub analysis: &'a Analysis,
    /// The policy that was applied.
    pub policy: &'a Policy,
}

impl AnalysisView<'_> {
    /// The guide's body.
    #[must_use]
    pub fn to_json(&self) -> Value {
        // Maps with text keys and finite numbers: there is nothing that could fail.
        serde_json::to_value(self.body()).unwrap_or(Value::Null)
    }

    fn body(&self) -> AnalysisBody {
        let analysis = self.analysis;
        let image = &analysis.image;
        let verdict = &analysis.verdict;
        let heatmap = self.heatmap.as_ref().map(|heatmap| {
            let regions = analysis.localisation.iter().flat_map(|found| &found.regions);
            let cell_px = analysis.localisation.as_ref().map(|found| found.heatmap.cell_px);
            heatmap.body([image.width, image.height], cell_px, regions.map(found).collect())
        });
        AnalysisBody {
            request_id: self.request_id.to_string(),
            reference_id: self.reference_id.map(str::to_owned),
            status: "complete",
            processed_at: seconds(self.processed_at),
            verdict: verdict_body(verdict),
            model_results: model_results(&analysis.outcomes, self.policy, &self.pictures),
            image_info: ImageInfoBody {
                width: image.width,
                height: image.height,
                format: image.format.as_str(),
                file_size_bytes: image.file_size_bytes,
                sha256: image.sha256.clone(),
            },
            processing_time_ms: self.processing_time_ms,
            source: self.source.map(str::to_owned),
            policy: PolicyBody {
                name: verdict.policy_name.clone(),
                version: verdict.policy_version.clone(),
                digest: verdict.policy_digest.clone(),
            },
            stability: stability::body(analysis, self.policy),
            heatmap,
        }
    }
}

fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn verdict_body(verdict: &Verdict) -> VerdictBody {
    let reason = |reason: &Reason| ReasonBody {
        code: reason.code.clone(),
        text: reason.text.clone(),
        detectors: reason.detectors.clone(),
    };
    VerdictBody {
        label: verdict.label.as_str(),
        confidence: rounded(verdict.confidence),
        risk_level: verdict.risk_level.as_str(),
        risk: rounded(verdict.risk),
        p_ai_generated: rounded(verdict.p_ai_generated),
        p_manipulated: rounded(verdict.p_manipulated),
        reasons: verdict.reasons.iter().map(reason).collect(),
    }
}

/// A verdict as it stands in an answer.
pub(crate) fn verdict_json(verdict: &Verdict) -> Value {
    serde_json::to_value(verdict_body(verdict)).unwrap_or(Value::Null)
}

/// A detector's word on the picture; one that gave no score has none.
pub(crate) fn label_word(outcome: &DetectorOutcome, policy: &Policy) -> &'static str {
    let label = match &outcome.outcome {
        Outcome::Scored(report) => {
            label_of(report, outcome.kind, &policy.detector(&outcome.model_key))
        }
        _ => Label::Inconclusive,
    };
    label.as_str()
}

/// Names that a detector's own attributes cannot take.
const OWN: [&str; 8] =
    ["score", "label", "detail", "status", "findings", "version", "digest", "duration_ms"];

/// The attribute that names the device. A detector that cannot tell it leaves it null.
const DEVICE: &str = "device_fingerprint";

/// What each detector answered, by result key. Where one leaves the device null that another names, as
/// the metadata do of a picture whose sensor is known, it is filled in.
pub(super) fn model_results(
    outcomes: &[DetectorOutcome],
    policy: &Policy,
    pictures: &Pictures,
) -> Map<String, Value> {
    let device = outcomes.iter().find_map(device).map_or(Value::Null, json_value);
    let result = |outcome: &DetectorOutcome| {
        let mut result = model_result(outcome, policy, pictures);
        if let Some(left_null) = result.attributes.get_mut(DEVICE).filter(|d| d.is_null()) {
            *left_null = device.clone();
        }
        (outcome.result_key.clone(), serde_json::to_value(result).unwrap_or(Value::Null))
    };
    outcomes.iter().map(result).collect()
}

/// The device that a detector names.
fn device(outcome: &DetectorOutcome) -> Option<&PluginValue> {
    let Outcome::Scored(report) = &outcome.outcome else { return None };
    let named = report.attributes.iter().find(|attribute| attribute.name == DEVICE)?;
    (named.value != PluginValue::Null).then_some(&named.value)
}

fn model_result(
    outcome: &DetectorOutcome,
    policy: &Policy,
    pictures: &Pictures,
) -> ModelResultBody {
    let (score, detail, report): (_, &str, Option<&Report>) = match &outcome.outcome {
        Outcome::Scored(report) => (Some(rounded(report.score)), &report.detail, Some(report)),
        Outcome::NotApplicable { reason } => (None, reason, None),
        Outcome::Failed { message } => (None, message, None),
        Outcome::TimedOut { .. } => (None, "The detector overran its deadline.", None),
    };
    let mut attributes = Map::new();
    for attribute in report.iter().flat_map(|report| &report.attributes) {
        if let Some(picture) = pictures::name_of(attribute) {
            let field = pictures.field(&outcome.result_key, picture, attribute);
            attributes.extend(field.map(|(name, text)| (name, text.into())));
            continue;
        }
        let Attribute { name, value } = attribute;
        if !OWN.contains(&name.as_str()) && !attributes.contains_key(name.as_str()) {
            attributes.insert(name.to_string(), json_value(value));
        }
    }
    ModelResultBody {
        score,
        label: label_word(outcome, policy),
        detail: detail.to_owned(),
        attributes,
        status: outcome.outcome.status(),
        findings: report.iter().flat_map(|r| &r.findings).map(finding).collect(),
        version: outcome.version.clone(),
        digest: outcome.digest.clone(),
        duration_ms: rounded(outcome.duration_ms),
    }
}

fn finding(finding: &Finding) -> FindingBody {
    let values = finding.values.iter().map(|a| (a.name.to_string(), json_value(&a.value)));
    FindingBody {
        code: finding.code.to_string(),
        severity: finding.severity.as_str(),
        text: finding.text.to_string(),
        values: values.collect(),
        regions: finding.regions.iter().map(region).collect(),
    }
}

fn found(of: &FoundRegion) -> FoundRegionBody {
    let RegionBody { x, y, width, height } = region(&of.region);
    FoundRegionBody { x, y, width, height, score: of.score, findings: of.findings.clone() }
}

fn region(region: &Region) -> RegionBody {
    let &Region { x, y, width, height } = region;
    RegionBody { x, y, width, height }
}

fn json_value(value: &PluginValue) -> Value {
    match value {
        PluginValue::Null => Value::Null,
        PluginValue::Bool(value) => (*value).into(),
        PluginValue::Int(value) => (*value).into(),
        PluginValue::Real(value) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
        PluginValue::Text(value) => value.as_str().into(),
        // The host has checked that it parses.
        PluginValue::Json(text) => serde_json::from_str(text).unwrap_or(Value::Null),
    }
}

pub(super) fn rounded(value: f64) -> f64 {
    let scale = 10_f64.powi(DECIMALS);
    (value * scale).round() / scale
}
