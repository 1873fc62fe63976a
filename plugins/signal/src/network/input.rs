// SPDX-License-Identifier: MIT OR Apache-2.0
//! The bytes of a network file, taken one number at a time.

use super::half::f32_from_half;
use super::NetworkError;

/// Longest text; far above what is written.
const MOST_TEXT_BYTES: usize = 4_096;

/// What is left to read.
pub(super) struct Input<'a> {
    pub(super) content: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Input<'a> {
    /// Bytes that were not read.
    pub(super) fn left(&self) -> usize {
        self.content.len().saturating_sub(self.at)
    }

    fn bytes(&mut self, what: &'static str, count: usize) -> Result<&'a [u8], NetworkError> {
        let rest = self.content.get(self.at..).unwrap_or_default();
        let cut_short = NetworkError::CutShort { what, at: self.at, length: self.content.len() };
        let taken = rest.get(..count).ok_or(cut_short)?;
        self.at += count;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(
        &mut self,
        what: &'static str,
    ) -> Result<[u8; N], NetworkError> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(what, N)?);
        Ok(array)
    }

    /// A finite `f32`.
    pub(super) fn number(&mut self, what: &'static str, index: usize) -> Result<f32, NetworkError> {
        let number = f32::from_le_bytes(self.array(what)?);
        if number.is_finite() {
            return Ok(number);
        }
        let found = f64::from(number);
        Err(NetworkError::Number { what, index, found, expected: "a finite number" })
    }

    /// Finite numbers of half precision. Their bytes are taken first, so that memory grows only with
    /// bytes that are there.
    pub(super) fn halves(
        &mut self,
        what: &'static str,
        count: usize,
    ) -> Result<Vec<f32>, NetworkError> {
        let (pairs, _) = self.bytes(what, 2 * count)?.as_chunks::<2>();
        let halves = pairs.iter().map(|&pair| f32_from_half(u16::from_le_bytes(pair)));
        let finite = |(index, half): (usize, Option<f32>)| {
            let (found, expected) = (f64::NAN, "a finite number");
            half.ok_or(NetworkError::Number { what, index, found, expected })
        };
        halves.enumerate().map(finite).collect()
    }

    pub(super) fn text(&mut self, what: &'static str) -> Result<String, NetworkError> {
        let length = u32::from_le_bytes(self.array(what)?);
        let length =
            checked(what, 0, length, |length| length <= MOST_TEXT_BYTES, "at most 4096 bytes")?;
        let bytes = self.bytes(what, length)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| NetworkError::Text { what })
    }
}

/// A number that must be allowed; `expected` tells which are.
pub(super) fn checked(
    what: &'static str,
    index: usize,
    found: u32,
    allowed: impl Fn(usize) -> bool,
    expected: &'static str,
) -> Result<usize, NetworkError> {
    match usize::try_from(found) {
        Ok(number) if allowed(number) => Ok(number),
        _ => Err(NetworkError::Number { what, index, found: f64::from(found), expected }),
    }
}
