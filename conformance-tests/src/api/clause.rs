// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the rules for a deployment are written.

use crate::case::Clause;

/// A sentence of the guide; `place` is the guide's name and the section.
pub(super) const fn guide(place: &'static str, words: &'static str) -> Clause {
    Clause { place, words }
}

/// What is read into the guide where it is silent or contradicts itself.
pub(super) const fn read(words: &'static str) -> Clause {
    Clause { place: "API guide as read", words }
}

/// What is beyond the guide.
pub(super) const fn beyond(words: &'static str) -> Clause {
    Clause { place: "beyond the API guide", words }
}
