// SPDX-License-Identifier: MIT OR Apache-2.0
//! Times as files and requests write them. A time without a zone is an interval: the same clock
//! reading happens over 26 hours around the world.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{Span, Timestamp};

/// Zones lie between UTC-12 and UTC+14, so local time minus UTC is at most this many seconds.
const MOST_AHEAD_S: i64 = 14 * 3_600;
/// Local time minus UTC is at least minus this many seconds.
const MOST_BEHIND_S: i64 = 12 * 3_600;
const DAY_S: i64 = 86_400;

/// How a text reads as a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Blank, zeros, or no time at all.
    Unset,
    /// Digits in the places of a time that name no day or no time of day.
    Impossible,
    /// A time.
    At(Moment),
}

/// A time known up to its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// What the clock showed.
    pub local: DateTime,
    /// Earliest instant that it can be, seconds since 1970 UTC.
    earliest: i64,
    /// Latest instant that it can be.
    latest: i64,
}

impl Moment {
    fn new(local: DateTime, offset: Option<Offset>) -> Option<Self> {
        let seconds = |at| Offset::UTC.to_timestamp(at).ok().map(Timestamp::as_second);
        let (earliest, latest) = match offset {
            Some(offset) => {
                let at = offset.to_timestamp(local).ok()?.as_second();
                (at, at)
            }
            None => {
                let at = seconds(local)?;
                (at - MOST_AHEAD_S, at + MOST_BEHIND_S)
            }
        };
        Some(Self { local, earliest, latest })
    }

    /// Seconds by which the clock was ahead of UTC; `None` where the zone is unknown.
    pub(crate) fn offset_seconds(&self) -> Option<i64> {
        let utc = Offset::UTC.to_timestamp(self.local).ok()?.as_second();
        (self.earliest == self.latest).then_some(utc - self.earliest)
    }

    /// The whole day, anywhere in the world.
    fn day(date: Date) -> Option<Self> {
        let start = Self::new(date.to_datetime(Time::midnight()), None)?;
        Some(Self { latest: start.latest + DAY_S - 1, ..start })
    }

    /// The date that the clock showed, `2024-05-01`.
    pub(crate) fn date(&self) -> String {
        self.local.date().to_string()
    }

    /// The time of day that the clock showed, `10:00:00`.
    pub(crate) fn clock(&self) -> String {
        self.local.time().to_string()
    }

    /// Date and time that the clock showed, `2024-05-01T10:00:00`.
    pub(crate) fn text(&self) -> String {
        self.local.to_string()
    }

    /// Seconds by which this is certainly after `other`, negative where it is certainly before, 0
    /// where zones allow either.
    pub(crate) fn seconds_after(&self, other: &Self) -> i64 {
        if self.earliest > other.latest {
            self.earliest - other.latest
        } else if self.latest < other.earliest {
            self.latest - other.earliest
        } else {
            0
        }
    }

    /// Seconds between what the two clocks showed, zones ignored.
    pub(crate) fn clock_seconds_after(&self, other: &Self) -> i64 {
        self.local.duration_since(other.local).as_secs()
    }
}

/// Reads a time of EXIF, XMP, IPTC or PNG: `2024:05:01 10:00:00`, `2024-05-01T10:00:00.00+02:00`,
/// `20240501`; `offset` is EXIF's separate `+02:00`.
pub(crate) fn read(text: &str, offset: Option<&str>) -> Reading {
    let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    let Some((date, rest)) = digits(text, &[4, 2, 2]) else { return Reading::Unset };
    let (time, rest) = digits(rest.trim_start_matches(['T', ' ', ':']), &[2, 2, 2])
        .or_else(|| digits(rest.trim_start_matches(['T', ' ', ':']), &[2, 2]))
        .unwrap_or((Vec::new(), rest));
    if date.iter().chain(&time).all(|&number| number == 0) {
        return Reading::Unset;
    }
    let number = |list: &[i16], index: usize| list.get(index).copied().unwrap_or(0);
    let small = |list: &[i16], index: usize| i8::try_from(number(list, index)).unwrap_or(i8::MAX);
    let day = Date::new(number(&date, 0), small(&date, 1), small(&date, 2));
    // Clocks show 24:00:00 and leap seconds; they are that time, not an impossible one.
    let second = small(&time, 2).min(if small(&time, 2) == 60 { 59 } else { i8::MAX });
    let is_midnight = small(&time, 0) == 24 && small(&time, 1) == 0 && second == 0;
    let hour = if is_midnight { 0 } else { small(&time, 0) };
    let clock = Time::new(hour, small(&time, 1), second, 0);
    let (Ok(day), Ok(clock)) = (day, clock) else { return Reading::Impossible };
    let local = day.to_datetime(clock);
    let local = if is_midnight { local.checked_add(Span::new().days(1)) } else { Ok(local) };
    let zone = zone(rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit()));
    let zone = zone.or_else(|| self::zone(offset?.trim()));
    let moment = local.ok().and_then(|local| match time.is_empty() {
        true => Moment::day(local.date()),
        false => Moment::new(local, zone),
    });
    moment.map_or(Reading::Impossible, Reading::At)
}

/// When a request says that a picture was taken: an RFC 3339 date or time.
pub(crate) fn claimed(text: &str) -> Option<Moment> {
    match read(text, None) {
        Reading::At(moment) => Some(moment),
        Reading::Unset | Reading::Impossible => None,
    }
}

/// Groups of exactly so many digits, with at most one sign between them, and what follows.
fn digits<'a>(mut text: &'a str, groups: &[usize]) -> Option<(Vec<i16>, &'a str)> {
    let mut numbers = Vec::with_capacity(groups.len());
    for (index, &length) in groups.iter().enumerate() {
        if index > 0 {
            text = text.strip_prefix([':', '-', '/', '.']).unwrap_or(text);
        }
        let group = text.get(..length).filter(|g| g.bytes().all(|byte| byte.is_ascii_digit()))?;
        numbers.push(group.parse().ok()?);
        text = &text[length..];
    }
    Some((numbers, text))
}

/// A zone at the start of a text: `Z`, `+02:00`, `-0930`.
fn zone(text: &str) -> Option<Offset> {
    if text.starts_with(['Z', 'z']) {
        return Some(Offset::UTC);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (numbers, _) = digits(&text[1..], &[2, 2])?;
    let seconds = (i32::from(numbers[0]) * 60 + i32::from(numbers[1])) * 60;
    Offset::from_seconds(sign * seconds).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Moment {
        match read(text, None) {
            Reading::At(moment) => moment,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn every_usual_form_names_the_same_time() {
        for text in
            ["2024:05:01 10:00:00", "2024-05-01T10:00:00", "20240501100000", "2024/05/01 10:00:00"]
        {
            assert_eq!(at(text), at("2024:05:01 10:00:00"), "{text}");
        }
        assert_eq!(at("2024-05-01T10:00:00.25+02:00"), at("2024-05-01T08:00:00Z").shifted(7_200));
    }

    impl Moment {
        /// The same instant on a clock that shows `seconds` more.
        fn shifted(self, seconds: i64) -> Self {
            let local = self.local.checked_add(Span::new().seconds(seconds)).unwrap();
            Self { local, ..self }
        }
    }

    #[test]
    fn blank_times_are_unset_and_impossible_ones_are_told() {
        for text in ["", "    :  :     :  :  ", "0000:00:00 00:00:00", "yesterday"] {
            assert_eq!(read(text, None), Reading::Unset, "{text}");
        }
        for text in ["2024:13:01 10:00:00", "2023:02:29 10:00:00", "2024:05:01 25:00:00"] {
            assert_eq!(read(text, None), Reading::Impossible, "{text}");
        }
        assert_eq!(at("2024:05:01 24:00:00"), at("2024:05:02 00:00:00"));
    }

    #[test]
    fn zones_decide_when_they_are_known_and_widen_when_they_are_not() {
        let utc = at("2024-05-01T10:00:00Z");
        assert_eq!(utc.seconds_after(&at("2024-05-01T10:00:00+01:00")), 3_600);
        // 10:00 somewhere is any instant from 20:00 UTC the day before to 22:00 UTC.
        assert_eq!(utc.seconds_after(&at("2024-05-01 10:00:00")), 0);
        assert_eq!(utc.seconds_after(&at("2024-04-30 21:00:00")), 3_600);
        let Reading::At(offset) = read("2024:05:01 12:00:00", Some("+02:00")) else { panic!() };
        assert_eq!(offset.seconds_after(&utc), 0);
    }

    #[test]
    fn a_date_is_its_whole_day_anywhere() {
        let day = claimed("2024-05-01").unwrap();
        assert_eq!(at("2024:05:01 23:59:59").seconds_after(&day), 0);
        assert_eq!(at("2024-05-03T00:00:00Z").seconds_after(&day), 12 * 3_600 + 1);
        assert_eq!(day.date(), "2024-05-01");
        assert_eq!(claimed("no date"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,40}", offset in "\\PC{0,8}") {
            read(&text, Some(&offset));
        }

        #[test]
        fn no_digits_make_the_reader_panic(text in "[0-9]{4}:[0-9]{2}:[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}") {
            read(&text, None);
        }
    }
}
