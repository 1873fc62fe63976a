// SPDX-License-Identifier: MIT OR Apache-2.0
//! A small policy and what becomes of it.

use assay::policy::{Policy, PolicyError};

/// The model keys of the six detectors.
pub(crate) const SIX: [&str; 6] =
    ["gan", "diffusion", "noise", "metadata", "frequency", "splicing"];

/// The least that a policy must have; it ends at the start of line 6.
pub(crate) const SMALL: &str = r#"
name = "small"
version = "1"
fusion.ai_generated.weights = { gan = 1.0 }
fusion.manipulated.weights = { splicing = 1.0 }
"#;

/// The small policy with more lines.
pub(crate) fn small(more: &str) -> Result<Policy, PolicyError> {
    Policy::parse(&format!("{SMALL}{more}"), "small.toml")
}

/// The whole message of a policy that must be refused.
#[track_caller]
pub(crate) fn refused(more: &str) -> String {
    match small(more) {
        Ok(_) => panic!("accepted: {more}"),
        Err(error) => error.to_string(),
    }
}

/// Asserts that a policy is refused with a message that has `expected` in it.
#[track_caller]
pub(crate) fn assert_refused(more: &str, expected: &str) {
    let message = refused(more);
    assert!(message.contains(expected), "{message}\nhas no: {expected}");
}
