// SPDX-License-Identifier: MIT OR Apache-2.0
//! Grey samples that are blurred, halved and doubled: the scales that points are looked for on.

use super::blur::Blur;
use super::plane::bilinear;

/// Grey samples in `0..=255`, row by row.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) samples: Vec<f32>,
}

impl Field {
    pub(super) fn zeros(width: usize, height: usize) -> Self {
        Self { width, height, samples: vec![0.0; width * height] }
    }

    /// The mean of each square of two by two samples.
    pub(super) fn halved(&self) -> Self {
        let mut out = Self::zeros(self.width / 2, self.height / 2);
        for y in 0..out.height {
            let pairs = self.row(2 * y).chunks_exact(2).zip(self.row(2 * y + 1).chunks_exact(2));
            for (out, (a, b)) in out.row_mut(y).iter_mut().zip(pairs) {
                *out = 0.25 * (a.iter().sum::<f32>() + b.iter().sum::<f32>());
            }
        }
        out
    }

    /// Twice the size: sample `(2x, 2y)` is the old `(x, y)`, those between are interpolated.
    pub(super) fn doubled(&self) -> Self {
        let mut out = Self::zeros(2 * self.width, 2 * self.height);
        let mut between = vec![0.0; self.width];
        for y in 0..self.height {
            let (here, below) = (self.row(y), self.row((y + 1).min(self.height - 1)));
            stretch(here, out.row_mut(2 * y));
            for (between, (a, b)) in between.iter_mut().zip(here.iter().zip(below)) {
                *between = a * 0.5 + b * 0.5;
            }
            stretch(&between, out.row_mut(2 * y + 1));
        }
        out
    }

    pub(super) fn row(&self, y: usize) -> &[f32] {
        &self.samples[y * self.width..][..self.width]
    }

    pub(super) fn row_mut(&mut self, y: usize) -> &mut [f32] {
        &mut self.samples[y * self.width..][..self.width]
    }

    /// The value at a point, between the four samples around it; `None` outside.
    #[inline]
    pub(super) fn bilinear(&self, at: [f32; 2]) -> Option<f32> {
        bilinear([self.width, self.height], at, |x, y| self.samples[y * self.width + x])
    }

    /// Blurs it with a Gaussian of standard deviation `sigma` px, cut at three of them; the outermost
    /// samples are repeated outside.
    pub(super) fn blur(&mut self, sigma: f32) {
        let (width, height) = (self.width, self.height);
        let mut blur = Blur::new(sigma, width);
        // The last rows as they were before they were blurred.
        let kept_rows = blur.radius() + 1;
        let mut kept = vec![0.0; kept_rows * width];
        for y in 0..height {
            let of_kept = y % kept_rows * width;
            kept[of_kept..][..width].copy_from_slice(self.row(y));
            blur.down(y, height, |row| match row < y {
                true => &kept[row % kept_rows * width..][..width],
                false => self.row(row),
            });
            blur.across(self.row_mut(y));
        }
    }
}

/// Every second value is one of `row`, those between are the means of their neighbours.
fn stretch(row: &[f32], out: &mut [f32]) {
    let next = row.iter().skip(1).chain(row.last());
    for (out, (a, b)) in out.as_chunks_mut::<2>().0.iter_mut().zip(row.iter().zip(next)) {
        *out = [*a, a * 0.5 + b * 0.5];
    }
}
