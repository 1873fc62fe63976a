// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the file says of where it comes from: Content Credentials, declarations, the camera.

use serde::Serialize;
use serde_json::Value;

use super::detectors::CHAIN;
use super::node::Node;
use super::shape::Fact;
use super::text::{tame, value_words};

/// Most manifests of a chain that are told, and how deep they may be nested.
const MOST_MANIFESTS: usize = 64;
const DEPTH: usize = 12;
/// Most actions of one manifest.
const MOST_ACTIONS: usize = 64;

/// What a file says of itself. It is said and not proved, but for what was signed.
#[derive(Clone, Debug, Serialize)]
pub struct Provenance {
    /// The statements signed with the picture.
    pub credentials: Credentials,
    /// What is declared, signed or not, of programs and generators, and watermarks.
    pub declared: Vec<Fact>,
    /// What is said of the camera and its lens.
    pub camera: Vec<Fact>,
    /// What is said of the capture: times, exposure, place.
    pub capture: Vec<Fact>,
    /// How the file is put together, and who is known to do it so.
    pub structure: Vec<Fact>,
}

/// Facts of one kind, as the page shows them.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    /// The heading.
    pub title: &'static str,
    /// What is said where there are no facts.
    pub nothing: &'static str,
    /// The facts.
    pub facts: &'a [Fact],
}

impl Provenance {
    /// All facts but the credentials, in the order in which a person asks for them.
    #[must_use]
    pub fn groups(&self) -> [Group<'_>; 4] {
        let group = |title, nothing, facts| Group { title, nothing, facts };
        [
            group(
                "Software: declared, signed or not",
                "No program, generator or source is named.",
                &self.declared,
            ),
            group("Camera", "Nothing is said of a camera.", &self.camera),
            group("Capture", "Nothing is said of the capture.", &self.capture),
            group(
                "Structure of the file",
                "Nothing was read of the file's structure.",
                &self.structure,
            ),
        ]
    }
}

/// Content Credentials (C2PA).
#[derive(Clone, Debug, Serialize)]
pub struct Credentials {
    /// Whether the file has any; null where that is not known.
    pub present: Option<bool>,
    /// `trusted`, `valid`, `content_changed`, … or null.
    pub state: Option<String>,
    /// What the state means.
    pub meaning: &'static str,
    /// To whom the signer's certificate was issued.
    pub issuer: Option<String>,
    /// When it was signed, by a time-stamping authority.
    pub signed_at: Option<String>,
    /// The program that wrote the statements.
    pub generator: Option<String>,
    /// What was done, by the statements.
    pub actions: Vec<String>,
    /// The manifests: the picture's own, and within it those of the pictures that it was made from.
    pub chain: Option<Manifest>,
}

/// One manifest and those of the pictures that it was made from.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    /// What it is to the manifest around it: `active`, `parent`, `component`, `input`.
    pub relation: String,
    /// To whom the signer's certificate was issued.
    pub issuer: Option<String>,
    /// When it was signed.
    pub signed_at: Option<String>,
    /// The program that wrote it.
    pub generator: Option<String>,
    /// What was done.
    pub actions: Vec<String>,
    /// What it was made from.
    pub ingredients: Vec<Self>,
}

impl Manifest {
    /// Whether it is a picture of which nothing is told.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        let told = [&self.issuer, &self.signed_at, &self.generator];
        told.iter().all(|told| told.is_none()) && self.actions.is_empty()
    }

    /// The relation as a person reads it.
    #[must_use]
    pub fn relation_words(&self) -> &'static str {
        match self.relation.as_str() {
            "active" => "This picture",
            "parent" => "Made from",
            "component" => "Contains",
            "input" => "Used as input",
            _ => "Related",
        }
    }
}

/// Names of the metadata detector's attributes, the title that a person reads, and how it is written.
type Row = (&'static [&'static str], &'static str, Form);

/// How a value, or two that belong together, are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// As it is.
    Plain,
    /// Seconds of exposure, `1/250 s`.
    Exposure,
    /// `f/2.8`.
    Aperture,
    /// `35 mm`.
    Millimetres,
    /// Two lengths, `4000 x 3000 px`.
    Size,
    /// Latitude and longitude in degrees, north and east above 0.
    Place,
}

const DECLARED: &[Row] = &[
    (&["declared_generator"], "generator", Form::Plain),
    (&["declared_model"], "generator, in the file's words", Form::Plain),
    (&["declared_parameters"], "parameters of the generator", Form::Plain),
    (&["digital_source_type"], "digital source type", Form::Plain),
    (&["editor"], "editing program", Form::Plain),
    (&["software"], "program that wrote the file", Form::Plain),
];
const CAMERA: &[Row] = &[
    (&["camera_make"], "make", Form::Plain),
    (&["camera_model"], "model", Form::Plain),
    (&["device_fingerprint"], "device", Form::Plain),
    (&["body_serial_number"], "serial number", Form::Plain),
    (&["lens_model"], "lens", Form::Plain),
    (&["lens_serial_number"], "serial number of the lens", Form::Plain),
    (&["exif_present"], "camera data (EXIF) in the file", Form::Plain),
    (&["maker_note_present"], "the maker's own data", Form::Plain),
];
const CAPTURE: &[Row] = &[
    (&["taken_at"], "taken at, by the camera's clock", Form::Plain),
    (&["time_offset"], "the clock's offset from UTC", Form::Plain),
    (&["digitised_at"], "digitised at", Form::Plain),
    (&["changed_at"], "changed at", Form::Plain),
    (&["exposure_time_s"], "exposure time", Form::Exposure),
    (&["f_number"], "aperture", Form::Aperture),
    (&["iso"], "sensitivity (ISO)", Form::Plain),
    (&["focal_length_mm"], "focal length", Form::Millimetres),
    (&["focal_length_35mm_mm"], "the same on 35 mm film", Form::Millimetres),
    (&["flash_fired"], "flash fired", Form::Plain),
    (&["exif_width", "exif_height"], "size by EXIF", Form::Size),
    (&["gps_present"], "place (GPS) in the file", Form::Plain),
    (&["gps_latitude", "gps_longitude"], "latitude and longitude, degrees", Form::Place),
];
const STRUCTURE: &[Row] = &[
    (&["jpeg_quality"], "JPEG quality, by its tables", Form::Plain),
    (&["jpeg_tables"], "JPEG tables", Form::Plain),
    (&["jpeg_writer"], "writer of the JPEG, by its tables", Form::Plain),
    (&["jpeg_structure"], "JPEG structure", Form::Plain),
    (&["jpeg_pictures"], "further pictures in the file", Form::Plain),
    (&["thumbnail_tables"], "thumbnail", Form::Plain),
    (&["png_structure"], "PNG structure", Form::Plain),
    (&["png_writer"], "writer of the PNG, by its structure", Form::Plain),
    (&["icc_profile"], "colour profile", Form::Plain),
    (&["icc_owner"], "whose profile it is", Form::Plain),
    (&["xmp_present"], "XMP in the file", Form::Plain),
    (&["iptc_present"], "IPTC in the file", Form::Plain),
];
const WATERMARK: &[Row] = &[(&["watermark"], "invisible watermark in the pixels", Form::Plain)];
/// Exposures from here on are written in seconds, shorter ones as fractions, s.
const LEAST_WHOLE_EXPOSURE_S: f64 = 0.3;

/// What an answer's results say; `None` where the metadata detector gave no answer.
pub(super) fn of(results: Node<'_>) -> Option<Provenance> {
    let file = results.at("metadata_analysis");
    file.value().filter(|_| file.at("status").word() == "complete")?;
    let watermark = results.at("diffusion_detection");
    let declared = told(file, DECLARED).chain(told(watermark, WATERMARK)).collect();
    Some(Provenance {
        credentials: credentials(file),
        declared,
        camera: told(file, CAMERA).collect(),
        capture: told(file, CAPTURE).collect(),
        structure: told(file, STRUCTURE).collect(),
    })
}

/// The facts of which all values are known.
fn told<'a>(result: Node<'a>, rows: &'a [Row]) -> impl Iterator<Item = Fact> + use<'a> {
    rows.iter().filter_map(move |(names, title, form)| {
        let known = |name: &&str| result.at(name).value().filter(|value| !value.is_null());
        let values: Option<Vec<&Value>> = names.iter().map(known).collect();
        Some(Fact { name: (*title).to_owned(), value: written(*form, &values?)? })
    })
}

/// The value as a person writes it; `None` where it has another type than its form.
fn written(form: Form, values: &[&Value]) -> Option<Value> {
    let first = *values.first()?;
    let words = match form {
        Form::Plain => return Some(tame(first, 1)),
        Form::Exposure => exposure(first.as_f64()?),
        Form::Aperture => format!("f/{}", value_words(first)),
        Form::Millimetres => format!("{} mm", value_words(first)),
        Form::Size => format!("{} x {} px", first.as_u64()?, values.get(1)?.as_u64()?),
        Form::Place => format!("{:.6}, {:.6}", first.as_f64()?, values.get(1)?.as_f64()?),
    };
    Some(words.into())
}

/// An exposure time as cameras show it.
fn exposure(seconds: f64) -> String {
    if seconds > 0.0 && seconds < LEAST_WHOLE_EXPOSURE_S {
        format!("1/{:.0} s", 1.0 / seconds)
    } else {
        format!("{} s", value_words(&seconds.into()))
    }
}

fn credentials(file: Node<'_>) -> Credentials {
    let state = file.at("c2pa_state").optional_word();
    let actions = file.at("c2pa_actions").sentence();
    let actions = actions.split(", ").filter(|action| !action.is_empty());
    Credentials {
        present: file.at("c2pa_present").flag(),
        meaning: meaning(state.as_deref()),
        state,
        issuer: file.at("c2pa_issuer").optional_word(),
        signed_at: file.at("c2pa_signed_at").optional_word(),
        generator: file.at("c2pa_generator").optional_word(),
        actions: actions.take(MOST_ACTIONS).map(str::to_owned).collect(),
        chain: manifest(file.at(CHAIN), "active", DEPTH, &mut { MOST_MANIFESTS }),
    }
}

/// One manifest of at most `left`, with what it was made from.
fn manifest(found: Node<'_>, relation: &str, depth: usize, left: &mut usize) -> Option<Manifest> {
    found.value().filter(|value| value.is_object() && depth > 0 && *left > 0)?;
    *left -= 1;
    let ingredients = found.at("ingredients").items(MOST_MANIFESTS).filter_map(|ingredient| {
        manifest(ingredient, &ingredient.at("relation").word(), depth - 1, left)
    });
    Some(Manifest {
        relation: relation.to_owned(),
        issuer: found.at("issuer").optional_word(),
        signed_at: found.at("signed_at").optional_word(),
        generator: found.at("generator").optional_word(),
        actions: found.at("actions").words(MOST_ACTIONS),
        ingredients: ingredients.collect(),
    })
}

fn meaning(state: Option<&str>) -> &'static str {
    match state {
        None | Some("none") => "The file has no Content Credentials. Most files have none; nothing follows from it.",
        Some("trusted") => {
            "Picture and statements are those that were signed, and the signer is on the trust list. \
             Signed does not mean true."
        }
        Some("valid") => {
            "Picture and statements are those that were signed. The signer is not on the trust list: \
             anybody may have signed."
        }
        Some("content_changed") => "The picture is not the one that was signed.",
        Some("credentials_changed") => {
            "The statements are not those that were signed, or a part of them is missing."
        }
        Some("expired") => {
            "Picture and statements are those that were signed. The certificate was out of date, as far \
             as the time is known."
        }
        Some("revoked") => "Picture and statements are those that were signed. The certificate was revoked.",
        Some("signer_invalid") => {
            "Picture and statements are those that were signed, with a certificate that may not sign \
             such statements."
        }
        Some("ingredient_invalid") => {
            "Picture and statements are those that were signed. Those of a picture that it was made \
             from are not."
        }
        Some("nonconforming") => {
            "Picture and statements are those that were signed. They break another rule of the \
             specification."
        }
        Some(_) => "Whether picture and statements are those that were signed cannot be told.",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn exposures_are_written_as_cameras_show_them() {
        for (seconds, words) in [
            (0.004, "1/250 s"),
            (1.0 / 3.0, "0.3333 s"),
            (0.1, "1/10 s"),
            (30.0, "30 s"),
            (0.0, "0 s"),
        ] {
            assert_eq!(exposure(seconds), words);
        }
    }

    #[test]
    fn values_of_another_type_than_their_form_are_left_out() {
        assert_eq!(written(Form::Size, &[&json!(64), &json!(48)]), Some("64 x 48 px".into()));
        assert_eq!(written(Form::Size, &[&json!(64), &json!("48")]), None);
        assert_eq!(written(Form::Size, &[&json!(64)]), None);
        assert_eq!(written(Form::Exposure, &[&json!("<b>")]), None);
        let place = written(Form::Place, &[&json!(41.5), &json!(-7.25)]);
        assert_eq!(place, Some("41.500000, -7.250000".into()));
        assert_eq!(written(Form::Aperture, &[&json!(2.8)]), Some("f/2.8".into()));
    }
}
