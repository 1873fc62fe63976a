// SPDX-License-Identifier: MIT OR Apache-2.0
//! The quantised luma coefficients of a picture, here or in shared memory.

use std::fmt::Debug;
use std::io;
use std::sync::{Arc, OnceLock};

use assay_signal::jpeg::ComponentCoefficients;

use crate::memory::Sealed;

/// The quantised luma coefficients of a picture.
#[derive(Debug)]
pub struct Coefficients {
    /// Blocks a row.
    pub block_columns: u32,
    /// Rows of blocks.
    pub block_rows: u32,
    own: Vec<i16>,
    shared: OnceLock<Arc<Sealed>>,
}

/// Reads the coefficients of a file elsewhere than in this process.
pub trait CoefficientReader: Debug + Send + Sync {
    /// Those of a file that was decoded to `pixels` pixels; `None` where it has none that can be read.
    fn read(&self, file: &Sealed, pixels: u64) -> Option<Coefficients>;
}

impl Coefficients {
    /// Those that lie in memory of another process's making; `None` when it is not of the length that
    /// the blocks have.
    #[must_use]
    pub fn in_memory(block_columns: u32, block_rows: u32, memory: Sealed) -> Option<Self> {
        let bytes = u64::from(block_columns) * u64::from(block_rows) * 64 * size_of::<i16>() as u64;
        let fits =
            memory.len() as u64 == bytes && bytemuck::try_cast_slice::<_, i16>(&memory).is_ok();
        let shared = OnceLock::from(Arc::new(memory));
        fits.then_some(Self { block_columns, block_rows, own: Vec::new(), shared })
    }

    /// 64 values a block in natural order, blocks in raster order.
    #[must_use]
    pub fn values(&self) -> &[i16] {
        match self.shared.get() {
            // Memory of a file starts where any number may.
            Some(shared) if self.own.is_empty() => {
                bytemuck::try_cast_slice(shared).unwrap_or_default()
            }
            _ => &self.own,
        }
    }

    /// The values as another process may read them: copied when this is first asked for.
    ///
    /// # Errors
    /// When the system has no memory for a copy.
    pub fn share(&self) -> io::Result<Arc<Sealed>> {
        if let Some(shared) = self.shared.get() {
            return Ok(Arc::clone(shared));
        }
        let copy = Arc::new(Sealed::copy_of(bytemuck::cast_slice(&self.own))?);
        Ok(Arc::clone(self.shared.get_or_init(|| copy)))
    }
}

impl From<ComponentCoefficients> for Coefficients {
    fn from(read: ComponentCoefficients) -> Self {
        let ComponentCoefficients { block_columns, block_rows, values, .. } = read;
        Self { block_columns, block_rows, own: values, shared: OnceLock::new() }
    }
}
