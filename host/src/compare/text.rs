// SPDX-License-Identifier: MIT OR Apache-2.0
//! A comparison as text. Every number has its n or its interval.

use std::fmt::{self, Display, Formatter};

use super::comparison::{Comparison, SeriesComparison, SideName};
use super::mcnemar::McNemar;
use crate::eval::interval::Interval;
use crate::eval::paired::Difference;

/// Width of the column of what is compared.
const NAME: usize = 22;
/// Probabilities below are said to be below.
const LEAST_P: f64 = 1e-4;

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (word, SideName { results, policy }) in ["first", "second"].iter().zip(&self.sides) {
            let digest = policy.digest.get(..12).unwrap_or(&policy.digest);
            writeln!(
                f,
                "{word:6} {results}, policy {} {} ({digest})",
                policy.name, policy.version
            )?;
        }
        writeln!(f, "{} pictures in both; differences are second less first, 95 %", self.pictures)?;
        let tests = self.tiers.iter().flat_map(|tier| &tier.series);
        let tests = tests.filter(|series| series.delong.is_some()).count();
        if tests > 1 {
            writeln!(f, "{tests} tests of AUC: p (Holm) is corrected for their number")?;
        }
        for tier in &self.tiers {
            writeln!(f, "\n=== {} ===", tier.tier)?;
            if tier.series.is_empty() {
                writeln!(f, "nothing to compare: no series has pictures of both classes")?;
            }
            tier.series.iter().try_for_each(|series| one(series, f))?;
        }
        Ok(())
    }
}

fn one(series: &SeriesComparison, f: &mut Formatter<'_>) -> fmt::Result {
    let SeriesComparison { n_positive, n_negative, left_out, thresholds, .. } = series;
    let [first, second] = &series.names;
    let names = if first == second { first.clone() } else { format!("{first} and {second}") };
    write!(f, "{names}: {n_positive} {}, {n_negative} authentic", series.positive.as_str())?;
    match left_out {
        0 => writeln!(f)?,
        some => writeln!(f, "; {some} left out, which one of them did not score")?,
    }
    writeln!(f, "  {:NAME$} {:>7} {:>7}  difference", "", "first", "second")?;
    if let Some(matched) = &series.content_matched {
        let over = format!(" over {} sources, {} pictures", matched.sources, matched.pictures);
        difference("content-matched mean", Some(matched.means), &over, f)?;
    }
    difference("AUC", series.auc, ", by group", f)?;
    if let Some(delong) = &series.delong {
        let z = delong.z.map_or_else(|| "no variance".into(), |z| format!("z {z:+.2}"));
        let (p, holm) = (probability(delong.p), series.p_holm.map(probability));
        let holm = holm.map_or_else(String::new, |p| format!(", {p} (Holm)"));
        let signed = interval(Some(delong.interval));
        writeln!(f, "  {:NAME$} {:>16} {signed}, {z}, {p}{holm}", "  DeLong", "")?;
    }
    difference("TPR at 1 % FPR", series.tpr_at_fpr_1, ", by group", f)?;
    let [a, b] = thresholds;
    writeln!(f, "  at the thresholds {a:.2} and {b:.2}, McNemar")?;
    called("found", &series.found, f)?;
    called("false alarms", &series.false_alarms, f)
}

fn difference(
    what: &str,
    found: Option<Difference>,
    over: &str,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let Some(Difference { values: [first, second], difference, interval: ends }) = found else {
        return writeln!(f, "  {what:NAME$} -");
    };
    let ends = interval(ends);
    writeln!(f, "  {what:NAME$} {first:>7.3} {second:>7.3}  {difference:+.3} {ends}{over}")
}

fn called(what: &str, test: &McNemar, f: &mut Formatter<'_>) -> fmt::Result {
    let McNemar { both, only_first, only_second, .. } = test;
    let (first, second, n) = (both + only_first, both + only_second, test.n());
    writeln!(
        f,
        "  {what:NAME$} {first:>7} {second:>7}  of {n}; first alone {only_first}, second alone \
         {only_second}, {}",
        probability(test.p)
    )
}

/// `(-0.012 to +0.034)`.
fn interval(interval: Option<Interval>) -> String {
    interval.map_or_else(
        || "(no interval)".into(),
        |Interval { low, high }| format!("({low:+.3} to {high:+.3})"),
    )
}

fn probability(p: f64) -> String {
    if p < LEAST_P {
        format!("p < {LEAST_P}")
    } else {
        format!("p = {p:.4}")
    }
}
