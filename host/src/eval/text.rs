// SPDX-License-Identifier: MIT OR Apache-2.0
//! The report as text: floors, headline, then the tables. Every number has its n or its interval.

use std::fmt::{self, Display, Formatter};

use super::estimates::{Average, Estimate, Matched};
use super::interval::{Interval, Share};
use super::manifest::Truth;
use super::report::Report;
use super::summary::{SeriesSummary, TierSummary};
use super::tables::Part;

/// Failures that are printed one by one.
const NAMED_FAILURES: usize = 10;
/// The classifier on what a file is stored as.
const STORAGE: &str = "size, format, quality, metadata";
/// Width of the column of names.
const NAME: usize = 22;

/// A number that may not be there.
pub(crate) fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), |value| format!("{value:.3}"))
}

/// `0.71 (0.65-0.77)`.
pub(crate) fn with_interval(value: f64, interval: Option<Interval>) -> String {
    match interval {
        Some(Interval { low, high }) => format!("{value:.3} ({low:.3}-{high:.3})"),
        None => format!("{value:.3} (no interval)"),
    }
}

/// A mean over pictures that may not be there.
pub(super) fn average(average: Option<Average>) -> String {
    average.map_or_else(|| "-".into(), |found| with_interval(found.value, found.interval))
}

/// An estimate without its n.
pub(crate) fn estimate(estimate: Option<Estimate>) -> String {
    estimate.map_or_else(|| "-".into(), |found| with_interval(found.value, found.interval))
}

/// `3 of 120, 0.025 (0.005-0.071)`.
pub(crate) fn share(share: Option<Share>) -> String {
    share.map_or_else(
        || "-".into(),
        |Share { count, n, value, interval }| {
            format!("{count} of {n}, {}", with_interval(value, Some(interval)))
        },
    )
}

/// The content-matched mean with its sources.
pub(crate) fn matched(found: Option<&Matched>) -> String {
    let Some(Matched { mean, interval, sources }) = found else {
        return "no source has 5 pictures of both classes".into();
    };
    let pictures: usize = sources.iter().map(|s| s.n_positive + s.n_negative).sum();
    let shown = with_interval(*mean, *interval);
    let noun = if sources.len() == 1 { "source" } else { "sources" };
    format!("{shown} over {} {noun}, {pictures} pictures", sources.len())
}

/// The headline of a series, or why it is refused.
pub(crate) fn headline(series: &SeriesSummary) -> String {
    let found = matched(series.content_matched.as_ref());
    match &series.headline.refused {
        None => found,
        Some(why) => format!("refused: {why}; it would be {found}"),
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.collection)?;
        for (truth, n) in &self.pictures {
            let of = |counts: &std::collections::BTreeMap<Truth, usize>| {
                counts.get(truth).copied().unwrap_or(0)
            };
            let (groups, sources) = (of(&self.groups), of(&self.sources));
            let truth = truth.as_str();
            writeln!(f, "  {n:5} {truth:12} in {groups} groups, {sources} sources")?;
        }
        for (label, n) in &self.left_out {
            writeln!(f, "  {n:5} {label:12} left out: neither class")?;
        }
        let policy = &self.policy;
        let digest = policy.digest.get(..12).unwrap_or(&policy.digest);
        writeln!(f, "policy {} {} ({digest})", policy.name, policy.version)?;
        writeln!(f, "{}", self.held_out.statement)?;
        self.failed(f)?;
        self.tiers.iter().try_for_each(|tier| self.tier(tier, f))
    }
}

impl Report {
    fn failed(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.failures.is_empty() {
            return writeln!(f, "nothing failed");
        }
        writeln!(f, "{} failed:", self.failures.len())?;
        for failure in self.failures.iter().take(NAMED_FAILURES) {
            let detector = failure.detector.as_deref().unwrap_or("picture");
            let (tier, path, message) = (failure.tier, &failure.path, &failure.message);
            writeln!(f, "  {tier} {detector}: {path}: {message}")?;
        }
        match self.failures.len().saturating_sub(NAMED_FAILURES) {
            0 => Ok(()),
            more => writeln!(f, "  and {more} more, in the JSON report"),
        }
    }

    fn tier(&self, tier: &TierSummary, f: &mut Formatter<'_>) -> fmt::Result {
        let n: Vec<_> = tier.n.iter().map(|(t, n)| format!("{n} {}", t.as_str())).collect();
        writeln!(f, "\n=== {}: {} ===", tier.tier, n.join(", "))?;
        self.floors(tier, f)?;
        writeln!(f, "\nHeadline: content-matched mean AUC, inside each source with both classes")?;
        for series in &tier.series {
            writeln!(f, "  {:NAME$} {}", series.name, headline(series))?;
        }
        pooled(tier, f)?;
        at_policy(tier, f)?;
        writeln!(f, "\nAuthentic pictures that the verdict accuses of anything, by kind")?;
        for kind in &tier.accused {
            writeln!(f, "  {:NAME$} {}", kind.kind, share(Some(kind.fpr)))?;
        }
        let verdicts = tier.series.iter().filter(|s| s.name.starts_with("verdict"));
        verdicts.clone().try_for_each(|series| details(series, f))?;
        localisation(tier, f)?;
        false_areas(tier, f)?;
        shifts(tier, f)
    }

    fn floors(&self, tier: &TierSummary, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "Floors: what is reached without looking for a trace")?;
        for floor in &tier.storage_floors {
            let auc = estimate(Some(floor.auc));
            let within = matched(floor.matched.as_ref());
            let (what, truth) = (STORAGE, floor.positive.as_str());
            writeln!(f, "  {what:NAME$} {truth}: AUC {auc}; matched {within}")?;
        }
        if tier.storage_floors.is_empty() {
            let why = "none: a fold of sources leaves a class without pictures";
            writeln!(f, "  {STORAGE:NAME$} {why}")?;
        }
        if self.controls.is_empty() {
            writeln!(f, "  {:NAME$} not run (--controls)", "content alone")?;
        }
        for control in &self.controls {
            let (auc, within) = (estimate(control.auc), matched(control.content_matched.as_ref()));
            let what = "content alone, q90";
            writeln!(f, "  {what:NAME$} {}: AUC {auc}; matched {within}", control.name)?;
        }
        for series in &tier.series {
            let Some(real) = &series.real_against_real else { continue };
            let ((lowest, low), (highest, high)) = (&real.lowest, &real.highest);
            let (what, name) = ("real against real", &series.name);
            writeln!(
                f,
                "  {what:NAME$} {name}: AUC {low:.3} ({lowest}) to {high:.3} ({highest}), median \
                 {:.3}, {} sources, typically {:.3} from 0.5 beyond chance",
                real.median, real.sources, real.typical
            )?;
        }
        Ok(())
    }
}

fn pooled(tier: &TierSummary, f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "\nPooled over all sources (95 % by group)")?;
    writeln!(
        f,
        "  {:NAME$} {:21} {:21} {:21} {:5} {:5} {:>9} {:>5} {:>6}",
        "", "AUC", "TPR at 5 % FPR", "TPR at 1 % FPR", "Brier", "ECE", "n+/n-", "n/a", "failed"
    )?;
    for s in &tier.series {
        let n = s.auc.map_or_else(String::new, |a| format!("{}/{}", a.n_positive, a.n_negative));
        writeln!(
            f,
            "  {:NAME$} {:21} {:21} {:21} {:5} {:5} {n:>9} {:>5} {:>6}",
            s.name,
            estimate(s.auc),
            estimate(s.tpr_at_fpr_5),
            estimate(s.tpr_at_fpr_1),
            number(s.brier),
            number(s.ece),
            s.n_not_applicable,
            s.n_failed
        )?;
    }
    Ok(())
}

fn at_policy(tier: &TierSummary, f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "\nAt the policy's thresholds")?;
    for s in &tier.series {
        let at = &s.at_policy;
        writeln!(f, "  {:NAME$} threshold {:.2}", s.name, at.threshold)?;
        writeln!(f, "    found          {}", share(at.tpr))?;
        writeln!(f, "    false alarms   {}", share(at.fpr))?;
        writeln!(f, "    missed         {}", share(at.missed))?;
        writeln!(f, "    balanced accuracy {}", number(at.balanced_accuracy))?;
    }
    for s in &tier.series {
        let confusion = &s.at_policy.confusion;
        let words = confusion.words();
        let head: String = words.iter().map(|word| format!(" {word:>13}")).collect();
        writeln!(f, "  {:NAME$}{head}", s.name)?;
        for truth in confusion.truths() {
            let cells = words.iter().map(|word| format!(" {:>13}", confusion.count(truth, word)));
            writeln!(f, "    {:20}{}", truth.as_str(), cells.collect::<String>())?;
        }
    }
    Ok(())
}

fn details(series: &SeriesSummary, f: &mut Formatter<'_>) -> fmt::Result {
    let name = &series.name;
    writeln!(f, "\n{name}: false alarms by kind of authentic picture")?;
    for kind in &series.fpr_by_kind {
        writeln!(f, "  {:NAME$} {}", kind.kind, share(Some(kind.fpr)))?;
    }
    writeln!(f, "{name}: by compression history of the file as collected")?;
    for part in &series.by_history {
        let n = part.auc.map_or_else(String::new, |a| {
            format!(" ({} positive, {} authentic)", a.n_positive, a.n_negative)
        });
        writeln!(f, "  {:24} AUC {}{n}", part.history, estimate(part.auc))?;
        writeln!(f, "    found {}; false alarms {}", share(part.tpr), share(part.fpr))?;
    }
    writeln!(f, "{name}: by group")?;
    series.by_group.iter().try_for_each(|part| one_part(part, f))?;
    writeln!(f, "{name}: by source")?;
    series.by_source.iter().try_for_each(|part| one_part(part, f))
}

fn one_part(part: &Part, f: &mut Formatter<'_>) -> fmt::Result {
    let auc = part.auc.map_or_else(String::new, |auc| format!("AUC {auc:.3}, "));
    let (name, truth) = (&part.name, part.truth.as_str());
    writeln!(f, "  {name:36} {truth:12} {auc}called {}", share(part.called))
}

fn localisation(tier: &TierSummary, f: &mut Formatter<'_>) -> fmt::Result {
    for detector in &tier.localisation {
        let (name, masks) = (&detector.name, detector.n_masks);
        writeln!(
            f,
            "\n{name}: heatmap against mask, mean over pictures, {} of {masks} with a heatmap",
            detector.all.n
        )?;
        writeln!(
            f,
            "  {:NAME$} {:>5} {:21} {:21} {:21} {:23} {:21}",
            "", "n", "F1 at 0.5", "best F1", "IoU at 0.5", "MCC at 0.5", "pixel AUC"
        )?;
        let groups = detector.by_group.iter().map(|(group, located)| (group.as_str(), located));
        for (group, located) in std::iter::once(("all", &detector.all)).chain(groups) {
            let [f1, best, iou] =
                [located.f1, located.best_f1, located.iou].map(|found| average(Some(found)));
            let [mcc, auc] = [located.mcc, located.pixel_auc].map(average);
            let n = located.n;
            writeln!(f, "  {group:NAME$} {n:>5} {f1:21} {best:21} {iou:21} {mcc:23} {auc:21}")?;
        }
        let throughout = detector.all.n - detector.all.n_partly;
        if throughout > 0 {
            writeln!(f, "  {throughout} altered throughout, left out of MCC and pixel AUC")?;
        }
    }
    Ok(())
}

fn false_areas(tier: &TierSummary, f: &mut Formatter<'_>) -> fmt::Result {
    for detector in &tier.false_areas {
        let (name, authentic, all) = (&detector.name, detector.n_authentic, &detector.all);
        writeln!(
            f,
            "\n{name}: heat of 0.5 or more on authentic pictures, {} of {authentic} with a heatmap",
            all.n
        )?;
        let (what, touched) = ("mean share of pixels", "pictures with any such pixel");
        writeln!(f, "  {:NAME$} {:>5} {what:21} {touched}", "", "n")?;
        let kinds = detector.by_kind.iter().map(|(kind, area)| (kind.as_str(), area));
        for (kind, found) in std::iter::once(("all authentic", all)).chain(kinds) {
            let (area, touched) = (average(Some(found.area)), share(Some(found.touched)));
            writeln!(f, "  {kind:NAME$} {:>5} {area:21} {touched}", found.n)?;
        }
    }
    Ok(())
}

fn shifts(tier: &TierSummary, f: &mut Formatter<'_>) -> fmt::Result {
    if tier.series.iter().all(|series| series.shift.is_none()) {
        return Ok(());
    }
    writeln!(f, "\nScore less score at clean, median")?;
    for series in &tier.series {
        let Some(shift) = series.shift else { continue };
        let signed = |v: Option<f64>| v.map_or_else(|| "-".into(), |v| format!("{v:+.3}"));
        let (positive, negative) = (signed(shift.positive), signed(shift.negative));
        let (n_positive, n_negative) = (shift.n_positive, shift.n_negative);
        writeln!(
            f,
            "  {:NAME$} {positive} ({n_positive} {}), {negative} ({n_negative} authentic)",
            series.name,
            series.positive.as_str()
        )?;
    }
    Ok(())
}
