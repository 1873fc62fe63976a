// SPDX-License-Identifier: MIT OR Apache-2.0
//! The digest of a policy: SHA-256 of its canonical form.
//!
//! The canonical form is JSON without white space, object keys in the order of their bytes, every
//! default filled in, rules by name, required detectors sorted, numbers in their shortest form that
//! reads back to the same bits.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// SHA-256 of the canonical form, hexadecimal.
///
/// # Errors
/// What cannot be written as JSON.
pub fn digest_of(value: &impl Serialize) -> serde_json::Result<String> {
    let digest = Sha256::digest(canonical(value)?);
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The canonical form.
///
/// # Errors
/// What cannot be written as JSON.
pub fn canonical(value: &impl Serialize) -> serde_json::Result<String> {
    let mut value = serde_json::to_value(value)?;
    sort_keys(&mut value);
    serde_json::to_string(&value)
}

fn sort_keys(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.sort_keys();
            object.values_mut().for_each(sort_keys);
        }
        Value::Array(values) => values.iter_mut().for_each(sort_keys),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_form_sorts_keys_at_every_depth_and_has_no_white_space() {
        let value = serde_json::json!({"b": [{"z": 0.1, "a": "x y"}], "a": {"d": true, "c": 1}});
        let expected = r#"{"a":{"c":1,"d":true},"b":[{"a":"x y","z":0.1}]}"#;
        assert_eq!(canonical(&value).unwrap(), expected);
    }

    #[test]
    fn digest_is_sha256_of_the_canonical_form() {
        // printf '{}' | sha256sum
        let expected = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        assert_eq!(digest_of(&serde_json::json!({})).unwrap(), expected);
    }
}
