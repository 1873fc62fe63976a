// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which cases there are.

use std::fmt::Write as _;

use serde_json::{json, Value};

use crate::case::About;
use crate::kit;

/// The cases as text, a group at a time.
#[must_use]
pub fn list_text(cases: &[About]) -> String {
    let mut text = format!("conformance {}\n", kit::VERSION);
    let mut group = None;
    for case in cases {
        if group.replace((case.subject, case.group)) != Some((case.subject, case.group)) {
            let _ = writeln!(text, "{}: {}", case.subject, case.group);
        }
        let _ = writeln!(text, "  {:<32} {}", case.id, case.description);
    }
    text
}

/// The cases as JSON.
#[must_use]
pub fn list_json(cases: &[About]) -> Value {
    json!({
        "conformance": kit::VERSION,
        "cases_sha256": kit::cases_sha256(),
        "cases": cases,
    })
}
