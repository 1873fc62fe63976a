// SPDX-License-Identifier: MIT OR Apache-2.0
//! The luma that a residual is taken of: borrowed, its geometry checked once.

/// 8-bit luma, row-major, at least one pixel.
#[derive(Clone, Copy, Debug)]
pub struct LumaPlane<'a> {
    width: usize,
    height: usize,
    row_stride: usize,
    samples: &'a [u8],
}

impl<'a> LumaPlane<'a> {
    /// A plane whose row `y` starts at `y * row_stride`; `None` when a side is 0, rows overlap or
    /// samples are missing.
    #[must_use]
    pub fn new(width: usize, height: usize, row_stride: usize, samples: &'a [u8]) -> Option<Self> {
        let needed = row_stride.checked_mul(height.checked_sub(1)?)?.checked_add(width)?;
        let fits = width > 0 && row_stride >= width && samples.len() >= needed;
        fits.then_some(Self { width, height, row_stride, samples })
    }

    /// Columns, px.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows, px.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// The samples of row `y`.
    ///
    /// # Panics
    /// If `y >= height`.
    #[must_use]
    pub fn row(&self, y: usize) -> &'a [u8] {
        &self.samples[y * self.row_stride..][..self.width]
    }
}
