// SPDX-License-Identifier: MIT OR Apache-2.0
//! A Gaussian blur, row by row: it needs no second plane.

use assay_signal::avx2_dispatch;

/// A Gaussian, cut at three standard deviations, and a row of work; the outermost samples are repeated
/// outside.
pub(super) struct Blur {
    /// That of the middle and of those at each distance.
    taps: Vec<f32>,
    width: usize,
    /// A row that is blurred along y, its ends repeated.
    padded: Vec<f32>,
}

impl Blur {
    /// With a standard deviation of `sigma` px, for rows of `width` samples.
    pub(super) fn new(sigma: f32, width: usize) -> Self {
        let radius = (3.0 * sigma).ceil() as usize;
        let weight = |i: usize| (-0.5 * (i as f32 / sigma).powi(2)).exp();
        let total: f32 = (0..=radius).map(|i| if i == 0 { 1.0 } else { 2.0 * weight(i) }).sum();
        let taps = (0..=radius).map(|i| weight(i) / total).collect();
        Self { taps, width, padded: vec![0.0; width + 2 * radius] }
    }

    /// Rows above and below one that it depends on.
    pub(super) fn radius(&self) -> usize {
        self.taps.len() - 1
    }

    /// Blurs row `y` of `height` rows along y.
    pub(super) fn down<'a>(&mut self, y: usize, height: usize, row: impl Fn(usize) -> &'a [f32]) {
        let radius = self.radius();
        let pair = |i: usize| [row(y.saturating_sub(i)), row((y + i).min(height - 1))];
        let pairs: Vec<_> = (1..=radius).map(pair).collect();
        weigh(&mut self.padded[radius..][..self.width], row(y), &pairs, &self.taps);
    }

    /// Writes the row that was blurred last, blurred along x as well.
    pub(super) fn across(&mut self, out: &mut [f32]) {
        let (radius, width) = (self.radius(), self.width);
        let (first, last) = (self.padded[radius], self.padded[radius + width - 1]);
        self.padded[..radius].fill(first);
        self.padded[radius + width..].fill(last);
        let from = |start: usize| &self.padded[start..][..width];
        let pairs: Vec<_> = (1..=radius).map(|i| [from(radius - i), from(radius + i)]).collect();
        weigh(out, from(radius), &pairs, &self.taps);
    }
}

/// Values that are summed in registers.
const LANES: usize = 32;

#[inline(always)]
fn weigh_portable(out: &mut [f32], middle: &[f32], pairs: &[[&[f32]; 2]], taps: &[f32]) {
    let Some((of_middle, taps)) = taps.split_first() else { return };
    let (whole, rest) = out.as_chunks_mut::<LANES>();
    let first_of_rest = whole.len() * LANES;
    for (sums, (at, middle)) in whole.iter_mut().zip((0..).zip(middle.as_chunks::<LANES>().0)) {
        let mut held = middle.map(|value| of_middle * value);
        for ([a, b], tap) in pairs.iter().zip(taps) {
            let (Some(a), Some(b)) = (a.as_chunks().0.get(at), b.as_chunks().0.get(at)) else {
                return;
            };
            let (a, b): (&[f32; LANES], &[f32; LANES]) = (a, b);
            for ((held, a), b) in held.iter_mut().zip(a).zip(b) {
                *held += tap * (a + b);
            }
        }
        *sums = held;
    }
    for (at, sum) in (first_of_rest..).zip(rest) {
        *sum = of_middle * middle[at];
        for ([a, b], tap) in pairs.iter().zip(taps) {
            *sum += tap * (a[at] + b[at]);
        }
    }
}

avx2_dispatch! {
    /// The values of `middle` times the first tap and the sums of each pair times the next; all slices
    /// of values are as long as `out`, and there is a pair for each further tap.
    fn weigh(out: &mut [f32], middle: &[f32], pairs: &[[&[f32]; 2]], taps: &[f32]) = weigh_portable
}
