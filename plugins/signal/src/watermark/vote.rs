// SPDX-License-Identifier: MIT OR Apache-2.0
//! What each block says about the bit that it carries.
//!
//! *What it computes.* A block is 4x4 cells. The embedder quantises one number of it to the steps
//! `(n + 1/4) 36` for a 0 or `(n + 3/4) 36` for a 1: the cell of largest magnitude but for the first
//! one (`dwtDct`, which despite its name takes no cosine transform), or the largest singular value
//! (`dwtDctSvd`; the orthonormal cosine transform before it changes no singular value). The
//! reference decoder asks on which side of a half step the number lies; a vote here is the number's
//! place within its step, in `-1..=1`: 1 at three quarters, 0 at the edges between the bits.
//!
//! *When it does not apply.* A block whose cells but the first are all equal carries nothing, and has vote 0.
//!
//! *Source.* `imwatermark/maxDct.py` and `dwtDctSvd.py` of ShieldMnt/invisible-watermark 0.2.0: block
//! side 4, scale 36.

use crate::avx2_dispatch;

/// Side of a block, cells.
pub(super) const SIDE: usize = 4;
/// The quantisation step.
const STEP: f32 = 36.0;
/// Range of a block's cells from which on they are not all equal.
const LEAST_RANGE: f32 = 1e-3;
/// How often the matrix of a block is squared on the way to its largest singular value.
const SQUARINGS: usize = 4;
/// Blocks whose singular values are computed side by side.
const LANES: usize = 8;
/// One value of each of them.
type Lanes = [f32; LANES];
/// Places of a matrix of [`SIDE`] rows on and above its diagonal.
const ON_AND_ABOVE: [(usize, usize); 10] =
    [(0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (3, 3)];

/// Which number of a block is quantised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The cell of largest magnitude.
    LargestCell,
    /// The largest singular value.
    SingularValue,
}

impl Method {
    /// The name in the reference package.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LargestCell => "dwtDct",
            Self::SingularValue => "dwtDctSvd",
        }
    }
}

/// The votes of a row of blocks, from its four rows of cells (equal lengths, a multiple of 4).
pub(super) fn of_blocks(rows: &[&[f32]; SIDE], method: Method, votes: &mut Vec<f32>) {
    let [first, second, third, fourth] = rows.map(|row| row.as_chunks::<SIDE>().0);
    votes.clear();
    votes.resize(first.len(), 0.0);
    match method {
        Method::LargestCell => largest_cells(first, second, third, fourth, votes),
        Method::SingularValue => singular_values(first, second, third, fourth, votes),
    }
}

#[inline(always)]
fn largest_cells_portable(
    first: &[[f32; SIDE]],
    second: &[[f32; SIDE]],
    third: &[[f32; SIDE]],
    fourth: &[[f32; SIDE]],
    votes: &mut [f32],
) {
    let blocks = first.iter().zip(second).zip(third).zip(fourth);
    for ((((first, second), third), fourth), out) in blocks.zip(votes) {
        let (least, most) = range(first, second, third, fourth);
        let largest = if most > -least { most } else { -least };
        *out = if most - least < LEAST_RANGE { 0.0 } else { vote(largest) };
    }
}

#[inline(always)]
fn singular_values_portable(
    first: &[[f32; SIDE]],
    second: &[[f32; SIDE]],
    third: &[[f32; SIDE]],
    fourth: &[[f32; SIDE]],
    votes: &mut [f32],
) {
    let chunks = |row| <[[f32; SIDE]]>::chunks(row, LANES);
    let several = chunks(first).zip(chunks(second)).zip(chunks(third)).zip(chunks(fourth));
    for ((((first, second), third), fourth), votes) in several.zip(votes.chunks_mut(LANES)) {
        let mut cells = [[[0.0; LANES]; SIDE]; SIDE];
        for (cells, blocks) in cells.iter_mut().zip([first, second, third, fourth]) {
            for (lane, block) in blocks.iter().enumerate() {
                for (cells, &cell) in cells.iter_mut().zip(block) {
                    cells[lane] = cell;
                }
            }
        }
        let largest = largest_singular_values(&cells);
        let blocks = first.iter().zip(second).zip(third).zip(fourth);
        for (((((first, second), third), fourth), largest), out) in blocks.zip(largest).zip(votes) {
            let (least, most) = range(first, second, third, fourth);
            *out = if most - least < LEAST_RANGE { 0.0 } else { vote(largest) };
        }
    }
}

avx2_dispatch! {
    /// Votes by the largest cell.
    fn largest_cells(
        first: &[[f32; SIDE]],
        second: &[[f32; SIDE]],
        third: &[[f32; SIDE]],
        fourth: &[[f32; SIDE]],
        votes: &mut [f32],
    ) = largest_cells_portable
}
avx2_dispatch! {
    /// Votes by the largest singular value.
    fn singular_values(
        first: &[[f32; SIDE]],
        second: &[[f32; SIDE]],
        third: &[[f32; SIDE]],
        fourth: &[[f32; SIDE]],
        votes: &mut [f32],
    ) = singular_values_portable
}

/// Smallest and largest cell but for the first.
#[inline(always)]
fn range(
    first: &[f32; SIDE],
    second: &[f32; SIDE],
    third: &[f32; SIDE],
    fourth: &[f32; SIDE],
) -> (f32, f32) {
    // The first cell gives way to the one below it.
    let mut low = [second[0], first[1], first[2], first[3]];
    let mut high = low;
    for row in [second, third, fourth] {
        for (low, &cell) in low.iter_mut().zip(row) {
            *low = if cell < *low { cell } else { *low };
        }
        for (high, &cell) in high.iter_mut().zip(row) {
            *high = if cell > *high { cell } else { *high };
        }
    }
    let lower = |a: f32, b: f32| if a < b { a } else { b };
    let higher = |a: f32, b: f32| if a > b { a } else { b };
    (
        lower(lower(low[0], low[1]), lower(low[2], low[3])),
        higher(higher(high[0], high[1]), higher(high[2], high[3])),
    )
}

/// The place of a magnitude within its step: two parabolas near minus the sine of its phase.
#[inline(always)]
fn vote(magnitude: f32) -> f32 {
    let steps = magnitude / STEP;
    let place = steps - steps as i32 as f32 - 0.5;
    16.0 * place * (0.5 - place.abs())
}

/// The largest singular values of several blocks, `[row][column][block]`.
///
/// The ratio of the traces of two powers of `A A^T`, `sum l^17 / sum l^16` over its eigenvalues `l`,
/// is the largest of them to within 2 % where the second singular value comes within 5 % of the
/// first, and far better elsewhere.
#[inline(always)]
fn largest_singular_values(cells: &[[Lanes; SIDE]; SIDE]) -> Lanes {
    let gram = symmetric(|i, j, sum| {
        for (a, b) in cells[i].iter().zip(&cells[j]) {
            add_product(sum, a, b);
        }
    });
    let mut power = gram;
    for _ in 0..SQUARINGS {
        let trace = trace(&power);
        // A block of zeros stays one.
        let scale = trace.map(|trace| if trace > 0.0 { 1.0 / trace } else { 0.0 });
        for value in power.iter_mut().flatten() {
            for (value, scale) in value.iter_mut().zip(&scale) {
                *value *= scale;
            }
        }
        power = symmetric(|i, j, sum| {
            for (a, b) in power[i].iter().zip(&power[j]) {
                add_product(sum, a, b);
            }
        });
    }
    let mut numerator = [0.0; LANES];
    for (a, b) in gram.iter().flatten().zip(power.iter().flatten()) {
        add_product(&mut numerator, a, b);
    }
    let mut largest = trace(&power);
    for (value, numerator) in largest.iter_mut().zip(numerator) {
        *value = if *value > 0.0 { (numerator / *value).sqrt() } else { 0.0 };
    }
    largest
}

/// The symmetric matrices whose values on and above the diagonal `add` sums.
#[inline(always)]
fn symmetric(add: impl Fn(usize, usize, &mut Lanes)) -> [[Lanes; SIDE]; SIDE] {
    let mut matrix = [[[0.0; LANES]; SIDE]; SIDE];
    for (i, j) in ON_AND_ABOVE {
        let mut sum = [0.0; LANES];
        add(i, j, &mut sum);
        matrix[i][j] = sum;
        matrix[j][i] = sum;
    }
    matrix
}

#[inline(always)]
fn trace(matrix: &[[Lanes; SIDE]; SIDE]) -> Lanes {
    let [[first, ..], [_, second, ..], [_, _, third, _], [.., fourth]] = matrix;
    let mut sum = *first;
    for values in [second, third, fourth] {
        for (sum, value) in sum.iter_mut().zip(values) {
            *sum += value;
        }
    }
    sum
}

#[inline(always)]
fn add_product(sum: &mut Lanes, a: &Lanes, b: &Lanes) {
    for ((sum, a), b) in sum.iter_mut().zip(a).zip(b) {
        *sum += a * b;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_vote_is_full_on_the_steps_and_nothing_between_them() {
        for n in [0.0, 1.0, 7.0, 28.0] {
            assert!((vote((n + 0.75) * STEP) - 1.0).abs() < 1e-4);
            assert!((vote((n + 0.25) * STEP) + 1.0).abs() < 1e-4);
            assert_eq!(vote((n + 0.5) * STEP), 0.0);
            assert_eq!(vote(n * STEP), 0.0);
        }
    }

    #[test]
    fn the_first_cell_is_not_looked_at_and_signs_do_not_matter() {
        let mut rows = [[10.0_f32; 8]; 4];
        rows[0][0] = 900.0;
        rows[2][3] = 36.0 * 2.75;
        rows[3][5] = -36.0 * 3.25;
        let mut votes = Vec::new();
        of_blocks(&rows.each_ref().map(|row| &row[..]), Method::LargestCell, &mut votes);
        assert_eq!(votes.len(), 2);
        assert!((votes[0] - 1.0).abs() < 1e-4 && (votes[1] + 1.0).abs() < 1e-4, "{votes:?}");
    }

    #[test]
    fn equal_cells_have_no_vote() {
        let row = [261.0_f32; 4];
        for method in [Method::LargestCell, Method::SingularValue] {
            let mut votes = Vec::new();
            of_blocks(&[&row[..]; 4], method, &mut votes);
            assert_eq!(votes, [0.0]);
        }
    }

    proptest! {
        #[test]
        fn singular_values_bound_what_the_block_does_to_vectors(
            cells in prop::array::uniform16(-300.0_f32..300.0),
            vector in prop::array::uniform4(-1.0_f32..1.0),
        ) {
            let block: [[f32; 4]; 4] =
                std::array::from_fn(|row| std::array::from_fn(|column| cells[4 * row + column]));
            let largest = largest_singular_values(&block.map(|row| row.map(|cell| [cell; LANES])));
            prop_assert!(largest.iter().all(|value| *value == largest[0]));
            let largest = largest[0];
            let squares = |values: &[f32]| values.iter().map(|v| v * v).sum::<f32>().sqrt();
            let all = squares(&cells);
            prop_assert!(largest <= all * 1.001 && largest >= all * 0.48);
            let turned = block.map(|row| row.iter().zip(&vector).map(|(a, b)| a * b).sum::<f32>());
            prop_assert!(squares(&turned) <= largest * squares(&vector) * 1.05 + 1e-3);
        }
    }
}
