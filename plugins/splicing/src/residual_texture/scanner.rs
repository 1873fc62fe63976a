// SPDX-License-Identifier: MIT OR Apache-2.0
//! Patterns of the residual, row by row, and their tallies by cell.
//!
//! *How it is fast.* Levels and codes of patterns are found many at a time; a code is the least of those
//! of a pattern, its mirror image and their negatives, so that no table is read. Codes are tallied in
//! several rows of counters, so that no count waits for the one before.

use assay_plugin_api::plane::Luma8;
use assay_signal::avx2_dispatch;

use super::histograms::{Counts, BINS, PATTERNS};

/// Rows and columns that a pattern along the difference takes.
pub(super) const REACH: usize = 7;
/// Residuals below this are level zero [quantisation step 2, Cozzolino 2015].
const LEVEL: i16 = 2;
/// Samples outside are saturated (ibid.).
const UNSATURATED: std::ops::RangeInclusive<u8> = 6..=252;
/// Codes of patterns are below this, half of 81 and the one that is its own negative.
const CODES: usize = 41;
/// Counters of a tally: a power of two above `CODES`.
const COUNTERS: usize = 64;
/// The code of pixels near saturated ones.
const SATURATED: u8 = COUNTERS as u8 - 1;
/// Kinds of patterns: of row differences along rows, of column differences along columns, of row
/// differences along columns, of column differences along rows.
const KINDS: usize = 4;

/// What was counted in a cell so far.
#[derive(Clone, Copy)]
pub(super) struct Tally {
    /// For pixels of even and odd columns the codes of each kind; a cell has at most 128 px a side.
    codes: [[[u16; COUNTERS]; KINDS]; 2],
    pixels: u32,
    activity: u32,
    brightness: u32,
}

impl Tally {
    pub(super) const NONE: Self =
        Self { codes: [[[0; COUNTERS]; KINDS]; 2], pixels: 0, activity: 0, brightness: 0 };

    /// The same, by pattern.
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts {
            bins: [0; BINS],
            pixels: self.pixels,
            activity: self.activity,
            brightness: self.brightness,
        };
        let (along, across) = counts.bins.split_at_mut(PATTERNS);
        for kinds in &self.codes {
            let [row_row, column_column, row_column, column_row] = kinds;
            for (bins, tallies) in
                [(&mut *along, [row_row, column_column]), (&mut *across, [row_column, column_row])]
            {
                for tally in tallies {
                    for (bin, code) in bins.iter_mut().zip(LEAST_CODES) {
                        *bin += u32::from(tally[usize::from(code)]);
                    }
                }
            }
        }
        counts
    }
}

/// The codes that are the least of their pattern, ascending.
const LEAST_CODES: [u8; PATTERNS] = least_codes();

const fn least_codes() -> [u8; PATTERNS] {
    let mut codes = [0; PATTERNS];
    let (mut next, mut code) = (0, 0_u8);
    while (code as usize) < CODES {
        let levels = [code % 3, code / 3 % 3, code / 9 % 3, code / 27];
        if least_code(levels) == code {
            codes[next] = code;
            next += 1;
        }
        code += 1;
    }
    codes
}

/// The least code of a pattern, its mirror image and their negatives.
#[inline(always)]
const fn least_code([a, b, c, d]: [u8; 4]) -> u8 {
    let (code, mirrored) = (a + 3 * b + 9 * c + 27 * d, d + 3 * c + 9 * b + 27 * a);
    let (highest, lowest) = if code > mirrored { (code, mirrored) } else { (mirrored, code) };
    let negative = 80 - highest;
    if negative < lowest {
        negative
    } else {
        lowest
    }
}

/// Levels of the last four rows, and the codes of the current one.
pub(super) struct Scanner {
    /// Row after the last whose levels are known.
    next: usize,
    along_rows: [Vec<u8>; 4],
    along_columns: [Vec<u8>; 4],
    activity: [Vec<u8>; 4],
    codes: [Vec<u8>; KINDS],
    saturated: Vec<u8>,
    /// 1 for pixels that are counted.
    counted: Vec<u8>,
}

impl Scanner {
    pub(super) fn new(width: usize) -> Self {
        let rows = || std::array::from_fn(|_| vec![0; width]);
        Self {
            next: 0,
            along_rows: rows(),
            along_columns: rows(),
            activity: rows(),
            codes: rows(),
            saturated: vec![0; width],
            counted: vec![0; width],
        }
    }

    /// Finds the patterns whose top row is `y`; needs `REACH` rows from there.
    pub(super) fn scan(&mut self, luma: &Luma8<'_>, y: usize) {
        for row in self.next.max(y)..y + 4 {
            let rows: [&[u8]; 4] = std::array::from_fn(|i| luma.row(row + i));
            let ring = row % 4;
            let activity = &mut self.activity[ring];
            activity.fill(0);
            levels(shifted(rows[0]), &mut self.along_rows[ring], activity);
            levels(rows, &mut self.along_columns[ring], activity);
        }
        self.next = y + 4;
        self.saturated.fill(0);
        for row in y..y + REACH {
            flag_saturated(luma.row(row), &mut self.saturated);
        }
        count_unsaturated(&self.saturated, &mut self.counted);
        let ring = y % 4;
        let [row_row, column_column, row_column, column_row] = &mut self.codes;
        codes(shifted(&self.along_rows[ring]), &self.counted, row_row);
        codes(shifted(&self.along_columns[ring]), &self.counted, column_row);
        codes(rows_from(&self.along_rows, y), &self.counted, row_column);
        codes(rows_from(&self.along_columns, y), &self.counted, column_column);
    }

    /// Adds the patterns to the tallies of a row of cells, whose middle samples are `middle`.
    pub(super) fn tally(&self, middle: &[u8], tallies: &mut [Tally], stride: usize) {
        let count = (middle.len() + 1).saturating_sub(REACH);
        let activity = &self.activity[(self.next + 3) % 4];
        for (column, tally) in tallies.iter_mut().enumerate() {
            // A pattern belongs to the cell of its middle.
            let first = (column * stride).saturating_sub(REACH / 2);
            let last = ((column + 1) * stride - REACH / 2).min(count);
            if first >= last {
                continue;
            }
            let codes = self.codes.each_ref().map(|codes| &codes[first..last]);
            add_codes(codes, &mut tally.codes);
            let counted = &self.counted[first..last];
            let mut sums = [0; 3];
            let middle = &middle[first + REACH / 2..last + REACH / 2];
            add_counted(counted, &activity[first..last], middle, &mut sums);
            let [pixels, activity, brightness] = sums;
            tally.pixels += pixels;
            tally.activity += activity;
            tally.brightness += brightness;
        }
    }
}

/// A row from its first four values on.
fn shifted(row: &[u8]) -> [&[u8]; 4] {
    std::array::from_fn(|i| row.get(i..).unwrap_or_default())
}

/// Four rows from row `y` on.
fn rows_from(rows: &[Vec<u8>; 4], y: usize) -> [&[u8]; 4] {
    std::array::from_fn(|i| rows[(y + i) % 4].as_slice())
}

fn add_codes(codes: [&[u8]; KINDS], tallies: &mut [[[u16; COUNTERS]; KINDS]; 2]) {
    let [a, b, c, d] = codes;
    for (x, (((a, b), c), d)) in a.iter().zip(b).zip(c).zip(d).enumerate() {
        let tallies = &mut tallies[x % 2];
        for (tally, &code) in tallies.iter_mut().zip([a, b, c, d]) {
            tally[usize::from(code) % COUNTERS] += 1;
        }
    }
}

#[inline(always)]
fn levels_portable(samples: [&[u8]; 4], levels: &mut [u8], activity: &mut [u8]) {
    let count = samples.iter().fold(levels.len(), |least, row| row.len().min(least));
    let [a, b, c, d] = samples.map(|row| &row[..count]);
    let (levels, activity) = (&mut levels[..count], &mut activity[..count]);
    for x in 0..count {
        let [a, b, c, d] = [a[x], b[x], c[x], d[x]].map(i16::from);
        let residual = a - d + 3 * (c - b);
        let level = 1 + i16::from(residual >= LEVEL) - i16::from(residual <= -LEVEL);
        levels[x] = level as u8;
        activity[x] += (residual.abs() / 2).min(127) as u8;
    }
}

#[inline(always)]
fn flag_saturated_portable(samples: &[u8], flags: &mut [u8]) {
    for (flag, sample) in flags.iter_mut().zip(samples) {
        *flag |= u8::from(!UNSATURATED.contains(sample));
    }
}

#[inline(always)]
fn count_unsaturated_portable(saturated: &[u8], counted: &mut [u8]) {
    let count = (saturated.len() + 1).saturating_sub(REACH);
    let near: [&[u8]; REACH] = std::array::from_fn(|i| saturated.get(i..).unwrap_or_default());
    let near = near.map(|flags| flags.get(..count).unwrap_or_default());
    for (x, counted) in counted.iter_mut().take(count).enumerate() {
        let any = near.iter().fold(0, |any, flags| any | flags[x]);
        *counted = 1 - any;
    }
}

#[inline(always)]
fn codes_portable(levels: [&[u8]; 4], counted: &[u8], codes: &mut [u8]) {
    let count = levels.iter().fold(codes.len(), |least, row| row.len().min(least));
    let [a, b, c, d] = levels.map(|row| &row[..count]);
    let (counted, codes) = (&counted[..count], &mut codes[..count]);
    for x in 0..count {
        let code = least_code([a[x], b[x], c[x], d[x]]);
        codes[x] = if counted[x] == 0 { SATURATED } else { code };
    }
}

#[inline(always)]
fn add_counted_portable(counted: &[u8], activity: &[u8], samples: &[u8], sums: &mut [u32; 3]) {
    let mut found = [0_u32; 3];
    for ((&counted, &activity), &sample) in counted.iter().zip(activity).zip(samples) {
        found[0] += u32::from(counted);
        found[1] += u32::from(counted * activity);
        found[2] += u32::from(counted * sample);
    }
    *sums = found;
}

avx2_dispatch! {
    /// Levels 0, 1, 2 (below, at, above zero) of the third differences of four rows of samples; adds
    /// half their magnitudes to the activity.
    fn levels(samples: [&[u8]; 4], levels: &mut [u8], activity: &mut [u8]) = levels_portable
}
avx2_dispatch! {
    /// Adds 1 where a sample is saturated.
    fn flag_saturated(samples: &[u8], flags: &mut [u8]) = flag_saturated_portable
}
avx2_dispatch! {
    /// 1 where none of the next `REACH` flags is set, else 0.
    fn count_unsaturated(saturated: &[u8], counted: &mut [u8]) = count_unsaturated_portable
}
avx2_dispatch! {
    /// Codes of the patterns of four rows of levels, [`SATURATED`] where they are not counted.
    fn codes(levels: [&[u8]; 4], counted: &[u8], codes: &mut [u8]) = codes_portable
}
avx2_dispatch! {
    /// Counted pixels, and the sums of their activity and samples.
    fn add_counted(counted: &[u8], activity: &[u8], samples: &[u8], sums: &mut [u32; 3])
        = add_counted_portable
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn patterns_that_mirror_or_negate_each_other_have_one_code_and_others_have_not() {
        let mut codes = BTreeSet::new();
        for pattern in 0..81_u8 {
            let [a, b, c, d] = [1, 3, 9, 27].map(|place| pattern / place % 3);
            let code = least_code([a, b, c, d]);
            assert!(code <= pattern && usize::from(code) < CODES);
            assert_eq!(code, least_code([d, c, b, a]));
            assert_eq!(code, least_code([a, b, c, d].map(|level| 2 - level)));
            codes.insert(code);
        }
        assert!(codes.iter().eq(&LEAST_CODES));
    }
}
