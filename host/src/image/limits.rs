// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is refused from the header, before a pixel is allocated.

use super::error::DecodeError;

/// What one picture may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeLimits {
    /// Largest file, bytes.
    pub max_file_bytes: u64,
    /// Most pixels, width times height.
    pub max_pixels: u64,
    /// Shortest side, px.
    pub min_side: u32,
    /// Most memory that decoding may take, bytes, the picture's own pixels included.
    pub max_memory_bytes: u64,
}

impl Default for DecodeLimits {
    /// The API's 20 MB and 100 px, 100 MP, and 960 MiB of memory.
    fn default() -> Self {
        Self {
            max_file_bytes: 20_000_000,
            max_pixels: 100_000_000,
            min_side: 100,
            max_memory_bytes: 960 << 20,
        }
    }
}

impl DecodeLimits {
    /// Checks the length of a file.
    ///
    /// # Errors
    /// When it is empty or too long.
    pub fn check_file(&self, bytes: u64) -> Result<(), DecodeError> {
        if bytes == 0 {
            return Err(DecodeError::Empty);
        }
        if bytes > self.max_file_bytes {
            return Err(DecodeError::FileTooLarge { bytes, limit: self.max_file_bytes });
        }
        Ok(())
    }

    /// Checks a picture's size as its header states it.
    ///
    /// # Errors
    /// When it has too many pixels or too short a side.
    pub fn check_size(&self, width: u32, height: u32) -> Result<(), DecodeError> {
        if u64::from(width) * u64::from(height) > self.max_pixels {
            return Err(DecodeError::TooManyPixels { width, height, limit: self.max_pixels });
        }
        if width.min(height) < self.min_side {
            return Err(DecodeError::TooSmall { width, height, min_side: self.min_side });
        }
        Ok(())
    }

    /// Checks what decoding is expected to take.
    ///
    /// # Errors
    /// When it is more than the limit.
    pub fn check_memory(&self, bytes: u64) -> Result<(), DecodeError> {
        if bytes > self.max_memory_bytes {
            return Err(DecodeError::TooMuchMemory { bytes, limit: self.max_memory_bytes });
        }
        Ok(())
    }
}
