// SPDX-License-Identifier: MIT OR Apache-2.0
//! A claim, made to be read.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::claim::body::{ClaimReasonBody, DuplicateBody};
use crate::claim::ClaimBody;

/// Prints a claim; `names` has each picture's name by its request.
pub(super) fn print(
    out: &mut impl Write,
    claim: &ClaimBody,
    names: &BTreeMap<String, String>,
) -> io::Result<()> {
    let name = |request: &String| names.get(request).unwrap_or(request).clone();
    let (level, risk, highest) = (claim.risk_level, claim.risk, claim.highest_image_risk);
    writeln!(out, "Claim of {} pictures", names.len())?;
    writeln!(out, "  risk {level} ({risk:.2}); the riskiest picture has {highest:.2}")?;
    for ClaimReasonBody { text, weight, images, .. } in &claim.reasons {
        let images: Vec<_> = images.iter().map(name).collect();
        writeln!(out, "  {weight:+.1} {text} {}", images.join(", "))?;
    }
    for pair in &claim.duplicates {
        let DuplicateBody { image, other, kind, changes, .. } = pair;
        let what = kind.replace('_', " ");
        let changes = changes.iter().map(|change| format!(", {change}")).collect::<String>();
        writeln!(out, "  {} and {}: {what}{changes}", name(image), name(other))?;
    }
    Ok(())
}
