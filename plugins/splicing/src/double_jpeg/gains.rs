// SPDX-License-Identifier: MIT OR Apache-2.0
//! How much better a first step explains the magnitudes than one compression does.
//!
//! *How it is fast.* The logarithms depend on a frequency and a step, not on what is counted: they are
//! taken once, several at a time, for the magnitudes that occur. Each count is then a sum of products.

use assay_signal::avx2_dispatch;

use super::blocks::CLASSES;
use super::law::{Masses, LEVELS};

/// Shares of blocks compressed once that are tried.
pub(crate) const SHARES: [f64; 7] = [0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7];
/// A gain in nats for each share.
pub(crate) type Gains = [f64; SHARES.len()];
/// Weighted counts of magnitudes, by class.
pub(crate) type Counts = [[f64; LEVELS]; CLASSES];

/// Cells are summed in so many lanes.
const LANES: usize = 8;

/// `ln(share + (1 - share) ratio)` of one frequency, for each step, share, class and magnitude.
pub(crate) struct LogTable {
    /// Magnitudes that occur: all below this.
    levels: usize,
    /// The lanes of cells in which something is counted, and all cells: those of the classes, and zeros up
    /// to whole lanes.
    counted: Vec<usize>,
    cells: usize,
    logs: Vec<f32>,
}

impl LogTable {
    /// Takes the logarithms for each step's ratios; in no class a magnitude of its `occurring` or more
    /// will be counted.
    pub(crate) fn of(
        ratios: impl ExactSizeIterator<Item = Masses>,
        occurring: &[usize; CLASSES],
    ) -> Self {
        let levels = occurring.iter().fold(1, |most, &of| most.max(of)).min(LEVELS);
        let cells = (CLASSES * levels).next_multiple_of(LANES);
        let occurs =
            |cell: usize| occurring.get(cell / levels).is_some_and(|&of| cell % levels < of);
        let is_counted = |lanes: &usize| (lanes * LANES..(lanes + 1) * LANES).any(occurs);
        let counted: Vec<usize> = (0..cells / LANES).filter(is_counted).collect();
        let of_step = SHARES.len() * counted.len() * LANES;
        let mut table = Self { levels, counted, cells, logs: vec![0.0; ratios.len() * of_step] };
        let mut logs = std::mem::take(&mut table.logs);
        for (ratios, logs) in ratios.zip(logs.chunks_exact_mut(of_step)) {
            log_mixtures(&table.packed(&ratios, 1.0), logs);
        }
        Self { logs, ..table }
    }

    /// The gains of each step.
    pub(crate) fn gains(&self, counts: &Counts) -> Vec<Gains> {
        let of_cells = self.packed(counts, 0.0);
        let of_step = |logs: &[f32]| {
            let mut gains = [0.0; SHARES.len()];
            weigh(logs, &of_cells, &mut gains);
            gains
        };
        self.logs.chunks_exact(SHARES.len() * of_cells.len()).map(of_step).collect()
    }

    /// The cells in which something is counted, of the first `levels` values of each class one after the
    /// other, and of what fills the last lanes.
    fn packed(&self, values: &[[f64; LEVELS]; CLASSES], filling: f64) -> Vec<f64> {
        let mut cells = vec![filling; self.cells];
        let values = values.iter().flat_map(|row| row.iter().take(self.levels));
        cells.iter_mut().zip(values).for_each(|(cell, &value)| *cell = value);
        let lanes = cells.as_chunks::<LANES>().0;
        self.counted.iter().filter_map(|&at| lanes.get(at)).flatten().copied().collect()
    }
}

/// Natural logarithm of a positive normal number, to some 1e-14, relative to it even near 1.
///
/// `x = 2^e m` with `m` next to 1, and `ln m = 2 artanh s` with `s = (m - 1) / (m + 1)`.
#[inline(always)]
fn ln(x: f64) -> f64 {
    /// Bits of `sqrt(1/2)`, without which the exponent counts from there.
    const LEAST: u64 = 0x3fe6_a09e_667f_3bcd;
    const MANTISSA: u64 = (1 << 52) - 1;
    /// `2^52`: added to a small whole number as bits it makes a floating-point one.
    const WHOLE: u64 = 0x4330_0000_0000_0000;
    /// Exponents are counted from here, so that they are not negative.
    const BIAS: u64 = 1023;
    let shifted = x.to_bits() + (BIAS << 52) - LEAST;
    let exponent = f64::from_bits((shifted >> 52) | WHOLE) - f64::from_bits(BIAS | WHOLE);
    let m = f64::from_bits((shifted & MANTISSA) + LEAST);
    let s = (m - 1.0) / (m + 1.0);
    let square = s * s;
    let mut series = 1.0 / 17.0;
    for odd in [15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        series = series * square + 1.0 / odd;
    }
    exponent * std::f64::consts::LN_2 + 2.0 * s * series
}

#[inline(always)]
fn log_mixtures_portable(ratios: &[f64], logs: &mut [f32]) {
    for (share, logs) in SHARES.iter().zip(logs.chunks_exact_mut(ratios.len())) {
        for (log, ratio) in logs.iter_mut().zip(ratios) {
            *log = ln(share + (1.0 - share) * ratio) as f32;
        }
    }
}

#[inline(always)]
fn weigh_portable(logs: &[f32], counts: &[f64], gains: &mut Gains) {
    let counts = counts.as_chunks::<LANES>().0;
    for (gain, logs) in gains.iter_mut().zip(logs.chunks_exact(counts.len() * LANES)) {
        let mut sums = [0.0; LANES];
        for (count, log) in counts.iter().zip(logs.as_chunks::<LANES>().0) {
            for ((sum, count), log) in sums.iter_mut().zip(count).zip(log) {
                *sum += count * f64::from(*log);
            }
        }
        *gain = sums.iter().sum();
    }
}

avx2_dispatch! {
    /// The logarithms of the mixtures of all shares, share by share.
    fn log_mixtures(ratios: &[f64], logs: &mut [f32]) = log_mixtures_portable
}
avx2_dispatch! {
    /// For each share the sum of counts times logarithms.
    fn weigh(logs: &[f32], counts: &[f64], gains: &mut Gains) = weigh_portable
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn logarithms_are_those_of_the_library(exponent in -30.0_f64..30.0, near in -1e-6_f64..1e-6) {
            for x in [exponent.exp(), 1.0 + near] {
                prop_assert!((ln(x) - x.ln()).abs() <= 1e-13 * x.ln().abs(), "ln {x} is not {}", ln(x));
            }
        }

        #[test]
        fn gains_are_sums_of_counts_times_logarithms(
            occurring in proptest::array::uniform6(1_usize..=LEVELS),
            ratios in proptest::array::uniform6(proptest::array::uniform32(0.01_f64..100.0)),
            counts in proptest::array::uniform6(proptest::array::uniform32(0.0_f64..1e5)),
        ) {
            let mut counts = counts;
            for (row, &levels) in counts.iter_mut().zip(&occurring) {
                row.iter_mut().skip(levels).for_each(|count| *count = 0.0);
            }
            let both = [[[1.0; LEVELS]; CLASSES], ratios];
            let table = LogTable::of(both.into_iter(), &occurring);
            let [none, gains] = table.gains(&counts).try_into().unwrap();
            prop_assert_eq!(none, [0.0; SHARES.len()]);
            for (gain, share) in gains.into_iter().zip(SHARES) {
                let terms = counts.iter().flatten().zip(ratios.iter().flatten());
                let terms = terms.map(|(n, ratio)| n * (share + (1.0 - share) * ratio).ln());
                let (sum, size) = terms.fold((0.0, 0.0), |(s, a), t| (s + t, a + t.abs()));
                prop_assert!((gain - sum).abs() <= 1e-6 * size);
            }
        }
    }
}
