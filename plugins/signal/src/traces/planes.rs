// SPDX-License-Identifier: MIT OR Apache-2.0
//! The planes of one crop, computed once and shared by all groups.

use ndarray::Array2;

use super::{Picture, CROP};
use crate::color::ycbcr_from_rgb;
use crate::Samples;

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
        let mut values: [Vec<f32>; 5] = std::array::from_fn(|_| Vec::with_capacity(CROP * CROP));
        for row in y..y + CROP {
            for &[red, green, blue] in picture.pixels(x, row, CROP) {
                let [luma, blue_difference, red_difference] = ycbcr_from_rgb(red, green, blue);
                let pixel =
                    [f32::from(red), f32::from(blue), luma, blue_difference, red_difference];
                for (plane, value) in values.iter_mut().zip(pixel) {
                    plane.push(value);
                }
            }
        }
        let [red, blue, luma, blue_difference, red_difference] =
            values.map(|plane| Array2::from_shape_vec((CROP, CROP), plane).ok());
        Some(Self {
            red: red?,
            blue: blue?,
            luma: luma?,
            blue_difference: blue_difference?,
            red_difference: red_difference?,
        })
    }
}
