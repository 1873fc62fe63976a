// SPDX-License-Identifier: MIT OR Apache-2.0
//! Results made to be read: the verdict first, then a line a detector. Colours are taken out again
//! by the stream where the output is no terminal or `NO_COLOR` is set.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Analysed, Item};
use crate::analysis::outcome::{DetectorOutcome, Outcome};
use crate::fusion::stability::{CopyVerdict, Given};
use crate::policy::{Policy, RiskLevel};
use crate::view::{label_word, Heatmap};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();

/// Columns of a detector's name.
const NAME_COLUMNS: usize = 20;

/// Prints one input's result.
pub(super) fn print(out: &mut impl Write, item: &Item, policy: &Policy) -> io::Result<()> {
    writeln!(out, "{BOLD}{}{BOLD:#}", printable(&item.source))?;
    match &item.result {
        Ok(done) => analysed(out, done, policy)?,
        Err(error) => {
            writeln!(out, "  {RED}{}{RED:#}  {}", error.code, printable(&error.message))?;
        }
    }
    writeln!(out)
}

fn analysed(out: &mut impl Write, done: &Analysed, policy: &Policy) -> io::Result<()> {
    let (verdict, image) = (&done.analysis.verdict, &done.analysis.image);
    let style = match verdict.risk_level {
        RiskLevel::Low => GREEN,
        RiskLevel::Medium => YELLOW,
        RiskLevel::High => RED,
    };
    writeln!(
        out,
        "  {style}{}{style:#}  confidence {:.2}, risk {} ({:.2})",
        verdict.label.as_str(),
        verdict.confidence,
        verdict.risk_level.as_str(),
        verdict.risk,
    )?;
    for reason in &verdict.reasons {
        writeln!(out, "  {DIM}because{DIM:#} {}", printable(&reason.text))?;
    }
    for outcome in &done.analysis.outcomes {
        detector(out, outcome, policy)?;
    }
    for copy in verdict.stability.iter().flat_map(|found| &found.copies) {
        copy_line(out, copy, policy)?;
    }
    writeln!(
        out,
        "  {DIM}{} {}x{}, {} bytes; generated {:.2}, manipulated {:.2}; policy {} {}; {} ms{DIM:#}",
        image.format.as_str(),
        image.width,
        image.height,
        image.file_size_bytes,
        verdict.p_ai_generated,
        verdict.p_manipulated,
        verdict.policy_name,
        shortened(&verdict.policy_digest),
        done.processing_time_ms,
    )?;
    if let Some(Heatmap::Files { overlay_path, mask_path }) = &done.heatmap {
        writeln!(out, "  {DIM}heatmap {overlay_path}, mask {mask_path}{DIM:#}")?;
    }
    done.timeline.iter().try_for_each(|timeline| write!(out, "{timeline}"))
}

fn copy_line(out: &mut impl Write, copy: &CopyVerdict, policy: &Policy) -> io::Result<()> {
    let name = copy.copy.described(&policy.stability);
    match &copy.given {
        Given::Verdict { label, p_ai_generated, p_manipulated } => writeln!(
            out,
            "  {DIM}again{DIM:#} {name}: {}, generated {p_ai_generated:.2}, manipulated \
             {p_manipulated:.2}",
            label.as_str(),
        ),
        Given::NotChecked { why, .. } => {
            writeln!(out, "  {DIM}again{DIM:#} {name}: not checked, {}", printable(why))
        }
    }
}

fn detector(out: &mut impl Write, outcome: &DetectorOutcome, policy: &Policy) -> io::Result<()> {
    let score = outcome.outcome.score().map_or_else(|| "   –".into(), |s| format!("{s:.2}"));
    let (word, detail): (&str, &str) = match &outcome.outcome {
        Outcome::Scored(report) => (label_word(outcome, policy), &report.detail),
        Outcome::NotApplicable { reason } => ("not applicable", reason),
        Outcome::Failed { message } => ("error", message),
        Outcome::TimedOut { .. } => ("timeout", "The detector overran its deadline."),
    };
    let style = match word {
        "AUTHENTIC" => GREEN,
        "SYNTHETIC" | "MANIPULATED" | "SUSPICIOUS" | "error" | "timeout" => RED,
        _ => DIM,
    };
    let (title, detail) = (&outcome.title, printable(detail));
    writeln!(out, "  {title:NAME_COLUMNS$} {score}  {style}{word:14}{style:#} {detail}",)
}

/// The start of a digest, enough to tell policies apart by eye.
fn shortened(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

/// The text on one line and without control characters, which could steer a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
