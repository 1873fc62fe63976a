// SPDX-License-Identifier: MIT OR Apache-2.0
//! The fitted policy as a file: complete, so that a later change of the base changes nothing in it,
//! and with the measurements beside the numbers that rest on them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::asked::is_even;
use super::outcome::{HypothesisOutcome, Outcome, Performance, Rate};
use crate::eval::report::DetectorName;
use crate::eval::text::share;
use crate::policy::calibrated::Measured;
use crate::policy::digest::canonical;
use crate::policy::{Calibrated, Hypothesis, Policy, PolicyError};

/// Version of a policy that nobody has edited yet.
const VERSION: &str = "1";
/// Decimals of measurements.
const DECIMALS: f64 = 1e4;

/// What the file says of itself.
#[derive(Clone, Debug)]
pub struct Head {
    /// The policy's name, kebab-case.
    pub name: String,
    /// The command that makes the file again.
    pub command: String,
    /// The day (UTC), `YYYY-MM-DD`.
    pub date: String,
    /// The error of the conformal abstention that was asked for.
    pub conformal: Option<f64>,
    /// Largest rate of false positives that was asked for among camera originals.
    pub target_fpr: f64,
    /// And among other authentic pictures.
    pub target_fpr_others: f64,
    /// Largest share of positives below `authentic_below` that was asked for.
    pub target_miss: f64,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// It cannot be written as TOML.
    #[error("the policy cannot be written as TOML: {0}")]
    Toml(#[from] toml::ser::Error),
    /// It cannot be compared with what was fitted.
    #[error("the policy has no canonical form: {0}")]
    Canonical(#[from] serde_json::Error),
    /// It does not read back.
    #[error("the fitted policy is refused: {0}")]
    Refused(#[from] PolicyError),
    /// It reads back as something else.
    #[error(
        "the fitted policy reads back with other numbers than were fitted; please report this"
    )]
    Differs,
}

/// The text of the fitted policy; it reads back as `fitted` with the head and the record.
///
/// # Errors
/// When it does not read back, as with a name that is not kebab-case.
pub fn text(head: &Head, outcome: &Outcome, fitted: &Policy) -> Result<String, DocumentError> {
    let base = &outcome.base;
    let mut policy = fitted.clone();
    policy.name.clone_from(&head.name);
    policy.version = VERSION.to_owned();
    let pictures: u64 = outcome.pictures.values().sum();
    policy.description = format!("{} {} fitted to {pictures} pictures.", base.name, base.version);
    policy.calibrated = Some(record(head, outcome));
    let text = header(outcome) + &annotated(&toml::to_string_pretty(&policy)?, &remarks(outcome));
    let read = Policy::parse(&text, "the fitted policy")?;
    if canonical(&read)? != canonical(&policy)? {
        return Err(DocumentError::Differs);
    }
    Ok(text)
}

fn record(head: &Head, outcome: &Outcome) -> Calibrated {
    let base = &outcome.base;
    let detector = |of: &DetectorName| (of.model.clone(), format!("{} {}", of.version, of.digest));
    let measured = |hypothesis: Hypothesis| {
        let of = |found: &&HypothesisOutcome| found.name == hypothesis.as_str();
        outcome.hypotheses.iter().find(of).and_then(measured)
    };
    Calibrated {
        command: head.command.clone(),
        date: head.date.clone(),
        digest: outcome.digest.clone(),
        base: format!("{} {} {}", base.name, base.version, base.digest),
        conformal: head.conformal,
        target_fpr: head.target_fpr,
        target_fpr_others: head.target_fpr_others,
        target_miss: head.target_miss,
        tiers: outcome.tiers.iter().map(|tier| (*tier).to_owned()).collect(),
        detectors: outcome.detectors.iter().map(detector).collect(),
        pictures: outcome.pictures.clone(),
        ai_generated: measured(Hypothesis::AiGenerated),
        manipulated: measured(Hypothesis::Manipulated),
    }
}

fn measured(hypothesis: &HypothesisOutcome) -> Option<Measured> {
    let after = hypothesis.after.as_ref()?;
    let rounded = |number: f64| (number * DECIMALS).round() / DECIMALS;
    let rate = |rate: &Rate| (rate.of.clone(), share(Some(rate.share)));
    Some(Measured {
        n_positive: hypothesis.n_positive as u64,
        n_authentic: hypothesis.n_authentic as u64,
        prior: Some(hypothesis.prior).filter(|prior| !is_even(*prior)),
        ridge: hypothesis.ridge?,
        auc: rounded(after.auc),
        brier: rounded(after.honesty.brier),
        ece: rounded(after.honesty.ece),
        balanced_accuracy: rounded(after.balanced_accuracy),
        false_positives: after.false_positives.iter().map(rate).collect(),
        found: after.found.iter().map(rate).collect(),
    })
}

fn header(outcome: &Outcome) -> String {
    let mut text = format!(
        "# Fitted by `assay calibrate`: [calibrated] below says to what, docs/CALIBRATION.md how. What \
         is not\n# fitted (quorum, rules, deadlines, labels of single detectors) is of the policy \
         {}.\n# Folds: {}.\n",
        outcome.base.name,
        outcome.folds.text()
    );
    for note in &outcome.notes {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "# Note: {note}");
    }
    text + "\n"
}

/// Comments by table and key.
type Remarks = BTreeMap<(&'static str, &'static str), Vec<String>>;

fn remarks(outcome: &Outcome) -> Remarks {
    let mut remarks = Remarks::new();
    for hypothesis in &outcome.hypotheses {
        let Some(after) = &hypothesis.after else { continue };
        let Performance { false_positives, found, missed, .. } = after;
        let mut lines = vec![format!("{}, cross-fitted, 95 %:", hypothesis.name)];
        let mut add = |what: &str, rates: &[Rate]| {
            lines.extend(
                rates.iter().map(|r| format!("  {what}, {}: {}", r.of, share(Some(r.share)))),
            );
        };
        add("false positives", false_positives);
        add("found", found);
        remarks.insert(("verdict", hypothesis.name), lines);
        let missed = missed.iter().map(|rate| {
            format!("{} below it, {}: {}", hypothesis.name, rate.of, share(Some(rate.share)))
        });
        remarks.entry(("verdict", "authentic_below")).or_default().extend(missed);
    }
    remarks
}

/// Puts comments above the keys that they are about.
fn annotated(toml: &str, remarks: &Remarks) -> String {
    let mut table = "";
    let mut text = String::new();
    for line in toml.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            table = name;
        }
        let key = line.split_once(" = ").map_or("", |(key, _)| key);
        let about = remarks.iter().filter(|(place, _)| **place == (table, key));
        for remark in about.flat_map(|(_, lines)| lines) {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "# {remark}");
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}
