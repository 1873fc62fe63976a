// SPDX-License-Identifier: MIT OR Apache-2.0
//! Separable convolution with named kernels, and local means.

use ndarray::Array2;

use crate::{avx2_dispatch, Samples};

/// An odd, symmetric row of weights, applied along rows and then along columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kernel {
    taps: &'static [f32],
}

impl Kernel {
    /// `[1 2 1] / 4`.
    pub const BINOMIAL_3: Self = Self { taps: &[0.25, 0.5, 0.25] };
    /// `[1 4 6 4 1] / 16`.
    pub const BINOMIAL_5: Self = Self { taps: &[0.0625, 0.25, 0.375, 0.25, 0.0625] };
    /// `[1 1 1] / 3`.
    pub const BOX_3: Self = Self { taps: &[1.0 / 3.0; 3] };
    /// `[1 1 1 1 1] / 5`.
    pub const BOX_5: Self = Self { taps: &[0.2; 5] };

    /// The weights; they sum to 1.
    #[must_use]
    pub fn taps(&self) -> &'static [f32] {
        self.taps
    }

    /// Pixels on either side of the centre.
    #[must_use]
    pub fn radius(&self) -> usize {
        self.taps.len() / 2
    }
}

/// What lies outside the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    /// Mirrored at the centre of the outermost pixel, which is not repeated: `c b | a b c`.
    Mirror,
    /// The outermost pixel again and again: `a a | a b c`.
    Clamp,
}

impl Border {
    /// Returns the index within `0..length` that stands for `index`.
    ///
    /// # Panics
    /// If `length` is 0.
    #[must_use]
    pub fn resolve(self, index: isize, length: usize) -> usize {
        assert!(length > 0, "border of an empty row");
        let last = length as isize - 1;
        let inside = match self {
            Self::Clamp => index.clamp(0, last),
            Self::Mirror if last == 0 => 0,
            Self::Mirror => {
                let folded = index.rem_euclid(2 * last);
                folded.min(2 * last - folded)
            }
        };
        inside as usize
    }
}

/// Returns `input` filtered with `kernel` along rows and columns; same shape, every pixel defined by
/// the border rule.
#[must_use]
pub fn separable(input: &Samples, kernel: Kernel, border: Border) -> Samples {
    let (height, width) = input.dim();
    let mut output = Array2::zeros((height, width));
    if height == 0 || width == 0 {
        return output;
    }
    let radius = kernel.radius();
    let contiguous = input.as_standard_layout();
    let samples = contiguous.as_slice().unwrap_or_default();
    let mut column_sums = vec![0.0; width + 2 * radius];
    for (y, mut out) in output.outer_iter_mut().enumerate() {
        let centre = &mut column_sums[radius..][..width];
        centre.fill(0.0);
        for (k, &tap) in kernel.taps.iter().enumerate() {
            let row = border.resolve((y + k) as isize - radius as isize, height);
            add_scaled(centre, &samples[row * width..][..width], tap);
        }
        for i in 0..radius {
            let left = border.resolve(i as isize - radius as isize, width);
            let right = border.resolve((width + i) as isize, width);
            column_sums[i] = column_sums[radius + left];
            column_sums[radius + width + i] = column_sums[radius + right];
        }
        let out = out.as_slice_mut().unwrap_or_default();
        for (k, &tap) in kernel.taps.iter().enumerate() {
            add_scaled(out, &column_sums[k..][..width], tap);
        }
    }
    output
}

#[inline(always)]
fn add_scaled_portable(sums: &mut [f32], values: &[f32], factor: f32) {
    for (sum, &value) in sums.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

avx2_dispatch! {
    /// Adds each value times the factor to its sum.
    fn add_scaled(sums: &mut [f32], values: &[f32], factor: f32) = add_scaled_portable
}

/// Returns the mean over the `(2 radius + 1)^2` window around each pixel, in time independent of
/// the radius; sums are kept in `f64`, so that no error builds up along a row.
#[must_use]
pub fn local_mean(input: &Samples, radius: usize, border: Border) -> Samples {
    let (height, width) = input.dim();
    let mut output = Array2::zeros((height, width));
    if height == 0 || width == 0 {
        return output;
    }
    let reach = radius as isize;
    let scale = 1.0 / ((2 * radius + 1) * (2 * radius + 1)) as f64;
    let mut column_sums = vec![0.0_f64; width];
    for offset in -reach..=reach {
        let row = input.row(border.resolve(offset, height));
        column_sums.iter_mut().zip(row).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    for (y, mut out) in output.outer_iter_mut().enumerate() {
        let at = |x: isize| column_sums[border.resolve(x, width)];
        let mut sum: f64 = (-reach..=reach).map(at).sum();
        for (x, out) in out.iter_mut().enumerate() {
            *out = (sum * scale) as f32;
            let x = x as isize;
            sum += at(x + reach + 1) - at(x - reach);
        }
        let y = y as isize;
        let enters = input.row(border.resolve(y + reach + 1, height));
        let leaves = input.row(border.resolve(y - reach, height));
        for ((sum, &enters), &leaves) in column_sums.iter_mut().zip(enters).zip(leaves) {
            *sum += f64::from(enters) - f64::from(leaves);
        }
    }
    output
}
