// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a policy lets a report say of persons and places: coordinates and serial numbers, as attributes and
//! nowhere else.

use assay_plugin_api::report::Report;

use crate::account::{Account, Place};
use crate::text::shown;

/// Words of the parameter, the first being its default.
pub(crate) const WORDS: [&str; 4] = ["none", "serials", "position", "all"];
/// Decimal places of a degree that are shown: a tenth of a metre.
const DEGREE_UNIT: f64 = 1e6;

/// What may be said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Disclosure {
    serials: bool,
    position: bool,
}

impl Disclosure {
    /// What a word of [`WORDS`] allows; another one allows nothing.
    pub(crate) fn from_word(word: &str) -> Self {
        Self {
            serials: matches!(word, "serials" | "all"),
            position: matches!(word, "position" | "all"),
        }
    }

    /// Adds what may be said and is known.
    pub(crate) fn add(self, mut report: Report, account: &Account) -> Report {
        if self.serials {
            let serial = |key| account.statements.find(Place::Exif, key).map(shown);
            report = report
                .attribute("body_serial_number", serial("BodySerialNumber"))
                .attribute("lens_serial_number", serial("LensSerialNumber"));
        }
        if self.position {
            let place = account.exif.as_ref().map(|exif| exif.place).unwrap_or_default();
            let rounded = |degrees: f64| (degrees * DEGREE_UNIT).round() / DEGREE_UNIT;
            report = report
                .attribute("gps_latitude", place.latitude.map(rounded))
                .attribute("gps_longitude", place.longitude.map(rounded));
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use assay_plugin_api::report::{Attribute, Value};
    use assay_plugin_api::testing::EvidenceBuilder;

    use super::*;
    use crate::synth::{jpeg, Exif};
    use crate::Metadata;

    const BODY: &str = "7316409528";
    const LENS: &str = "9520487361";
    /// Minutes and seconds that no other field has.
    const DIGITS: [&str; 6] = [BODY, LENS, "37.617", "37,37", "41.738", "41,44"];

    /// A camera's file with place and serial numbers in EXIF and XMP.
    fn file() -> Vec<u8> {
        let place = |degrees, minutes, seconds| [(degrees, 1), (minutes, 1), (seconds, 1)];
        let exif = Exif::camera()
            .sub_text(0xa431, BODY)
            .sub_text(0xa435, LENS)
            .gps_place((place(41, 44, 17), b"N\0"), (place(37, 37, 2), b"E\0"))
            .block();
        let xmp = crate::synth::xmp_packet(&format!(
            "<rdf:Description xmlns:exif='http://ns.adobe.com/exif/1.0/' \
             xmlns:aux='http://ns.adobe.com/exif/1.0/aux/' exif:GPSLatitude='41,44.2833N' \
             exif:GPSLongitude='37,37.0333E' aux:SerialNumber='{BODY}' aux:LensSerialNumber='{LENS}'/>"
        ));
        let exif = [b"Exif\0\0".as_slice(), &exif].concat();
        let xmp = [b"http://ns.adobe.com/xap/1.0/\0".as_slice(), xmp.as_bytes()].concat();
        jpeg(&[(0xe1, &exif), (0xe1, &xmp)])
    }

    fn report(disclose: Option<&str>) -> Report {
        let given: Vec<_> =
            disclose.map(|word| Attribute::new("disclose", word)).into_iter().collect();
        EvidenceBuilder::new().encoded(file()).run_with::<Metadata>(&given).unwrap()
    }

    fn attribute(report: &Report, name: &str) -> Option<Value> {
        report.attributes.iter().find(|a| a.name == name).map(|a| a.value.clone())
    }

    #[test]
    fn nothing_of_place_and_serial_numbers_is_said_unless_a_policy_allows_it() {
        for disclose in [None, Some("none")] {
            let report = report(disclose);
            assert_eq!(attribute(&report, "gps_present"), Some(true.into()));
            let text = format!("{report:?}");
            for digits in DIGITS.iter().chain(&["41.73", "37.61", "gps_latitude", "serial"]) {
                assert!(!text.contains(digits), "{digits} in {text}");
            }
        }
    }

    #[test]
    fn a_policy_allows_the_one_the_other_or_both() {
        let latitude = Value::Real(41.738_056);
        let longitude = Value::Real(37.617_222);
        for (word, serials, position) in
            [("serials", true, false), ("position", false, true), ("all", true, true)]
        {
            let report = report(Some(word));
            let of = |name| attribute(&report, name);
            assert_eq!(of("body_serial_number"), serials.then(|| BODY.into()), "{word}");
            assert_eq!(of("lens_serial_number"), serials.then(|| LENS.into()), "{word}");
            assert_eq!(of("gps_latitude"), position.then(|| latitude.clone()), "{word}");
            assert_eq!(of("gps_longitude"), position.then(|| longitude.clone()), "{word}");
        }
    }

    #[test]
    fn what_is_allowed_stands_in_the_attributes_alone() {
        let report = report(Some("all"));
        let elsewhere = format!("{:?} {:?}", report.findings, report.detail);
        for digits in DIGITS {
            assert!(!elsewhere.contains(digits), "{digits} in {elsewhere}");
        }
    }
}
