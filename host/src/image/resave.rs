// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pixels made smaller and saved again as JPEG, 4:2:0, as a delivery would: what the tiers of an
//! evaluation and the copies of a stability check are made with.

use std::ops::Deref;

use image::{ImageBuffer, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// Pixels that cannot be saved.
#[derive(Debug, thiserror::Error)]
#[error("cannot be saved again: {message}")]
pub struct ResaveError {
    message: String,
}

impl ResaveError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

/// `width * height * 3` samples as a picture.
///
/// # Errors
/// When there are fewer.
pub fn picture<C: Deref<Target = [u8]>>(
    width: u32,
    height: u32,
    rgb: C,
) -> Result<ImageBuffer<Rgb<u8>, C>, ResaveError> {
    let gaps = || ResaveError::new("the decoded picture has gaps");
    ImageBuffer::from_raw(width, height, rgb).ok_or_else(gaps)
}

/// The picture with both sides times `scale`, within 0..=1, rounded and at least 1 px: bilinear between
/// the centres of pixels, as most software does where nothing else is asked for. It takes no memory but
/// the result's.
#[must_use]
pub fn reduced<C: Deref<Target = [u8]>>(picture: &ImageBuffer<Rgb<u8>, C>, scale: f64) -> RgbImage {
    let (columns, rows) = (taps(picture.width(), scale), taps(picture.height(), scale));
    RgbImage::from_fn(columns.len() as u32, rows.len() as u32, |x, y| {
        let (column, row) = (columns[x as usize], rows[y as usize]);
        let between = |y: u32| {
            let near = picture.get_pixel(column.near, y).0;
            let far = picture.get_pixel(column.far, y).0;
            std::array::from_fn::<u32, 3, _>(|c| column.between(near[c].into(), far[c].into()))
        };
        let (near, far) = (between(row.near), between(row.far));
        let half = ONE * ONE / 2;
        Rgb(std::array::from_fn(|c| ((row.between(near[c], far[c]) + half) / (ONE * ONE)) as u8))
    })
}

/// The weights of two neighbours sum to this.
const ONE: u32 = 256;

/// Where one column or row of the smaller picture lies among those of the larger.
#[derive(Clone, Copy)]
struct Tap {
    near: u32,
    far: u32,
    /// That of `far`, 0..=`ONE`.
    weight: u32,
}

impl Tap {
    /// The value between two neighbours, times `ONE`.
    fn between(self, near: u32, far: u32) -> u32 {
        near * (ONE - self.weight) + far * self.weight
    }
}

fn taps(length: u32, scale: f64) -> Vec<Tap> {
    let reduced = ((f64::from(length) * scale).round().max(1.0) as u32).min(length);
    let last = length.saturating_sub(1);
    let step = f64::from(length) / f64::from(reduced);
    let tap = |index: u32| {
        let at = ((f64::from(index) + 0.5) * step - 0.5).clamp(0.0, f64::from(last));
        let near = at.floor();
        let weight = ((at - near) * f64::from(ONE)).round() as u32;
        let near = near as u32;
        Tap { near, far: (near + 1).min(last), weight }
    };
    (0..reduced).map(tap).collect()
}

/// The picture as a JPEG file, `quality` within 1..=100, 4:2:0, without metadata.
///
/// # Errors
/// When a side is longer than the 65,535 px of the format.
pub fn jpeg<C: Deref<Target = [u8]>>(
    picture: &ImageBuffer<Rgb<u8>, C>,
    quality: u8,
) -> Result<Vec<u8>, ResaveError> {
    let side = |length: u32| {
        let too_long = format!("{length} px are more than a side of a JPEG can have");
        u16::try_from(length).map_err(|_| ResaveError::new(too_long))
    };
    let (width, height) = (side(picture.width())?, side(picture.height())?);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    let encoded = encoder.encode(picture.as_raw(), width, height, ColorType::Rgb);
    encoded.map(|()| bytes).map_err(|error| ResaveError::new(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_rounded_and_never_vanish() {
        let size =
            |width, height, scale| reduced(&RgbImage::new(width, height), scale).dimensions();
        assert_eq!(size(4000, 3005, 0.9), (3600, 2705));
        assert_eq!(size(10, 1, 0.25), (3, 1));
        assert_eq!(size(0, 5, 0.5), (0, 3));
    }

    #[test]
    fn slope_stays_the_same_slope() {
        // Grey rises by 1 a column; a pixel of half the size lies between two of them.
        let slope = RgbImage::from_fn(200, 4, |x, y| Rgb([x as u8, 7, (x + y) as u8]));
        let half = reduced(&slope, 0.5);
        assert_eq!(half.get_pixel(0, 0).0, [1, 7, 1]);
        assert_eq!(half.get_pixel(50, 1).0, [101, 7, 103]);
        for (x, _, pixel) in reduced(&slope, 0.9).enumerate_pixels() {
            let expected = (f64::from(x) + 0.5) / 0.9 - 0.5;
            assert!((f64::from(pixel.0[0]) - expected.max(0.0)).abs() <= 0.51, "{x}");
        }
    }

    #[test]
    fn side_that_no_jpeg_has_is_named() {
        let error = jpeg(&RgbImage::new(65_536, 1), 85).unwrap_err();
        let expected = "cannot be saved again: 65536 px are more than a side of a JPEG can have";
        assert_eq!(error.to_string(), expected);
    }
}
