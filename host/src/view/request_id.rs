// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names of requests.

use std::fmt;

/// Random bytes in a request's name.
const RANDOM_BYTES: usize = 12;

/// Name of one request: `req_` and 24 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId([u8; RANDOM_BYTES]);

impl RequestId {
    /// The name that a text is; `None` for a text that no name can be.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("req_").filter(|digits| digits.is_ascii())?;
        let mut bytes = [0; RANDOM_BYTES];
        if digits.len() != 2 * RANDOM_BYTES {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// A new name from the system's random numbers.
    ///
    /// # Errors
    /// When the system has none.
    pub fn random() -> std::io::Result<Self> {
        let mut bytes = [0; RANDOM_BYTES];
        getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("req_")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
