// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is asked of one hypothesis, and of single kinds of authentic pictures.

use std::collections::BTreeMap;

use crate::policy::Hypothesis;

/// Even odds.
pub const EVEN: f64 = 0.5;

/// Whether a prior is what is assumed without one.
#[must_use]
pub fn is_even(prior: f64) -> bool {
    (prior - EVEN).abs() < f64::EPSILON
}

/// Largest rates of false positives of single kinds of authentic pictures, above 0 and below 1, by kind.
pub type Kinds = BTreeMap<String, f64>;

/// What is asked of one hypothesis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Asked {
    /// Share of positives that its probabilities assume, above 0 and below 1. Everything is fitted at
    /// even odds; then the bias is moved by the log-odds of this share.
    pub prior: f64,
    /// Largest share of its positives below `authentic_below`, above 0 and below 1.
    pub target_miss: f64,
}

impl Asked {
    /// The log-odds of the prior.
    #[must_use]
    pub fn shift(self) -> f64 {
        (self.prior / (1.0 - self.prior)).ln()
    }

    /// What a picture's share at even odds is at the prior.
    #[must_use]
    pub fn share(self, is_positive: bool, at_even_odds: f64) -> f64 {
        let of_class = if is_positive { self.prior } else { 1.0 - self.prior };
        at_even_odds * of_class / EVEN
    }

    /// Brier score of a probability that is always the prior.
    #[must_use]
    pub fn nothing_said(self) -> f64 {
        self.prior * (1.0 - self.prior)
    }
}

/// What is asked of both hypotheses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Both {
    /// That a generator made it.
    pub ai_generated: Asked,
    /// That a part was changed.
    pub manipulated: Asked,
}

impl Both {
    /// The same of both, at even odds.
    #[must_use]
    pub fn even(target_miss: f64) -> Self {
        let asked = Asked { prior: EVEN, target_miss };
        Self { ai_generated: asked, manipulated: asked }
    }

    /// Of one hypothesis.
    #[must_use]
    pub fn of(&self, hypothesis: Hypothesis) -> Asked {
        match hypothesis {
            Hypothesis::AiGenerated => self.ai_generated,
            Hypothesis::Manipulated => self.manipulated,
        }
    }

    /// Of one hypothesis, to change.
    pub fn of_mut(&mut self, hypothesis: Hypothesis) -> &mut Asked {
        match hypothesis {
            Hypothesis::AiGenerated => &mut self.ai_generated,
            Hypothesis::Manipulated => &mut self.manipulated,
        }
    }
}
