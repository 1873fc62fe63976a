// SPDX-License-Identifier: MIT OR Apache-2.0
//! A dossier as one page that needs nothing beside it.

use askama::Template;

use super::draw::{Drawing, Photo};
use super::provenance::Manifest;
use super::Dossier;

/// Why a page cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// A drawing cannot be saved.
    #[error("the drawing cannot be made: {0}")]
    Drawing(#[from] image::ImageError),
    /// The page itself.
    #[error("the page cannot be written: {0}")]
    Page(#[from] askama::Error),
}

#[derive(Template)]
#[template(path = "report/page.html")]
struct Page<'a> {
    dossier: &'a Dossier,
    drawing: Option<&'a Drawing>,
}

/// A manifest, with those within it.
#[derive(Template)]
#[template(path = "report/manifest.html")]
pub(crate) struct ManifestTree<'a> {
    manifest: &'a Manifest,
}

/// Writes the page; without a photo it says that the picture was not kept.
///
/// # Errors
/// When a drawing cannot be saved.
pub fn page(dossier: &Dossier, photo: Option<&Photo>) -> Result<String, PageError> {
    let drawing = Drawing::of(dossier, photo)?;
    Ok(Page { dossier, drawing: drawing.as_ref() }.render()?)
}

impl Manifest {
    /// It and what it was made from, as nested lists.
    pub(crate) fn tree(&self) -> ManifestTree<'_> {
        ManifestTree { manifest: self }
    }
}

/// A share with two decimals.
pub(crate) fn share(share: &Option<f64>) -> String {
    share.map_or_else(|| "not known".into(), |share| format!("{share:.2}"))
}

/// Log-odds with their sign; none for what two decimals do not show.
pub(crate) fn log_odds(number: &f64) -> String {
    if number.abs() < 0.005 {
        return "0".into();
    }
    format!("{number:+.2}")
}

/// A time.
pub(crate) fn milliseconds(took: &Option<f64>) -> String {
    took.map_or_else(|| "not known".into(), |took| format!("{took:.0} ms"))
}

/// A length with its thousands apart.
pub(crate) fn bytes(length: &Option<u64>) -> String {
    let Some(length) = length else { return "not known".into() };
    let digits = length.to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + " bytes"
}

/// Columns and rows.
pub(crate) fn size(width: &Option<u32>, height: &Option<u32>) -> String {
    width.zip(*height).map_or_else(|| "not known".into(), |(w, h)| format!("{w} x {h} pixels"))
}

/// A text, or that there is none.
pub(crate) fn known(text: &str) -> &str {
    if text.is_empty() {
        "not known"
    } else {
        text
    }
}
