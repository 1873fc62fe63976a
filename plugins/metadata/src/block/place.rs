// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where and when the satellites put the picture [Exif 3.0 §4.6.7]. Coordinates are read to compare
//! them with the clock and go no further, unless a policy allows [`crate::disclosure`] to say them.

use exif::{Exif, In, Tag, Value};
use jiff::civil::{Date, DateTime, Time};

/// What the satellites say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Place {
    /// Degrees north of the equator, -90..=90.
    pub latitude: Option<f64>,
    /// Degrees east of Greenwich, -180..=180.
    pub longitude: Option<f64>,
    /// Date and time in UTC.
    pub utc: Option<DateTime>,
}

impl Place {
    /// Reads the fields of the GPS directory that the cues use.
    pub(super) fn read(exif: &Exif) -> Self {
        Self {
            latitude: degrees(exif, Tag::GPSLatitude, (Tag::GPSLatitudeRef, "N", "S"), 90.0),
            longitude: degrees(exif, Tag::GPSLongitude, (Tag::GPSLongitudeRef, "E", "W"), 180.0),
            utc: utc(exif),
        }
    }
}

/// The three numbers of a sexagesimal field. Some phones write them as signed ones.
fn triple(exif: &Exif, tag: Tag) -> Option<[f64; 3]> {
    let parts = match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Rational(parts) => parts.first_chunk::<3>()?.map(|part| part.to_f64()),
        Value::SRational(parts) => parts.first_chunk::<3>()?.map(|part| part.to_f64()),
        _ => return None,
    };
    parts.iter().all(|part| part.is_finite() && *part >= 0.0).then_some(parts)
}

fn ascii(exif: &Exif, tag: Tag) -> Option<String> {
    let Value::Ascii(parts) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    Some(String::from_utf8_lossy(parts.first()?).into_owned())
}

/// A coordinate of at most `most` degrees; `half` is the field of its letter and the letters of the
/// positive and the negative half.
fn degrees(
    exif: &Exif,
    tag: Tag,
    (half, positive, negative): (Tag, &str, &str),
    most: f64,
) -> Option<f64> {
    let [degrees, minutes, seconds] = triple(exif, tag)?;
    let angle = degrees + minutes / 60.0 + seconds / 3_600.0;
    let letter = ascii(exif, half)?;
    let sign = match letter.trim() {
        letter if letter.eq_ignore_ascii_case(positive) => 1.0,
        letter if letter.eq_ignore_ascii_case(negative) => -1.0,
        _ => return None,
    };
    // Zero by zero is what receivers without a fix write.
    (angle > 0.0 && angle <= most).then_some(sign * angle)
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

#[cfg(test)]
mod tests {
    use crate::account::Statements;
    use crate::block::exif::read;
    use crate::synth::Exif;

    #[test]
    fn coordinates_in_signed_fractions_are_the_same() {
        let angle = |degrees| [(degrees, 1), (8, 1), (4_814, 100)];
        let block = Exif::camera().gps_place((angle(60), b"N\0"), (angle(24), b"E\0")).block();
        let place = |block: &[u8]| read(block, &mut Statements::default()).unwrap().place;
        let mut signed = block.clone();
        // Fields 2 and 4: type, count of the three fractions.
        for field in [2_u16, 4] {
            let [high, low] = field.to_be_bytes();
            let entry = |kind| [high, low, 0, kind, 0, 0, 0, 3];
            let at = signed.windows(8).position(|bytes| bytes == entry(5)).unwrap();
            signed[at..at + 8].copy_from_slice(&entry(10));
        }
        assert!(place(&block).latitude.is_some_and(|degrees| (degrees - 60.146_7).abs() < 1e-4));
        assert_eq!(place(&signed), place(&block));
    }
}
