// SPDX-License-Identifier: MIT OR Apache-2.0
//! Collections of which only the detectors' scores are known.

use assay::analysis::outcome::{DetectorOutcome, Outcome};
use assay::calibrate::asked::{Both, Kinds};
use assay::calibrate::fit::Signs;
use assay::calibrate::monotone::Shape;
use assay::calibrate::operating::Promise;
use assay::calibrate::run::Order;
use assay::eval::manifest::{Collection, Picture, Truth};
use assay::eval::random::Random;
use assay::eval::record::{Answer, Carried, Examined, Facts};
use assay::eval::run::Examination;
use assay::eval::tiers::Tier;
use assay::fusion::VerdictLabel;
use assay::policy::Policy;
use assay_plugin_api::descriptor::Kind;
use assay_plugin_api::report::{Report, Score};

/// Model keys and kinds of the six detectors.
pub(crate) const SIX: [(&str, Kind); 6] = [
    ("gan", Kind::Generation),
    ("diffusion", Kind::Generation),
    ("noise", Kind::Generation),
    ("metadata", Kind::Provenance),
    ("frequency", Kind::Generation),
    ("splicing", Kind::Manipulation),
];

/// The tiers of every picture.
pub(crate) const TIERS: [Tier; 2] = [Tier::Clean, Tier::Web];

/// No rate is asked of a single kind.
static NO_KIND: Kinds = Kinds::new();

/// A collection with its examinations.
#[derive(Clone, Debug)]
pub(crate) struct Scores {
    pub(crate) collection: Collection,
    pub(crate) examinations: Vec<Examination>,
    pub(crate) detectors: Vec<DetectorOutcome>,
    pub(crate) base: Policy,
}

/// A detector with an outcome.
pub(crate) fn outcome(key: &str, kind: Kind, outcome: Outcome) -> DetectorOutcome {
    DetectorOutcome {
        id: format!("test-{key}"),
        model_key: key.into(),
        result_key: format!("{key}_detection"),
        title: key.into(),
        kind,
        version: "1.0.0".into(),
        digest: "0".into(),
        duration_ms: 1.0,
        outcome,
    }
}

/// A detector that scored.
pub(crate) fn scored(key: &str, kind: Kind, score: f64) -> DetectorOutcome {
    outcome(key, kind, Outcome::Scored(Report::new(Score::clamped(score))))
}

/// A detector that does not apply.
pub(crate) fn absent(key: &str, kind: Kind) -> DetectorOutcome {
    outcome(key, kind, Outcome::NotApplicable { reason: "the picture is too small".into() })
}

/// A picture of the nth group and source of its truth.
pub(crate) fn picture(truth: Truth, index: usize, group: usize) -> Picture {
    let word = truth.as_str();
    let kind = match (truth, index % 2) {
        (Truth::Authentic, 0) => "camera_original",
        (Truth::Authentic, _) => "web",
        _ => "",
    };
    Picture {
        path: format!("{word}/{index}.jpg").into(),
        truth,
        group: format!("{word} {group}"),
        source: format!("{word} {group}"),
        kind: kind.into(),
        fold: None,
        mask: None,
    }
}

/// So many pictures of each truth in eight groups; every detector sees `signal` deviations of what it
/// claims, and metadata tells all classes apart. One detector in ten does not apply.
pub(crate) fn scores(counts: [usize; 3], signal: f64, seed: u64) -> Scores {
    let mut random = Random::new(seed);
    let mut collection = Collection::default();
    let mut examinations = Vec::new();
    for (truth, count) in Truth::ALL.into_iter().zip(counts) {
        for index in 0..count {
            collection.pictures.push(picture(truth, index, index % 8));
            let sha256 = Some(format!("{:016x}", random.bits()));
            let tiers = TIERS.iter().map(|_| Ok(examined(truth, signal, &mut random))).collect();
            examinations.push(Examination { sha256, tiers, said: Vec::new() });
        }
    }
    let detectors = SIX.iter().map(|(key, kind)| absent(key, *kind)).collect();
    Scores { collection, examinations, detectors, base: Policy::load("default", &[]).unwrap() }
}

fn examined(truth: Truth, signal: f64, random: &mut Random) -> Examined {
    let answer = |(key, kind): &(&str, Kind)| {
        let is_claimed = match kind {
            Kind::Generation => truth == Truth::AiGenerated,
            Kind::Manipulation => truth == Truth::Manipulated,
            Kind::Provenance => truth != Truth::Authentic,
        };
        let leak = if *kind == Kind::Provenance { 50.0 } else { signal };
        let z = random.normal() + if is_claimed { leak / 2.0 } else { -leak / 2.0 };
        let score = 1.0 / (1.0 + (-z).exp());
        let is_absent = *kind != Kind::Provenance && random.below(10) == 0;
        Answer {
            model_key: (*key).into(),
            kind: *kind,
            score: (!is_absent).then_some(score),
            label: None,
            fault: None,
            located: None,
            false_area: None,
        }
    };
    let facts = Facts {
        width: 400,
        height: 300,
        format: "JPEG".into(),
        jpeg_quality: None,
        jpeg_subsampling: None,
        metadata: Carried::default(),
    };
    Examined {
        facts,
        answers: SIX.iter().map(answer).collect(),
        verdict: VerdictLabel::Inconclusive,
        p_ai_generated: 0.5,
        p_manipulated: 0.5,
        mask: None,
    }
}

impl Scores {
    /// Everything at its default.
    pub(crate) fn order(&self) -> Order<'_> {
        Order {
            name: "test",
            collection: &self.collection,
            examinations: &self.examinations,
            tiers: &TIERS,
            detectors: &self.detectors,
            base: &self.base,
            shape: Shape::Logistic,
            signs: Signs::NonNegative,
            promise: Promise::Observed,
            target_fpr: 0.01,
            target_fpr_others: 0.01,
            target_fpr_of: &NO_KIND,
            asked: Both::even(0.05),
        }
    }
}
