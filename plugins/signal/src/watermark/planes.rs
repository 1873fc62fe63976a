// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cells of a band of a picture in memory, plain and sharpened, for each of [`CARRIERS`].

use std::ops::Range;

use super::carrier::{Cells, CARRIERS, NEUTRAL_DIFFERENCE};
use super::sharpen::{self, REACH};
use super::vote::SIDE;
use super::Setting;
use crate::traces::Picture;

/// A row of cells of each of [`CARRIERS`].
type Row = [Vec<f32>; CARRIERS.len()];

/// The cells of a band. Their memory serves one band after the other.
#[derive(Debug, Default)]
pub(super) struct Planes {
    cells: Cells,
    /// With [`REACH`] rows more above and below.
    plain: Vec<Row>,
    sharpened: Vec<Row>,
}

impl Planes {
    /// Reads `columns` cells of each of the rows of cells `band`, the first of which starts at the pixel
    /// `(x, y)`; beyond the picture its border row goes on.
    pub(super) fn read(
        &mut self,
        picture: &Picture<'_>,
        (x, y): (usize, usize),
        columns: usize,
        band: Range<usize>,
    ) {
        let last = (picture.height().saturating_sub(y) / 2).saturating_sub(1);
        self.plain.resize_with(band.len() + 2 * REACH, Row::default);
        for (at, row) in self.plain.iter_mut().enumerate() {
            let top = y + 2 * (band.start + at).saturating_sub(REACH).min(last);
            let pixels = [top, top + 1].map(|y| picture.pixels(x, y, 2 * columns));
            self.cells.read(pixels, row);
        }
        self.sharpened.resize_with(band.len(), Row::default);
        let windows = self.plain.windows(2 * REACH + 1);
        for (window, [bytes, reals, exchanged_bytes, exchanged_reals]) in
            windows.zip(&mut self.sharpened)
        {
            let rows = |carrier: usize| std::array::from_fn(|at| window[at][carrier].as_slice());
            sharpen::sharpened(&rows(1), reals);
            sharpen::sharpened(&rows(3), exchanged_reals);
            // What rounding lost does not come back: bytes differ by what is neutral.
            for (bytes, reals) in [(bytes, reals), (exchanged_bytes, exchanged_reals)] {
                bytes.clear();
                bytes.extend(reals.iter().map(|cell| cell + NEUTRAL_DIFFERENCE));
            }
        }
    }

    /// `columns` cells of the four rows of a row of blocks, whose first cell has the place `(column, row)`
    /// in the band. All must have been read.
    pub(super) fn rows(
        &self,
        setting: &Setting,
        (column, row): (usize, usize),
        columns: usize,
    ) -> [&[f32]; SIDE] {
        let (planes, first) = match setting.is_sharpened {
            true => (&self.sharpened, row),
            false => (&self.plain, row + REACH),
        };
        std::array::from_fn(|at| &planes[first + at][setting.carrier][column..column + columns])
    }
}
