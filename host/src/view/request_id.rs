// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names of requests.

use std::fmt;

/// Random bytes in a request's name.
const RANDOM_BYTES: usize = 12;

/// Name of one request: `req_` and 24 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId([u8; RANDOM_BYTES]);

impl RequestId {
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
