// SPDX-License-Identifier: MIT OR Apache-2.0
//! The bytes of a trained file, taken one number at a time; nothing in them is trusted.

/// Longest text; far above what is written.
const MOST_TEXT_BYTES: usize = 4_096;

/// What is left to read.
pub(crate) struct Input<'a> {
    content: &'a [u8],
    at: usize,
}

/// What is wrong with the bytes; the errors of models and networks say it in their words.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum InputError {
    /// The file ends early.
    #[error("it ends within {what}, at byte {at} of {length}")]
    CutShort {
        /// What was being read.
        what: &'static str,
        /// Where reading started.
        at: usize,
        /// Bytes of the content.
        length: usize,
    },
    /// A text is not UTF-8.
    #[error("{what} is no UTF-8 text")]
    Text {
        /// Which text.
        what: &'static str,
    },
    /// A number is outside its range.
    #[error("{what} {index} is {found}, expected {expected}")]
    Number {
        /// Which number.
        what: &'static str,
        /// Its place among its like, from 0.
        index: usize,
        /// Its value.
        found: f64,
        /// What it may be.
        expected: &'static str,
    },
}

impl<'a> Input<'a> {
    /// What comes after the first `at` bytes.
    pub(crate) fn after(at: usize, content: &'a [u8]) -> Self {
        Self { content, at }
    }

    /// Bytes that were not read.
    pub(crate) fn left(&self) -> usize {
        self.content.len().saturating_sub(self.at)
    }

    pub(crate) fn bytes(
        &mut self,
        what: &'static str,
        count: usize,
    ) -> Result<&'a [u8], InputError> {
        let rest = self.content.get(self.at..).unwrap_or_default();
        let cut_short = InputError::CutShort { what, at: self.at, length: self.content.len() };
        let taken = rest.get(..count).ok_or(cut_short)?;
        self.at += count;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(
        &mut self,
        what: &'static str,
    ) -> Result<[u8; N], InputError> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(what, N)?);
        Ok(array)
    }

    /// An `f64` of any value.
    pub(crate) fn real(&mut self, what: &'static str) -> Result<f64, InputError> {
        Ok(f64::from_le_bytes(self.array(what)?))
    }

    /// A finite `f32`.
    pub(crate) fn number(&mut self, what: &'static str, index: usize) -> Result<f32, InputError> {
        let number = f32::from_le_bytes(self.array(what)?);
        if number.is_finite() {
            return Ok(number);
        }
        let found = f64::from(number);
        Err(InputError::Number { what, index, found, expected: "a finite number" })
    }

    /// A finite `f32` above 0.
    pub(crate) fn positive(&mut self, what: &'static str, index: usize) -> Result<f32, InputError> {
        let number = self.number(what, index)?;
        if number > 0.0 {
            return Ok(number);
        }
        let found = f64::from(number);
        Err(InputError::Number { what, index, found, expected: "above 0" })
    }

    /// Finite numbers, read one by one, so that memory grows only with bytes that are there.
    pub(crate) fn numbers(
        &mut self,
        what: &'static str,
        count: usize,
    ) -> Result<Vec<f32>, InputError> {
        (0..count).map(|index| self.number(what, index)).collect()
    }

    /// A count of at most `most`.
    pub(crate) fn count(&mut self, what: &'static str, most: usize) -> Result<usize, InputError> {
        let found = u32::from_le_bytes(self.array(what)?);
        checked(what, 0, found, |count| count <= most, "a count within the format's bounds")
    }

    /// A text with its length before it.
    pub(crate) fn text(&mut self, what: &'static str) -> Result<String, InputError> {
        let length = self.count(what, MOST_TEXT_BYTES)?;
        let bytes = self.bytes(what, length)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| InputError::Text { what })
    }
}

/// A number that must be allowed; `expected` tells which are.
pub(crate) fn checked(
    what: &'static str,
    index: usize,
    found: u32,
    allowed: impl Fn(usize) -> bool,
    expected: &'static str,
) -> Result<usize, InputError> {
    match usize::try_from(found) {
        Ok(number) if allowed(number) => Ok(number),
        _ => Err(InputError::Number { what, index, found: f64::from(found), expected }),
    }
}
