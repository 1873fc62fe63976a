// SPDX-License-Identifier: MIT OR Apache-2.0
//! Words of verdicts and states, with the colour that goes with them. The word says it all, the colour
//! only says it faster.

/// A number with its thousands apart: `1,000,000`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let texts = [0, 999, 1_000, 10_000, 1_234_567].map(grouped);
        assert_eq!(texts, ["0", "999", "1,000", "10,000", "1,234,567"]);
    }
}
