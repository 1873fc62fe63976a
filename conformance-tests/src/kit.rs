// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kit as a whole: its version and the set of its cases.

use sha2::{Digest as _, Sha256};

use crate::case::About;
use crate::{api, plugin};

/// Version of the set of cases, `major.minor`; what changes it is in the README.
pub const VERSION: &str = "1.0";

/// All cases of all subjects in the order in which they run.
pub fn all() -> impl Iterator<Item = About> {
    plugin::abouts().chain(api::cases::abouts())
}

/// SHA-256 over what each case promises: subject, id, group, sentence and clause, hexadecimal.
#[must_use]
pub fn cases_sha256() -> String {
    let mut hash = Sha256::new();
    for About { subject, id, group, description, clause } in all() {
        for part in [subject, id, group, description, clause.place, clause.words] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
    }
    hexadecimal(&hash.finalize())
}

/// SHA-256 of bytes, hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
