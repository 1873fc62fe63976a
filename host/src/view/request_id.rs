// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names of requests.

use std::fmt;

use jiff::Timestamp;

/// Bytes of a request's name.
const BYTES: usize = 12;
/// Of them the time, so that names that come one after the other lie beside each other in an index.
const TIME_BYTES: usize = 6;

/// Name of one request: `req_` and 24 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId([u8; BYTES]);

impl RequestId {
    /// The name that a text is; `None` for a text that no name can be.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("req_")?;
        // The parser of numbers would take a sign.
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; BYTES];
        if digits.len() != 2 * BYTES {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// A new name: the time, ms, and 48 bits of the system's random numbers.
    ///
    /// # Errors
    /// When the system has none.
    pub fn random() -> std::io::Result<Self> {
        let mut bytes = [0; BYTES];
        let now = Timestamp::now().as_millisecond().to_be_bytes();
        let (time, random) = bytes.split_at_mut(TIME_BYTES);
        time.copy_from_slice(&now[now.len() - TIME_BYTES..]);
        getrandom::fill(random).map_err(std::io::Error::other)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.0.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        write!(f, "req_{number:024x}")
    }
}
