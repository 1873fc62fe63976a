// SPDX-License-Identifier: MIT OR Apache-2.0
//! An analysis as the guide's 200 body, with our additions beside the guide's fields.

use assay_plugin_api::finding::{Finding, Region};
use assay_plugin_api::report::{Attribute, Label, Report, Value as PluginValue};
use jiff::Timestamp;
use serde_json::{json, Map, Number, Value};

use super::{Heatmap, RequestId};
use crate::analysis::outcome::{DetectorOutcome, Outcome};
use crate::analysis::Analysis;
use crate::fusion::{label_of, Verdict};
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
    /// What came of it.
    pub analysis: &'a Analysis,
    /// The policy that was applied.
    pub policy: &'a Policy,
}

impl AnalysisView<'_> {
    /// The guide's body; keys in a fixed order.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let analysis = self.analysis;
        let mut body = Map::new();
        body.insert("request_id".into(), self.request_id.to_string().into());
        body.insert("reference_id".into(), self.reference_id.into());
        body.insert("status".into(), "complete".into());
        body.insert("processed_at".into(), seconds(self.processed_at).into());
        body.insert("verdict".into(), verdict(&analysis.verdict));
        body.insert("model_results".into(), self.model_results());
        body.insert("image_info".into(), self.image_info());
        body.insert("processing_time_ms".into(), self.processing_time_ms.into());
        if let Some(source) = self.source {
            body.insert("source".into(), source.into());
        }
        body.insert("policy".into(), policy(&analysis.verdict));
        if let Some(heatmap) = &self.heatmap {
            let regions = analysis.localisation.iter().flat_map(|found| &found.regions);
            body.insert("heatmap".into(), heatmap.to_json(regions.map(region).collect()));
        }
        Value::Object(body)
    }

    fn model_results(&self) -> Value {
        let results = self.analysis.outcomes.iter();
        results.map(|o| (o.result_key.clone(), model_result(o, self.policy))).collect()
    }

    fn image_info(&self) -> Value {
        let image = &self.analysis.image;
        json!({
            "width": image.width,
            "height": image.height,
            "format": image.format.as_str(),
            "file_size_bytes": image.file_size_bytes,
            "sha256": image.sha256,
        })
    }
}

fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn verdict(verdict: &Verdict) -> Value {
    let reasons = verdict.reasons.iter().map(
        |reason| json!({ "code": reason.code, "text": reason.text, "detectors": reason.detectors }),
    );
    json!({
        "label": verdict.label.as_str(),
        "confidence": rounded(verdict.confidence),
        "risk_level": verdict.risk_level.as_str(),
        "risk": rounded(verdict.risk),
        "p_ai_generated": rounded(verdict.p_ai_generated),
        "p_manipulated": rounded(verdict.p_manipulated),
        "reasons": reasons.collect::<Vec<_>>(),
    })
}

fn policy(verdict: &Verdict) -> Value {
    json!({
        "name": verdict.policy_name,
        "version": verdict.policy_version,
        "digest": verdict.policy_digest,
    })
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

fn model_result(outcome: &DetectorOutcome, policy: &Policy) -> Value {
    let mut result = Map::new();
    let label = label_word(outcome, policy);
    let (score, detail, report): (Value, &str, Option<&Report>) = match &outcome.outcome {
        Outcome::Scored(report) => (rounded(report.score), &report.detail, Some(report)),
        Outcome::NotApplicable { reason } => (Value::Null, reason, None),
        Outcome::Failed { message } => (Value::Null, message, None),
        Outcome::TimedOut { .. } => (Value::Null, "The detector overran its deadline.", None),
    };
    result.insert("score".into(), score);
    result.insert("label".into(), label.into());
    result.insert("detail".into(), detail.into());
    let own = [
        ("status", outcome.outcome.status().into()),
        ("findings", report.iter().flat_map(|r| &r.findings).map(finding).collect()),
        ("version", outcome.version.clone().into()),
        ("digest", outcome.digest.clone().into()),
        ("duration_ms", rounded(outcome.duration_ms)),
    ];
    for Attribute { name, value } in report.iter().flat_map(|report| &report.attributes) {
        let is_taken = result.contains_key(name.as_str()) || own.iter().any(|(own, _)| name == own);
        if !is_taken {
            result.insert(name.to_string(), json_value(value));
        }
    }
    result.extend(own.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(result)
}

fn finding(finding: &Finding) -> Value {
    let values = finding.values.iter().map(|a| (a.name.to_string(), json_value(&a.value)));
    json!({
        "code": finding.code.as_str(),
        "severity": finding.severity.as_str(),
        "text": finding.text.as_str(),
        "values": values.collect::<Map<_, _>>(),
        "regions": finding.regions.iter().map(region).collect::<Vec<_>>(),
    })
}

fn region(region: &Region) -> Value {
    json!({ "x": region.x, "y": region.y, "width": region.width, "height": region.height })
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

fn rounded(value: f64) -> Value {
    let scale = 10_f64.powi(DECIMALS);
    Number::from_f64((value * scale).round() / scale).map_or(Value::Null, Value::Number)
}
