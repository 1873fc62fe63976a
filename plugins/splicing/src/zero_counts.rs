// SPDX-License-Identifier: MIT OR Apache-2.0
//! How many AC coefficients of each 8x8 block are zero, for every position of the block.
//!
//! *What it computes.* For each `(x, y)` the number of AC coefficients below one half in magnitude
//! of the orthonormal DCT of the block whose top left pixel is `(x, y)`, and whether the block is
//! constant along a direction.
//!
//! *How it is fast.* The 8-point transforms of rows are shared by the eight blocks that a row
//! belongs to; the transform leaves its outputs scaled and the threshold is scaled instead; strips
//! of columns keep the intermediate rows in the second-level cache.
//!
//! *References.* Nikoukhah et al. 2021 (see [`crate::jpeg_grid`]); Arai, Agui and Nakajima 1988.

use assay_signal::avx2_dispatch;
use assay_signal::dct::{scaled_8, SCALE};

/// A coefficient counts as zero below this magnitude [Nikoukhah 2021, §2].
const ZERO_BELOW: f32 = 0.5;
/// Columns of block positions that are computed together.
const STRIP: usize = 128;
/// Neighbouring block positions in a group; groups touch or are spread out.
pub(crate) const GROUP: usize = 8;
/// Pixels that the blocks of a group touch along x.
pub(crate) const GROUP_PIXELS: usize = GROUP + 7;
/// Rows of block positions that are computed together.
pub(crate) const BAND: usize = 32;
/// Rows of pixels that a band of block positions touches.
const PIXEL_ROWS: usize = BAND + 7;

/// One row of values of a strip.
type Lane = [f32; STRIP];

/// The pixels of one row of a strip, a group at a time.
type Line = [[u8; GROUP_PIXELS]; STRIP / GROUP];

/// 8-bit luma, row-major.
#[derive(Clone, Copy)]
pub(crate) struct Picture<'a> {
    samples: &'a [u8],
    pub(crate) width: usize,
    pub(crate) height: usize,
    stride: usize,
}

impl<'a> Picture<'a> {
    /// `samples` must hold `height` rows of `width` values, `stride` apart.
    pub(crate) fn new(samples: &'a [u8], width: usize, height: usize, stride: usize) -> Self {
        Self { samples, width, height, stride }
    }

    /// The same, from column `first` on, `width` px wide or as many as there are.
    pub(crate) fn columns(&self, first: usize, width: usize) -> Self {
        let samples = self.samples.get(first..).unwrap_or_default();
        Self { samples, width: width.min(self.width.saturating_sub(first)), ..*self }
    }

    /// The `width` samples of row `y`.
    pub(crate) fn row(&self, y: usize) -> &'a [u8] {
        &self.samples[y * self.stride..][..self.width]
    }
}

/// Counts zeros band by band; owns the buffers, whose size depends on the width only.
///
/// Position `p` of a row is the block that begins at column `p / GROUP * pitch + p % GROUP`.
pub(crate) struct ZeroCounter {
    pitch: usize,
    positions: usize,
    /// `[row][horizontal frequency]` of the strip.
    rows: Box<[[Lane; 8]; PIXEL_ROWS]>,
    thresholds: [[f32; 8]; 8],
    counts: Vec<u8>,
    constant: Vec<u8>,
    row_flags: Vec<u8>,
    all_flags: Vec<u8>,
}

impl ZeroCounter {
    /// A counter for every block position of a row.
    pub(crate) fn dense(width: usize) -> Self {
        Self::new(width, GROUP, width - 7)
    }

    /// A counter for whole groups, `pitch` px from one to the next, a multiple of [`GROUP`].
    pub(crate) fn spread(width: usize, pitch: usize) -> Self {
        Self::new(width, pitch, GROUP * ((width - GROUP_PIXELS) / pitch + 1))
    }

    fn new(width: usize, pitch: usize, positions: usize) -> Self {
        let zeroed: Result<Box<[[Lane; 8]; PIXEL_ROWS]>, _> =
            vec![[[0.0; STRIP]; 8]; PIXEL_ROWS].into_boxed_slice().try_into();
        let rows = zeroed.unwrap_or_else(|_| unreachable!("the vector has PIXEL_ROWS rows"));
        let thresholds =
            SCALE.map(|horizontal| SCALE.map(|vertical| ZERO_BELOW * horizontal * vertical));
        Self {
            pitch,
            positions,
            rows,
            thresholds,
            counts: vec![0; positions * BAND],
            constant: vec![0; positions * BAND],
            row_flags: vec![0; width * PIXEL_ROWS],
            all_flags: vec![0; width],
        }
    }

    /// Block positions of a row.
    pub(crate) fn positions(&self) -> usize {
        self.positions
    }

    /// Computes the block positions of rows `top..top + rows`, `rows <= BAND`; the picture must have
    /// `top + rows + 7` rows and the width that the counter was made for. Row `i` of the band is then
    /// [`Self::row`].
    pub(crate) fn band(&mut self, picture: &Picture<'_>, top: usize, rows: usize) {
        for first in (0..self.positions).step_by(STRIP) {
            let columns = STRIP.min(self.positions - first);
            let left = first / GROUP * self.pitch;
            for (i, lanes) in self.rows.iter_mut().take(rows + 7).enumerate() {
                let mut line: Line = [[0; GROUP_PIXELS]; STRIP / GROUP];
                let row = picture.row(top + i);
                for (group, start) in line.iter_mut().zip((left..row.len()).step_by(self.pitch)) {
                    let pixels = &row[start..];
                    match pixels.first_chunk() {
                        Some(pixels) => *group = *pixels,
                        None => group[..pixels.len()].copy_from_slice(pixels),
                    }
                }
                transform_row(&line, lanes);
            }
            for (i, block) in self.rows.windows(8).take(rows).enumerate() {
                let mut counts = [0; STRIP];
                count_zeros(block, &self.thresholds, &mut counts);
                let out = &mut self.counts[i * self.positions + first..][..columns];
                out.copy_from_slice(&counts[..columns]);
            }
        }
        self.flag_constant_blocks(picture, top, rows);
    }

    /// Zeros and constancy flags of the block positions of row `i` of the last band.
    pub(crate) fn row(&self, i: usize) -> (&[u8], &[u8]) {
        let range = i * self.positions..(i + 1) * self.positions;
        (&self.counts[range.clone()], &self.constant[range])
    }

    /// Flag 1: the eight pixels from here equal each other along x. Flag 2: they equal the ones a
    /// row below. A block is constant along x if flag 1 holds on its eight rows, along y if flag 2
    /// holds on its first seven.
    fn flag_constant_blocks(&mut self, picture: &Picture<'_>, top: usize, rows: usize) {
        let width = picture.width;
        for i in 0..rows + 7 {
            let row = picture.row(top + i);
            let below = picture.row((top + i + 1).min(picture.height - 1));
            flag_row(row, below, &mut self.row_flags[i * width..][..width]);
        }
        for i in 0..rows {
            let flags: [&[u8]; 8] =
                std::array::from_fn(|k| &self.row_flags[(i + k) * width..][..width]);
            all_rows(&flags, &mut self.all_flags);
            let out = &mut self.constant[i * self.positions..][..self.positions];
            for (group, flags) in out.chunks_mut(GROUP).zip(self.all_flags.chunks(self.pitch)) {
                group.copy_from_slice(&flags[..group.len()]);
            }
        }
    }
}

#[inline(always)]
fn transform_row_portable(line: &Line, lanes: &mut [Lane; 8]) {
    for (g, group) in line.iter().enumerate() {
        let group = group.map(f32::from);
        let shifted: [[f32; GROUP]; 8] =
            std::array::from_fn(|k| std::array::from_fn(|x| group[x + k]));
        let mut values = [[0.0; GROUP]; 8];
        for x in 0..GROUP {
            let transformed = scaled_8(std::array::from_fn(|k| shifted[k][x]));
            for u in 0..8 {
                values[u][x] = transformed[u];
            }
        }
        for (lane, values) in lanes.iter_mut().zip(&values) {
            lane[GROUP * g..GROUP * (g + 1)].copy_from_slice(values);
        }
    }
}

#[inline(always)]
fn count_zeros_portable(block: &[[Lane; 8]], thresholds: &[[f32; 8]; 8], counts: &mut [u8; STRIP]) {
    let Ok(block): Result<&[[Lane; 8]; 8], _> = block.try_into() else { return };
    let mut zeros = [0_i32; STRIP];
    for (u, limits) in thresholds.iter().enumerate() {
        for x in 0..STRIP {
            let column = scaled_8(std::array::from_fn(|k| block[k][u][x]));
            let mut below = 0;
            for v in 0..8 {
                below += i32::from(column[v].abs() < limits[v]);
            }
            // The DC is no AC coefficient.
            zeros[x] += below - i32::from(u == 0 && column[0].abs() < limits[0]);
        }
    }
    for (count, &zeros) in counts.iter_mut().zip(&zeros) {
        *count = zeros as u8;
    }
}

#[inline(always)]
fn flag_row_portable(row: &[u8], below: &[u8], flags: &mut [u8]) {
    let width = row.len().min(below.len()).min(flags.len());
    let (row, below, flags) = (&row[..width], &below[..width], &mut flags[..width]);
    for (flag, (here, below)) in flags.iter_mut().zip(row.iter().zip(below)) {
        *flag = u8::from(here == below) << 1;
    }
    for (flag, pair) in flags.iter_mut().zip(row.windows(2)) {
        *flag |= u8::from(pair[0] == pair[1]);
    }
    // Runs of 2, 4, then 7 (flag 1) or 8 (flag 2) along x, each from shorter ones.
    for shift in [1, 2] {
        for x in 0..width.saturating_sub(shift) {
            flags[x] &= flags[x + shift];
        }
    }
    for x in 0..width.saturating_sub(7) {
        flags[x] &= (flags[x + 3] & 1) | (flags[x + 4] & 2);
    }
}

#[inline(always)]
fn all_rows_portable(flags: &[&[u8]; 8], out: &mut [u8]) {
    let width = out.len();
    let rows = flags.map(|row| &row[..width]);
    for (x, out) in out.iter_mut().enumerate() {
        let seven = rows[..7].iter().fold(3, |all, row| all & row[x]);
        *out = seven & (rows[7][x] | 2);
    }
}

avx2_dispatch! {
    /// Writes the scaled 8-point transforms that start at each position of each group.
    fn transform_row(line: &Line, lanes: &mut [Lane; 8]) = transform_row_portable
}
avx2_dispatch! {
    /// Writes the zeros of the blocks whose eight rows are given.
    fn count_zeros(block: &[[Lane; 8]], thresholds: &[[f32; 8]; 8], counts: &mut [u8; STRIP])
        = count_zeros_portable
}
avx2_dispatch! {
    fn flag_row(row: &[u8], below: &[u8], flags: &mut [u8]) = flag_row_portable
}
avx2_dispatch! {
    fn all_rows(flags: &[&[u8]; 8], out: &mut [u8]) = all_rows_portable
}

#[cfg(test)]
mod tests;
