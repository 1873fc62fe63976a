// SPDX-License-Identifier: MIT OR Apache-2.0
//! Results as rows of a table: one line a picture, a score column a detector.

use super::Item;

/// Columns before the detectors'.
const LEADING: [&str; 7] =
    ["source", "status", "label", "confidence", "risk_level", "p_ai_generated", "p_manipulated"];

/// Columns after the detectors'.
const TRAILING: [&str; 7] =
    ["width", "height", "format", "file_size_bytes", "sha256", "error_code", "error_message"];

/// The names of the columns.
pub(super) fn header(models: &[String]) -> Vec<String> {
    let leading = LEADING.iter().map(|&name| name.to_owned());
    let trailing = TRAILING.iter().map(|&name| name.to_owned());
    leading.chain(models.iter().cloned()).chain(trailing).collect()
}

/// One picture; cells without a value are empty.
pub(super) fn row(item: &Item, models: &[String]) -> Vec<String> {
    let columns = LEADING.len() + models.len() + TRAILING.len();
    let mut row = vec![item.source.clone()];
    match &item.result {
        Ok(done) => {
            let (verdict, image) = (&done.analysis.verdict, &done.analysis.image);
            row.push("complete".into());
            row.push(verdict.label.as_str().into());
            row.push(decimal(verdict.confidence));
            row.push(verdict.risk_level.as_str().into());
            row.push(decimal(verdict.p_ai_generated));
            row.push(decimal(verdict.p_manipulated));
            row.extend(models.iter().map(|model| {
                let outcome = done.analysis.outcomes.iter().find(|o| o.result_key == *model);
                outcome.and_then(|o| o.outcome.score()).map_or_else(String::new, decimal)
            }));
            row.push(image.width.to_string());
            row.push(image.height.to_string());
            row.push(image.format.as_str().into());
            row.push(image.file_size_bytes.to_string());
            row.push(image.sha256.clone());
            row.resize(columns, String::new());
        }
        Err(error) => {
            row.push("failed".into());
            row.resize(columns - 2, String::new());
            row.push(error.code.into());
            row.push(error.message.clone());
        }
    }
    row
}

fn decimal(value: f64) -> String {
    format!("{value:.4}")
}
