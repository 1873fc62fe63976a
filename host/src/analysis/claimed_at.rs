// SPDX-License-Identifier: MIT OR Apache-2.0
//! When a request says that its picture was taken.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::Timestamp;

/// An RFC 3339 date or time, kept as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedAt(String);

/// A text that is neither an RFC 3339 date nor a time.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("expected an RFC 3339 date or time such as 2026-03-16 or 2026-03-16T14:23:11Z, found \"{found}\"")]
pub struct ClaimedAtError {
    found: String,
}

impl ClaimedAt {
    /// The date or time as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClaimedAt {
    type Err = ClaimedAtError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_date = text.len() == 10 && text.parse::<Date>().is_ok();
        let is_time = text.len() > 10 && text.parse::<Timestamp>().is_ok();
        if is_date || is_time {
            return Ok(Self(text.into()));
        }
        Err(ClaimedAtError { found: text.chars().take(64).collect() })
    }
}

impl fmt::Display for ClaimedAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_with_an_offset_are_taken_and_nothing_else() {
        for text in ["2026-03-16", "2026-03-16T14:23:11Z", "2026-03-16T14:23:11.5+02:00"] {
            assert_eq!(text.parse::<ClaimedAt>().unwrap().as_str(), text);
        }
        for text in ["", "16.03.2026", "2026-02-30", "2026-03-16T14:23", "yesterday", "20260316"] {
            assert!(text.parse::<ClaimedAt>().is_err(), "{text}");
        }
    }
}
