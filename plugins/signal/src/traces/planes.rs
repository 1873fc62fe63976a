// SPDX-License-Identifier: MIT OR Apache-2.0
//! The planes of one crop, computed once and shared by all groups.

use ndarray::Array2;

use super::{Picture, CROP};
use crate::color::ycbcr_from_rgb;
use crate::{avx2_dispatch, Samples};

/// Planes of [`CROP`] x [`CROP`] samples.
#[derive(Clone, Debug)]
pub struct Planes {
    /// Red, `0..=255`.
    pub red: Samples,
    /// Blue, `0..=255`.
    pub blue: Samples,
    /// BT.601 luma, unrounded.
    pub luma: Samples,
    /// BT.601 Cb, unrounded, centred at 0.
    pub blue_difference: Samples,
    /// BT.601 Cr, unrounded, centred at 0.
    pub red_difference: Samples,
}

impl Planes {
    /// The planes of the crop whose top left pixel is `(x, y)`; `None` when it leaves the picture.
    #[must_use]
    pub fn of_crop(picture: &Picture<'_>, x: usize, y: usize) -> Option<Self> {
        let inside =
            |start: usize, length: usize| start.checked_add(CROP).is_some_and(|e| e <= length);
        if !inside(x, picture.width()) || !inside(y, picture.height()) {
            return None;
        }
        let mut planes = Self::zeros();
        for (row, mut lines) in (y..).zip(planes.lines()) {
            convert(picture.pixels(x, row, CROP), &mut lines);
        }
        Some(planes)
    }

    fn zeros() -> Self {
        let zeros = || Array2::zeros((CROP, CROP));
        Self {
            red: zeros(),
            blue: zeros(),
            luma: zeros(),
            blue_difference: zeros(),
            red_difference: zeros(),
        }
    }

    /// Row by row the rows of all planes, in their order.
    fn lines(&mut self) -> impl Iterator<Item = [&mut [f32]; 5]> {
        let [red, blue, luma, blue_difference, red_difference] = [
            &mut self.red,
            &mut self.blue,
            &mut self.luma,
            &mut self.blue_difference,
            &mut self.red_difference,
        ]
        .map(|plane| plane.as_slice_mut().unwrap_or_default().chunks_exact_mut(CROP));
        let lines = red.zip(blue).zip(luma).zip(blue_difference).zip(red_difference);
        lines.map(|((((red, blue), luma), blue_difference), red_difference)| {
            [red, blue, luma, blue_difference, red_difference]
        })
    }
}

#[inline(always)]
fn convert_portable(pixels: &[[u8; 3]], lines: &mut [&mut [f32]; 5]) {
    let [reds, blues, lumas, blue_differences, red_differences] = lines;
    let outputs = reds.iter_mut().zip(blues.iter_mut()).zip(lumas.iter_mut());
    let outputs = outputs.zip(blue_differences.iter_mut()).zip(red_differences.iter_mut());
    for (&[red, green, blue], outputs) in pixels.iter().zip(outputs) {
        let ((((to_red, to_blue), luma), blue_difference), red_difference) = outputs;
        (*to_red, *to_blue) = (f32::from(red), f32::from(blue));
        [*luma, *blue_difference, *red_difference] = ycbcr_from_rgb(red, green, blue);
    }
}

avx2_dispatch! {
    /// Writes a row of each plane.
    fn convert(pixels: &[[u8; 3]], lines: &mut [&mut [f32]; 5]) = convert_portable
}
