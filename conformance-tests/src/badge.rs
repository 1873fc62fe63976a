// SPDX-License-Identifier: MIT OR Apache-2.0
//! A badge: which build passed which version of the kit, when, and with which seed.
//!
//! It is no signature: whoever doubts it runs the kit again ([`Badge::is_of`]).

use std::path::{Path, PathBuf};

use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};

use crate::case::{Outcome, Status};
use crate::kit;
use crate::output::Report;
use crate::subject::Identity;

/// What a badge says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Badge {
    /// [`kit::VERSION`].
    pub conformance: String,
    /// [`kit::cases_sha256`].
    pub cases_sha256: String,
    /// What was tried.
    pub subject: Identity,
    /// When the run ended, RFC 3339.
    pub date: Timestamp,
    /// Seed of everything that was random.
    pub seed: u64,
    /// Cases that passed, all that there are for the subject.
    pub passed: usize,
    /// How many of them with a warning.
    pub warnings: usize,
}

/// Why there is no badge, or why it does not hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadgeError {
    /// A badge is for all cases.
    #[error("no badge: {0}")]
    NotAll(String),
    /// The file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no badge.
    #[error("{}: no badge: {source}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// It is a badge of something else.
    #[error("the badge is of another {what}: expected {expected}, found {found}")]
    Other {
        /// Of what.
        what: &'static str,
        /// What the badge says.
        expected: String,
        /// What is here.
        found: String,
    },
}

impl Badge {
    /// The badge of a run of all cases.
    ///
    /// # Errors
    /// When a case did not pass.
    pub fn of(report: &Report<'_>) -> Result<Self, BadgeError> {
        let bad = |outcome: &&Outcome| !matches!(outcome.status, Status::Success | Status::Warning);
        let bad: Vec<_> = report.outcomes.iter().filter(bad).collect();
        if !bad.is_empty() {
            let bad = bad.iter().map(|o| format!("{} {}", o.about.id, o.status.as_str()));
            return Err(BadgeError::NotAll(bad.collect::<Vec<_>>().join(", ")));
        }
        let now = Timestamp::now();
        Ok(Self {
            conformance: kit::VERSION.into(),
            cases_sha256: kit::cases_sha256(),
            subject: report.identity.clone(),
            // A moment of this age of the world can be rounded.
            date: now.round(Unit::Second).unwrap_or(now),
            seed: report.seed,
            passed: report.outcomes.len(),
            warnings: report.count(Status::Warning),
        })
    }

    /// Reads a badge.
    ///
    /// # Errors
    /// When it cannot be read or is none.
    pub fn read(path: &Path) -> Result<Self, BadgeError> {
        let failed = |source| BadgeError::File { path: path.into(), source };
        let text = std::fs::read_to_string(path).map_err(failed)?;
        serde_json::from_str(&text).map_err(|source| BadgeError::Form { path: path.into(), source })
    }

    /// Checks that it speaks of this version of the kit and of this build.
    ///
    /// # Errors
    /// Which of them is another.
    pub fn is_of(&self, identity: &Identity) -> Result<(), BadgeError> {
        let other = |what, expected: &str, found: &str| {
            let (expected, found) = (expected.to_owned(), found.to_owned());
            Err(BadgeError::Other { what, expected, found })
        };
        let cases = kit::cases_sha256();
        if self.conformance != kit::VERSION {
            return other("version of the kit", &self.conformance, kit::VERSION);
        }
        if self.cases_sha256 != cases {
            return other("set of cases", &self.cases_sha256, &cases);
        }
        if !self.subject.is_same_build(identity) {
            let [expected, found] =
                [&self.subject, identity].map(|one| serde_json::json!(one).to_string());
            return other("build", &expected, &found);
        }
        Ok(())
    }

    /// Writes it to `path`, and beside it as a picture with the ending `svg`; the picture's path.
    ///
    /// # Errors
    /// When one of them cannot be written.
    pub fn write(&self, path: &Path) -> Result<PathBuf, BadgeError> {
        let picture = path.with_extension("svg");
        let json = serde_json::to_string_pretty(self)
            .map_err(|source| BadgeError::Form { path: path.into(), source })?;
        for (path, text) in [(path, json + "\n"), (&picture, self.svg())] {
            std::fs::write(path, text)
                .map_err(|source| BadgeError::File { path: path.into(), source })?;
        }
        Ok(picture)
    }

    /// The badge as a picture of 268x20 px: version, number of cases, day.
    #[must_use]
    pub fn svg(&self) -> String {
        let day = self.date.strftime("%Y-%m-%d");
        let left = format!("conformance {}", self.conformance);
        let right = format!("{} cases, {day}", self.passed);
        let title = serde_json::json!(self.subject).to_string();
        let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"268\" height=\"20\" role=\"img\">\n\
             <title>{left}: {right}; {title}</title>\n\
             <rect width=\"112\" height=\"20\" fill=\"#444\"/>\n\
             <rect x=\"112\" width=\"156\" height=\"20\" fill=\"#276749\"/>\n\
             <g fill=\"#fff\" font-family=\"Verdana,sans-serif\" font-size=\"11\" \
             text-anchor=\"middle\">\n\
             <text x=\"56\" y=\"14\">{left}</text>\n\
             <text x=\"190\" y=\"14\">{right}</text>\n</g>\n</svg>\n"
        )
    }
}
