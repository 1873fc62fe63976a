// SPDX-License-Identifier: MIT OR Apache-2.0
//! The features of a crop, computed once for all detectors that read it.
//!
//! The host computes them when they are first asked for and lends them as numbers, under a key that
//! names their definition and the place of the crop. A host that does not know the definition lends
//! nothing, and the detector computes them itself, to the same bits.

use super::FEATURE_SET;

/// The key of the crop whose top left pixel is `(x, y)`: `traces-572-v1@64,128`.
#[must_use]
pub fn key_of(x: usize, y: usize) -> String {
    format!("{}@{x},{y}", FEATURE_SET.name)
}

/// The top left pixel of the crop that a key names; `None` of any other key.
#[must_use]
pub fn place_of(key: &str) -> Option<(usize, usize)> {
    let (x, y) = key.strip_prefix(FEATURE_SET.name)?.strip_prefix('@')?.split_once(',')?;
    Some((x.parse().ok()?, y.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_keys_name_no_place() {
        for key in
            ["", "rgb8", "traces-572-v1", "traces-572-v1@", "traces-572-v1@1", "traces-572-v1@1,-2"]
        {
            assert_eq!(place_of(key), None, "{key}");
        }
    }

    proptest! {
        #[test]
        fn a_key_names_its_place(x: usize, y: usize) {
            prop_assert_eq!(place_of(&key_of(x, y)), Some((x, y)));
        }
    }
}
