// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where and when the satellites put the picture [Exif 3.0 §4.6.7]. Coordinates are read to compare
//! them with the clock and go no further: no finding, attribute or log holds them.

use exif::{Exif, In, Tag, Value};
use jiff::civil::{Date, DateTime, Time};

/// What the satellites say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Place {
    /// Degrees east of Greenwich, -180..=180.
    pub longitude: Option<f64>,
    /// Date and time in UTC.
    pub utc: Option<DateTime>,
}

impl Place {
    /// Reads the fields of the GPS directory that the cues use.
    pub(super) fn read(exif: &Exif) -> Self {
        Self { longitude: longitude(exif), utc: utc(exif) }
    }
}

/// The three numbers of a sexagesimal field.
fn triple(exif: &Exif, tag: Tag) -> Option<[f64; 3]> {
    let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    let parts = parts.first_chunk::<3>()?.map(|part| part.to_f64());
    parts.iter().all(|part| part.is_finite() && *part >= 0.0).then_some(parts)
}

fn ascii(exif: &Exif, tag: Tag) -> Option<String> {
    let Value::Ascii(parts) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    Some(String::from_utf8_lossy(parts.first()?).into_owned())
}

fn longitude(exif: &Exif) -> Option<f64> {
    let [degrees, minutes, seconds] = triple(exif, Tag::GPSLongitude)?;
    let east = degrees + minutes / 60.0 + seconds / 3_600.0;
    let sign = match ascii(exif, Tag::GPSLongitudeRef)?.trim() {
        "E" | "e" => 1.0,
        "W" | "w" => -1.0,
        _ => return None,
    };
    // Zero by zero is what receivers without a fix write.
    (east > 0.0 && east <= 180.0).then_some(sign * east)
}

fn utc(exif: &Exif) -> Option<DateTime> {
    let date = ascii(exif, Tag::GPSDateStamp)?;
    let mut parts = date.trim().split([':', '-']);
    let mut part = || parts.next()?.trim().parse::<i16>().ok();
    let (year, month, day) = (part()?, part()?, part()?);
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let [hour, minute, second] = triple(exif, Tag::GPSTimeStamp)?;
    // Whole and within a clock's range: `Time::new` refuses what lies outside.
    let small = |number: f64| (number < 61.0).then_some(number as i8);
    let time = Time::new(small(hour)?, small(minute)?, small(second)?.min(59), 0).ok()?;
    Some(date.to_datetime(time))
}
