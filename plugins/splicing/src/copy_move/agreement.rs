// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where a map brings together what is alike, pixel by pixel, and the region that grows from there.

use assay_signal::avx2_dispatch;

use super::affine::Affine;
use super::matches::NEAREST_PX;
use super::patch::{Frame, Patch};
use super::plane::Plane;

/// The window that is compared around each pixel reaches so far from it, px.
const REACH: usize = 4;
/// Least correlation of two windows that are alike; what is alike by nature passes too, and is
/// told apart later.
const LEAST_CORRELATION: f64 = 0.80;
/// Least standard deviation of a window that can be compared, grey levels.
const LEAST_CONTRAST: f64 = 1.2;

/// Side of the squares that pixels are compared in, px: the bits of a [`Patch`]'s word.
const TILE: usize = 32;
/// Px along a side that the windows of a square reach.
const SPAN: usize = TILE + 2 * REACH;
/// Rows of a square, a bit for each pixel that is alike.
type Tile = [u32; TILE];

/// For one row of the pixels that the windows of a square reach: 1 where a pixel can be compared, its
/// value and that of what it is mapped to, the squares of both and their product. 0 elsewhere.
type Values = [[f32; SPAN]; 6];

/// The pixels of a frame that are like what they are mapped to, found square by square as they are
/// asked for.
struct Likeness<'a> {
    plane: &'a Plane<'a>,
    map: &'a Affine,
    frame: Frame,
    tiles: Vec<Option<Tile>>,
    values: Box<[Values; SPAN]>,
}

impl<'a> Likeness<'a> {
    fn new(plane: &'a Plane<'a>, map: &'a Affine, frame: Frame) -> Self {
        let tiles = vec![None; frame.words() * frame.height.div_ceil(TILE)];
        Self { plane, map, frame, tiles, values: Box::new([[[0.0; SPAN]; 6]; SPAN]) }
    }

    /// The pixels of word `word` of row `y` whose windows and those around what they are mapped to
    /// are alike.
    fn word(&mut self, word: usize, y: usize) -> u32 {
        let at = y / TILE * self.frame.words() + word;
        match &self.tiles[at] {
            Some(tile) => tile[y % TILE],
            None => {
                let tile = self.compared([word * TILE, y / TILE * TILE]);
                self.tiles[at] = Some(tile);
                tile[y % TILE]
            }
        }
    }

    /// The square whose corner in the frame is given.
    fn compared(&mut self, [left, top]: [usize; 2]) -> Tile {
        for (row, values) in self.values.iter_mut().enumerate() {
            *values = [[0.0; SPAN]; 6];
            let Some(y) = (top + row).checked_sub(REACH).filter(|&y| y < self.frame.height) else {
                continue;
            };
            let [is_one, heres, theres, ..] = values;
            let values = is_one.iter_mut().zip(heres).zip(theres);
            // Columns left of the frame are left out, and so are those right of it.
            let outside = REACH.saturating_sub(left);
            let inside = (left + outside - REACH..self.frame.width).zip(values.skip(outside));
            for (x, ((is_one, here), there)) in inside {
                let at = self.frame.point(x, y);
                let mapped = self.map.apply(at);
                let (across, down) = (at[0] - mapped[0], at[1] - mapped[1]);
                let is_far = across * across + down * down >= NEAREST_PX * NEAREST_PX;
                if let Some(value) = self.plane.bilinear(mapped).filter(|_| is_far) {
                    *is_one = 1.0;
                    *here = self.plane.at(at[0] as usize, at[1] as usize) - 128.0;
                    *there = value - 128.0;
                }
            }
        }
        let mut tile = [0; TILE];
        compare(&mut self.values, &mut tile);
        tile
    }
}

#[inline(always)]
fn compare_portable(rows: &mut [Values; SPAN], tile: &mut Tile) {
    for [_, here, there, of_here, of_there, of_both] in rows.iter_mut() {
        for i in 0..SPAN {
            of_here[i] = here[i] * here[i];
            of_there[i] = there[i] * there[i];
            of_both[i] = here[i] * there[i];
        }
    }
    let mut columns = [[0.0_f64; SPAN]; 6];
    let add = |columns: &mut [[f64; SPAN]; 6], row: &Values, sign: f64| {
        for (sums, values) in columns.iter_mut().zip(row) {
            sums.iter_mut().zip(values).for_each(|(sum, &value)| *sum += sign * f64::from(value));
        }
    };
    rows.iter().take(2 * REACH).for_each(|row| add(&mut columns, row, 1.0));
    for (y, bits) in tile.iter_mut().enumerate() {
        add(&mut columns, &rows[y + 2 * REACH], 1.0);
        let mut windows = [[0.0_f64; TILE]; 6];
        for (window, columns) in windows.iter_mut().zip(&columns) {
            for x in 0..TILE {
                window[x] = columns[x..=x + 2 * REACH].iter().sum();
            }
        }
        let mut alike = [0_u32; TILE];
        for x in 0..TILE {
            let is_one = rows[y + REACH][0][x + REACH] > 0.0;
            alike[x] = u32::from(is_one & is_alike(windows.each_ref().map(|window| window[x])));
        }
        *bits = (0..TILE).fold(0, |bits, x| bits | alike[x] << x);
        add(&mut columns, &rows[y], -1.0);
    }
}

avx2_dispatch! {
    /// Compares the windows of a square; the squares and products are filled in.
    fn compare(rows: &mut [Values; SPAN], tile: &mut Tile) = compare_portable
}

/// Whether what is summed in two windows makes them alike.
#[inline(always)]
fn is_alike([count, a, b, aa, bb, ab]: [f64; 6]) -> bool {
    let least = ((2 * REACH + 1) * (REACH + 1)) as f64;
    let (mean_a, mean_b) = (a / count, b / count);
    let var_a = (aa / count - mean_a * mean_a).max(0.0);
    let var_b = (bb / count - mean_b * mean_b).max(0.0);
    let both = ab / count - mean_a * mean_b;
    let correlation = both / (var_a * var_b).max(1e-6).sqrt();
    let contrast = var_a.min(var_b).sqrt();
    (count >= least) & (correlation >= LEAST_CORRELATION) & (contrast >= LEAST_CONTRAST)
}

/// The pixels of the frame that are like what they are mapped to and hang together with one of the
/// points.
pub(super) fn grown(plane: &Plane<'_>, map: &Affine, frame: Frame, points: &[[f32; 2]]) -> Patch {
    let mut likeness = Likeness::new(plane, map, frame);
    let mut patch = Patch::empty(frame);
    let mut stack = Vec::new();
    for point in points {
        for dy in -3_i8..=3 {
            for dx in -3_i8..=3 {
                let near = [point[0] + f32::from(dx), point[1] + f32::from(dy)];
                stack.extend(frame.place(near).map(|(x, y)| (x / TILE, y, 1 << (x % TILE))));
            }
        }
    }
    while let Some((word, y, seeds)) = stack.pop() {
        let open = likeness.word(word, y) & !patch.word(word, y);
        let filled = spread(seeds & open, open);
        if filled == 0 {
            continue;
        }
        patch.add(word, y, filled);
        stack.extend((y > 0).then(|| (word, y - 1, filled)));
        stack.extend((y + 1 < frame.height).then(|| (word, y + 1, filled)));
        let leftmost = filled & 1 == 1 && word > 0;
        stack.extend(leftmost.then(|| (word - 1, y, 1 << (TILE - 1))));
        let rightmost = filled >> (TILE - 1) == 1 && word + 1 < frame.words();
        stack.extend(rightmost.then_some((word + 1, y, 1)));
    }
    patch
}

/// The runs of open bits that hold a seed; all seeds must be open.
fn spread(seeds: u32, open: u32) -> u32 {
    let (mut left, mut right) = (seeds, seeds);
    let (mut open_left, mut open_right) = (open, open);
    for shift in [1, 2, 4, 8, 16] {
        left |= open_left & (left << shift);
        open_left &= open_left << shift;
        right |= open_right & (right >> shift);
        open_right &= open_right >> shift;
    }
    left | right
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::spread;

    proptest! {
        #[test]
        fn seeds_fill_their_runs(seeds in any::<u32>(), open in any::<u32>()) {
            let seeds = seeds & open;
            let mut filled = seeds;
            for _ in 0..32 {
                filled |= (filled << 1 | filled >> 1) & open;
            }
            prop_assert_eq!(spread(seeds, open), filled);
        }
    }
}
