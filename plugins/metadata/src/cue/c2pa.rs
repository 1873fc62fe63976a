// SPDX-License-Identifier: MIT OR Apache-2.0
//! Presence of Content Credentials.
//!
//! **What it tests.** Whether the file holds a C2PA manifest store. It is not read: without
//! checking hash and signature its content is only a claim.
//!
//! **Why it works.** The store stands in a box of its own in every container.
//!
//! **When it does not apply.** Presence says nothing of the origin: cameras, editors and generators
//! sign alike, and a signer is no sign of a generator.
//!
//! **Constants and their source.** Where the store stands: the container readers.
//!
//! **References.** C2PA Technical Specification 2.1, annex A.

use assay_plugin_api::finding::{Finding, Severity};

use super::Cue;
use crate::account::Account;
use crate::judgement::Evidence;

/// The cue that a store is there.
pub(crate) fn cues(account: &Account) -> Vec<Cue> {
    if !account.c2pa_present {
        return Vec::new();
    }
    let text = "The file carries Content Credentials (C2PA); they were not validated.";
    let finding = Finding::new("provenance.c2pa.present", Severity::Info, text);
    vec![Cue::new(finding, Evidence::Nothing)]
}
