// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a verdict was made from, to the last bit: kept beside an answer, whose numbers are rounded, so that
//! the verdict can be made again from it.

use serde::{Deserialize, Serialize};

use crate::analysis::copies::{CopyKind, Rerun};
use crate::analysis::outcome::DetectorOutcome;
use crate::analysis::{Analysis, AnalysisRequest, Models};
use crate::eval::stored::{kind_of, Said};
use crate::image::decode::REVISION;

/// The form that is written.
const FORM: u32 = 1;

/// Everything that fusion read, and what the detectors were asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Derivation {
    form: u32,
    /// The decoder's revision.
    pub decoder: u32,
    /// What was asked.
    pub asked: Asked,
    answers: Vec<Answer>,
    copies: Vec<Copy>,
}

/// What the detectors were asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Detectors to run, or `all`.
    pub models: Vec<String>,
    /// Whether the metadata detector may run.
    pub metadata_analysis: bool,
    /// When the picture is said to have been taken.
    pub claimed_at: Option<String>,
}

/// A detector and its answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Answer {
    id: String,
    model_key: String,
    result_key: String,
    title: String,
    kind: String,
    version: String,
    digest: String,
    said: Said,
}

/// A copy and what was answered on it, or why there is none.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Copy {
    copy: String,
    answers: Result<Vec<Answer>, String>,
}

/// A derivation that this version cannot read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what the verdict was made from is kept in a form that this version cannot read")]
pub struct Unreadable;

impl Asked {
    /// The same as a request.
    ///
    /// # Errors
    /// For a time that is none.
    pub fn request(&self) -> Result<AnalysisRequest, Unreadable> {
        let claimed_at = self.claimed_at.as_deref().map(str::parse).transpose();
        Ok(AnalysisRequest {
            models: Models::Named(self.models.clone()),
            metadata_analysis: self.metadata_analysis,
            claimed_at: claimed_at.map_err(|_| Unreadable)?,
        })
    }
}

impl Derivation {
    /// That of an analysis.
    #[must_use]
    pub fn of(analysis: &Analysis, asked: Asked) -> Self {
        let copy = |rerun: &Rerun| Copy {
            copy: rerun.copy.as_str().into(),
            answers: rerun.outcomes.as_deref().map(answers).map_err(Clone::clone),
        };
        Self {
            form: FORM,
            decoder: REVISION,
            asked,
            answers: answers(&analysis.outcomes),
            copies: analysis.reruns.iter().map(copy).collect(),
        }
    }

    /// Reads one that was kept.
    ///
    /// # Errors
    /// When it is of another form.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let read: Self = serde_json::from_str(text).map_err(|_| Unreadable)?;
        if read.form == FORM {
            Ok(read)
        } else {
            Err(Unreadable)
        }
    }

    /// The text that is kept.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// What the detectors answered, as far as fusion reads it.
    ///
    /// # Errors
    /// When an answer cannot be read.
    pub fn outcomes(&self) -> Result<Vec<DetectorOutcome>, Unreadable> {
        outcomes(&self.answers)
    }

    /// What they answered on copies.
    ///
    /// # Errors
    /// When an answer cannot be read.
    pub fn reruns(&self) -> Result<Vec<Rerun>, Unreadable> {
        let rerun = |copy: &Copy| {
            let kind = CopyKind::ALL.into_iter().find(|kind| kind.as_str() == copy.copy);
            let outcomes = match &copy.answers {
                Ok(answers) => Ok(outcomes(answers)?),
                Err(why) => Err(why.clone()),
            };
            Ok(Rerun { copy: kind.ok_or(Unreadable)?, outcomes })
        };
        self.copies.iter().map(rerun).collect()
    }
}

fn answers(outcomes: &[DetectorOutcome]) -> Vec<Answer> {
    let answer = |outcome: &DetectorOutcome| Answer {
        id: outcome.id.clone(),
        model_key: outcome.model_key.clone(),
        result_key: outcome.result_key.clone(),
        title: outcome.title.clone(),
        kind: outcome.kind.as_str().into(),
        version: outcome.version.clone(),
        digest: outcome.digest.clone(),
        said: Said::of(&outcome.outcome),
    };
    outcomes.iter().map(answer).collect()
}

fn outcomes(answers: &[Answer]) -> Result<Vec<DetectorOutcome>, Unreadable> {
    let outcome = |answer: &Answer| {
        Ok(DetectorOutcome {
            id: answer.id.clone(),
            model_key: answer.model_key.clone(),
            result_key: answer.result_key.clone(),
            title: answer.title.clone(),
            kind: kind_of(&answer.kind).ok_or(Unreadable)?,
            version: answer.version.clone(),
            digest: answer.digest.clone(),
            duration_ms: 0.0,
            outcome: answer.said.outcome().ok_or(Unreadable)?,
        })
    };
    answers.iter().map(outcome).collect()
}
