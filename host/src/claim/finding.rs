// SPDX-License-Identifier: MIT OR Apache-2.0
//! One thing that was found between the pictures of a claim.

/// A code, a sentence, and the pictures that it is about. What it weighs is the policy's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) code: &'static str,
    pub(super) text: String,
    pub(super) images: Vec<String>,
}
