// SPDX-License-Identifier: MIT OR Apache-2.0
//! How often the applied policy errs at its thresholds, as far as that was measured.

use serde::Serialize;

use super::detectors::DetectorPart;
use crate::policy::{Calibrated, Hypothesis, Measured, Policy};

/// The thresholds of the policy that was applied, and what was measured at them.
#[derive(Clone, Debug, Serialize)]
pub struct OperatingPoint {
    /// What is known of it, in a sentence.
    pub statement: String,
    /// Probabilities below this, both of them, are AUTHENTIC; null where the policy is not at hand.
    pub authentic_below: Option<f64>,
    /// Smallest risk that is MEDIUM, and largest.
    pub medium_risk: Option<[f64; 2]>,
    /// One entry for each thing that a picture may be other than authentic.
    pub hypotheses: Vec<HypothesisRates>,
    /// The pictures that it was measured on.
    pub measured_on: Option<MeasuredOn>,
}

/// The threshold of one hypothesis, and what was measured at it.
#[derive(Clone, Debug, Serialize)]
pub struct HypothesisRates {
    /// `ai_generated` or `manipulated`.
    pub hypothesis: &'static str,
    /// The same in words.
    pub title: &'static str,
    /// The probability from which the verdict can be given.
    pub threshold: f64,
    /// What was measured; null where nothing was.
    pub measured: Option<Rates>,
}

/// Error rates of one hypothesis at its threshold, on pictures that were held out by cross-fitting.
#[derive(Clone, Debug, Serialize)]
pub struct Rates {
    /// Pictures of which the hypothesis holds.
    pub n_positive: u64,
    /// Authentic pictures.
    pub n_authentic: u64,
    /// How well the probability tells both apart, 0.5 = by chance, 1 = always.
    pub auc: f64,
    /// Share of right answers at the threshold were both equally frequent.
    pub balanced_accuracy: f64,
    /// How far probabilities are from the shares that come true.
    pub calibration_error: f64,
    /// Authentic pictures that are called so, by kind of picture and state of the file.
    pub false_positives: Vec<Rate>,
}

/// How often something happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// Of what: the kind of pictures, and the state of their files.
    pub of: String,
    /// How often; null where the record cannot be read, and `text` has it.
    pub count: Option<u64>,
    /// Of how many.
    pub n: Option<u64>,
    /// The share.
    pub share: Option<f64>,
    /// The interval of the share, 95 %.
    pub interval: Option<[f64; 2]>,
    /// The record itself.
    pub text: String,
}

/// The pictures that the rates were measured on.
#[derive(Clone, Debug, Serialize)]
pub struct MeasuredOn {
    /// When, `YYYY-MM-DD`.
    pub date: String,
    /// Digest of the collection.
    pub digest: String,
    /// Pictures by label or by label and kind.
    pub pictures: Vec<(String, u64)>,
    /// States of the files: as they are (`clean`), and after what services do to them.
    pub tiers: Vec<String>,
    /// Detectors whose version was another one, in a sentence each.
    pub other_versions: Vec<String>,
}

impl OperatingPoint {
    /// That of a policy that is at hand, for the detectors that ran.
    pub(super) fn of(policy: Option<&Policy>, detectors: &[DetectorPart]) -> Self {
        let Some(policy) = policy else { return Self::unknown() };
        let record = policy.calibrated.as_ref();
        let hypotheses = Hypothesis::ALL.map(|hypothesis| HypothesisRates {
            hypothesis: hypothesis.as_str(),
            title: title(hypothesis),
            threshold: policy.verdict.of(hypothesis),
            measured: record.and_then(|record| measured(record, hypothesis)).map(rates),
        });
        let measured = hypotheses.iter().filter(|rates| rates.measured.is_some()).count();
        let statement = match (record, measured) {
            (None, _) => {
                "Nothing was measured at the thresholds of this policy: how often it errs is not \
                          known."
            }
            (Some(_), 2) => "Both thresholds were measured, on pictures that the fit had not seen.",
            (Some(_), _) => {
                "Not every threshold was measured: where it says so below, how often the policy \
                             errs is not known."
            }
        };
        Self {
            statement: statement.to_owned(),
            authentic_below: Some(policy.verdict.authentic_below),
            medium_risk: Some([policy.risk.medium, policy.risk.high]),
            hypotheses: hypotheses.into(),
            measured_on: record.map(|record| MeasuredOn::of(record, detectors)),
        }
    }

    fn unknown() -> Self {
        Self {
            statement: "The policy that was applied is not at hand in this version: its thresholds and how \
                        often it errs at them cannot be told."
                .to_owned(),
            authentic_below: None,
            medium_risk: None,
            hypotheses: Vec::new(),
            measured_on: None,
        }
    }
}

fn title(hypothesis: Hypothesis) -> &'static str {
    match hypothesis {
        Hypothesis::AiGenerated => "A generator made it",
        Hypothesis::Manipulated => "A part was changed",
    }
}

fn measured(record: &Calibrated, hypothesis: Hypothesis) -> Option<&Measured> {
    match hypothesis {
        Hypothesis::AiGenerated => record.ai_generated.as_ref(),
        Hypothesis::Manipulated => record.manipulated.as_ref(),
    }
}

fn rates(measured: &Measured) -> Rates {
    let rate = |(of, text): (&String, &String)| Rate::parse(of, text);
    Rates {
        n_positive: measured.n_positive,
        n_authentic: measured.n_authentic,
        auc: measured.auc,
        balanced_accuracy: measured.balanced_accuracy,
        calibration_error: measured.ece,
        false_positives: measured.false_positives.iter().map(rate).collect(),
    }
}

impl Rate {
    /// Reads `31 of 283, 0.110 (0.076-0.152)`.
    fn parse(of: &str, text: &str) -> Self {
        let read = || {
            let (counts, shares) = text.split_once(", ")?;
            let (count, n) = counts.split_once(" of ")?;
            let (share, interval) = shares.strip_suffix(')')?.split_once(" (")?;
            let (low, high) = interval.split_once('-')?;
            Some((
                (count.parse().ok()?, n.parse().ok()?, share.parse().ok()?),
                [low.parse().ok()?, high.parse().ok()?],
            ))
        };
        let found: Option<((u64, u64, f64), [f64; 2])> = read();
        Self {
            of: of.to_owned(),
            count: found.map(|((count, ..), _)| count),
            n: found.map(|((_, n, _), _)| n),
            share: found.map(|((.., share), _)| share),
            interval: found.map(|(_, interval)| interval),
            text: text.to_owned(),
        }
    }

    /// Share and interval in percent, or the record itself.
    #[must_use]
    pub fn percent(&self) -> String {
        match (self.share, self.interval) {
            (Some(share), Some([low, high])) => {
                format!("{:.1} % ({:.1} to {:.1} %)", share * 100.0, low * 100.0, high * 100.0)
            }
            _ => self.text.clone(),
        }
    }
}

impl MeasuredOn {
    fn of(record: &Calibrated, detectors: &[DetectorPart]) -> Self {
        let other = detectors.iter().filter_map(|detector| {
            let then = record.detectors.get(&detector.model)?;
            let now =
                [detector.version.clone(), format!("{} {}", detector.version, detector.digest)];
            let (title, version) = (&detector.title, &detector.version);
            (!now.contains(then)).then(|| {
                format!("{title}: measured with version {then}, here version {version} answered.")
            })
        });
        Self {
            date: record.date.clone(),
            digest: record.digest.clone(),
            pictures: record.pictures.iter().map(|(kind, n)| (kind.clone(), *n)).collect(),
            tiers: record.tiers.clone(),
            other_versions: other.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_rate_is_read_and_another_is_shown_as_it_stands() {
        let rate = Rate::parse("web", "31 of 283, 0.110 (0.076-0.152)");
        assert_eq!((rate.count, rate.n, rate.share), (Some(31), Some(283), Some(0.11)));
        assert_eq!(rate.percent(), "11.0 % (7.6 to 15.2 %)");
        let odd = Rate::parse("web", "about a tenth");
        assert_eq!((odd.count, odd.percent().as_str()), (None, "about a tenth"));
    }

    #[test]
    fn policies_without_a_record_say_that_nothing_was_measured() {
        let shipped = |name| Policy::load(name, &[]).unwrap();
        let of = |policy: &Policy| OperatingPoint::of(Some(policy), &[]);
        let claims = of(&shipped("insurance-claims"));
        assert!(claims.statement.starts_with("Nothing was measured"), "{}", claims.statement);
        assert!(claims.hypotheses.iter().all(|rates| rates.measured.is_none()));
        let default = of(&shipped("default"));
        let measured: Vec<_> =
            default.hypotheses.iter().map(|rates| rates.measured.is_some()).collect();
        assert_eq!(measured, [true, false]);
        let rates = default.hypotheses[0].measured.as_ref().unwrap();
        assert!(rates.false_positives.iter().all(|rate| rate.interval.is_some()));
        assert!(OperatingPoint::of(None, &[]).hypotheses.is_empty());
    }
}
