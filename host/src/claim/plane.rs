// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small planes of large ones, by area: a sample of the small one is the mean of what it covers.

use assay_signal::{avx2_dispatch, Samples};

/// The samples of one axis that one of the small plane covers, with weights that sum to 1.
struct Span {
    first: usize,
    weights: Vec<f32>,
}

fn spans(from: usize, to: usize) -> Vec<Span> {
    let step = from as f64 / to as f64;
    let span = |index: usize| {
        let (start, end) = (index as f64 * step, (index + 1) as f64 * step);
        let first = (start as usize).min(from.saturating_sub(1));
        let last = (end.ceil() as usize).clamp(first + 1, from.max(first + 1));
        let covered = |at: usize| (end.min((at + 1) as f64) - start.max(at as f64)).max(0.0);
        let weights: Vec<f64> = (first..last).map(covered).collect();
        let sum: f64 = weights.iter().sum();
        Span { first, weights: weights.iter().map(|weight| (weight / sum) as f32).collect() }
    };
    (0..to).map(span).collect()
}

#[inline(always)]
fn add_luma_portable(sums: &mut [f32], row: &[u8], weight: f32) {
    sums.iter_mut().zip(row).for_each(|(sum, &sample)| *sum += weight * f32::from(sample));
}

avx2_dispatch! {
    /// Adds each sample of a row times the weight to its sum.
    fn add_luma(sums: &mut [f32], row: &[u8], weight: f32) = add_luma_portable
}

/// The luma of `width` columns on a grid of `to` (columns, rows); zeros where there is none.
pub(super) fn of_luma(luma: &[u8], width: usize, to: (usize, usize)) -> Samples {
    let rows = luma.len().checked_div(width).unwrap_or(0);
    shrink(width, rows, to, |row, sums, weight| {
        let row = luma.get(row * width..(row + 1) * width).unwrap_or_default();
        add_luma(sums, row, weight);
    })
}

/// A plane on a grid of `to` (columns, rows); zeros where it is empty.
pub(super) fn of_plane(plane: &Samples, to: (usize, usize)) -> Samples {
    let (rows, width) = plane.dim();
    shrink(width, rows, to, |row, sums, weight| {
        sums.iter_mut().zip(plane.row(row)).for_each(|(sum, sample)| *sum += weight * sample);
    })
}

/// `add` adds a row of the large plane, times a weight, to sums.
fn shrink(
    width: usize,
    rows: usize,
    (columns, lines): (usize, usize),
    add: impl Fn(usize, &mut [f32], f32),
) -> Samples {
    let mut small = Samples::zeros((lines, columns));
    if width == 0 || rows == 0 || columns == 0 || lines == 0 {
        return small;
    }
    let across = spans(width, columns);
    let mut sums = vec![0.0; width];
    for (mut line, span) in small.outer_iter_mut().zip(spans(rows, lines)) {
        sums.fill(0.0);
        for (offset, &weight) in span.weights.iter().enumerate() {
            add(span.first + offset, &mut sums, weight);
        }
        for (to, span) in line.iter_mut().zip(&across) {
            let covered = sums.iter().skip(span.first).zip(&span.weights);
            *to = covered.map(|(sample, weight)| sample * weight).sum();
        }
    }
    small
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_the_mean_of_what_it_covers() {
        let luma: Vec<u8> = (0..12).collect();
        let half = of_luma(&luma, 4, (2, 1));
        assert_eq!(half.as_slice().unwrap(), [4.5, 6.5]);
        // Two thirds of a sample and a third of the next.
        let narrow = of_luma(&[0, 30, 60], 3, (2, 1));
        assert_eq!(narrow.as_slice().unwrap(), [10.0, 50.0]);
    }

    #[test]
    fn kernels_agree_on_every_processor() {
        let row: Vec<u8> = (0..=255).chain(0..77).collect();
        let (mut fast, mut portable) = (vec![0.5; row.len()], vec![0.5; row.len()]);
        add_luma(&mut fast, &row, 0.3);
        add_luma_portable(&mut portable, &row, 0.3);
        assert_eq!(fast, portable);
    }

    #[test]
    fn a_flat_plane_stays_flat_at_any_size() {
        let flat = Samples::from_elem((37, 53), 7.0);
        for to in [(53, 37), (32, 32), (5, 1), (80, 64)] {
            assert!(of_plane(&flat, to).iter().all(|sample| (sample - 7.0).abs() < 1e-4));
        }
        assert_eq!(of_luma(&[], 0, (2, 2)), Samples::zeros((2, 2)));
    }
}
