// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which half of the quincunx looks interpolated, cell by cell.
//!
//! Green of a Bayer sensor is measured where `x + y` is even, or where it is odd; elsewhere it is
//! interpolated from its neighbours, and lies nearer to their mean. Each cell of 8x8 px votes for the
//! half with the smaller sum of `|4 g - (above + below + left + right)|`.

use assay_plugin_api::plane::Rgb8;

use crate::trace::CELL_PX;

/// Green levels up to and from which a cell counts as saturated.
const SATURATED: (u8, u8) = (2, 253);

/// Which pixels look interpolated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    /// Those with an even `x + y`.
    Even,
    /// Those with an odd one.
    Odd,
}

/// What a cell says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vote {
    pub(super) half: Half,
    /// Sum of the differences of both halves: detail and noise, which a vote needs to be sure.
    pub(super) energy: u32,
}

/// The votes of row `row` of whole cells. Cells that are flat, saturated or at the border of the picture
/// have none.
pub(super) fn of_row(rgb: &Rgb8<'_>, row: usize, greens: &mut Greens) -> Vec<Option<Vote>> {
    let columns = rgb.width() / CELL_PX;
    let top = row * CELL_PX;
    let mut votes = vec![None; columns];
    if top == 0 || top + CELL_PX >= rgb.height() {
        return votes;
    }
    greens.start(rgb, top);
    let mut sums = vec![[0_u32; 2]; columns];
    let mut is_saturated = vec![false; columns];
    for y in top..top + CELL_PX {
        greens.push(rgb, y + 1);
        let (differences, here) = greens.differences();
        let of_cells = differences.chunks_exact(CELL_PX).zip(here.chunks_exact(CELL_PX));
        for (column, (differences, greens)) in of_cells.enumerate().take(columns) {
            let mut halves = [0_u32; 2];
            for pair in differences.as_chunks::<2>().0 {
                halves[0] += u32::from(pair[0]);
                halves[1] += u32::from(pair[1]);
            }
            // Cells start at even columns.
            sums[column][y % 2] += halves[0];
            sums[column][1 - y % 2] += halves[1];
            is_saturated[column] |=
                greens.iter().any(|&green| green <= SATURATED.0 || green >= SATURATED.1);
        }
    }
    let last = columns.saturating_sub(usize::from(rgb.width() % CELL_PX == 0));
    for column in 1..last {
        let [even, odd] = sums[column];
        if !is_saturated[column] && even != odd {
            let half = if even < odd { Half::Even } else { Half::Odd };
            votes[column] = Some(Vote { half, energy: even + odd });
        }
    }
    votes
}

/// Three neighbouring rows of green.
pub(super) struct Greens {
    rows: [Vec<u8>; 3],
    differences: Vec<u16>,
}

impl Greens {
    pub(super) fn new(width: usize) -> Self {
        Self { rows: std::array::from_fn(|_| vec![0; width]), differences: vec![0; width] }
    }

    /// Reads the rows before and at `top`, which is not 0; the next is pushed.
    fn start(&mut self, rgb: &Rgb8<'_>, top: usize) {
        self.push(rgb, top - 1);
        self.push(rgb, top);
    }

    /// Moves on by a row.
    fn push(&mut self, rgb: &Rgb8<'_>, y: usize) {
        self.rows.rotate_left(1);
        let pixels = rgb.row(y).as_chunks::<3>().0;
        self.rows[2].iter_mut().zip(pixels).for_each(|(green, pixel)| *green = pixel[1]);
    }

    /// `|4 g - (above + below + left + right)|` of the middle row, 0 at its ends, and that row.
    fn differences(&mut self) -> (&[u16], &[u8]) {
        let [above, here, below] = &self.rows;
        let inner = self.differences.iter_mut().skip(1);
        let around = here.windows(3).zip(above[1..].iter().zip(&below[1..]));
        for (to, (across, (&above, &below))) in inner.zip(around) {
            let sum = [above, below, across[0], across[2]].map(i16::from).iter().sum::<i16>();
            *to = (4 * i16::from(across[1]) - sum).unsigned_abs();
        }
        (&self.differences, here)
    }
}
