// SPDX-License-Identifier: MIT OR Apache-2.0
//! Words of verdicts and states, with the colour that goes with them. The word says it all, the colour
//! only says it faster.

/// A word in a coloured field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Badge {
    pub(super) text: String,
    /// `good`, `warn`, `bad`, or nothing.
    pub(super) class: &'static str,
}

impl Badge {
    /// Of a verdict, a risk level, or the state of a key, an image, a batch or a delivery.
    pub(super) fn of(word: &str) -> Self {
        let class = match word {
            "AUTHENTIC" | "LOW" | "active" | "complete" | "delivered" => "good",
            "INCONCLUSIVE" | "MEDIUM" | "pending" | "processing" | "expired" => "warn",
            "AI_GENERATED" | "MANIPULATED" | "HIGH" | "revoked" | "failed" | "abandoned" => "bad",
            _ => "",
        };
        Self { text: word.replace('_', " "), class }
    }
}
