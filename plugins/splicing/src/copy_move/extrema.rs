// SPDX-License-Identifier: MIT OR Apache-2.0
//! Extrema of differences of Gaussians over place and scale [Lowe 2004, §3.1 and §4].
//!
//! *How it is fast.* Scales and their differences are found row by row, and as many rows of each are kept
//! as the next needs: they fit the second-level cache. Each sample is first compared with its six
//! nearest, many at once; few are left to be compared with all 26. Either half of a plane has a thread.

use std::ops::Range;

use assay_signal::avx2_dispatch;

use super::cascade::{Cascade, LEVELS};
use super::field::Field;
use crate::threads::both;

/// Scales of an octave that are searched [Lowe 2004, §3.2].
pub(super) const SCALES: usize = 3;
/// Standard deviation of the first scale of an octave, px [Lowe 2004, §3.3].
pub(super) const FIRST_SIGMA: f32 = 1.6;
/// Least contrast of an extremum, grey levels. Lowe's is 0.03 of the range; copies have little
/// contrast at times, and how many points there are is bounded below.
const LEAST_CONTRAST: f32 = 0.5;
/// Least contrast of a sample that is looked at.
const LEAST_MARKED: f32 = 0.8 * LEAST_CONTRAST;
/// Largest ratio of the two curvatures of an extremum [Lowe 2004, §4.1].
const LARGEST_CURVATURES: f32 = 10.0;
/// Px along the border of an octave in which no extremum is looked for.
const BORDER: usize = 5;

/// Samples below which a plane has one thread: a second one takes its time to start.
const LEAST_DIVIDED: usize = 60_000;

/// An extremum, in px of its octave.
#[derive(Clone, Copy)]
pub(super) struct Extremum {
    pub(super) level: usize,
    pub(super) at: [f32; 2],
    pub(super) sigma: f32,
    pub(super) strength: f32,
}

/// Standard deviation of a scale, px of its octave.
pub(super) fn sigma_of(level: f32) -> f32 {
    FIRST_SIGMA * (level / SCALES as f32).exp2()
}

/// Rows of differences that are kept of each scale.
const ROWS: usize = 3;

/// The last rows of the differences of neighbouring scales.
struct Differences {
    width: usize,
    rows: Vec<f32>,
}

impl Differences {
    fn new(width: usize) -> Self {
        Self { width, rows: vec![0.0; (LEVELS - 1) * ROWS * width] }
    }

    fn place(&self, level: usize, y: usize) -> usize {
        (level * ROWS + y % ROWS) * self.width
    }

    /// Row `y` of all scales, which was reached last.
    fn push(&mut self, scales: &Cascade<'_>, y: usize) {
        for level in 0..LEVELS - 1 {
            let at = self.place(level, y);
            let row = &mut self.rows[at..][..self.width];
            subtract(scales.row(level + 1, y), scales.row(level, y), row);
        }
    }

    /// One of the last three rows pushed.
    fn row(&self, level: usize, y: usize) -> &[f32] {
        &self.rows[self.place(level, y)..][..self.width]
    }
}

/// The extrema of the octave of a first scale, by scale and place, and the first scale of the next one:
/// every second sample of the scale of twice its deviation.
pub(super) fn extrema(first: &Field) -> (Vec<Extremum>, Field) {
    let mut next = Field::zeros(first.width.div_ceil(2), first.height.div_ceil(2));
    if first.samples.len() < LEAST_DIVIDED {
        let found = scan(first, 0..first.height, &mut next.samples);
        return (found.into_iter().flatten().collect(), next);
    }
    let of_upper = next.height / 2;
    let (above, below) = next.samples.split_at_mut(of_upper * next.width);
    let (upper, lower) = both(
        || scan(first, 0..2 * of_upper, above),
        || scan(first, 2 * of_upper..first.height, below),
    );
    let of_scales = upper.into_iter().zip(lower);
    (of_scales.flat_map(|(upper, lower)| upper.into_iter().chain(lower)).collect(), next)
}

/// The extrema in some rows of an octave, by scale; writes their part of the next one's first scale, from an
/// even row on.
fn scan(first: &Field, rows: Range<usize>, next: &mut [f32]) -> [Vec<Extremum>; SCALES] {
    let (width, height) = (first.width, first.height);
    let mut of_scales: [Vec<Extremum>; SCALES] = std::array::from_fn(|_| Vec::new());
    if rows.is_empty() {
        return of_scales;
    }
    let searched = match width <= 2 * BORDER {
        true => 0..0,
        false => rows.start.max(BORDER)..rows.end.min(height.saturating_sub(BORDER)),
    };
    let before = rows.start.saturating_sub(1);
    let mut scales = Cascade::new(first, before);
    let mut differences = Differences::new(width);
    let mut marks = vec![0_u8; width];
    let mut next = next.chunks_exact_mut(width.div_ceil(2));
    for y in before..=rows.end.min(height - 1) {
        scales.reach(y);
        differences.push(&scales, y);
        if rows.contains(&y) && y % 2 == 0 {
            let from = scales.row(SCALES, y).iter().step_by(2);
            next.next().into_iter().flatten().zip(from).for_each(|(out, &value)| *out = value);
        }
        if let Some(y) = y.checked_sub(1).filter(|y| searched.contains(y)) {
            search(&differences, y, &mut marks, &mut of_scales);
        }
    }
    of_scales
}

/// Adds the extrema of a row, those around it being known.
fn search(rows: &Differences, y: usize, marks: &mut [u8], of_scales: &mut [Vec<Extremum>; SCALES]) {
    for (middle, found) in (1..).zip(of_scales) {
        let row = rows.row(middle, y);
        let near = [
            &row[BORDER - 1..],
            &row[BORDER + 1..],
            &rows.row(middle, y - 1)[BORDER..],
            &rows.row(middle, y + 1)[BORDER..],
            &rows.row(middle - 1, y)[BORDER..],
            &rows.row(middle + 1, y)[BORDER..],
        ];
        let marks = &mut marks[..rows.width - 2 * BORDER];
        mark(&row[BORDER..], &near, marks);
        for x in marked(marks) {
            let x = x + BORDER;
            let value = row[x];
            let sign = value.signum();
            let around = (middle - 1..=middle + 1)
                .flat_map(|level| (y - 1..=y + 1).map(move |y| (level, y)))
                .flat_map(|(level, y)| &rows.row(level, y)[x - 1..x + 2]);
            // The only one that it is not beyond is itself.
            let others = around.filter(|&&other| sign * other >= sign * value);
            if others.take(2).count() == 1 {
                found.extend(refined(&|level, x, y| rows.row(level, y)[x], middle, [x, y]));
            }
        }
    }
}

/// Indices of the marks that are set.
fn marked(marks: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let (words, rest) = marks.as_chunks::<8>();
    let set = words.iter().enumerate().filter(|(_, word)| u64::from_le_bytes(**word) != 0);
    let of_word = set.flat_map(|(at, word)| (8 * at..).zip(word));
    let of_rest = (8 * words.len()..).zip(rest);
    of_word.chain(of_rest).filter(|(_, &mark)| mark != 0).map(|(at, _)| at)
}

#[inline(always)]
fn mark_portable(values: &[f32], near: &[&[f32]; 6], marks: &mut [u8]) {
    let count = marks.len();
    let values = &values[..count];
    let near = near.map(|row| &row[..count]);
    for (x, mark) in marks.iter_mut().enumerate() {
        let value = values[x];
        let (mut above, mut below) = (value >= LEAST_MARKED, -value >= LEAST_MARKED);
        for row in &near {
            above &= value > row[x];
            below &= value < row[x];
        }
        *mark = u8::from(above | below);
    }
}

#[inline(always)]
fn subtract_portable(coarser: &[f32], finer: &[f32], out: &mut [f32]) {
    for (out, (coarser, finer)) in out.iter_mut().zip(coarser.iter().zip(finer)) {
        *out = coarser - finer;
    }
}

avx2_dispatch! {
    /// The differences of two rows.
    fn subtract(coarser: &[f32], finer: &[f32], out: &mut [f32]) = subtract_portable
}
avx2_dispatch! {
    /// Marks the values that have some contrast and are above, or below, all six nearest ones.
    fn mark(values: &[f32], near: &[&[f32]; 6], marks: &mut [u8]) = mark_portable
}

/// The vertex of the parabolas through an extremum; `None` on an edge or with little contrast.
fn refined(
    difference: &impl Fn(usize, usize, usize) -> f32,
    level: usize,
    [x, y]: [usize; 2],
) -> Option<Extremum> {
    let value = difference(level, x, y);
    let along = |before: f32, after: f32| {
        let (slope, curvature) = (0.5 * (after - before), after + before - 2.0 * value);
        let vertex = if curvature == 0.0 { 0.0 } else { -slope / curvature };
        (vertex.clamp(-0.5, 0.5), slope, curvature)
    };
    let here = |x, y| difference(level, x, y);
    let (dx, slope_x, xx) = along(here(x - 1, y), here(x + 1, y));
    let (dy, slope_y, yy) = along(here(x, y - 1), here(x, y + 1));
    let (ds, slope_s, _) = along(difference(level - 1, x, y), difference(level + 1, x, y));
    let (right, left) = (here(x + 1, y + 1), here(x - 1, y - 1));
    let xy = 0.25 * (right + left - here(x + 1, y - 1) - here(x - 1, y + 1));
    let (trace, determinant) = (xx + yy, xx * yy - xy * xy);
    let limit = (LARGEST_CURVATURES + 1.0).powi(2) / LARGEST_CURVATURES;
    let strength = (value + 0.5 * (dx * slope_x + dy * slope_y + ds * slope_s)).abs();
    let is_point = determinant > 0.0 && trace * trace < limit * determinant;
    (is_point && strength >= LEAST_CONTRAST).then(|| Extremum {
        level,
        at: [x as f32 + dx, y as f32 + dy],
        sigma: sigma_of(level as f32 + ds),
        strength,
    })
}

#[cfg(test)]
mod tests {
    use super::super::cascade::blur_of;
    use super::*;

    fn all_scales(first: &Field) -> Vec<Field> {
        let mut levels = vec![first.clone()];
        for level in 1..LEVELS {
            let mut next = levels[level - 1].clone();
            next.blur(blur_of(level));
            levels.push(next);
        }
        levels
    }

    /// Spots of the size of the scales, no two alike.
    fn spots(width: usize, height: usize) -> Field {
        let spot = |i: usize| {
            let (x, y) = ((i % width) as f32, (i / width) as f32);
            let (u, v) = (x / 2.0 + 0.02 * y, y / 2.1 + 0.5 * (x / 9.0).sin());
            128.0 + (40.0 + 0.3 * x) * u.sin() * v.sin()
        };
        Field { width, height, samples: (0..width * height).map(spot).collect() }
    }

    #[test]
    fn extrema_are_the_samples_beyond_all_their_neighbours() {
        let (width, height) = (73, 61);
        let first = spots(width, height);
        let levels = all_scales(&first);
        let difference = |level: usize, x: usize, y: usize| {
            levels[level + 1].row(y)[x] - levels[level].row(y)[x]
        };
        let mut expected = Vec::new();
        for level in 1..=SCALES {
            for (y, x) in (BORDER..height - BORDER)
                .flat_map(|y| (BORDER..width - BORDER).map(move |x| (y, x)))
            {
                let value = difference(level, x, y);
                let around = (0..27)
                    .filter(|&i| i != 13)
                    .map(|i| difference(level + i / 9 - 1, x + i % 3 - 1, y + i / 3 % 3 - 1));
                let is_extremum = around.clone().all(|other| other < value)
                    || around.clone().all(|other| other > value);
                if is_extremum && value.abs() >= 0.8 * LEAST_CONTRAST {
                    expected.extend(refined(&difference, level, [x, y]));
                }
            }
        }
        let key = |one: &Extremum| (one.level, one.at.map(f32::to_bits), one.strength.to_bits());
        let (found, next) = extrema(&first);
        let found: Vec<_> = found.iter().map(key).collect();
        assert!(found.len() > 20, "{} extrema", found.len());
        assert_eq!(found, expected.iter().map(key).collect::<Vec<_>>());
        let twice = &levels[SCALES];
        let decimated =
            (0..next.samples.len()).map(|i| twice.row(2 * (i / next.width))[2 * (i % next.width)]);
        assert!(decimated.eq(next.samples.iter().copied()));
    }

    #[test]
    fn rows_that_are_searched_apart_have_the_extrema_of_all() {
        let first = spots(97, 83);
        let mut whole = Field::zeros(49, 42);
        let all = scan(&first, 0..83, &mut whole.samples);
        assert!(all.iter().map(Vec::len).sum::<usize>() > 20);
        for middle in [2, 6, 40, 76, 82] {
            let mut parts = Field::zeros(49, 42);
            let (above, below) = parts.samples.split_at_mut(middle / 2 * 49);
            let (upper, lower) = (scan(&first, 0..middle, above), scan(&first, middle..83, below));
            assert_eq!(parts.samples, whole.samples);
            let key = |one: &Extremum| (one.at.map(f32::to_bits), one.strength.to_bits());
            for ((upper, lower), all) in upper.iter().zip(&lower).zip(&all) {
                assert!(upper.iter().chain(lower).map(key).eq(all.iter().map(key)));
            }
        }
    }
}
