// SPDX-License-Identifier: MIT OR Apache-2.0
//! A time as a file or a request writes it. Without a zone it is an interval: the same clock reading
//! happens over 26 hours around the world.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Local time minus UTC is at most this, s.
const MOST_AHEAD: i64 = 14 * 3_600;
/// Local time minus UTC is at least minus this, s.
const MOST_BEHIND: i64 = 12 * 3_600;
const DAY: i64 = 86_400;

/// The instants that a time can be, seconds since 1970 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The earliest.
    pub earliest: i64,
    /// The latest.
    pub latest: i64,
}

impl Moment {
    /// One instant.
    #[must_use]
    pub fn at(second: i64) -> Self {
        Self { earliest: second, latest: second }
    }

    /// Reads EXIF's `2026:03:16 10:00:00` and its separate zone `+02:00`; `None` for what names no time.
    #[must_use]
    pub fn read(text: &str, zone: Option<&str>) -> Option<Self> {
        let (date, time) = text.trim().split_once(' ')?;
        let [year, month, day] = numbers(date)?;
        let [hour, minute, second] = numbers(time.get(..8)?)?;
        let small = |number: i16| i8::try_from(number).ok();
        let date = Date::new(year, small(month)?, small(day)?).ok()?;
        let time = Time::new(small(hour)?, small(minute)?, small(second)?.min(59), 0).ok()?;
        let clock = utc(date.to_datetime(time))?;
        Some(match zone.and_then(seconds_ahead) {
            Some(ahead) => Self::at(clock - ahead),
            None => Self { earliest: clock - MOST_AHEAD, latest: clock + MOST_BEHIND },
        })
    }

    /// Reads what a request claims: an RFC 3339 time, or a date, which is that day anywhere.
    #[must_use]
    pub fn claimed(text: &str) -> Option<Self> {
        if let Ok(at) = text.parse::<Timestamp>() {
            return Some(Self::at(at.as_second()));
        }
        let midnight = utc(text.parse::<Date>().ok()?.to_datetime(Time::midnight()))?;
        Some(Self { earliest: midnight - MOST_AHEAD, latest: midnight + DAY - 1 + MOST_BEHIND })
    }

    /// Seconds by which this is certainly after `other`; negative where it is certainly before, 0 where
    /// zones allow either.
    #[must_use]
    pub fn seconds_after(&self, other: &Self) -> i64 {
        if self.earliest > other.latest {
            self.earliest - other.latest
        } else if self.latest < other.earliest {
            self.latest - other.earliest
        } else {
            0
        }
    }

    /// Most seconds that can lie between two.
    #[must_use]
    pub fn most_seconds_between(&self, other: &Self) -> i64 {
        (self.latest - other.earliest).max(other.latest - self.earliest)
    }

    /// The day, as far as it is known: that of the middle.
    #[must_use]
    pub fn date(&self) -> String {
        let middle = Timestamp::from_second(self.earliest + (self.latest - self.earliest) / 2);
        middle.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
    }
}

fn utc(clock: DateTime) -> Option<i64> {
    Some(Offset::UTC.to_timestamp(clock).ok()?.as_second())
}

fn numbers(text: &str) -> Option<[i16; 3]> {
    let mut parts = text.split([':', '-']).map(|part| part.trim().parse::<i16>().ok());
    let read = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(read)
}

/// The seconds of `+02:00`; `Z` has none.
fn seconds_ahead(zone: &str) -> Option<i64> {
    let zone = zone.trim();
    if zone == "Z" {
        return Some(0);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes) = (hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?);
    let ahead = sign * (hours * 3_600 + minutes * 60);
    (-MOST_BEHIND..=MOST_AHEAD).contains(&ahead).then_some(ahead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_with_a_zone_is_an_instant_and_one_without_an_interval() {
        let known = Moment::read("2026:03:16 10:00:00", Some("+02:00")).unwrap();
        assert_eq!(known, Moment::claimed("2026-03-16T08:00:00Z").unwrap());
        let unknown = Moment::read("2026:03:16 10:00:00", None).unwrap();
        assert_eq!(unknown.latest - unknown.earliest, 26 * 3_600);
        assert_eq!(unknown.seconds_after(&known), 0);
    }

    #[test]
    fn what_is_certainly_after_is_told_by_how_much() {
        let day = Moment::claimed("2026-03-16").unwrap();
        let later = Moment::read("2026:03:18 12:00:00", Some("+00:00")).unwrap();
        // The day ends a second before midnight, twelve hours behind UTC.
        assert_eq!(later.seconds_after(&day), 86_401);
        assert_eq!(day.seconds_after(&later), -86_401);
        assert!(later.most_seconds_between(&day) > 2 * 86_400);
        assert_eq!(day.date(), "2026-03-16");
    }

    #[test]
    fn what_names_no_time_is_none() {
        for text in
            ["", "0000:00:00 00:00:00", "2026:13:01 00:00:00", "    :  :     :  :  ", "yesterday"]
        {
            assert_eq!(Moment::read(text, None), None, "{text}");
        }
        assert_eq!(Moment::claimed("yesterday"), None);
        let hostile = Moment::read("2026:03:16 10:00:00", Some("+99:99")).unwrap();
        assert_ne!(hostile.earliest, hostile.latest);
    }
}
