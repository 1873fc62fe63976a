// SPDX-License-Identifier: MIT OR Apache-2.0
//! How much better a piece of the picture fits the place that it was copied to than any other place.

use assay_signal::avx2_dispatch;

use super::affine::Affine;
use super::field::Field;
use super::plane::Plane;

/// Side of a piece, px.
pub(super) const PIECE_PX: usize = 20;
/// Fewest pixels of a piece.
pub(super) const FEWEST_PIXELS: usize = 140;
/// Samples up to which all places are tried; larger planes are searched at half their size.
const MOST_PLACES: usize = 80_000;
/// Best places of the reduced plane that are looked at in full.
const FINALISTS: usize = 6;
/// Distance from the place itself and from that of the original from which another counts, px.
const APART_PX: f32 = 12.0;

/// What a piece differs from its best places by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rivalry {
    /// 1 less the correlation with the place that the map says.
    pub(super) own: f64,
    /// 1 less the correlation with the best other place.
    pub(super) rival: f64,
}

/// Offset from the corner of a piece, and value.
type Sample = (usize, usize, f32);

/// A piece, and what does not depend on where it is compared.
struct Piece {
    /// Less `base`.
    samples: Vec<Sample>,
    base: f32,
    sum: f32,
    /// Variance times the number of samples.
    spread: f32,
}

impl Piece {
    /// `None` without samples.
    fn of(mut samples: Vec<Sample>) -> Option<Self> {
        let base = samples.first()?.2;
        let (mut sum, mut squares) = (0.0, 0.0);
        for (_, _, value) in &mut samples {
            *value -= base;
            sum += *value;
            squares += *value * *value;
        }
        let spread = squares - sum * sum / samples.len() as f32;
        Some(Self { samples, base, sum, spread })
    }
}

/// Standard deviation of the blur under which pieces are compared, px: it takes away most of what
/// recompression adds, and little of what sets like things apart.
const BLUR_PX: f32 = 1.0;

/// A plane, smoothed, and the same reduced for the search.
pub(super) struct Search {
    plane: Field,
    /// `None` for the plane itself.
    coarse: Option<Field>,
    factor: usize,
}

impl Search {
    pub(super) fn new(plane: &Plane<'_>) -> Self {
        let mut plane = plane.field();
        plane.blur(BLUR_PX);
        let (mut coarse, mut factor) = (None, 1);
        while coarse.as_ref().unwrap_or(&plane).samples.len() > MOST_PLACES {
            (coarse, factor) = (Some(coarse.as_ref().unwrap_or(&plane).halved()), 2 * factor);
        }
        Self { plane, coarse, factor }
    }

    /// Compares what the map brings to the pixels of a piece, whose corner is given, with that piece
    /// and with all others; `None` if too few of them are `wanted`.
    pub(super) fn rivalry(
        &self,
        map: &Affine,
        [left, top]: [usize; 2],
        wanted: impl Fn(usize, usize) -> bool,
    ) -> Option<Rivalry> {
        let mut samples: Vec<Sample> = Vec::new();
        for y in 0..PIECE_PX {
            for x in 0..PIECE_PX {
                let at = [(left + x) as f32, (top + y) as f32];
                if wanted(left + x, top + y) {
                    samples.extend(self.plane.bilinear(map.apply(at)).map(|value| (x, y, value)));
                }
            }
        }
        if samples.len() < FEWEST_PIXELS {
            return None;
        }
        let piece = Piece::of(samples.clone())?;
        let half = PIECE_PX as f32 / 2.0;
        let middle = [left as f32 + half, top as f32 + half];
        let origin = map.apply(middle);
        let is_apart = |x: usize, y: usize| {
            let at = [x as f32 + half, y as f32 + half];
            let from = |[a, b]: [f32; 2]| (at[0] - a).hypot(at[1] - b);
            from(middle) >= APART_PX && from(origin) >= APART_PX
        };
        let mut own = [UNLIKE];
        correlations(&self.plane, &piece, left, top, &mut own);
        let [own] = own;
        if own <= UNLIKE {
            return None;
        }
        let mut rival = 0.0_f32;
        let (reach, mut near) = (self.factor, vec![0.0; 2 * self.factor + 1]);
        for (x, y) in self.finalists(&samples, is_apart) {
            let left = x.saturating_sub(reach);
            let near = &mut near[..x + reach + 1 - left];
            for y in y.saturating_sub(reach)..=y + reach {
                correlations(&self.plane, &piece, left, y, near);
                let apart = (left..).zip(near.iter()).filter(|&(x, _)| is_apart(x, y));
                rival = apart.fold(rival, |rival, (_, &value)| rival.max(value));
            }
        }
        Some(Rivalry { own: f64::from(1.0 - own), rival: f64::from(1.0 - rival) })
    }

    /// The corners of the best places, found on the reduced plane.
    fn finalists(
        &self,
        samples: &[Sample],
        is_apart: impl Fn(usize, usize) -> bool,
    ) -> Vec<(usize, usize)> {
        let side = PIECE_PX / self.factor;
        let mut blocks = vec![(0.0_f32, 0_usize); side * side];
        for &(x, y, value) in samples {
            if let Some((sum, count)) = blocks.get_mut(y / self.factor * side + x / self.factor) {
                *sum += value;
                *count += 1;
            }
        }
        let most = self.factor * self.factor;
        let small = (0..)
            .zip(&blocks)
            .filter(|(_, (_, count))| 2 * count > most)
            .map(|(i, (sum, count))| (i % side, i / side, sum / *count as f32));
        let Some(small) = Piece::of(small.collect()) else { return Vec::new() };
        let mut best: Vec<(f32, usize, usize)> = Vec::new();
        let coarse = self.coarse.as_ref().unwrap_or(&self.plane);
        let mut row = vec![0.0; (coarse.width + 1).saturating_sub(side)];
        for y in 0..(coarse.height + 1).saturating_sub(side) {
            correlations(coarse, &small, 0, y, &mut row);
            for (x, &value) in row.iter().enumerate() {
                let is_full = best.len() == FINALISTS;
                let least = best.last().filter(|_| is_full).map_or(UNLIKE, |last| last.0);
                if value <= least || !is_apart(x * self.factor, y * self.factor) {
                    continue;
                }
                let near = |&(_, u, v): &(f32, usize, usize)| u.abs_diff(x) + v.abs_diff(y) <= 3;
                if let Some(index) = best.iter().position(near) {
                    if best[index].0 >= value {
                        continue;
                    }
                    best.remove(index);
                }
                let place = best.partition_point(|other| other.0 >= value);
                best.insert(place, (value, x, y));
                best.truncate(FINALISTS);
            }
        }
        best.into_iter().map(|(_, x, y)| (x * self.factor, y * self.factor)).collect()
    }
}

/// Stands for the correlation with what is outside or flat: less than any.
const UNLIKE: f32 = -2.0;

/// Correlations of a piece with the plane where its corner is at `(left, top)` and right of there;
/// [`UNLIKE`] outside, and where either is flat.
fn correlations(plane: &Field, piece: &Piece, left: usize, top: usize, out: &mut [f32]) {
    let reach = |of: fn(&Sample) -> usize| piece.samples.iter().map(of).max();
    let (across, down) = (reach(|s| s.0).unwrap_or(0), reach(|s| s.1).unwrap_or(0));
    out.fill(UNLIKE);
    let inside = plane.width.saturating_sub(left + across).min(out.len());
    if top + down < plane.height {
        correlate(
            &plane.samples[top * plane.width + left..],
            plane.width,
            piece,
            &mut out[..inside],
        );
    }
}

#[inline(always)]
fn correlate_portable(plane: &[f32], width: usize, piece: &Piece, out: &mut [f32]) {
    let (out, few) = out.as_chunks_mut::<16>();
    let (few, single) = few.as_chunks_mut::<4>();
    let mut at = 0;
    for out in out {
        *out = correlated(&plane[at..], width, piece);
        at += out.len();
    }
    for out in few {
        *out = correlated(&plane[at..], width, piece);
        at += out.len();
    }
    for out in single {
        [*out] = correlated(&plane[at..], width, piece);
        at += 1;
    }
}

/// For places side by side.
#[inline(always)]
fn correlated<const N: usize>(plane: &[f32], width: usize, piece: &Piece) -> [f32; N] {
    let (mut sums, mut squares, mut products) = ([0.0; N], [0.0; N], [0.0; N]);
    for &(x, y, there) in &piece.samples {
        let Some(here) = plane.get(y * width + x..).and_then(<[f32]>::first_chunk::<N>) else {
            return [UNLIKE; N];
        };
        for i in 0..N {
            let here = here[i] - piece.base;
            sums[i] += here;
            squares[i] += here * here;
            products[i] += here * there;
        }
    }
    let count = piece.samples.len() as f32;
    let mut out = [UNLIKE; N];
    for i in 0..N {
        let spread = squares[i] - sums[i] * sums[i] / count;
        let both = products[i] - sums[i] * piece.sum / count;
        if spread > count && piece.spread > count {
            out[i] = (both / (spread * piece.spread).sqrt()).clamp(-1.0, 1.0);
        }
    }
    out
}

avx2_dispatch! {
    /// As [`correlations`], for a plane that begins at the first place, all of them inside.
    fn correlate(plane: &[f32], width: usize, piece: &Piece, out: &mut [f32]) = correlate_portable
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{correlations, Field, Piece, Sample, UNLIKE};

    proptest! {
        #[test]
        fn places_side_by_side_have_the_correlation_of_each(
            values in proptest::collection::vec(0.0_f32..255.0, 45 * 9),
            samples in proptest::collection::vec((0_usize..5, 0_usize..4, 0.0_f32..255.0), 20),
            (left, top) in (0_usize..50, 0_usize..12),
            count in 1_usize..60,
        ) {
            let plane = Field { width: 45, height: 9, samples: values };
            let piece = Piece::of(samples.clone()).unwrap();
            let (across, down) = (
                samples.iter().map(|s| s.0).max().unwrap(),
                samples.iter().map(|s| s.1).max().unwrap(),
            );
            let mut found = vec![0.0; count];
            correlations(&plane, &piece, left, top, &mut found);
            for (x, &found) in (left..).zip(&found) {
                if x + across >= plane.width || top + down >= plane.height {
                    prop_assert_eq!(found, UNLIKE);
                    continue;
                }
                let here = |s: &Sample| f64::from(plane.row(top + s.1)[x + s.0]);
                let mean = |of: &dyn Fn(&Sample) -> f64| samples.iter().map(of).sum::<f64>() / 20.0;
                let (a, b) = (mean(&here), mean(&|s| f64::from(s.2)));
                let both = mean(&|s| (here(s) - a) * (f64::from(s.2) - b));
                let spread = mean(&|s| (here(s) - a).powi(2)) * mean(&|s| (f64::from(s.2) - b).powi(2));
                if found > UNLIKE {
                    prop_assert!((f64::from(found) - both / spread.sqrt()).abs() < 1e-3);
                } else {
                    prop_assert!(spread < 2.0 * 255.0 * 255.0);
                }
            }
        }
    }
}
