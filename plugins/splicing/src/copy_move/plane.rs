// SPDX-License-Identifier: MIT OR Apache-2.0
//! The luma that copies are looked for in, reduced to a size that can be searched.

use assay_plugin_api::plane::Luma8;
use assay_signal::avx2_dispatch;

/// Grey samples in `0..=255`, row by row.
#[derive(Clone, Debug)]
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) samples: Vec<f32>,
}

impl Plane {
    pub(super) fn zeros(width: usize, height: usize) -> Self {
        Self { width, height, samples: vec![0.0; width * height] }
    }

    /// The picture with each square of `factor` pixels averaged; what is left over at the right and
    /// at the bottom is dropped.
    pub(super) fn reduced(luma: &Luma8<'_>, factor: usize) -> Self {
        let mut plane = Self::zeros(luma.width() / factor, luma.height() / factor);
        let scale = 1.0 / (factor * factor) as f32;
        let mut sums = vec![0_u32; luma.width()];
        for y in 0..plane.height {
            sums.fill(0);
            for row in y * factor..(y + 1) * factor {
                sums.iter_mut().zip(luma.row(row)).for_each(|(sum, &v)| *sum += u32::from(v));
            }
            let means = sums.chunks_exact(factor).map(|sums| sums.iter().sum::<u32>());
            plane.row_mut(y).iter_mut().zip(means).for_each(|(out, sum)| *out = sum as f32 * scale);
        }
        plane
    }

    /// Every second sample along rows and columns.
    pub(super) fn decimated(&self) -> Self {
        let mut out = Self::zeros(self.width.div_ceil(2), self.height.div_ceil(2));
        for y in 0..out.height {
            let from = self.row(2 * y).iter().step_by(2);
            out.row_mut(y).iter_mut().zip(from).for_each(|(out, &value)| *out = value);
        }
        out
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
        let last = [self.width as f32 - 1.0, self.height as f32 - 1.0];
        for y in 0..out.height {
            for x in 0..out.width {
                let at = [(x as f32 / 2.0).min(last[0]), (y as f32 / 2.0).min(last[1])];
                let value = self.bilinear(at).unwrap_or_default();
                out.row_mut(y)[x] = value;
            }
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
    pub(super) fn bilinear(&self, [x, y]: [f32; 2]) -> Option<f32> {
        let (right, bottom) = (self.width as f32 - 1.0, self.height as f32 - 1.0);
        if !(x >= 0.0 && y >= 0.0 && x <= right && y <= bottom) {
            return None;
        }
        let (left, top) = (x as usize, y as usize);
        let (u, v) = (x - left as f32, y - top as f32);
        let across = usize::from(left + 1 < self.width);
        let down = if top + 1 < self.height { self.width } else { 0 };
        let at = top * self.width + left;
        let upper = self.samples[at] * (1.0 - u) + self.samples[at + across] * u;
        let lower = self.samples[at + down] * (1.0 - u) + self.samples[at + down + across] * u;
        Some(upper * (1.0 - v) + lower * v)
    }

    /// Half the differences of the neighbours of the sample nearest to a point, along `x` and `y`;
    /// the outermost samples stand for those outside.
    #[inline]
    pub(super) fn gradient_near(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let x = (x.round().max(0.0) as usize).min(self.width - 1);
        let y = (y.round().max(0.0) as usize).min(self.height - 1);
        let row = y * self.width;
        let (left, right) = (row + x.saturating_sub(1), row + (x + 1).min(self.width - 1));
        let up = y.saturating_sub(1) * self.width + x;
        let down = (y + 1).min(self.height - 1) * self.width + x;
        let half = |to: usize, from: usize| 0.5 * (self.samples[to] - self.samples[from]);
        [half(right, left), half(down, up)]
    }

    /// Blurred with a Gaussian of standard deviation `sigma` px, cut at three of them; the
    /// outermost samples are repeated outside.
    pub(super) fn blurred(&self, sigma: f32) -> Self {
        let radius = (3.0 * sigma).ceil() as usize;
        let weight = |i: usize| (-0.5 * (i as f32 / sigma).powi(2)).exp();
        let total: f32 = (0..=radius).map(|i| if i == 0 { 1.0 } else { 2.0 * weight(i) }).sum();
        let taps: Vec<f32> = (0..=radius).map(|i| weight(i) / total).collect();
        let mut out = Self::zeros(self.width, self.height);
        let mut padded = vec![0.0; self.width + 2 * radius];
        for y in 0..self.height {
            let centre = &mut padded[radius..][..self.width];
            centre.fill(0.0);
            for (i, &tap) in taps.iter().enumerate() {
                let (above, below) = (y.saturating_sub(i), (y + i).min(self.height - 1));
                if i == 0 {
                    add_scaled(centre, self.row(y), &[], tap);
                } else {
                    add_scaled(centre, self.row(above), self.row(below), tap);
                }
            }
            let (first, last) = (padded[radius], padded[radius + self.width - 1]);
            padded[..radius].fill(first);
            padded[radius + self.width..].fill(last);
            let row = out.row_mut(y);
            for (i, &tap) in taps.iter().enumerate() {
                let before = &padded[radius - i..][..self.width];
                let after = if i == 0 { &[] } else { &padded[radius + i..][..self.width] };
                add_scaled(row, before, after, tap);
            }
        }
        out
    }
}

#[inline(always)]
fn add_scaled_portable(sums: &mut [f32], a: &[f32], b: &[f32], factor: f32) {
    if b.is_empty() {
        sums.iter_mut().zip(a).for_each(|(sum, &a)| *sum += factor * a);
    } else {
        sums.iter_mut().zip(a).zip(b).for_each(|((sum, &a), &b)| *sum += factor * (a + b));
    }
}

avx2_dispatch! {
    /// Adds the values, or the sums of both, times the factor.
    fn add_scaled(sums: &mut [f32], a: &[f32], b: &[f32], factor: f32) = add_scaled_portable
}
