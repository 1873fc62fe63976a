// SPDX-License-Identifier: MIT OR Apache-2.0
//! What EXIF says of the exposure and the lens, in numbers [Exif 3.0 §4.6.6.7].

use exif::{Exif, In, Tag, Value};

/// Width of 35 mm film, mm.
const FILM_WIDTH_MM: f64 = 36.0;
/// Millimetres of the units of the focal plane's resolution: none or inch, centimetre, millimetre, and
/// micrometre, which some cameras write [Exif 3.0, FocalPlaneResolutionUnit].
const UNITS_MM: [(u32, f64); 5] = [(1, 25.4), (2, 25.4), (3, 10.0), (4, 1.0), (5, 0.001)];

/// Numbers of one exposure; `None` where a field is absent, zero or no number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Shot {
    /// Exposure time, s.
    pub exposure_s: Option<f64>,
    /// F-number.
    pub f_number: Option<f64>,
    /// Sensitivity, ISO.
    pub iso: Option<f64>,
    /// Exposure time as the APEX value -log2(s).
    pub shutter_apex: Option<f64>,
    /// Aperture as the APEX value 2 log2(N).
    pub aperture_apex: Option<f64>,
    /// Whether the flash fired.
    pub flash: Option<bool>,
    /// Focal length, mm.
    pub focal_mm: Option<f64>,
    /// Focal length that gives the same angle on 35 mm film, mm.
    pub focal_35_mm: Option<f64>,
    /// Width of the sensor, mm, from the resolution in the focal plane.
    pub sensor_width_mm: Option<f64>,
    /// Digital zoom; `None` where none was used.
    pub digital_zoom: Option<f64>,
}

impl Shot {
    /// Reads the numbers; those of width and height are of the picture that the camera took.
    pub(super) fn read(exif: &Exif, size: Option<(u32, u32)>) -> Self {
        let signed = |tag| number(exif, tag);
        let positive = |tag| signed(tag).filter(|&number| number > 0.0);
        let whole = |tag: Tag| exif.get_field(tag, In::PRIMARY)?.value.get_uint(0);
        let unit = whole(Tag::FocalPlaneResolutionUnit).unwrap_or(2);
        let unit_mm = UNITS_MM.iter().find(|(known, _)| *known == unit).map(|(_, mm)| *mm);
        let dots = positive(Tag::FocalPlaneXResolution);
        let width = size.map(|(width, height)| f64::from(width.max(height)));
        Self {
            exposure_s: positive(Tag::ExposureTime),
            f_number: positive(Tag::FNumber),
            iso: positive(Tag::PhotographicSensitivity),
            shutter_apex: signed(Tag::ShutterSpeedValue),
            aperture_apex: signed(Tag::ApertureValue),
            flash: whole(Tag::Flash).map(|bits| bits & 1 == 1),
            focal_mm: positive(Tag::FocalLength),
            focal_35_mm: positive(Tag::FocalLengthIn35mmFilm),
            sensor_width_mm: width
                .zip(dots)
                .zip(unit_mm)
                .map(|((width, dots), unit_mm)| width / dots * unit_mm),
            digital_zoom: positive(Tag::DigitalZoomRatio).filter(|&zoom| zoom > 1.0),
        }
    }

    /// How bright a scene the exposure is right for: exposure value at ISO 100, log2(N² / t) -
    /// log2(ISO / 100). Full sunlight is 15 [ISO 2720].
    pub(crate) fn exposure_value(&self) -> Option<f64> {
        let (time, number) = self.exposure_s.zip(self.f_number)?;
        Some((number * number / time).log2() - (self.iso? / 100.0).log2())
    }

    /// How much larger film is than the sensor: by the two focal lengths.
    pub(crate) fn crop_factor(&self) -> Option<f64> {
        let (focal, on_film) = self.focal_mm.zip(self.focal_35_mm)?;
        Some(on_film / focal / self.digital_zoom.unwrap_or(1.0))
    }

    /// How much larger film is than the sensor: by the sensor's width.
    pub(crate) fn crop_factor_of_sensor(&self) -> Option<f64> {
        Some(FILM_WIDTH_MM / self.sensor_width_mm.filter(|&width| width > 0.0)?)
    }
}

/// The first number of a field.
pub(super) fn number(exif: &Exif, tag: Tag) -> Option<f64> {
    let field = exif.get_field(tag, In::PRIMARY)?;
    let number = match &field.value {
        Value::Rational(all) => all.first()?.to_f64(),
        Value::SRational(all) => all.first()?.to_f64(),
        Value::Float(all) => f64::from(*all.first()?),
        Value::Double(all) => *all.first()?,
        other => f64::from(other.get_uint(0)?),
    };
    number.is_finite().then_some(number)
}
