// SPDX-License-Identifier: MIT OR Apache-2.0
//! The luma that copies are looked for in, reduced to a size that can be searched.
//!
//! Of a picture that is not reduced, the samples are those of the picture itself: beside its scales
//! there is no room for them a second time.

use assay_plugin_api::plane::Luma8;

use super::field::Field;

/// Grey samples in `0..=255`.
#[derive(Debug)]
pub(super) struct Plane<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    samples: Samples<'a>,
}

#[derive(Debug)]
enum Samples<'a> {
    Own(Luma8<'a>),
    Reduced(Field),
}

impl<'a> Plane<'a> {
    /// The picture with each square of `factor` pixels averaged; what is left over at the right and
    /// at the bottom is dropped.
    pub(super) fn reduced(luma: Luma8<'a>, factor: usize) -> Self {
        match factor {
            1 => Self { width: luma.width(), height: luma.height(), samples: Samples::Own(luma) },
            _ => Self::of(reduced(&luma, factor)),
        }
    }

    /// What was reduced already.
    pub(super) fn of(field: Field) -> Self {
        Self { width: field.width, height: field.height, samples: Samples::Reduced(field) }
    }

    /// A copy that can be blurred.
    pub(super) fn field(&self) -> Field {
        match &self.samples {
            Samples::Own(luma) => reduced(luma, 1),
            Samples::Reduced(field) => field.clone(),
        }
    }

    /// Number of samples.
    pub(super) fn pixels(&self) -> usize {
        self.width * self.height
    }

    #[inline]
    pub(super) fn at(&self, x: usize, y: usize) -> f32 {
        match &self.samples {
            Samples::Own(luma) => f32::from(luma.samples()[y * luma.row_stride() + x]),
            Samples::Reduced(field) => field.samples[y * self.width + x],
        }
    }

    /// The value at a point, between the four samples around it; `None` outside.
    #[inline]
    pub(super) fn bilinear(&self, at: [f32; 2]) -> Option<f32> {
        match &self.samples {
            Samples::Own(luma) => bilinear([self.width, self.height], at, |x, y| {
                f32::from(luma.samples()[y * luma.row_stride() + x])
            }),
            Samples::Reduced(field) => field.bilinear(at),
        }
    }
}

fn reduced(luma: &Luma8<'_>, factor: usize) -> Field {
    let mut field = Field::zeros(luma.width() / factor, luma.height() / factor);
    let scale = 1.0 / (factor * factor) as f32;
    let mut sums = vec![0_u32; luma.width()];
    for y in 0..field.height {
        sums.fill(0);
        for row in y * factor..(y + 1) * factor {
            sums.iter_mut().zip(luma.row(row)).for_each(|(sum, &v)| *sum += u32::from(v));
        }
        let means = sums.chunks_exact(factor).map(|sums| sums.iter().sum::<u32>());
        field.row_mut(y).iter_mut().zip(means).for_each(|(out, sum)| *out = sum as f32 * scale);
    }
    field
}

/// The value at a point of a plane of this size, between the four samples around it; `None` outside.
#[inline(always)]
pub(super) fn bilinear(
    [width, height]: [usize; 2],
    [x, y]: [f32; 2],
    sample: impl Fn(usize, usize) -> f32,
) -> Option<f32> {
    let (right, bottom) = (width as f32 - 1.0, height as f32 - 1.0);
    if !(x >= 0.0 && y >= 0.0 && x <= right && y <= bottom) {
        return None;
    }
    let (left, top) = (x as usize, y as usize);
    let (u, v) = (x - left as f32, y - top as f32);
    let next = left + usize::from(left + 1 < width);
    let below = top + usize::from(top + 1 < height);
    let upper = sample(left, top) * (1.0 - u) + sample(next, top) * u;
    let lower = sample(left, below) * (1.0 - u) + sample(next, below) * u;
    Some(upper * (1.0 - v) + lower * v)
}
