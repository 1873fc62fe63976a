// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who vouches for a library: an Ed25519 signature (RFC 8032) of its bytes, in a file beside it.
//!
//! `libshadows.so.sig` holds signatures, each on a line of its own in base64; one of them must be by the
//! configured key. The bytes that are loaded are those that were checked: their digest is demanded of
//! what is opened. OpenSSL makes all of it:
//!
//! ```text
//! openssl genpkey -algorithm ed25519 -out key.pem
//! openssl pkey -in key.pem -pubout                    # its middle line is `signed_by`
//! openssl pkeyutl -sign -rawin -inkey key.pem -in libshadows.so | base64 -w0 > libshadows.so.sig
//! ```

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use assay_plugin_api::load::CheckedFile;
use base64::prelude::{Engine as _, BASE64_STANDARD};
use ring::signature::{UnparsedPublicKey, ED25519};

use super::library::PluginError;
use crate::config::PluginSlot;

/// What stands before the key in a public key's DER form (RFC 8410, section 4).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Longest file of signatures that is read, bytes: forty of them.
const MAX_BYTES: u64 = 4096;

/// A key that signs libraries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signer([u8; 32]);

/// Why nobody vouches for a library.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// There is no file of signatures, or it cannot be read.
    #[error("{}: cannot be read: {source}; the library must be signed", path.display())]
    Unreadable {
        /// The file of signatures.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// None of the signatures is by the key and of these bytes.
    #[error("{}: holds no signature of the library by the configured key", path.display())]
    None {
        /// The file of signatures.
        path: PathBuf,
    },
}

impl FromStr for Signer {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str =
            "expected an Ed25519 public key in base64: 32 bytes, or the line of a PEM file";
        let bytes = BASE64_STANDARD.decode(text.trim()).map_err(|_| EXPECTED)?;
        let key = bytes.strip_prefix(&SPKI).unwrap_or(&bytes);
        Ok(Self(key.try_into().map_err(|_| EXPECTED)?))
    }
}

/// The file that holds a library's signatures.
#[must_use]
pub fn signatures_of(library: &Path) -> PathBuf {
    let mut name = library.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

/// The digest that a slot demands of a library: the configured one, or that of the bytes that its signer
/// vouches for.
///
/// # Errors
/// When they are to be signed and are not, or have another digest than the configured one.
pub fn demanded(path: &Path, slot: &PluginSlot) -> Result<Option<String>, PluginError> {
    let Some(signer) = &slot.signed_by else { return Ok(slot.sha256.clone()) };
    let file = CheckedFile::read(path, slot.sha256.as_deref())?;
    let key = UnparsedPublicKey::new(&ED25519, &signer.0);
    let beside = signatures_of(path);
    let signatures = signatures(&beside)
        .map_err(|source| SignatureError::Unreadable { path: beside.clone(), source })?;
    let is_by_signer = |signature: &Vec<u8>| key.verify(&file.bytes, signature).is_ok();
    match signatures.iter().any(is_by_signer) {
        true => Ok(Some(file.digest)),
        false => Err(SignatureError::None { path: beside }.into()),
    }
}

/// What can be read as base64; anything else may be a signature of another kind.
fn signatures(path: &Path) -> std::io::Result<Vec<Vec<u8>>> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(text.lines().filter_map(|line| BASE64_STANDARD.decode(line.trim()).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_bytes_and_as_the_line_of_a_pem_file() {
        let key = [7; 32];
        let bare = BASE64_STANDARD.encode(key);
        let spki = BASE64_STANDARD.encode([&SPKI[..], &key].concat());
        assert_eq!(bare.parse(), Ok(Signer(key)));
        assert_eq!(spki.parse(), Ok(Signer(key)));
        for wrong in ["", "abc", &bare[..40], "not base64!"] {
            assert!(wrong.parse::<Signer>().unwrap_err().contains("32 bytes"), "{wrong}");
        }
    }
}
