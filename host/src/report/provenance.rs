// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the file says of where it comes from: Content Credentials, declarations, the camera.

use serde::Serialize;

use super::detectors::CHAIN;
use super::node::Node;
use super::shape::Fact;
use super::text::tame;

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
    /// What is declared, signed or not, and watermarks.
    pub declared: Vec<Fact>,
    /// What is said of the camera, the place and the time.
    pub camera: Vec<Fact>,
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

/// Attributes of the metadata detector, and their titles.
const DECLARED: [(&str, &str); 8] = [
    ("declared_generator", "generator"),
    ("declared_model", "generator, in the file's words"),
    ("declared_parameters", "parameters of the generator"),
    ("digital_source_type", "digital source type"),
    ("editor", "editing program"),
    ("software", "program that wrote the file"),
    ("png_writer", "writer of the PNG, by its structure"),
    ("jpeg_writer", "writer of the JPEG, by its tables"),
];
const CAMERA: [(&str, &str); 7] = [
    ("camera_make", "make"),
    ("camera_model", "model"),
    ("device_fingerprint", "device"),
    ("taken_at", "taken at"),
    ("exif_present", "camera data (EXIF) in the file"),
    ("gps_present", "place (GPS) in the file"),
    ("thumbnail_tables", "thumbnail"),
];
const WATERMARK: (&str, &str) = ("watermark", "invisible watermark in the pixels");

/// What an answer's results say; `None` where the metadata detector gave no answer.
pub(super) fn of(results: Node<'_>) -> Option<Provenance> {
    let file = results.at("metadata_analysis");
    file.value().filter(|_| file.at("status").word() == "complete")?;
    let watermark = results.at("diffusion_detection");
    let declared = told(file, &DECLARED).chain(told(watermark, &[WATERMARK])).collect();
    Some(Provenance {
        credentials: credentials(file),
        declared,
        camera: told(file, &CAMERA).collect(),
    })
}

fn told<'a>(result: Node<'a>, names: &'a [(&str, &str)]) -> impl Iterator<Item = Fact> + use<'a> {
    names.iter().filter_map(move |(name, title)| {
        let value = result.at(name).value().filter(|value| !value.is_null())?;
        Some(Fact { name: (*title).to_owned(), value: tame(value, 1) })
    })
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
