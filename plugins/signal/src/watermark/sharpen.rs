// SPDX-License-Identifier: MIT OR Apache-2.0
//! Undoes what a decoder's smooth enlargement of chroma does to cells of 2x2 pixels.
//!
//! *Why.* JPEG with 4:2:0 chroma keeps exactly the mean of each cell. Decoders usually enlarge it by a
//! triangle filter, after which the mean of a cell is 3/4 of what was kept and 1/8 of each neighbour's, in
//! both directions. That is a well-conditioned filter: its inverse is
//! `sqrt(2) r^|n|` with `r = 2 sqrt(2) - 3`, of which [`REACH`] terms a side are enough.
//!
//! *When it does not apply.* To pictures whose chroma was not enlarged so: they are searched without
//! it as well.

/// Terms of the inverse on either side; the next is below 0.2 % of the middle one.
pub(super) const REACH: usize = 3;

/// The inverse, from the middle outwards, scaled to sum to 1.
fn kernel() -> [f32; REACH + 1] {
    let ratio = 2.0 * 2.0_f32.sqrt() - 3.0;
    let mut terms = [1.0; REACH + 1];
    for n in 1..=REACH {
        terms[n] = terms[n - 1] * ratio;
    }
    let sum = terms[0] + 2.0 * terms[1..].iter().sum::<f32>();
    terms.map(|term| term / sum)
}

/// Writes the middle one of `2 * REACH + 1` rows of cells, sharpened downwards and across; beyond
/// the ends of a row its last cell goes on. Rows have equal length.
pub(super) fn sharpened(rows: &[&[f32]; 2 * REACH + 1], out: &mut Vec<f32>) {
    let [near, one, two, three] = kernel();
    let [a, b, c, middle, d, e, f] = *rows;
    let length = middle.len();
    let mut padded = Vec::with_capacity(length + 2 * REACH);
    padded.resize(REACH, 0.0);
    let places = a.iter().zip(b).zip(c).zip(middle).zip(d).zip(e).zip(f);
    padded.extend(places.map(|((((((a, b), c), middle), d), e), f)| {
        near * middle + one * (c + d) + two * (b + e) + three * (a + f)
    }));
    if let (Some(&first), Some(&last)) = (padded.get(REACH), padded.last()) {
        padded[..REACH].fill(first);
        padded.resize(length + 2 * REACH, last);
    }
    out.clear();
    out.extend(padded.windows(2 * REACH + 1).map(|cells| match *cells {
        [a, b, c, middle, d, e, f] => {
            near * middle + one * (c + d) + two * (b + e) + three * (a + f)
        }
        _ => 0.0,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1/8, 3/4, 1/8 in both directions, the border repeated.
    fn smoothed(cells: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let (rows, columns) = (cells.len(), cells[0].len());
        let at = |row: isize, column: isize| {
            let clamp = |i: isize, n: usize| i.clamp(0, n as isize - 1) as usize;
            cells[clamp(row, rows)][clamp(column, columns)]
        };
        let weights = [0.125, 0.75, 0.125];
        let cell = |row: usize, column: usize| {
            let mut sum = 0.0;
            for (down, a) in weights.iter().enumerate() {
                for (right, b) in weights.iter().enumerate() {
                    let row = row as isize + down as isize - 1;
                    sum += a * b * at(row, column as isize + right as isize - 1);
                }
            }
            sum
        };
        (0..rows).map(|row| (0..columns).map(|column| cell(row, column)).collect()).collect()
    }

    #[test]
    fn what_the_triangle_filter_smoothed_comes_back() {
        let cell = |row: usize, column: usize| ((row * 7 + column * 13) % 29) as f32 * 3.0;
        let cells: Vec<Vec<f32>> =
            (0..15).map(|row| (0..20).map(|column| cell(row, column)).collect()).collect();
        let smooth = smoothed(&cells);
        let rows: [&[f32]; 7] = std::array::from_fn(|at| smooth[4 + at].as_slice());
        let mut found = Vec::new();
        sharpened(&rows, &mut found);
        assert_eq!(found.len(), 20);
        for (found, wanted) in found.iter().zip(&cells[7]) {
            // 2 % of the range
            assert!((found - wanted).abs() < 1.7, "{found} {wanted}");
        }
        assert!(smooth[7].iter().zip(&cells[7]).any(|(a, b)| (a - b).abs() > 10.0));
    }

    #[test]
    fn a_flat_row_stays_as_it_is() {
        let row = [256.0; 5];
        let mut found = Vec::new();
        sharpened(&[&row[..]; 7], &mut found);
        assert_eq!(found.len(), 5);
        assert!(found.iter().all(|cell| (cell - 256.0).abs() < 1e-3));
    }
}
