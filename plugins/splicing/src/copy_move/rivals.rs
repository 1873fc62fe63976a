// SPDX-License-Identifier: MIT OR Apache-2.0
//! How much better a piece of the picture fits the place that it was copied to than any other place.

use super::affine::Affine;
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

/// Samples of a piece: offset from its corner, and value.
type Piece = Vec<(usize, usize, f32)>;

/// Standard deviation of the blur under which pieces are compared, px: it takes away most of what
/// recompression adds, and little of what sets like things apart.
const BLUR_PX: f32 = 1.0;

/// A plane, smoothed, and the same reduced for the search.
pub(super) struct Search {
    plane: Plane,
    coarse: Plane,
    factor: usize,
}

impl Search {
    pub(super) fn new(plane: &Plane) -> Self {
        let plane = plane.blurred(BLUR_PX);
        let (mut coarse, mut factor) = (plane.clone(), 1);
        while coarse.samples.len() > MOST_PLACES {
            (coarse, factor) = (coarse.halved(), 2 * factor);
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
        let mut piece = Piece::new();
        for y in 0..PIECE_PX {
            for x in 0..PIECE_PX {
                let at = [(left + x) as f32, (top + y) as f32];
                if wanted(left + x, top + y) {
                    piece.extend(self.plane.bilinear(map.apply(at)).map(|value| (x, y, value)));
                }
            }
        }
        if piece.len() < FEWEST_PIXELS {
            return None;
        }
        let half = PIECE_PX as f32 / 2.0;
        let middle = [left as f32 + half, top as f32 + half];
        let origin = map.apply(middle);
        let is_apart = |x: usize, y: usize| {
            let at = [x as f32 + half, y as f32 + half];
            let from = |[a, b]: [f32; 2]| (at[0] - a).hypot(at[1] - b);
            from(middle) >= APART_PX && from(origin) >= APART_PX
        };
        let own = correlation(&self.plane, &piece, left, top)?;
        let mut rival = 0.0_f32;
        for (x, y) in self.finalists(&piece, is_apart) {
            let reach = self.factor;
            for y in y.saturating_sub(reach)..=y + reach {
                for x in x.saturating_sub(reach)..=x + reach {
                    if is_apart(x, y) {
                        rival = correlation(&self.plane, &piece, x, y).unwrap_or(0.0).max(rival);
                    }
                }
            }
        }
        Some(Rivalry { own: f64::from(1.0 - own), rival: f64::from(1.0 - rival) })
    }

    /// The corners of the best places, found on the reduced plane.
    fn finalists(
        &self,
        piece: &Piece,
        is_apart: impl Fn(usize, usize) -> bool,
    ) -> Vec<(usize, usize)> {
        let side = PIECE_PX / self.factor;
        let mut blocks = vec![(0.0_f32, 0_usize); side * side];
        for &(x, y, value) in piece {
            if let Some((sum, count)) = blocks.get_mut(y / self.factor * side + x / self.factor) {
                *sum += value;
                *count += 1;
            }
        }
        let most = self.factor * self.factor;
        let small: Piece = (0..)
            .zip(&blocks)
            .filter(|(_, (_, count))| 2 * count > most)
            .map(|(i, (sum, count))| (i % side, i / side, sum / *count as f32))
            .collect();
        let mut best: Vec<(f32, usize, usize)> = Vec::new();
        for y in 0..(self.coarse.height + 1).saturating_sub(side) {
            for x in 0..(self.coarse.width + 1).saturating_sub(side) {
                if !is_apart(x * self.factor, y * self.factor) {
                    continue;
                }
                let Some(value) = correlation(&self.coarse, &small, x, y) else { continue };
                if best.len() == FINALISTS && best.last().is_some_and(|last| value <= last.0) {
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

/// Correlation of a piece with the plane where its corner is at `(left, top)`; `None` outside, and
/// where either is flat.
fn correlation(plane: &Plane, piece: &Piece, left: usize, top: usize) -> Option<f32> {
    let (mut a, mut b, mut aa, mut bb, mut ab) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
    let base = piece.first()?.2;
    for &(x, y, value) in piece {
        if left + x >= plane.width {
            return None;
        }
        let here = plane.samples.get((top + y) * plane.width + left + x)? - base;
        let there = value - base;
        a += here;
        b += there;
        aa += here * here;
        bb += there * there;
        ab += here * there;
    }
    let count = piece.len() as f32;
    let (var_a, var_b) = (aa - a * a / count, bb - b * b / count);
    (var_a > count && var_b > count)
        .then(|| ((ab - a * b / count) / (var_a * var_b).sqrt()).clamp(-1.0, 1.0))
}
