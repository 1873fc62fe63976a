// SPDX-License-Identifier: MIT OR Apache-2.0
//! From an answer and what is kept beside it to a dossier. Whatever cannot be read is left out.

use jiff::Timestamp;
use serde_json::Value;

use super::dossier::{Dossier, FORM, LIMITS};
use super::node::Node;
use super::operating::OperatingPoint;
use super::shape::{PicturePart, PolicyPart, RequestPart, Software};
use super::text::{shown, SHORT};
use super::verdict::{VerdictPart, Weighing};
use super::{detectors, provenance, regions, untested, Heat, TERMS};
use crate::analysis::Derivation;
use crate::policy::Policy;

/// Most detectors that a request names.
const MOST_MODELS: usize = 64;

/// What a dossier is made from.
#[derive(Clone, Debug)]
pub struct Sources<'a> {
    /// The answer, as the API gives it.
    pub body: &'a Value,
    /// Where in the picture something was seen.
    pub heat: Option<Heat>,
    /// What the verdict was made from.
    pub derivation: Option<&'a Derivation>,
    /// The policy that was applied; one with another digest is not taken.
    pub policy: Option<&'a Policy>,
}

impl Dossier {
    /// Reads what is there. Never fails: what is missing or wrong is told as not known.
    #[must_use]
    pub fn of(sources: Sources<'_>) -> Self {
        let Sources { body, heat, derivation, policy } = sources;
        let answer = Node::new(body);
        let digest = answer.at("policy").at("digest").word();
        let policy = policy.filter(|policy| policy.digest() == digest);
        let asked = derivation.map(|derivation| &derivation.asked);
        let outcomes = derivation.and_then(|kept| kept.outcomes().ok()).unwrap_or_default();
        let results = answer.at("model_results");
        let mut detectors = detectors::sections(results, &outcomes);
        let (regions, regions_left_out) = regions::numbered(&mut detectors, heat.as_ref());
        let stability = untested::stability(answer.at("stability"));
        let weighing = derivation.zip(policy).and_then(|(kept, policy)| Weighing::of(kept, policy));
        Self {
            form: FORM,
            made_at: Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            request: request(answer, derivation),
            picture: picture(answer.at("image_info")),
            verdict: VerdictPart::of(answer.at("verdict"), weighing),
            regions,
            regions_left_out,
            heat: heat.filter(Heat::shows_something),
            provenance: provenance::of(results),
            untested: untested::of(&detectors, asked, stability.as_ref()),
            stability,
            operating_point: OperatingPoint::of(policy, &detectors),
            policy: PolicyPart {
                name: answer.at("policy").at("name").word(),
                version: answer.at("policy").at("version").word(),
                digest,
                description: policy.map(|policy| shown(&policy.description, SHORT)),
            },
            software: Software {
                report_by: env!("CARGO_PKG_VERSION"),
                decoder_revision: derivation.map(|kept| kept.decoder),
            },
            detectors,
            limits: LIMITS.to_vec(),
            glossary: TERMS.to_vec(),
        }
    }
}

fn request(answer: Node<'_>, derivation: Option<&Derivation>) -> RequestPart {
    let asked = derivation.map(|kept| &kept.asked);
    let models = asked.iter().flat_map(|asked| &asked.models).take(MOST_MODELS);
    let claimed_at = asked.and_then(|asked| asked.claimed_at.as_deref());
    RequestPart {
        request_id: answer.at("request_id").word(),
        reference_id: answer.at("reference_id").optional_word(),
        source: answer.at("source").optional_word(),
        processed_at: answer.at("processed_at").word(),
        processing_time_ms: answer.at("processing_time_ms").whole(),
        claimed_at: claimed_at.map(|time| shown(time, SHORT)),
        models: models.map(|model| shown(model, SHORT)).collect(),
    }
}

fn picture(info: Node<'_>) -> PicturePart {
    PicturePart {
        format: info.at("format").word(),
        width: info.at("width").pixels(),
        height: info.at("height").pixels(),
        file_size_bytes: info.at("file_size_bytes").whole(),
        sha256: info.at("sha256").word(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::report::page;

    fn of(body: &Value) -> Dossier {
        Dossier::of(Sources { body, heat: None, derivation: None, policy: None })
    }

    /// Any JSON, of the keys that answers have more often than of others.
    fn document() -> impl Strategy<Value = Value> {
        let key = prop_oneof![
            Just("model_results".to_owned()),
            Just("metadata_analysis".to_owned()),
            Just("findings".to_owned()),
            Just("regions".to_owned()),
            Just("verdict".to_owned()),
            Just("status".to_owned()),
            Just("c2pa_manifests".to_owned()),
            Just("ingredients".to_owned()),
            Just("width".to_owned()),
            Just("duration_ms".to_owned()),
            ".{0,8}",
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            Just(Value::from("complete")),
            ".{0,20}".prop_map(Value::from),
        ];
        leaf.prop_recursive(8, 96, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((key.clone(), inner), 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn any_document_gives_a_report(body in document()) {
            let dossier = of(&body);
            prop_assert!(page(&dossier, None).is_ok());
            prop_assert!(serde_json::to_string(&dossier).is_ok());
        }

        #[test]
        fn any_results_give_a_report(results in document(), info in document()) {
            let body = json!({ "model_results": results, "image_info": info, "verdict": info });
            prop_assert!(page(&of(&body), None).is_ok());
        }
    }

    #[test]
    fn findings_stand_by_weight_and_share_the_numbers_of_their_regions() {
        let region = json!({ "x": 1, "y": 2, "width": 3, "height": 4 });
        let none = json!({ "x": 1, "y": 2, "width": 0, "height": 4 });
        let finding = |code: &str, severity: &str| json!({ "code": code, "severity": severity, "text": "", "regions": [region, none] });
        let body = json!({ "model_results": { "splicing_detection": {
            "status": "complete",
            "findings": [finding("b", "info"), finding("a", "warning")],
        } } });
        let dossier = of(&body);
        let codes: Vec<_> = dossier.detectors[0].findings.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(codes, ["a", "b"]);
        assert_eq!(dossier.regions.len(), 1);
        assert_eq!(dossier.regions[0].findings.len(), 2);
        assert!(dossier.detectors[0].findings.iter().all(|finding| finding.regions == [1]));
    }

    #[test]
    fn what_was_not_tested_is_told_with_its_reason() {
        let body = json!({ "model_results": {
            "gan_detection": { "status": "not_applicable", "detail": "too small" },
            "noise_analysis": { "status": "timeout", "detail": "late" },
            "splicing_detection": { "status": "complete", "copy_move": "not applicable: too flat" },
        } });
        let untested = of(&body).untested;
        let told: Vec<_> =
            untested.iter().map(|u| (u.what.as_str(), u.kind, u.why.as_str())).collect();
        assert!(told.contains(&("GAN detection", "not_applicable", "too small")), "{told:?}");
        assert!(told.contains(&("Noise analysis", "timed_out", "late")), "{told:?}");
        let trace = ("Splicing detection: copy move", "not_applicable", "too flat");
        assert!(told.contains(&trace), "{told:?}");
        assert!(told
            .iter()
            .any(|(what, kind, _)| *what == "Metadata analysis" && *kind == "left_out"));
    }

    #[test]
    fn a_deep_chain_of_manifests_comes_to_an_end() {
        let mut chain = json!({});
        for _ in 0..100 {
            chain = json!({ "relation": "parent", "ingredients": [chain] });
        }
        let body = json!({ "model_results": { "metadata_analysis": {
            "status": "complete", "c2pa_manifests": chain,
        } } });
        let provenance = of(&body).provenance.unwrap();
        let mut depth = 0;
        let mut next = provenance.credentials.chain.as_ref();
        while let Some(manifest) = next {
            depth += 1;
            next = manifest.ingredients.first();
        }
        assert_eq!(depth, 12);
    }
}
