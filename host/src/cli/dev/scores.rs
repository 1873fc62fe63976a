// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a build says of pictures, beside what the build before said.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use assay_plugin_api::detector::NoScore;

use crate::cancel::Cancel;
use crate::cli::inputs::Input;
use crate::image::Foreseen;
use crate::plugin::{Plugin, PluginError};
use crate::worker::Decoder;

/// How long an answer may take: builds without optimisations are slow.
const LONGEST: Duration = Duration::from_secs(60);
/// Columns of a score and of what stands in its place.
const COLUMN: usize = 10;

/// An answer: a score, or what is said instead of one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    Score(f64),
    Instead(String),
}

/// The answers of one build, by the picture's name.
pub(super) struct Scores(BTreeMap<String, Answer>);

impl Scores {
    /// Asks a detector with its usual parameters about pictures, until `is_ended`.
    ///
    /// # Errors
    /// When there is no detector to ask.
    pub(super) fn of(
        plugin: &Plugin,
        pictures: &[Input],
        decoder: &Decoder,
        is_ended: &AtomicBool,
    ) -> Result<Self, PluginError> {
        let detector = plugin.create(&[])?;
        let mut answers = BTreeMap::new();
        for picture in pictures {
            if is_ended.load(Ordering::Relaxed) {
                break;
            }
            let read = picture.read(decoder.limits().max_file_bytes);
            let decoded = read.map_err(|error| error.to_string());
            let decoded = decoded.and_then(|bytes| {
                decoder.read(bytes, Foreseen::default()).map_err(|error| error.to_string())
            });
            let answer = match decoded {
                Err(error) => Answer::Instead(error),
                Ok(image) => {
                    let until = Instant::now() + LONGEST;
                    match detector.detect(Arc::new(image), None, until, Cancel::default()) {
                        Ok(report) => Answer::Score(report.score),
                        Err(reason) => Answer::Instead(said(&reason)),
                    }
                }
            };
            answers.insert(picture.name(), answer);
        }
        Ok(Self(answers))
    }
}

fn said(reason: &NoScore) -> String {
    match reason {
        NoScore::NotApplicable { reason } => format!("not applicable: {reason}"),
        NoScore::Failed { message } => format!("failed: {message}"),
        NoScore::Panicked { message } => format!("panicked: {message}"),
        NoScore::Cancelled => format!("no answer within {} s", LONGEST.as_secs()),
    }
}

/// One line a picture: before, now and the difference; what is said instead of a score stands at the end.
pub(super) fn table(pictures: &[Input], before: Option<&Scores>, now: &Scores) -> String {
    let names: Vec<String> = pictures.iter().map(Input::name).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(7);
    let line = |name: &str, cells: [&str; 3], end: &str| {
        let [old, new, change] = cells;
        let text = format!("{name:width$} {old:>COLUMN$} {new:>COLUMN$} {change:>COLUMN$}  {end}");
        format!("{}\n", text.trim_end())
    };
    let mut text = line("picture", ["old", "new", "change"], "");
    let (mut changed, mut largest) = (0, 0.0_f64);
    for name in &names {
        let old = before.and_then(|scores| scores.0.get(name));
        let new = now.0.get(name);
        let change = match (old, new) {
            (Some(Answer::Score(old)), Some(Answer::Score(new))) if old != new => {
                changed += 1;
                largest = largest.max((new - old).abs());
                format!("{:+.4}", new - old)
            }
            (Some(old), Some(new)) if old != new => {
                changed += 1;
                "other".into()
            }
            (Some(_), Some(_)) => "same".into(),
            _ => String::new(),
        };
        let end = match new {
            Some(Answer::Instead(reason)) => reason,
            _ => "",
        };
        text += &line(name, [&cell(old), &cell(new), &change], end);
    }
    if before.is_some() {
        let _ = writeln!(text, "{changed} of {} changed, by {largest:.4} at most", names.len());
    }
    text
}

fn cell(answer: Option<&Answer>) -> String {
    match answer {
        Some(Answer::Score(score)) => format!("{score:.4}"),
        Some(Answer::Instead(_)) => "-".into(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_what_changed_and_what_is_said_instead() {
        let scores = |answers: &[(&str, Answer)]| {
            Scores(
                answers.iter().map(|(name, answer)| ((*name).to_owned(), answer.clone())).collect(),
            )
        };
        let small = || Answer::Instead("not applicable: small".into());
        let old = scores(&[("a", Answer::Score(0.25)), ("b", Answer::Score(0.5)), ("c", small())]);
        let new = scores(&[("a", Answer::Score(0.75)), ("b", Answer::Score(0.5)), ("c", small())]);
        let pictures = ["a", "b", "c"].map(|name| Input::File(name.into()));
        let text = table(&pictures, Some(&old), &new);
        let lines: Vec<Vec<_>> =
            text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[0], ["picture", "old", "new", "change"]);
        assert_eq!(lines[1], ["a", "0.2500", "0.7500", "+0.5000"]);
        assert_eq!(lines[2], ["b", "0.5000", "0.5000", "same"]);
        assert_eq!(lines[3], ["c", "-", "-", "same", "not", "applicable:", "small"]);
        assert_eq!(text.lines().last(), Some("1 of 3 changed, by 0.5000 at most"));
        let first = table(&pictures, None, &new);
        assert!(first.lines().nth(1).unwrap().split_whitespace().eq(["a", "0.7500"]), "{first}");
    }
}
