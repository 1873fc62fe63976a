// SPDX-License-Identifier: MIT OR Apache-2.0
//! How much a picture resembles the output of known generators, in four levels.

use assay_signal::classifier::Reading;

/// The level of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resemblance {
    /// No more than authentic pictures do.
    None,
    /// The score favours the hypothesis a little.
    Weak,
    /// The score favours it clearly.
    Moderate,
    /// The score favours it clearly and hardly any authentic picture gets as far.
    Strong,
}

/// Least score of a weak resemblance: odds of 3 to 2.
const WEAK_SCORE: f64 = 0.6;
/// Least score of a moderate resemblance: odds of 3 to 1.
const MODERATE_SCORE: f64 = 0.75;
/// Largest share of authentic pictures that may reach a strong resemblance.
const STRONG_P_VALUE: f64 = 0.02;

impl Resemblance {
    /// The level of a reading.
    #[must_use]
    pub fn of(reading: &Reading) -> Self {
        match reading.score {
            score if score < WEAK_SCORE => Self::None,
            score if score < MODERATE_SCORE => Self::Weak,
            _ if reading.p_value > STRONG_P_VALUE => Self::Moderate,
            _ => Self::Strong,
        }
    }

    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Weak => "weak",
            Self::Moderate => "moderate",
            Self::Strong => "strong",
        }
    }
}
