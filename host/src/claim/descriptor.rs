// SPDX-License-Identifier: MIT OR Apache-2.0
//! What surrounds a corner, in 256 bits: which of two points is brighter, 256 times.
//!
//! **Method.** The pairs of points are turned with the direction from the corner to the centroid of
//! brightness around it, so that a turned picture has the same bits. Each pair has a partner that
//! lies as in a mirror along that direction: to describe the mirrored picture is to exchange the two halves of
//! the bits, and nothing has to be kept for it.
//!
//! **References.** Calonder et al., "BRIEF: Binary robust independent elementary features", ECCV 2010: the
//! bits, points drawn from a normal distribution. Rublee et al., ICCV 2011: the direction.

use std::sync::LazyLock;

use assay_signal::{avx2_dispatch, Samples};

/// How far from the edge a corner must be, px: all points of a turned pair lie within, and the square that
/// a sample is read from.
pub(super) const REACH: usize = 17;
/// Furthest point of a pair, px.
const FURTHEST: i32 = 15;
/// Nearest that the points of a pair may be, px: within less, smoothing makes them alike.
const NEAREST: i32 = 4;
/// Radius of the disc whose centroid gives the direction, px.
const DISC: i32 = 13;
/// Pairs, of which each has a partner.
const PAIRS: usize = 128;

/// 256 bits: those of the pairs and those of their partners, 128 each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Descriptor(pub(super) [u64; 4]);

impl Descriptor {
    /// That of the same corner in the mirrored picture.
    pub(super) fn mirrored(self) -> Self {
        let [a, b, c, d] = self.0;
        Self([c, d, a, b])
    }
}

/// Bits below which an index stands in a [`Near`].
const INDEX_BITS: u32 = 16;

/// How near a descriptor is, and which one it is: bits above, index below, so that the smaller one is the nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Near(u32);

impl Near {
    /// Further than any.
    pub(super) const NONE: Self = Self(u32::MAX);

    /// The bits in which they differ.
    pub(super) fn bits(self) -> u32 {
        self.0 >> INDEX_BITS
    }

    /// Which one it is.
    pub(super) fn index(self) -> usize {
        (self.0 & ((1 << INDEX_BITS) - 1)) as usize
    }
}

#[inline(always)]
fn distances_portable(
    (index, of): (u16, &Descriptor),
    to: &[Descriptor],
    row: &mut [Near],
    nearest: &mut [Near],
) {
    let here = u32::from(index);
    for (at, ((other, row), nearest)) in to.iter().zip(row).zip(nearest).enumerate() {
        let [a, b, c, d] = std::array::from_fn(|i| (of.0[i] ^ other.0[i]).count_ones());
        let bits = (a + b + c + d) << INDEX_BITS;
        *row = Near(bits | at as u32);
        nearest.0 = nearest.0.min(bits | here);
    }
}

avx2_dispatch! {
    /// How near a descriptor with its index is to each of others, which go to `row` with their own; of each of the others
    /// `nearest` keeps the nearest so far.
    pub(super) fn distances(
        of: (u16, &Descriptor), to: &[Descriptor], row: &mut [Near], nearest: &mut [Near],
    ) = distances_portable
}

/// Two points around a corner: columns to the right and rows down, px.
#[derive(Clone, Copy, Debug)]
struct Pair {
    first: (f32, f32),
    second: (f32, f32),
}

/// Drawn once by a fixed recipe: fingerprints are compared over years.
static PATTERN: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    // Knuth's MMIX generator; its upper bits.
    let mut next = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as i32
    };
    // The sum of three uniform numbers is normal enough: deviation 6 px, a fifth of the patch [Calonder 2010].
    let mut point = move || -> (i32, i32) {
        let mut number = || (0..3).map(|_| next().rem_euclid(22)).sum::<i32>() - 31;
        (number(), number())
    };
    let is_within = |(x, y): (i32, i32)| x * x + y * y <= FURTHEST * FURTHEST;
    let mut pairs = Vec::with_capacity(PAIRS);
    while pairs.len() < PAIRS {
        let (a, b) = (point(), point());
        let apart = (a.0 - b.0).pow(2) + (a.1 - b.1).pow(2);
        if is_within(a) && is_within(b) && apart >= NEAREST * NEAREST {
            let real = |(x, y): (i32, i32)| (x as f32, y as f32);
            pairs.push(Pair { first: real(a), second: real(b) });
        }
    }
    pairs
});

/// Describes a corner of a smoothed level, at least [`REACH`] from its edges.
pub(super) fn describe(smooth: &Samples, (x, y): (f32, f32)) -> Descriptor {
    let (cos, sin) = direction(smooth, (x, y));
    let is_brighter = |pair: &Pair, mirror: f32| {
        let sample = |(across, down): (f32, f32)| {
            let down = mirror * down;
            bilinear(smooth, x + cos * across - sin * down, y + sin * across + cos * down)
        };
        sample(pair.first) > sample(pair.second)
    };
    let mut bits = [0_u64; 4];
    for (index, pair) in PATTERN.iter().enumerate() {
        for (half, mirror) in [(0, 1.0), (2, -1.0)] {
            if is_brighter(pair, mirror) {
                bits[half + index / 64] |= 1 << (index % 64);
            }
        }
    }
    Descriptor(bits)
}

/// Cosine and sine of the direction to the centroid of brightness [Rublee 2011, equations 1 to 3].
fn direction(smooth: &Samples, (x, y): (f32, f32)) -> (f32, f32) {
    let (mut across, mut down) = (0.0, 0.0);
    for row in -DISC..=DISC {
        for column in -DISC..=DISC {
            if row * row + column * column <= DISC * DISC {
                let sample = bilinear(smooth, x + column as f32, y + row as f32);
                across += column as f32 * sample;
                down += row as f32 * sample;
            }
        }
    }
    let length = across.hypot(down);
    if length > 0.0 {
        (across / length, down / length)
    } else {
        (1.0, 0.0)
    }
}

/// The sample between four pixels; at the edge the outermost ones count on.
fn bilinear(plane: &Samples, x: f32, y: f32) -> f32 {
    let (rows, columns) = plane.dim();
    let (left, top) = (x.floor().max(0.0), y.floor().max(0.0));
    let (right_share, lower_share) = ((x - left).clamp(0.0, 1.0), (y - top).clamp(0.0, 1.0));
    let column = (left as usize).min(columns.saturating_sub(1));
    let row = (top as usize).min(rows.saturating_sub(1));
    let (next_column, next_row) = ((column + 1).min(columns - 1), (row + 1).min(rows - 1));
    let upper =
        plane[[row, column]] * (1.0 - right_share) + plane[[row, next_column]] * right_share;
    let lower = plane[[next_row, column]] * (1.0 - right_share)
        + plane[[next_row, next_column]] * right_share;
    upper * (1.0 - lower_share) + lower * lower_share
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(at: impl Fn(f32, f32) -> f32) -> Samples {
        Samples::from_shape_fn((61, 61), |(y, x)| at(x as f32 - 30.0, y as f32 - 30.0))
    }

    fn scene(x: f32, y: f32) -> f32 {
        let wave = 20.0 * (x * 0.31 + 1.0).sin() * (y * 0.23).cos();
        100.0 + 1.5 * x + wave + 25.0 * (y * 0.4 + x * 0.1 + 0.5).sin()
    }

    fn far(a: Descriptor, b: Descriptor) -> u32 {
        let (mut row, mut nearest) = ([Near::NONE], [Near::NONE]);
        distances((7, &a), &[b], &mut row, &mut nearest);
        assert_eq!((row[0].index(), nearest[0].index()), (0, 7));
        row[0].bits()
    }

    #[test]
    fn a_turned_picture_has_the_same_bits_and_a_mirrored_one_exchanged_halves() {
        let centre = (30.0, 30.0);
        let known = describe(&patch(scene), centre);
        for turn in [0.3_f32, 1.2, 2.5, -1.0] {
            let (sin, cos) = turn.sin_cos();
            let turned =
                describe(&patch(|x, y| scene(cos * x - sin * y, sin * x + cos * y)), centre);
            assert!(far(known, turned) < 24, "{turn}: {}", far(known, turned));
        }
        let mirrored = describe(&patch(|x, y| scene(-x, y)), centre);
        assert!(far(known, mirrored.mirrored()) < 8);
        assert!(far(known, mirrored) > 40);
    }

    #[test]
    fn brightness_and_contrast_do_not_count() {
        let centre = (30.0, 30.0);
        let known = describe(&patch(scene), centre);
        let changed = describe(&patch(|x, y| 0.4 * scene(x, y) + 60.0), centre);
        assert!(far(known, changed) <= 4);
    }

    type Kernel = fn((u16, &Descriptor), &[Descriptor], &mut [Near], &mut [Near]);

    #[test]
    fn kernels_agree_on_every_processor() {
        let of = Descriptor([1, 2, 3, u64::MAX]);
        let others = [of, of.mirrored(), Descriptor([0; 4])];
        let scan = |kernel: Kernel| {
            let (mut row, mut nearest) = ([Near::NONE; 3], [Near::NONE; 3]);
            kernel((1, &of), &others, &mut row, &mut nearest);
            kernel((0, &others[2]), &others, &mut row, &mut nearest);
            (row, nearest)
        };
        let (row, nearest) = scan(distances);
        assert_eq!((row, nearest), scan(distances_portable));
        assert_eq!((nearest[0].bits(), nearest[0].index()), (0, 1));
        assert_eq!((row[0].bits(), nearest[2].index()), (68, 0));
    }
}
