// SPDX-License-Identifier: MIT OR Apache-2.0
//! Extrema of differences of Gaussians over place and scale [Lowe 2004, §3.1 and §4].
//!
//! *How it is fast.* The differences of three rows at a time are kept, in the second-level cache. Each
//! sample is first compared with its six nearest, many at once; few are left to be compared with all
//! 26.

use assay_signal::avx2_dispatch;

use super::plane::Plane;

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
struct Differences<'a> {
    levels: &'a [Plane],
    width: usize,
    rows: Vec<f32>,
}

impl<'a> Differences<'a> {
    fn new(levels: &'a [Plane]) -> Self {
        let width = levels[0].width;
        Self { levels, width, rows: vec![0.0; (levels.len() - 1) * ROWS * width] }
    }

    fn place(&self, level: usize, y: usize) -> usize {
        (level * ROWS + y % ROWS) * self.width
    }

    /// Row `y` of all scales.
    fn push(&mut self, y: usize) {
        for (level, pair) in self.levels.windows(2).enumerate() {
            let at = self.place(level, y);
            let row = &mut self.rows[at..][..self.width];
            for (out, (finer, coarser)) in
                row.iter_mut().zip(pair[0].row(y).iter().zip(pair[1].row(y)))
            {
                *out = coarser - finer;
            }
        }
    }

    /// One of the last three rows pushed.
    fn row(&self, level: usize, y: usize) -> &[f32] {
        &self.rows[self.place(level, y)..][..self.width]
    }
}

/// The extrema of an octave of `SCALES + 3` levels, by scale and place.
pub(super) fn extrema(levels: &[Plane]) -> Vec<Extremum> {
    let (width, height) = (levels[0].width, levels[0].height);
    let (first, last) = (BORDER, height.saturating_sub(BORDER));
    let mut of_scale: [Vec<Extremum>; SCALES] = std::array::from_fn(|_| Vec::new());
    if first >= last || width <= 2 * BORDER {
        return Vec::new();
    }
    let mut rows = Differences::new(levels);
    let difference =
        |level: usize, at: usize| levels[level + 1].samples[at] - levels[level].samples[at];
    let mut marks = vec![0_u8; width];
    rows.push(first - 1);
    rows.push(first);
    for y in first..last {
        rows.push(y + 1);
        for (middle, found) in (1..).zip(&mut of_scale) {
            let row = rows.row(middle, y);
            let near = [
                &row[BORDER - 1..],
                &row[BORDER + 1..],
                &rows.row(middle, y - 1)[BORDER..],
                &rows.row(middle, y + 1)[BORDER..],
                &rows.row(middle - 1, y)[BORDER..],
                &rows.row(middle + 1, y)[BORDER..],
            ];
            let marks = &mut marks[..width - 2 * BORDER];
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
                    found.extend(refined(&difference, middle, y * width + x, [x, y], width));
                }
            }
        }
    }
    of_scale.into_iter().flatten().collect()
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

avx2_dispatch! {
    /// Marks the values that have some contrast and are above, or below, all six nearest ones.
    fn mark(values: &[f32], near: &[&[f32]; 6], marks: &mut [u8]) = mark_portable
}

/// The vertex of the parabolas through an extremum; `None` on an edge or with little contrast.
fn refined(
    difference: &impl Fn(usize, usize) -> f32,
    level: usize,
    at: usize,
    [x, y]: [usize; 2],
    width: usize,
) -> Option<Extremum> {
    let value = difference(level, at);
    let along = |before: f32, after: f32| {
        let (slope, curvature) = (0.5 * (after - before), after + before - 2.0 * value);
        let vertex = if curvature == 0.0 { 0.0 } else { -slope / curvature };
        (vertex.clamp(-0.5, 0.5), slope, curvature)
    };
    let (dx, slope_x, xx) = along(difference(level, at - 1), difference(level, at + 1));
    let (dy, slope_y, yy) = along(difference(level, at - width), difference(level, at + width));
    let (ds, slope_s, _) = along(difference(level - 1, at), difference(level + 1, at));
    let corner =
        |dx: isize, dy: isize| difference(level, at.wrapping_add_signed(dx + dy * width as isize));
    let xy = 0.25 * (corner(1, 1) + corner(-1, -1) - corner(1, -1) - corner(-1, 1));
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
    use super::super::keypoint::levels;
    use super::*;

    #[test]
    fn extrema_are_the_samples_beyond_all_their_neighbours() {
        let (width, height) = (73, 61);
        // Spots of the size of the scales, no two alike.
        let spot = |i: usize| {
            let (x, y) = ((i % width) as f32, (i / width) as f32);
            let (u, v) = (x / 2.0 + 0.02 * y, y / 2.1 + 0.5 * (x / 9.0).sin());
            128.0 + (40.0 + 0.3 * x) * u.sin() * v.sin()
        };
        let samples = (0..width * height).map(spot).collect();
        let levels = levels(Plane { width, height, samples });
        let difference =
            |level: usize, at: usize| levels[level + 1].samples[at] - levels[level].samples[at];
        let mut expected = Vec::new();
        for level in 1..=SCALES {
            for (y, x) in (BORDER..height - BORDER)
                .flat_map(|y| (BORDER..width - BORDER).map(move |x| (y, x)))
            {
                let at = y * width + x;
                let value = difference(level, at);
                let around = (0..27).filter(|&i| i != 13).map(|i| {
                    difference(level + i / 9 - 1, at + i / 3 % 3 * width + i % 3 - width - 1)
                });
                let is_extremum = around.clone().all(|other| other < value)
                    || around.clone().all(|other| other > value);
                if is_extremum && value.abs() >= 0.8 * LEAST_CONTRAST {
                    expected.extend(refined(&difference, level, at, [x, y], width));
                }
            }
        }
        let key = |one: &Extremum| (one.level, one.at.map(f32::to_bits), one.strength.to_bits());
        let found: Vec<_> = extrema(&levels).iter().map(key).collect();
        assert!(found.len() > 20, "{} extrema", found.len());
        assert_eq!(found, expected.iter().map(key).collect::<Vec<_>>());
    }
}
