// SPDX-License-Identifier: MIT OR Apache-2.0
//! The rules a report and a descriptor must keep. The host applies them to every answer, because a
//! library is not trusted; the conformance runner applies the same ones.

use std::fmt;

use crate::descriptor::Descriptor;
use crate::finding::Finding;
use crate::heatmap::Heatmap;
use crate::report::{Attribute, Report, Value};

/// Longest `detail`, finding text or reason, in bytes.
pub const MAX_TEXT_BYTES: usize = 4_096;
/// Longest name or code, in bytes.
pub const MAX_NAME_BYTES: usize = 128;
/// Longest text or JSON value, in bytes.
pub const MAX_VALUE_BYTES: usize = 65_536;
/// Most findings in a report.
pub const MAX_FINDINGS: usize = 256;
/// Most attributes in a report or values in a finding.
pub const MAX_ATTRIBUTES: usize = 128;
/// Most regions in a finding.
pub const MAX_REGIONS: usize = 256;
/// Smallest heatmap cell for pictures above [`FINE_HEATMAP_PIXELS`], px.
pub const MIN_COARSE_CELL_PX: u32 = 4;
/// Pixels up to which a heatmap may have a cell a pixel.
pub const FINE_HEATMAP_PIXELS: u64 = 4_000_000;

/// How an answer breaks the contract: what was expected, what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach(String);

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Breach {}

fn breach(text: impl Into<String>) -> Breach {
    Breach(text.into())
}

/// Checks a report on a `width` x `height` picture.
///
/// # Errors
/// The first rule that it breaks.
pub fn report(report: &Report, width: u32, height: u32) -> Result<(), Breach> {
    if !(0.0..=1.0).contains(&report.score) {
        return Err(breach(format!("score must be within 0..=1, found {}", report.score)));
    }
    text("detail", &report.detail)?;
    at_most("findings", report.findings.len(), MAX_FINDINGS)?;
    for found in &report.findings {
        finding(found, width, height)?;
    }
    attributes("report", &report.attributes)?;
    if let Some(map) = report.heatmap.as_ref().into_option() {
        heatmap(map, width, height)?;
    }
    Ok(())
}

/// Checks one free text: a `detail`, a reason, a message.
///
/// # Errors
/// When it is longer than [`MAX_TEXT_BYTES`].
pub fn text(what: &str, text: &str) -> Result<(), Breach> {
    at_most(&format!("bytes of {what}"), text.len(), MAX_TEXT_BYTES)
}

/// Checks a descriptor.
///
/// # Errors
/// The first rule that it breaks.
pub fn descriptor(descriptor: &Descriptor) -> Result<(), Breach> {
    let id = descriptor.id.as_str();
    if !words(id, '-', |c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
        return Err(breach(format!("id must be kebab-case, found \"{}\"", shortened(id))));
    }
    for (what, key) in
        [("model key", &descriptor.model_key), ("result key", &descriptor.result_key)]
    {
        if !snake_case(key) || matches!(key.as_str(), "all") {
            let key = shortened(key);
            return Err(breach(format!("{what} must be snake_case, found \"{key}\"")));
        }
    }
    for (what, value) in [
        ("title", &descriptor.title),
        ("version", &descriptor.version),
        ("licence", &descriptor.licence),
        ("summary", &descriptor.card.summary),
    ] {
        if value.trim().is_empty() {
            return Err(breach(format!("{what} must not be empty")));
        }
        text(what, value)?;
    }
    at_most("parameters", descriptor.params.len(), MAX_ATTRIBUTES)?;
    for (i, spec) in descriptor.params.iter().enumerate() {
        let name = shortened(&spec.name);
        if !snake_case(&spec.name) {
            return Err(breach(format!("parameter name must be snake_case, found \"{name}\"")));
        }
        if descriptor.params.iter().take(i).any(|other| other.name == spec.name) {
            return Err(breach(format!("parameter `{name}` is declared twice")));
        }
        spec.check(&spec.default)
            .map_err(|e| breach(format!("default of {e}, so it breaks its own range")))?;
    }
    Ok(())
}

fn finding(finding: &Finding, width: u32, height: u32) -> Result<(), Breach> {
    let code = finding.code.as_str();
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !words(code, '.', word) || !code.contains('.') {
        let code = shortened(code);
        return Err(breach(format!("finding code must be dotted lower case, found \"{code}\"")));
    }
    text(&format!("text of finding {code}"), &finding.text)?;
    attributes(&format!("finding {code}"), &finding.values)?;
    at_most(&format!("regions of finding {code}"), finding.regions.len(), MAX_REGIONS)?;
    for region in &finding.regions {
        let right = region.x.checked_add(region.width);
        let bottom = region.y.checked_add(region.height);
        let inside = right.is_some_and(|r| r <= width) && bottom.is_some_and(|b| b <= height);
        if region.width == 0 || region.height == 0 || !inside {
            return Err(breach(format!(
                "region of finding {code} must lie within {width}x{height}, found {}x{} at ({}, {})",
                region.width, region.height, region.x, region.y
            )));
        }
    }
    Ok(())
}

fn attributes(owner: &str, attributes: &[Attribute]) -> Result<(), Breach> {
    at_most(&format!("attributes of {owner}"), attributes.len(), MAX_ATTRIBUTES)?;
    for (i, attribute) in attributes.iter().enumerate() {
        let name = shortened(&attribute.name);
        if !snake_case(&attribute.name) {
            return Err(breach(format!(
                "attribute name of {owner} must be snake_case, found \"{name}\""
            )));
        }
        if attributes.iter().take(i).any(|other| other.name == attribute.name) {
            return Err(breach(format!("attribute `{name}` of {owner} appears twice")));
        }
        match &attribute.value {
            Value::Real(number) if !number.is_finite() => {
                return Err(breach(format!(
                    "attribute `{name}` of {owner} must be finite, found {number}"
                )));
            }
            Value::Text(value) | Value::Json(value) => {
                at_most(&format!("bytes of attribute `{name}`"), value.len(), MAX_VALUE_BYTES)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn heatmap(map: &Heatmap, width: u32, height: u32) -> Result<(), Breach> {
    let fine_enough = u64::from(width) * u64::from(height) <= FINE_HEATMAP_PIXELS;
    if map.cell_px == 0 || (!fine_enough && map.cell_px < MIN_COARSE_CELL_PX) {
        return Err(breach(format!(
            "heatmap cell must be at least {MIN_COARSE_CELL_PX} px on a {width}x{height} picture, \
             found {}",
            map.cell_px
        )));
    }
    let wanted = (width.div_ceil(map.cell_px), height.div_ceil(map.cell_px));
    if (map.columns, map.rows) != wanted {
        return Err(breach(format!(
            "heatmap of {} px cells must have {}x{} cells on a {width}x{height} picture, found {}x{}",
            map.cell_px, wanted.0, wanted.1, map.columns, map.rows
        )));
    }
    let cells = u64::from(map.columns) * u64::from(map.rows);
    if map.values.len() as u64 != cells {
        return Err(breach(format!(
            "heatmap must have {cells} values, found {}",
            map.values.len()
        )));
    }
    if let Some(bad) = map.values.iter().find(|v| !(0.0..=1.0).contains(*v)) {
        return Err(breach(format!("heatmap values must be within 0..=1, found {bad}")));
    }
    Ok(())
}

fn at_most(what: &str, found: usize, most: usize) -> Result<(), Breach> {
    if found > most {
        return Err(breach(format!("{what} must be at most {most}, found {found}")));
    }
    Ok(())
}

fn snake_case(name: &str) -> bool {
    words(name, '_', |c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

/// Whether `name` is short and made of non-empty words of allowed characters.
fn words(name: &str, separator: char, allowed: impl Fn(char) -> bool) -> bool {
    let whole = |word: &str| !word.is_empty() && word.chars().all(&allowed);
    name.len() <= MAX_NAME_BYTES && name.split(separator).all(whole)
}

fn shortened(name: &str) -> String {
    name.chars().take(64).collect()
}
