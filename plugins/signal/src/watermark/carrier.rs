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

/// One row of pixels, a colour a slice.
#[derive(Debug, Default)]
struct Colours {
    red: Vec<i32>,
    green: Vec<i32>,
    blue: Vec<i32>,
}

impl Colours {
    fn read(&mut self, pixels: &[[u8; 3]]) {
        for (colour, channel) in [(&mut self.red, 0), (&mut self.green, 1), (&mut self.blue, 2)] {
            colour.clear();
            colour.extend(pixels.iter().map(|pixel| i32::from(pixel[channel])));
        }
    }
}

/// Turns pairs of rows of pixels into rows of cells.
#[derive(Debug, Default)]
pub(super) struct Cells {
    pixels: Colours,
    /// U of one row of pixels: as bytes, and as real numbers less neutral.
    rounded: Vec<i32>,
    exact: Vec<f32>,
}

impl Cells {
    /// The cells of two rows of pixels of equal, even length for each of [`CARRIERS`].
    pub(super) fn of_rows(&mut self, rows: [&[[u8; 3]]; 2]) -> [Vec<f32>; 4] {
        let mut cells = [(); 4].map(|()| vec![0.0; rows[0].len() / 2]);
        let [bytes, reals, exchanged_bytes, exchanged_reals] = &mut cells;
        for row in rows {
            self.pixels.read(row);
            self.rounded.resize(row.len(), 0);
            self.exact.resize(row.len(), 0.0);
            let Colours { red, green, blue } = &self.pixels;
            blue_difference(red, green, blue, &mut self.rounded, &mut self.exact);
            add(&self.rounded, &self.exact, bytes, reals);
            blue_difference(blue, green, red, &mut self.rounded, &mut self.exact);
            add(&self.rounded, &self.exact, exchanged_bytes, exchanged_reals);
        }
        cells
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
