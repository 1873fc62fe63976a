// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bytes behind the picture.
//!
//! **What it tests.** Whether a JPEG file goes on after its image with something that is neither another
//! image nor a film.
//!
//! **Why it works.** Cameras end a file with its image, or with what their makers document. Other data were
//! put there later: archives, scripts, notes.
//!
//! **When it does not apply.** Makers add undocumented trailers too: good to know, no evidence.
//!
//! **Constants and their source.** None here; [`crate::container`] tells what is explained.
//!
//! **References.** CIPA DC-007 (Multi-Picture Format).

use assay_plugin_api::finding::{Finding, Severity};

use super::Cue;
use crate::account::Account;
use crate::judgement::Evidence;

/// The cue of bytes that nothing explains.
pub(crate) fn cues(account: &Account) -> Vec<Cue> {
    let structure = account.jpeg.as_ref().and_then(|jpeg| jpeg.structure.as_ref());
    let bytes = structure.map_or(0, |structure| structure.unexplained_trailing);
    if bytes == 0 {
        return Vec::new();
    }
    let text = format!("{bytes} bytes follow the image that are neither an image nor a film.");
    let finding = Finding::new("file.trailing_data", Severity::Info, text)
        .value("bytes", i64::try_from(bytes).unwrap_or(i64::MAX));
    vec![Cue::new(finding, Evidence::Nothing)]
}
