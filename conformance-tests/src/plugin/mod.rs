// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cases for a plugin file, and what they share: opening it, asking it, judging its answer.

use std::path::Path;

use assay_plugin_api::abi::DetectorBox;
use assay_plugin_api::check;
use assay_plugin_api::detector::NoScore;
use assay_plugin_api::load::{LoadError, LoadedPlugin};
use assay_plugin_api::report::Report;

use crate::case::{self, About, Check, Clause, Problem};
use crate::evidence::Given;
use crate::subject::Progress;

mod answers;
mod cancellation;
mod generated;
mod instances;
mod leaks;
mod library;
mod missing;
mod parameters;
mod pictures;

/// A rule of the contract and how it is tried.
pub type Case = case::Case<fn(&Trial<'_>) -> Check>;

/// A clause of the contract's README.
const fn keeps(words: &'static str) -> Clause {
    Clause { place: "plugin contract, What a detector must keep", words }
}

/// All cases in the order in which they run.
pub const CASES: &[&[Case]] = &[
    library::CASES,
    parameters::CASES,
    pictures::CASES,
    missing::CASES,
    generated::CASES,
    answers::CASES,
    instances::CASES,
    cancellation::CASES,
    leaks::CASES,
];

/// All cases in the order in which they run.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    CASES.iter().copied().flatten()
}

/// What is known of each of them.
pub fn abouts() -> impl Iterator<Item = About> {
    cases().map(|case| case.about("plugin"))
}

/// The case with an id.
#[must_use]
pub fn case(id: &str) -> Option<&'static Case> {
    cases().find(|case| case.id == id)
}

/// One case being tried on one file.
pub struct Trial<'a> {
    path: &'a Path,
    seed: u64,
    progress: Progress,
}

/// An answer that keeps the contract.
pub(crate) type Answer = Result<Report, NoScore>;

/// What a detector may say besides a score or that it does not apply.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Faults {
    /// Nothing: the evidence is in order.
    Refused,
    /// That it failed: the evidence is broken.
    Allowed,
}

impl<'a> Trial<'a> {
    /// A trial of the file at `path`; `progress` is told what is about to be tried, so that a crash
    /// can be placed.
    #[must_use]
    pub fn new(path: &'a Path, seed: u64, progress: Progress) -> Self {
        Self { path, seed, progress }
    }

    /// Seed of everything that is random.
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// Says what is about to be tried.
    pub(crate) fn at(&self, what: &str) {
        (self.progress)(what);
    }

    pub(crate) fn try_open(&self) -> Result<LoadedPlugin, LoadError> {
        LoadedPlugin::open(self.path)
    }

    /// The opened library; the case is skipped if it does not open, which is a case of its own.
    pub(crate) fn open(&self) -> Result<LoadedPlugin, Problem> {
        self.try_open().map_err(|e| Problem::skipped(format!("the plugin does not open: {e}")))
    }

    /// The opened library and a detector with default parameters; the case is skipped without one.
    pub(crate) fn detector(&self) -> Result<(LoadedPlugin, DetectorBox), Problem> {
        let plugin = self.open()?;
        let made = plugin.create(&[]);
        let detector = made.map_err(|e| Problem::skipped(format!("no detector: {e}")))?;
        Ok((plugin, detector))
    }

    /// Asks a detector about evidence called `what` and judges its answer.
    pub(crate) fn ask(
        &self,
        detector: &DetectorBox,
        what: &str,
        given: &Given,
        faults: Faults,
    ) -> Result<(), Problem> {
        self.answer(detector, what, given, faults).map(drop)
    }

    /// The same; returns the answer.
    pub(crate) fn answer(
        &self,
        detector: &DetectorBox,
        what: &str,
        given: &Given,
        faults: Faults,
    ) -> Result<Answer, Problem> {
        self.at(what);
        let answer = detect(detector, given);
        judge(&answer, given.size(), faults)
            .map_err(|breach| Problem::failed(format!("{what}: {breach}")))?;
        Ok(answer)
    }
}

/// Asks a detector.
pub(crate) fn detect(detector: &DetectorBox, given: &Given) -> Answer {
    detector.detect(given.as_source()).into_result()
}

/// Checks an answer against the contract.
///
/// # Errors
/// What was expected and what was found.
pub(crate) fn judge(answer: &Answer, size: (u32, u32), faults: Faults) -> Result<(), String> {
    let (kind, text) = match answer {
        Ok(report) => return check::report(report, size.0, size.1).map_err(|e| e.to_string()),
        Err(NoScore::Panicked { message }) => {
            return Err(format!("expected an answer, found a panic: {message}"));
        }
        Err(NoScore::Cancelled) => {
            return Err("expected an answer, found Cancelled although nobody cancelled".into());
        }
        Err(NoScore::Failed { message }) if faults == Faults::Refused => {
            return Err(format!("expected a score or NotApplicable, found Failed: {message}"));
        }
        Err(NoScore::Failed { message }) => ("message", message),
        Err(NoScore::NotApplicable { reason }) => ("reason", reason),
    };
    check::text(kind, text).map_err(|e| e.to_string())?;
    if text.trim().is_empty() {
        return Err(format!("{kind} must not be empty"));
    }
    Ok(())
}

/// An answer as text that differs whenever a bit of it differs: Rust prints every finite number so
/// that it reads back as itself, and numbers that are not finite break the contract anyway.
pub(crate) fn written_out(answer: &Answer) -> String {
    format!("{answer:?}")
}

/// The first difference of two answers, shortened.
pub(crate) fn difference(first: &str, other: &str) -> String {
    const SHOWN: usize = 60;
    let pairs = first.char_indices().zip(other.chars());
    let same = pairs.take_while(|((_, a), b)| a == b).last();
    let start = same.map_or(0, |((at, _), _)| at.saturating_sub(SHOWN / 2));
    let shown = |text: &str| -> String {
        text.char_indices().filter(|(at, _)| *at >= start).map(|(_, c)| c).take(SHOWN).collect()
    };
    format!("\"…{}…\" and \"…{}…\"", shown(first), shown(other))
}

#[cfg(test)]
mod tests {
    use assay_plugin_api::report::Score;

    use super::*;

    #[test]
    fn faults_are_judged_by_the_evidence() {
        let failed: Answer = Err(NoScore::failed("no memory"));
        assert!(judge(&failed, (8, 8), Faults::Allowed).is_ok());
        assert!(judge(&failed, (8, 8), Faults::Refused).unwrap_err().contains("no memory"));
        let silent: Answer = Err(NoScore::not_applicable(" "));
        assert_eq!(
            judge(&silent, (8, 8), Faults::Allowed).unwrap_err(),
            "reason must not be empty"
        );
        let panicked: Answer = Err(NoScore::Panicked { message: "at 3".into() });
        assert!(judge(&panicked, (8, 8), Faults::Allowed).unwrap_err().contains("at 3"));
    }

    #[test]
    fn difference_shows_where_answers_part() {
        let answer = |score| written_out(&Ok(Report::new(Score::clamped(score))));
        let text = difference(&answer(0.25), &answer(0.5));
        assert!(text.contains("score: 0.25") && text.contains("score: 0.5"), "{text}");
        assert_ne!(answer(0.1 + 0.2), answer(0.3));
    }
}
