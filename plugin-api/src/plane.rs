// SPDX-License-Identifier: MIT OR Apache-2.0
//! Borrowed planes whose geometry was checked once.

use crate::abi::RawPlane;

/// `C` interleaved 8-bit channels, full range `0..=255`, origin top left, at least one pixel.
#[derive(Clone, Copy, Debug)]
pub struct Plane<'a, const C: usize> {
    width: usize,
    height: usize,
    row_stride: usize,
    samples: &'a [u8],
}

/// One channel: BT.601 luma.
pub type Luma8<'a> = Plane<'a, 1>;

/// Three channels: red, green, blue.
pub type Rgb8<'a> = Plane<'a, 3>;

impl<'a, const C: usize> Plane<'a, C> {
    /// Checks the geometry that came over the boundary, so that no row can be out of range.
    pub(crate) fn checked(raw: RawPlane<'a>) -> Option<Self> {
        let (width, height) = (raw.width as usize, raw.height as usize);
        let row_stride = raw.row_stride as usize;
        let fits = raw.channels as usize == C
            && width > 0
            && height > 0
            && row_stride >= width.checked_mul(C)?
            && raw.samples.len() >= row_stride.checked_mul(height)?;
        fits.then(|| Self { width, height, row_stride, samples: raw.samples.as_slice() })
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

    /// `width * height`.
    #[must_use]
    pub fn pixels(&self) -> usize {
        self.width * self.height
    }

    /// Samples from the start of one row to the start of the next.
    #[must_use]
    pub fn row_stride(&self) -> usize {
        self.row_stride
    }

    /// All samples; row `y` starts at `y * row_stride`.
    #[must_use]
    pub fn samples(&self) -> &'a [u8] {
        self.samples
    }

    /// The `width * C` samples of row `y`.
    ///
    /// # Panics
    /// If `y >= height`.
    #[must_use]
    pub fn row(&self, y: usize) -> &'a [u8] {
        &self.samples[y * self.row_stride..][..self.width * C]
    }

    /// The rows from top to bottom.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + '_ {
        (0..self.height).map(|y| self.row(y))
    }
}
