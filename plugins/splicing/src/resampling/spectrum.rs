// SPDX-License-Identifier: MIT OR Apache-2.0
//! How strong a square lattice of frequencies stands out of the spectrum of a window.
//!
//! Sampling a picture anew on a turned and scaled grid makes the variance of its second differences
//! periodic along two directions at right angles, with the same period: frequencies `g` and `g` turned
//! by a quarter. Edges and textures with a direction have one of them only. What is read off is
//! the smaller of both powers, each in units of its surroundings, where noise has a mean of 1.

use assay_plugin_api::plane::Luma8;
use assay_signal::avx2_dispatch;
use assay_signal::spectrum::PowerSpectrum;
use assay_signal::Samples;

/// Side of a window, px.
pub(super) const WINDOW_PX: usize = 128;
/// Frequencies along one axis of the quarter plane that stands for all, in bins of `1 / WINDOW_PX`.
pub(super) const BINS: usize = WINDOW_PX / 2;
/// Side of the square that a power is compared with, and of the hole in its middle, bins.
const AROUND: (usize, usize) = (9, 3);
/// Columns of the spectrum beyond either end of the half plane that the square needs.
const MARGIN: usize = AROUND.0 / 2;
/// Second differences count up to this many times their mean, plus one level: edges would drown the
/// rest.
const MOST_OF_MEAN: f32 = 3.0;
/// Share of second differences of exactly 0 from which a window is drawn or saturated.
const MOST_ZEROS: f32 = 0.5;
/// Mean of the logarithm of an exponential variable of mean 1.
const MEAN_LOG: f32 = -0.577_215_7;
/// Bins along both axes, squared and added, below which texture itself has steep spectra: a factor of
/// 1.1 lies at 11.6 bins.
const LEAST_RADIUS_SQUARED: usize = 132;
/// Distance of the lines of JPEG's blocks, bins.
const JPEG_BINS: usize = WINDOW_PX / 8;

/// Frequency of the lattice that stands for its four turns: `u` along x in `1..BINS`, `v` along y in
/// `0..BINS`, bins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frequency {
    pub(super) u: usize,
    pub(super) v: usize,
}

impl Frequency {
    /// All that are looked at, with their index in [`Spectra::log_strengths`].
    pub(super) fn all() -> impl Iterator<Item = (usize, Self)> {
        (0..BINS * BINS).filter_map(|at| {
            let frequency = Self { u: at / BINS, v: at % BINS };
            frequency.is_looked_at().then_some((at, frequency))
        })
    }

    /// Neither low nor on a line of JPEG's blocks, which Bayer's mosaic and doubling share.
    fn is_looked_at(self) -> bool {
        let off = |bin: usize| {
            let rest = bin % JPEG_BINS;
            rest.min(JPEG_BINS - rest)
        };
        let (across, down) = (off(self.u), off(self.v));
        let on_line = (across <= 1 && down <= 1) || (self.v > 0 && across <= 2 && down <= 2);
        self.u > 0 && self.u * self.u + self.v * self.v >= LEAST_RADIUS_SQUARED && !on_line
    }
}

/// Second differences of a window.
pub(super) enum Differences {
    /// Their sizes: what resampling makes periodic.
    Sizes,
    /// Themselves: what a pattern in the picture makes periodic.
    Signed,
}

/// Plans and buffers for windows.
pub(super) struct Spectra {
    plan: PowerSpectrum,
    tile: Samples,
    logs: Vec<f32>,
    sums: [Vec<f32>; 2],
}

impl Spectra {
    pub(super) fn new() -> Self {
        let columns = (BINS + 2 * MARGIN) * WINDOW_PX;
        Self {
            plan: PowerSpectrum::windowed(WINDOW_PX, WINDOW_PX),
            tile: Samples::zeros((WINDOW_PX, WINDOW_PX)),
            logs: vec![0.0; columns],
            sums: [vec![0.0; columns], vec![0.0; columns]],
        }
    }

    /// Logarithm of the strength of each frequency of the window whose corner is at `(x, y)`, both at least
    /// 1 px from the border; `u * BINS + v`. Few of them are wanted as they are, and the exponential
    /// takes its time. `None` where the window is drawn or saturated.
    pub(super) fn log_strengths(
        &mut self,
        luma: &Luma8<'_>,
        (x, y): (usize, usize),
        of: &Differences,
    ) -> Option<Vec<f32>> {
        self.load(luma, (x, y), of)?;
        self.whiten();
        let columns = || self.logs.chunks_exact(WINDOW_PX).skip(MARGIN).take(BINS);
        let mut pairs = Vec::with_capacity(BINS * BINS);
        for (u, column) in columns().enumerate() {
            let turned = columns().map(|column| column[(WINDOW_PX - u) % WINDOW_PX]);
            let both = column.iter().zip(turned);
            match of {
                Differences::Sizes => pairs.extend(both.map(|(here, turned)| here.min(turned))),
                Differences::Signed => pairs.extend(both.map(|(here, turned)| here.max(turned))),
            }
        }
        Some(pairs)
    }

    /// Fills the tile with the differences of a window.
    fn load(&mut self, luma: &Luma8<'_>, (x, y): (usize, usize), of: &Differences) -> Option<()> {
        let (mut sum, mut zeros) = (0, 0);
        let tile = self.tile.as_slice_mut().unwrap_or_default();
        for (i, to) in tile.chunks_exact_mut(WINDOW_PX).enumerate() {
            let rows = [y + i - 1, y + i, y + i + 1];
            let mut found = [0; 2];
            differences(rows.map(|y| &luma.row(y)[x - 1..][..WINDOW_PX + 2]), to, &mut found);
            zeros += found[0];
            sum += found[1];
        }
        // A quarter of whole numbers whose sum has less than 27 bits.
        let sum = 0.25 * f64::from(sum);
        let pixels = (WINDOW_PX * WINDOW_PX) as f32;
        if zeros as f32 > MOST_ZEROS * pixels {
            return None;
        }
        let most = MOST_OF_MEAN * (sum as f32 / pixels) + 1.0;
        match of {
            Differences::Sizes => tile.iter_mut().for_each(|value| *value = value.abs().min(most)),
            Differences::Signed => {
                tile.iter_mut().for_each(|value| *value = value.clamp(-most, most));
            }
        }
        Some(())
    }

    /// Leaves in `logs` the logarithm of each power in units of the geometric mean around it, for the
    /// columns `0..BINS`.
    fn whiten(&mut self) {
        let bins = self.plan.bins(self.tile.view());
        let mean = bins.iter().map(|bin| bin.norm_sqr()).sum::<f32>() / bins.len() as f32;
        let floor = 1e-6 * mean + f32::MIN_POSITIVE;
        let (of_columns, rest) = (bins.chunks_exact(WINDOW_PX), BINS + MARGIN);
        for (column, to) in of_columns.zip(self.logs.chunks_exact_mut(WINDOW_PX).skip(MARGIN)) {
            for (to, bin) in to.iter_mut().zip(column) {
                *to = (bin.norm_sqr() + floor).ln();
            }
        }
        // Beyond the half plane the spectrum of real values is its mirror image.
        for beyond in 1..=MARGIN {
            self.mirror(MARGIN + beyond, MARGIN - beyond);
            if beyond < MARGIN {
                self.mirror(rest - beyond, rest + beyond);
            }
        }
        let [wide, narrow] = &mut self.sums;
        circular_sums(&self.logs, AROUND.0, wide);
        circular_sums(&self.logs, AROUND.1, narrow);
        take_surroundings(wide, narrow, &mut self.logs);
    }

    /// Writes column `from` of the logarithms, its rows in the order of negative frequencies, to `to`.
    fn mirror(&mut self, from: usize, to: usize) {
        for v in 0..WINDOW_PX {
            let back = (WINDOW_PX - v) % WINDOW_PX;
            self.logs[to * WINDOW_PX + v] = self.logs[from * WINDOW_PX + back];
        }
    }
}

#[inline(always)]
fn circular_sums_portable(columns: &[f32], side: usize, sums: &mut [f32]) {
    let half = side / 2;
    sums.fill(0.0);
    for (values, sums) in columns.chunks_exact(WINDOW_PX).zip(sums.chunks_exact_mut(WINDOW_PX)) {
        for i in 0..side {
            let (head, tail) = values.split_at((WINDOW_PX - half + i) % WINDOW_PX);
            let (of_tail, of_head) = sums.split_at_mut(tail.len());
            for (sum, value) in of_tail.iter_mut().zip(tail) {
                *sum += value;
            }
            for (sum, value) in of_head.iter_mut().zip(head) {
                *sum += value;
            }
        }
    }
}

#[inline(always)]
fn differences_portable([above, here, below]: [&[u8]; 3], to: &mut [f32], found: &mut [u32; 2]) {
    let (mut zeros, mut sum) = (0, 0);
    let windows = above.windows(3).zip(here.windows(3)).zip(below.windows(3));
    for (to, ((above, here), below)) in to.iter_mut().zip(windows) {
        let difference = along(above) - 2 * along(here) + along(below);
        zeros += u32::from(difference == 0);
        sum += difference.unsigned_abs();
        *to = 0.25 * difference as f32;
    }
    *found = [zeros, sum];
}

/// The second difference of three samples.
#[inline(always)]
fn along(samples: &[u8]) -> i32 {
    i32::from(samples[0]) - 2 * i32::from(samples[1]) + i32::from(samples[2])
}

avx2_dispatch! {
    /// Writes a quarter of the second differences along both axes of rows one above the other; finds how
    /// many are 0, and the sum of the sizes of all before they are quartered.
    fn differences(rows: [&[u8]; 3], to: &mut [f32], found: &mut [u32; 2]) = differences_portable
}

#[inline(always)]
fn take_surroundings_portable(wide: &[f32], narrow: &[f32], logs: &mut [f32]) {
    let around = (AROUND.0 * AROUND.0 - AROUND.1 * AROUND.1) as f32;
    for (u, logs) in logs.chunks_exact_mut(WINDOW_PX).skip(MARGIN).take(BINS).enumerate() {
        let nine = sum_of_columns(wide, u, AROUND.0);
        let three = sum_of_columns(narrow, u + MARGIN - AROUND.1 / 2, AROUND.1);
        for ((log, nine), three) in logs.iter_mut().zip(nine).zip(three) {
            *log += MEAN_LOG - (nine - three) / around;
        }
    }
}

/// The sum of `count` columns from column `first` on.
#[inline(always)]
fn sum_of_columns(columns: &[f32], first: usize, count: usize) -> [f32; WINDOW_PX] {
    let mut sum = [0.0; WINDOW_PX];
    for column in columns.chunks_exact(WINDOW_PX).skip(first).take(count) {
        for (sum, value) in sum.iter_mut().zip(column) {
            *sum += value;
        }
    }
    sum
}

avx2_dispatch! {
    /// The sum of the `side` neighbours around each value of each column, whose ends meet: neighbour by
    /// neighbour, so that many sums grow at once.
    fn circular_sums(columns: &[f32], side: usize, sums: &mut [f32]) = circular_sums_portable
}
avx2_dispatch! {
    /// Takes the mean of the surroundings off the logarithms, given the sums of their larger and smaller
    /// squares along a column.
    fn take_surroundings(wide: &[f32], narrow: &[f32], logs: &mut [f32])
        = take_surroundings_portable
}
