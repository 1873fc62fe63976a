// SPDX-License-Identifier: MIT OR Apache-2.0
//! What carries the bits: the blue difference U of the pixels, averaged over cells of 2x2.
//!
//! *What it computes.* The approximation band of a one-level Haar transform of U: half the sum of
//! each aligned 2x2 cell. Pictures reach the embedder in four ways, which give four carriers:
//! as bytes (Stable Diffusion 1 and 2), where U is rounded and neutral is 128, or as real numbers (SDXL,
//! FLUX), where it is not rounded and neutral is 0.5; and in the order that it expects or, in older
//! diffusers, with red and blue exchanged. Neutral matters because the blocks' largest coefficient
//! is looked for.
//!
//! *Source.* The conversion of `COLOR_BGR2YUV` in OpenCV: 14-bit fixed-point factors 1868, 9617,
//! 4899 of Y and 8061 of U for bytes, 0.114, 0.587, 0.299 and 0.492 for real numbers.

use crate::avx2_dispatch;

/// How the picture reached the embedder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// As bytes, in the expected order.
    Bytes,
    /// As real numbers, in the expected order.
    Reals,
    /// As bytes, red and blue exchanged.
    ExchangedBytes,
    /// As real numbers, red and blue exchanged.
    ExchangedReals,
}

/// All carriers; a row of cells is computed for each, in this order.
pub(super) const CARRIERS: [Carrier; 4] =
    [Carrier::Bytes, Carrier::Reals, Carrier::ExchangedBytes, Carrier::ExchangedReals];

/// Bits behind the point of the fixed-point factors.
const POINT: i32 = 14;
/// A half, for rounding.
const HALF: i32 = 1 << (POINT - 1);

/// By how much a cell of bytes exceeds one of real numbers, but for rounding.
pub(super) const NEUTRAL_DIFFERENCE: f32 = 2.0 * (128.0 - 0.5);

/// Turns pairs of rows of pixels into rows of cells.
#[derive(Debug, Default)]
pub(super) struct Cells {
    red: Vec<i32>,
    green: Vec<i32>,
    blue: Vec<i32>,
    /// U of one row of pixels: as bytes, and as real numbers less neutral.
    rounded: Vec<i32>,
    exact: Vec<f32>,
}

impl Cells {
    /// Writes the cells of two rows of pixels of equal, even length for each of [`CARRIERS`].
    pub(super) fn read(&mut self, rows: [&[[u8; 3]]; 2], cells: &mut [Vec<f32>; 4]) {
        let [bytes, reals, exchanged_bytes, exchanged_reals] = cells;
        for cells in [&mut *bytes, &mut *reals, &mut *exchanged_bytes, &mut *exchanged_reals] {
            cells.clear();
            cells.resize(rows[0].len() / 2, 0.0);
        }
        for row in rows {
            let length = row.len();
            for colour in [&mut self.red, &mut self.green, &mut self.blue, &mut self.rounded] {
                colour.resize(length, 0);
            }
            self.exact.resize(length, 0.0);
            let Self { red, green, blue, rounded, exact } = self;
            split(row, red, green, blue);
            blue_difference(red, green, blue, rounded, exact);
            add(rounded, exact, bytes, reals);
            blue_difference(blue, green, red, rounded, exact);
            add(rounded, exact, exchanged_bytes, exchanged_reals);
        }
    }
}

/// Writes the colours of pixels apart.
fn split(pixels: &[[u8; 3]], red: &mut [i32], green: &mut [i32], blue: &mut [i32]) {
    for (((pixel, red), green), blue) in pixels.iter().zip(red).zip(green).zip(blue) {
        [*red, *green, *blue] = pixel.map(i32::from);
    }
}

/// Adds half of what pairs of neighbours sum to, neutral included.
fn add(rounded: &[i32], exact: &[f32], bytes: &mut [f32], reals: &mut [f32]) {
    for (cell, pair) in bytes.iter_mut().zip(rounded.as_chunks::<2>().0) {
        *cell += (pair[0] + pair[1]) as f32 * 0.5;
    }
    for (cell, pair) in reals.iter_mut().zip(exact.as_chunks::<2>().0) {
        *cell += (pair[0] + pair[1] + 1.0) * 0.5;
    }
}

#[inline(always)]
fn blue_difference_portable(
    red: &[i32],
    green: &[i32],
    blue: &[i32],
    rounded: &mut [i32],
    exact: &mut [f32],
) {
    let places = red.iter().zip(green).zip(blue).zip(rounded).zip(exact);
    for ((((&red, &green), &blue), rounded), exact) in places {
        let luma = (4_899 * red + 9_617 * green + 1_868 * blue + HALF) >> POINT;
        *rounded = (((blue - luma) * 8_061 + HALF) >> POINT).wrapping_add(128).clamp(0, 255);
        let luma = 0.299 * red as f32 + 0.587 * green as f32 + 0.114 * blue as f32;
        *exact = 0.492 * (blue as f32 - luma);
    }
}

avx2_dispatch! {
    /// Writes U of each pixel: rounded with neutral 128, and unrounded with neutral 0.
    fn blue_difference(
        red: &[i32],
        green: &[i32],
        blue: &[i32],
        rounded: &mut [i32],
        exact: &mut [f32],
    ) = blue_difference_portable
}
