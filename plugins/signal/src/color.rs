// SPDX-License-Identifier: MIT OR Apache-2.0
//! Colour conversions by ITU-R BT.601, full range, on the stored 8-bit values (no colour
//! management, no gamma).

use ndarray::Array2;

use crate::{avx2_dispatch, Samples};

/// Luma weights of red, green, blue [ITU-R BT.601-7, §2.5.1].
const LUMA_WEIGHTS: [f32; 3] = [0.299, 0.587, 0.114];

/// Returns `round(0.299 R + 0.587 G + 0.114 B)`, halves up, in exact integer arithmetic.
#[inline(always)]
#[must_use]
pub fn luma_from_rgb(red: u8, green: u8, blue: u8) -> u8 {
    let thousandths = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue) + 500;
    // n / 1000 for n <= 255_500 without a division, so that loops vectorise: 1000 = 8 * 125, and
    // 33_555 = ceil(2^22 / 125) is exact for n / 8 < 2^15.
    (((thousandths >> 3) * 33_555) >> 22) as u8
}

#[inline(always)]
fn luma_row_from_rgb_portable(rgb: &[u8], luma: &mut [u8]) {
    for (pixel, luma) in rgb.as_chunks::<3>().0.iter().zip(luma) {
        *luma = luma_from_rgb(pixel[0], pixel[1], pixel[2]);
    }
}

avx2_dispatch! {
    /// Writes the rounded luma of one row of interleaved RGB; stops at the end of the shorter row.
    pub fn luma_row_from_rgb(rgb: &[u8], luma: &mut [u8]) = luma_row_from_rgb_portable
}

/// Writes the rounded luma of one row of interleaved RGB as `f32` in `0..=255`; stops at the end of
/// the shorter row.
pub fn luma_row_f32_from_rgb(rgb: &[u8], luma: &mut [f32]) {
    for (pixel, luma) in rgb.as_chunks::<3>().0.iter().zip(luma) {
        *luma = f32::from(luma_from_rgb(pixel[0], pixel[1], pixel[2]));
    }
}

/// Returns the plane of rounded luma of an interleaved RGB picture.
///
/// # Panics
/// If `rgb` does not hold `height` rows of `width` pixels, `row_stride` samples apart.
#[must_use]
pub fn luma_samples_from_rgb(
    rgb: &[u8],
    width: usize,
    height: usize,
    row_stride: usize,
) -> Samples {
    plane_from_rows(rgb, [width, height], row_stride, 3, luma_row_f32_from_rgb)
}

/// Returns channel `channel` (0 red, 1 green, 2 blue) of an interleaved RGB picture.
///
/// # Panics
/// If `channel > 2`, or `rgb` does not hold `height` rows of `width` pixels, `row_stride` samples
/// apart.
#[must_use]
pub fn channel_samples_from_rgb(
    rgb: &[u8],
    width: usize,
    height: usize,
    row_stride: usize,
    channel: usize,
) -> Samples {
    assert!(channel < 3, "channel {channel} of an RGB picture");
    plane_from_rows(rgb, [width, height], row_stride, 3, |row, out| {
        for (pixel, out) in row.as_chunks::<3>().0.iter().zip(out) {
            *out = f32::from(pixel[channel]);
        }
    })
}

/// Returns an 8-bit plane as samples.
///
/// # Panics
/// If `plane` does not hold `height` rows of `width` samples, `row_stride` apart.
#[must_use]
pub fn samples_from_u8(plane: &[u8], width: usize, height: usize, row_stride: usize) -> Samples {
    plane_from_rows(plane, [width, height], row_stride, 1, |row, out| {
        for (&value, out) in row.iter().zip(out) {
            *out = f32::from(value);
        }
    })
}

/// Returns luma in `0..=255` and the colour differences Cb, Cr in `-127.5..=127.5`, unrounded:
/// `Cb = (B - Y) / 1.772`, `Cr = (R - Y) / 1.402` [ITU-R BT.601-7, §2.5.2; JFIF 1.02].
#[inline]
#[must_use]
pub fn ycbcr_from_rgb(red: u8, green: u8, blue: u8) -> [f32; 3] {
    let (red, green, blue) = (f32::from(red), f32::from(green), f32::from(blue));
    let luma = LUMA_WEIGHTS[0] * red + LUMA_WEIGHTS[1] * green + LUMA_WEIGHTS[2] * blue;
    [luma, (blue - luma) / 1.772, (red - luma) / 1.402]
}

fn plane_from_rows(
    samples: &[u8],
    [width, height]: [usize; 2],
    row_stride: usize,
    channels: usize,
    convert: impl Fn(&[u8], &mut [f32]),
) -> Samples {
    let mut plane = Array2::zeros((height, width));
    if width == 0 {
        return plane;
    }
    let rows = plane.as_slice_mut().unwrap_or_default().chunks_exact_mut(width);
    for (y, out) in rows.enumerate() {
        convert(&samples[y * row_stride..][..width * channels], out);
    }
    plane
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn luma_equals_the_rounded_quotient_for_every_sum() {
        for thousandths in 0..=255_500_u32 {
            assert_eq!(((thousandths >> 3) * 33_555) >> 22, thousandths / 1000, "{thousandths}");
        }
    }

    #[test]
    fn grey_is_its_own_luma_and_has_no_colour_difference() {
        for value in 0..=255 {
            assert_eq!(luma_from_rgb(value, value, value), value);
            let [luma, cb, cr] = ycbcr_from_rgb(value, value, value);
            assert!((luma - f32::from(value)).abs() < 1e-4);
            assert!(cb.abs() < 1e-4 && cr.abs() < 1e-4);
        }
    }

    #[test]
    fn primaries_have_the_luma_of_the_standard() {
        assert_eq!(luma_from_rgb(255, 0, 0), 76); // 76.245
        assert_eq!(luma_from_rgb(0, 255, 0), 150); // 149.685
        assert_eq!(luma_from_rgb(0, 0, 255), 29); // 29.07
        assert!((ycbcr_from_rgb(0, 0, 255)[1] - 127.5).abs() < 0.01);
        assert!((ycbcr_from_rgb(255, 0, 0)[2] - 127.5).abs() < 0.01);
    }

    #[test]
    fn stride_padding_is_skipped() {
        let rgb = [1, 2, 3, 4, 5, 6, 99, 99, 7, 8, 9, 10, 11, 12];
        assert_eq!(
            channel_samples_from_rgb(&rgb, 2, 2, 8, 2),
            ndarray::arr2(&[[3.0, 6.0], [9.0, 12.0]])
        );
        assert_eq!(
            samples_from_u8(&[1, 2, 0, 3, 4], 2, 2, 3),
            ndarray::arr2(&[[1.0, 2.0], [3.0, 4.0]])
        );
        assert_eq!(luma_samples_from_rgb(&rgb, 2, 2, 8)[[0, 0]], 2.0);
    }

    proptest! {
        #[test]
        fn rows_agree_with_single_pixels(rgb in prop::collection::vec(any::<u8>(), 0..300)) {
            let pixels = rgb.len() / 3;
            let (mut bytes, mut reals) = (vec![0; pixels], vec![0.0; pixels]);
            luma_row_from_rgb(&rgb, &mut bytes);
            luma_row_f32_from_rgb(&rgb, &mut reals);
            for i in 0..pixels {
                let wanted = luma_from_rgb(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]);
                prop_assert_eq!(bytes[i], wanted);
                prop_assert_eq!(reals[i], f32::from(wanted));
                let exact = ycbcr_from_rgb(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2])[0];
                prop_assert!((exact - reals[i]).abs() <= 0.501);
            }
        }
    }
}
