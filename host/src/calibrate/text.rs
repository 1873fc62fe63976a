// SPDX-License-Identifier: MIT OR Apache-2.0
//! A calibration as text: each detector and each hypothesis before and after.

use std::fmt::{self, Display, Formatter};

use super::asked::is_even;
use super::outcome::{Honesty, HypothesisOutcome, Mapped, Outcome, Performance, Rate};
use crate::eval::text::{number, share, with_interval};
use crate::policy::Calibration;

/// Failures that are printed one by one.
const NAMED_FAILURES: usize = 10;
/// Width of the column of names.
const NAME: usize = 26;

impl Display for Outcome {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.collection)?;
        for (label, n) in &self.pictures {
            writeln!(f, "  {n:5} {label}")?;
        }
        let base = &self.base;
        writeln!(f, "base policy {} {}; tiers {}", base.name, base.version, self.tiers.join(", "))?;
        writeln!(f, "five folds of {}", self.folds.text())?;
        self.failed(f)?;
        writeln!(f, "\nDetectors: Brier score and calibration error at even odds, cross-fitted")?;
        writeln!(f, "  {:NAME$} {:>9}  {:15} {:15} map", "", "n+/n-", "before", "after")?;
        self.maps.iter().try_for_each(|map| mapped(map, f))?;
        self.hypotheses.iter().try_for_each(|found| hypothesis(found, f))?;
        let [before, after] = self.authentic_below;
        let [medium, high] = self.risk;
        writeln!(f, "\nBoth probabilities below authentic_below")?;
        let [was, is] = &self.cleared;
        pairs(was, is, f)?;
        writeln!(
            f,
            "\nAUTHENTIC below {after} (before: {before}); risk MEDIUM {medium} to {high}"
        )?;
        self.notes.iter().try_for_each(|note| writeln!(f, "note: {note}"))
    }
}

impl Outcome {
    fn failed(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for failure in self.failures.iter().take(NAMED_FAILURES) {
            let detector = failure.detector.as_deref().unwrap_or("picture");
            let (tier, path, message) = (failure.tier, &failure.path, &failure.message);
            writeln!(f, "  failed: {tier} {detector}: {path}: {message}")?;
        }
        match self.failures.len().saturating_sub(NAMED_FAILURES) {
            0 => Ok(()),
            more => writeln!(f, "  and {more} more failures, in the JSON output"),
        }
    }
}

fn mapped(map: &Mapped, f: &mut Formatter<'_>) -> fmt::Result {
    let n = format!("{}/{}", map.n_positive, map.n_authentic);
    let honest = |found: Option<Honesty>| {
        found.map_or_else(|| "-".into(), |h| format!("{:.3}, {:.3}", h.brier, h.ece))
    };
    let shape = match &map.calibration {
        None => "the base policy's".to_owned(),
        Some(Calibration::Logistic { slope, offset }) => format!("{slope:.3} z {offset:+.3}"),
        Some(Calibration::Knots { knots }) => format!("{} knots", knots.len()),
    };
    let (before, after) = (honest(map.before), honest(map.after));
    writeln!(f, "  {:NAME$} {n:>9}  {before:15} {after:15} {shape}", map.detector)
}

fn hypothesis(found: &HypothesisOutcome, f: &mut Formatter<'_>) -> fmt::Result {
    let (n_positive, n_authentic) = (found.n_positive, found.n_authentic);
    let prior = match is_even(found.prior) {
        true => String::new(),
        false => format!("; probabilities at a share of {} positive", found.prior),
    };
    writeln!(f, "\n{}: {n_positive} positive, {n_authentic} authentic{prior}", found.name)?;
    if let Some(why) = &found.kept {
        return writeln!(f, "  kept: {why}");
    }
    let weights: Vec<_> = found.weights.iter().map(|(key, w)| format!("{key} {w:.3}")).collect();
    let ridge = found.ridge.map_or_else(String::new, |ridge| format!(" (ridge {ridge})"));
    writeln!(f, "  bias {:+.3}, weights {}{ridge}", found.bias, weights.join(", "))?;
    let (Some(before), Some(after)) = (&found.before, &found.after) else { return Ok(()) };
    let mut line = |name: &str, value: &dyn Fn(&Performance) -> String| {
        writeln!(f, "  {name:NAME$} {:26} {}", value(before), value(after))
    };
    line("", &|of| if std::ptr::eq(of, before) { "before".into() } else { "after".into() })?;
    line("threshold", &|of| format!("{:.4}", of.threshold))?;
    line("AUC", &|of| with_interval(of.auc, of.auc_interval))?;
    line("Brier", &|of| number(Some(of.honesty.brier)))?;
    line("ECE", &|of| number(Some(of.honesty.ece)))?;
    line("balanced accuracy", &|of| number(Some(of.balanced_accuracy)))?;
    rates("false positives", &before.false_positives, &after.false_positives, f)?;
    rates("found", &before.found, &after.found, f)?;
    rates("below authentic_below", &before.missed, &after.missed, f)?;
    rates("between, INCONCLUSIVE", &before.undecided, &after.undecided, f)
}

fn rates(what: &str, before: &[Rate], after: &[Rate], f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "  {what}")?;
    pairs(before, after, f)
}

fn pairs(before: &[Rate], after: &[Rate], f: &mut Formatter<'_>) -> fmt::Result {
    for (before, after) in before.iter().zip(after) {
        let (was, is) = (share(Some(before.share)), share(Some(after.share)));
        writeln!(f, "    {:24} {was:36} {is}", before.of)?;
    }
    Ok(())
}
