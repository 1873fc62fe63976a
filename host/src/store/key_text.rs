// SPDX-License-Identifier: MIT OR Apache-2.0
//! The text of an API key: `ak_` and 16 hexadecimal digits that name the key, `_`, 64 digits that are
//! secret. In a deployment that names its region, that stands behind `ak_`, so that another region's
//! server can send the client home without knowing the key.
//!
//! Only SHA-256 of the whole text is stored. That is enough: the secret has 256 random bits, so that
//! there is nothing to guess, and a slow hash would only slow down every request.

use sha2::{Digest as _, Sha256};

use super::StoreError;

/// The region of a deployment that has no other; its keys do not name it.
const HOME: &str = "local";

const NAME_BYTES: usize = 8;
const SECRET_BYTES: usize = 32;

/// What is stored of a key.
pub(super) fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key).into()
}

/// The region that a key names; `None` for one that names none, and for what no key can be.
#[must_use]
pub fn region_of(text: &str) -> Option<&str> {
    let (region, _) = name_of(text)?.strip_prefix("ak_")?.rsplit_once('_')?;
    Some(region)
}

/// The name in front of a key's secret; `None` for a text that no key can be.
pub(super) fn name_of(text: &str) -> Option<&str> {
    let (id, secret) = text.rsplit_once('_')?;
    let is_hex =
        |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let name = id.strip_prefix("ak_")?;
    let name = name.rsplit_once('_').map_or(name, |(_, name)| name);
    let fits = name.len() == 2 * NAME_BYTES && secret.len() == 2 * SECRET_BYTES;
    (fits && is_hex(name) && is_hex(secret)).then_some(id)
}

/// A new key's name and its whole text.
pub(super) fn random_key(region: &str) -> Result<(String, String), StoreError> {
    let mut bytes = [0; NAME_BYTES + SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(|e| StoreError::Random(std::io::Error::other(e)))?;
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (name, secret) = bytes.split_at(NAME_BYTES);
    let place = if region == HOME { String::new() } else { format!("{region}_") };
    let id = format!("ak_{place}{}", hex(name));
    let key = format!("{id}_{}", hex(secret));
    Ok((id, key))
}
