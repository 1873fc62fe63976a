// SPDX-License-Identifier: MIT OR Apache-2.0
//! Verdicts made again, as text.

use std::fmt::{self, Display, Formatter};

use super::again::Again;
use super::diff::{By, Changed, PartRates, PolicyDiff, TierDiff};
use super::transitions::{Transitions, LABELS};
use crate::eval::report::PolicyName;
use crate::eval::text::share;

/// Width of the column of labels and parts.
const NAME: usize = 22;

fn named(policy: &PolicyName) -> String {
    let digest = policy.digest.get(..12).unwrap_or(&policy.digest);
    format!("{} {} ({digest})", policy.name, policy.version)
}

impl Display for PolicyDiff {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [before, now] = self.policies.each_ref().map(named);
        writeln!(f, "{}\nbefore {before}\nnow    {now}", self.results)?;
        self.tiers.iter().try_for_each(|tier| one(tier, self.by, f))
    }
}

fn one(tier: &TierDiff, by: By, f: &mut Formatter<'_>) -> fmt::Result {
    let n: usize = tier.transitions.values().map(Transitions::n).sum();
    writeln!(f, "\n=== {}: {} of {n} verdicts differ ===", tier.tier, tier.n_changed)?;
    for (truth, found) in &tier.transitions {
        table(truth.as_str(), found, f)?;
    }
    let by = match by {
        By::Group => "group",
        By::Source => "source",
        By::Kind => "kind",
    };
    writeln!(f, "\nErrors by {by}, before and now: authentic accused, others called AUTHENTIC")?;
    tier.rates.iter().try_for_each(|part| rates(part, f))?;
    if !tier.changed.is_empty() {
        writeln!(f, "\nPictures that read otherwise")?;
    }
    for Changed { path, truth, before, now, .. } in &tier.changed {
        let (truth, before, now) = (truth.as_str(), before.label, now.label);
        writeln!(f, "  {path} ({truth}): {before}, now {now}")?;
    }
    more(tier.n_changed, tier.changed.len(), f)
}

fn table(head: &str, found: &Transitions, f: &mut Formatter<'_>) -> fmt::Result {
    let columns = LABELS.map(|label| format!(" {:>13}", format!("now {}", short(label.as_str()))));
    writeln!(f, "  {head:NAME$}{}", columns.concat())?;
    for (before, counts) in found.rows().filter(|(_, counts)| counts.iter().any(|n| *n > 0)) {
        let cells = counts.map(|count| format!(" {count:>13}"));
        writeln!(f, "    {:20}{}", before.as_str(), cells.concat())?;
    }
    Ok(())
}

/// The label within a column's width.
fn short(label: &str) -> &str {
    match label {
        "INCONCLUSIVE" => "INCONCL.",
        "AI_GENERATED" => "AI_GEN.",
        "MANIPULATED" => "MANIP.",
        other => other,
    }
}

fn rates(part: &PartRates, f: &mut Formatter<'_>) -> fmt::Result {
    let name = part.part.as_deref().map_or_else(
        || format!("all {}", part.truth.as_str()),
        |name| format!("  {name} ({})", part.truth.as_str()),
    );
    let [before, now] = &part.rates;
    let (was, is) = (share(Some(before.wrong)), share(Some(now.wrong)));
    let p = part.errors.p;
    let changed = part.errors.only_first + part.errors.only_second;
    let p = if changed == 0 { String::new() } else { format!(", p = {p:.4} (McNemar)") };
    writeln!(f, "  {name:NAME$} errors {was}; now {is}{p}")?;
    let (right, undecided) = (share(Some(now.right)), share(Some(now.undecided)));
    let [b, u] = [before.right.count, before.undecided.count];
    writeln!(f, "  {:NAME$} right {b}, now {right}; undecided {u}, now {undecided}", "")
}

fn more(all: usize, named: usize, f: &mut Formatter<'_>) -> fmt::Result {
    match all - named {
        0 => Ok(()),
        more => writeln!(f, "  and {more} more (--limit)"),
    }
}

impl Display for Again {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} analyses made again under {}: {} labels differ",
            self.made,
            named(&self.policy),
            self.transitions.changed()
        )?;
        if self.unreadable > 0 {
            writeln!(f, "{} could not be: this version cannot read them", self.unreadable)?;
        }
        if self.made > 0 {
            table("given", &self.transitions, f)?;
        }
        if !self.changed.is_empty() {
            writeln!(f, "\nAnalyses that read otherwise, by label or risk level")?;
        }
        for one in &self.changed {
            let reference = one.reference_id.as_ref();
            let reference = reference.map_or_else(String::new, |name| format!(" ({name})"));
            writeln!(
                f,
                "  {}{reference}: {}, {}, now {}, {}",
                one.request_id, one.before, one.before_level, one.now, one.now_level
            )?;
        }
        more(self.n_changed, self.changed.len(), f)
    }
}
