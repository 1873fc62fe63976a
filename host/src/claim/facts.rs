// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a file says of camera, time and place, as far as a claim compares it.
//!
//! A serial number is kept as a keyed digest that only this organisation's pictures share, a place to a
//! hundredth of a degree: a kilometre.

use assay_plugin_api::report::Value as PluginValue;
use exif::{Exif, In, Tag, Value};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::moment::Moment;
use crate::analysis::outcome::{DetectorOutcome, Outcome};
use crate::image::metadata::read_exif;

/// Longest text that is kept, characters.
const LONGEST: usize = 200;
/// Bytes of the keyed digest that are kept.
const DIGEST_BYTES: usize = 16;
/// Places are kept in this many parts of a degree.
const DEGREE_PARTS: f64 = 100.0;
/// The finding that names an enrolled camera.
const ENROLLED: &str = "noise.fingerprint.found";
/// The attribute that tells how a file is put together.
const STRUCTURE: &str = "jpeg_structure";

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    /// The camera's maker.
    pub make: Option<String>,
    /// The camera's model.
    pub model: Option<String>,
    /// Keyed digest of the camera's serial number.
    pub serial: Option<String>,
    /// The enrolled camera whose sensor pattern the picture has.
    pub enrolled: Option<String>,
    /// How the file is put together, equal for files of one program and setting.
    pub structure: Option<String>,
    /// The program that wrote the file.
    pub software: Option<String>,
    /// When the camera's clock says that it was taken.
    pub taken: Option<Moment>,
    /// The same by the satellites, seconds since 1970 UTC.
    pub satellites: Option<i64>,
    /// Degrees north and east.
    pub place: Option<[f64; 2]>,
    /// When the picture is said to have been taken, as the request writes it.
    pub claimed_at: Option<String>,
}

impl Facts {
    /// Reads an EXIF block, if there is one, and what detectors found. `key` is the organisation's own.
    #[must_use]
    pub fn read(
        exif: Option<&[u8]>,
        outcomes: &[DetectorOutcome],
        claimed_at: Option<&str>,
        key: &[u8],
    ) -> Self {
        let said = exif.and_then(read_exif).map(|exif| Self::of_exif(&exif, key));
        Self {
            enrolled: outcomes.iter().find_map(enrolled),
            structure: outcomes.iter().find_map(structure),
            claimed_at: claimed_at.map(str::to_owned),
            ..said.unwrap_or_default()
        }
    }

    fn of_exif(exif: &Exif, key: &[u8]) -> Self {
        let text = |tag| text(exif, tag);
        let taken = text(Tag::DateTimeOriginal).or_else(|| text(Tag::DateTime));
        let offset = text(Tag::OffsetTimeOriginal).or_else(|| text(Tag::OffsetTime));
        let taken = taken.and_then(|taken| Moment::read(&taken, offset.as_deref()));
        let degrees = |tag, half, positive, most| degrees(exif, tag, (half, positive), most);
        let latitude = degrees(Tag::GPSLatitude, Tag::GPSLatitudeRef, "N", 90.0);
        let longitude = degrees(Tag::GPSLongitude, Tag::GPSLongitudeRef, "E", 180.0);
        let place = latitude.zip(longitude).map(|(north, east)| {
            [north, east].map(|degrees| (degrees * DEGREE_PARTS).round() / DEGREE_PARTS)
        });
        Self {
            make: text(Tag::Make),
            model: text(Tag::Model),
            serial: text(Tag::BodySerialNumber).map(|serial| keyed(&serial, key)),
            software: text(Tag::Software),
            taken,
            satellites: satellites(exif),
            place,
            ..Self::default()
        }
    }
}

/// The serial number's HMAC-SHA256, cut, hexadecimal.
fn keyed(serial: &str, key: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(serial.as_bytes());
    let digest = mac.finalize().into_bytes();
    digest.iter().take(DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

fn enrolled(outcome: &DetectorOutcome) -> Option<String> {
    let Outcome::Scored(report) = &outcome.outcome else { return None };
    let finding = report.findings.iter().find(|finding| finding.code == ENROLLED)?;
    let value = finding.values.iter().find(|value| value.name == "camera")?;
    match &value.value {
        PluginValue::Text(name) => Some(shortened(name)),
        _ => None,
    }
}

fn structure(outcome: &DetectorOutcome) -> Option<String> {
    let Outcome::Scored(report) = &outcome.outcome else { return None };
    let told = report.attributes.iter().find(|attribute| attribute.name == STRUCTURE)?;
    match &told.value {
        PluginValue::Text(words) => Some(shortened(words)),
        _ => None,
    }
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

fn text(exif: &Exif, tag: Tag) -> Option<String> {
    let Value::Ascii(parts) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    let text = shortened(String::from_utf8_lossy(parts.first()?).trim());
    (!text.is_empty()).then_some(text)
}

/// The three numbers of a sexagesimal field.
fn triple(exif: &Exif, tag: Tag) -> Option<[f64; 3]> {
    let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY)?.value else { return None };
    let parts = parts.first_chunk::<3>()?.map(|part| part.to_f64());
    parts.iter().all(|part| part.is_finite() && *part >= 0.0).then_some(parts)
}

/// Degrees of a field and of its half: the letter of the positive one. Zero is what receivers without a
/// fix write.
fn degrees(exif: &Exif, tag: Tag, (half, positive): (Tag, &str), most: f64) -> Option<f64> {
    let [degrees, minutes, seconds] = triple(exif, tag)?;
    let angle = degrees + minutes / 60.0 + seconds / 3_600.0;
    let letter = text(exif, half)?;
    let sign = if letter.eq_ignore_ascii_case(positive) { 1.0 } else { -1.0 };
    (angle > 0.0 && angle <= most).then_some(sign * angle)
}

fn satellites(exif: &Exif) -> Option<i64> {
    let date = text(exif, Tag::GPSDateStamp)?;
    let mut parts = date.split([':', '-']);
    let mut part = || parts.next()?.trim().parse::<i16>().ok();
    let (year, month, day) = (part()?, part()?, part()?);
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let [hour, minute, second] = triple(exif, Tag::GPSTimeStamp)?;
    let small = |number: f64| (number < 61.0).then_some(number as i8);
    let time = Time::new(small(hour)?, small(minute)?, small(second)?.min(59), 0).ok()?;
    let utc: DateTime = date.to_datetime(time);
    Some(Offset::UTC.to_timestamp(utc).ok()?.as_second())
}

#[cfg(test)]
mod tests {
    use assay_conformance::synth::Exif as Block;

    use super::*;

    fn block() -> Vec<u8> {
        let mut block = Block::of_camera("Acme", "A-1", "2026:03:16 10:00:00");
        block.position = Some([48.137_154, -2.346_1]);
        block.software = "Editor 2".into();
        block.tiff()
    }

    #[test]
    fn a_camera_file_tells_camera_time_and_rounded_place() {
        let facts = Facts::read(Some(&block()), &[], Some("2026-03-16"), b"key");
        assert_eq!((facts.make.as_deref(), facts.model.as_deref()), (Some("Acme"), Some("A-1")));
        assert_eq!(facts.place, Some([48.14, -2.35]));
        assert_eq!(facts.software.as_deref(), Some("Editor 2"));
        assert!(facts.taken.is_some() && facts.serial.is_none());
        assert_eq!(facts.claimed_at.as_deref(), Some("2026-03-16"));
    }

    #[test]
    fn a_serial_number_is_kept_by_its_keyed_digest_alone() {
        let (one, other) = (keyed("7316409528", b"one"), keyed("7316409528", b"other"));
        assert_eq!(one.len(), 2 * DIGEST_BYTES);
        assert_ne!(one, other);
        assert_eq!(one, keyed("7316409528", b"one"));
        assert!(!one.contains("7316409528"));
    }

    #[test]
    fn a_file_without_a_block_says_nothing() {
        assert_eq!(Facts::read(None, &[], None, b""), Facts::default());
        assert_eq!(Facts::read(Some(b"nonsense"), &[], None, b""), Facts::default());
    }
}
