// SPDX-License-Identifier: MIT OR Apache-2.0
//! The trait that a detector's author implements.

use abi_stable::std_types::RString;
use abi_stable::StableAbi;

use crate::descriptor::{Input, Kind, ModelCard};
use crate::evidence::Evidence;
use crate::params::{ParamSpec, Params};
use crate::report::Report;

/// Why there is no score. `NotApplicable` is an answer, the others are faults.
#[repr(u8)]
#[derive(StableAbi, Clone, Debug, PartialEq, Eq)]
pub enum NoScore {
    /// The test cannot speak on this evidence.
    NotApplicable {
        /// One sentence for a person.
        reason: RString,
    },
    /// The detector met something it cannot handle.
    Failed {
        /// What, where, and what to do.
        message: RString,
    },
    /// The detector's code panicked. Only the boundary writes this one.
    Panicked {
        /// The panic's message.
        message: RString,
    },
    /// The detector saw that it was cancelled, or past its deadline, and stopped.
    Cancelled,
}

impl NoScore {
    /// The test cannot speak on this evidence, for this reason.
    #[must_use]
    pub fn not_applicable(reason: impl Into<String>) -> Self {
        Self::NotApplicable { reason: reason.into().into() }
    }

    /// The detector met something it cannot handle.
    #[must_use]
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed { message: message.into().into() }
    }
}

/// One forensic test.
///
/// `detect` is a pure function of the evidence and the parameters: no input or output, no clock, no
/// global state, no threads of its own. It runs on any thread and several times at once.
pub trait Detector: Send + Sync + Sized + 'static {
    /// Stable name in kebab case, never reused: `jpeg-ghost`.
    const ID: &'static str;
    /// Name in a request's `options.models`: `splicing`.
    const MODEL_KEY: &'static str;
    /// Name in a result's `model_results`: `splicing_detection`.
    const RESULT_KEY: &'static str;
    /// Name for a person: `Splicing detection`.
    const TITLE: &'static str;
    /// Usually `env!("CARGO_PKG_VERSION")`.
    const VERSION: &'static str;
    /// SPDX expression: `MIT OR Apache-2.0`.
    const LICENCE: &'static str;
    /// The hypothesis that a high score supports.
    const KIND: Kind;
    /// The evidence that `detect` asks for. The host prepares nothing else for this detector.
    const INPUTS: &'static [Input];

    /// What a person must know before relying on the score.
    fn card() -> ModelCard;

    /// The parameters that an operator may set.
    #[must_use]
    fn params() -> Vec<ParamSpec> {
        Vec::new()
    }

    /// Makes the detector once. Values are already checked against [`Detector::params`].
    ///
    /// # Errors
    /// What is wrong and what to do, when the values do not fit together or weights do not load.
    fn new(params: &Params) -> Result<Self, String>;

    /// Examines one image.
    ///
    /// # Errors
    /// [`NoScore`] when there is no score. Work that can take longer than 100 ms asks
    /// [`Evidence::check_cancelled`] as it goes.
    fn detect(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore>;
}
