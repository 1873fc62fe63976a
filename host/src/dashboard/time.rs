// SPDX-License-Identifier: MIT OR Apache-2.0
//! Times as a page shows them: for people, and for programs beside it.

use jiff::Timestamp;

/// A moment, UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// RFC 3339.
    pub(super) exact: String,
    /// `2026-11-30 14:05:09`.
    pub(super) text: String,
}

impl Moment {
    /// Of Unix seconds.
    pub(super) fn of_seconds(at: i64) -> Self {
        Self::of(Timestamp::from_second(at).ok())
    }

    /// Of Unix milliseconds; shown without their fraction.
    pub(super) fn of_milliseconds(at: i64) -> Self {
        Self::of(Timestamp::from_millisecond(at).ok())
    }

    fn of(at: Option<Timestamp>) -> Self {
        let Some(at) = at else { return Self { exact: String::new(), text: "unknown".into() } };
        Self { exact: at.to_string(), text: at.strftime("%Y-%m-%d %H:%M:%S").to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_in_utc_and_a_wrong_one_is_unknown() {
        let moment = Moment::of_milliseconds(1_764_511_509_250);
        assert_eq!(moment.text, "2025-11-30 14:05:09");
        assert_eq!(moment.exact, "2025-11-30T14:05:09.25Z");
        assert_eq!(Moment::of_seconds(i64::MAX).text, "unknown");
    }
}
