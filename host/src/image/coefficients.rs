// SPDX-License-Identifier: MIT OR Apache-2.0
//! The quantised luma coefficients of a picture, made here or elsewhere.

use std::fmt::Debug;

use assay_signal::jpeg::ComponentCoefficients;

use crate::memory::{Bytes, Readers};

/// The quantised luma coefficients of a picture.
#[derive(Debug)]
pub struct Coefficients {
    /// Blocks a row.
    pub block_columns: u32,
    /// Rows of blocks.
    pub block_rows: u32,
    memory: Bytes,
}

/// Reads the coefficients of a file elsewhere than in this process.
pub trait CoefficientReader: Debug + Send + Sync {
    /// Those of a file that was decoded to `pixels` pixels; `None` where it has none that can be read.
    fn read(&self, file: &Bytes, pixels: u64) -> Option<Coefficients>;
}

impl Coefficients {
    /// Those that lie in memory of another's making; `None` when it is not of the length that the blocks
    /// have.
    #[must_use]
    pub fn in_memory(block_columns: u32, block_rows: u32, memory: Bytes) -> Option<Self> {
        let bytes = u64::from(block_columns) * u64::from(block_rows) * 64 * size_of::<i16>() as u64;
        // Memory of a file, and large memory of the allocator, starts where any number may.
        let fits =
            memory.len() as u64 == bytes && bytemuck::try_cast_slice::<_, i16>(&memory).is_ok();
        fits.then_some(Self { block_columns, block_rows, memory })
    }

    /// Those that were read here, to be lent to `readers`.
    pub(crate) fn of_file(read: ComponentCoefficients, readers: &Readers) -> Self {
        let ComponentCoefficients { block_columns, block_rows, values, .. } = read;
        Self { block_columns, block_rows, memory: Bytes::from(values).lent_to(readers) }
    }

    /// 64 values a block in natural order, blocks in raster order.
    #[must_use]
    pub fn values(&self) -> &[i16] {
        bytemuck::try_cast_slice(&self.memory).unwrap_or_default()
    }

    /// The values as bytes, which can be lent.
    #[must_use]
    pub fn memory(&self) -> &Bytes {
        &self.memory
    }
}
