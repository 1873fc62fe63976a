// SPDX-License-Identifier: MIT OR Apache-2.0
//! A borrowed RGB picture whose geometry was checked once.

/// Why samples are no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{found} samples cannot hold {height} rows of {width} RGB pixels, {row_stride} samples apart; \
     give rows of at least 3 x width samples"
)]
pub struct PictureError {
    /// Columns asked for, px.
    pub width: usize,
    /// Rows asked for, px.
    pub height: usize,
    /// Samples from the start of one row to the start of the next.
    pub row_stride: usize,
    /// Samples given.
    pub found: usize,
}

/// Interleaved 8-bit RGB, as stored, origin top left.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    samples: &'a [u8],
    width: usize,
    height: usize,
    row_stride: usize,
}

impl<'a> Picture<'a> {
    /// A picture of `width` x `height` pixels whose row `y` starts at `y * row_stride`.
    ///
    /// # Errors
    /// When the samples do not hold that many rows.
    pub fn new(
        samples: &'a [u8],
        width: usize,
        height: usize,
        row_stride: usize,
    ) -> Result<Self, PictureError> {
        let found = samples.len();
        let fits = || {
            let row = width.checked_mul(3)?;
            let needed = row_stride.checked_mul(height.checked_sub(1)?)?.checked_add(row)?;
            Some(width > 0 && row_stride >= row && found >= needed)
        };
        if fits() == Some(true) {
            Ok(Self { samples, width, height, row_stride })
        } else {
            Err(PictureError { width, height, row_stride, found })
        }
    }

    /// Columns, px, at least 1.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows, px, at least 1.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// `count` pixels of row `y` from column `x` on; empty when they do not lie in the picture.
    #[must_use]
    pub fn pixels(&self, x: usize, y: usize, count: usize) -> &'a [[u8; 3]] {
        if y >= self.height || x.checked_add(count).is_none_or(|end| end > self.width) {
            return &[];
        }
        let start = y * self.row_stride + 3 * x;
        self.samples.get(start..start + 3 * count).unwrap_or_default().as_chunks::<3>().0
    }
}
