// SPDX-License-Identifier: MIT OR Apache-2.0
//! Times as a page shows them: for people, and for programs beside it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::Timestamp;

/// A day, s.
pub(super) const DAY_SECONDS: i64 = 86_400;

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

    /// Its day.
    pub(super) fn day(&self) -> &str {
        self.text.split(' ').next().unwrap_or_default()
    }

    fn of(at: Option<Timestamp>) -> Self {
        let Some(at) = at else { return Self { exact: String::new(), text: "unknown".into() } };
        Self { exact: at.to_string(), text: at.strftime("%Y-%m-%d %H:%M:%S").to_string() }
    }
}

/// When a day such as `2026-11-30` begins, Unix seconds (UTC).
pub(super) fn start_of_day(text: &str) -> Option<i64> {
    let day: Date = text.parse().ok()?;
    Some(TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?.as_second())
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

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        assert_eq!(start_of_day("1970-01-02"), Some(DAY_SECONDS));
        assert_eq!((start_of_day("1970-02-30"), start_of_day("today")), (None, None));
    }
}
