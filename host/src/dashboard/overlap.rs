// SPDX-License-Identifier: MIT OR Apache-2.0
//! How long an old key or secret goes on beside the new one.

use super::error::PageError;
use super::form::Form;
use crate::api::administration::LONGEST_OVERLAP;
use crate::store::OVERLAP_SECONDS;

/// One of the times that a form offers.
pub(super) struct Overlap {
    pub(super) seconds: u32,
    pub(super) text: &'static str,
    pub(super) is_usual: bool,
}

impl Overlap {
    pub(super) const ALL: &'static [Self] = &[
        Self { seconds: 0, text: "not at all", is_usual: false },
        Self { seconds: 3_600, text: "an hour", is_usual: false },
        Self { seconds: OVERLAP_SECONDS, text: "a day", is_usual: true },
        Self { seconds: 604_800, text: "a week", is_usual: false },
        Self { seconds: LONGEST_OVERLAP, text: "30 days", is_usual: false },
    ];

    /// The seconds that a form has chosen.
    ///
    /// # Errors
    /// Where it has chosen none.
    pub(super) fn of(form: &Form) -> Result<u32, PageError> {
        let seconds = form.text("overlap").and_then(|text| text.parse().ok());
        seconds.ok_or_else(|| PageError::invalid("Say how long the old one goes on."))
    }
}
