// SPDX-License-Identifier: MIT OR Apache-2.0
//! Linear light, and the transfer function between it and 8-bit samples.

use super::Picture;

/// Largest index of the table from linear light to 8 bit.
const TABLE_END: usize = 65_535;

/// Linear light per pixel, red, green, blue; 0 is black, 1 saturates a sensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Light {
    /// Columns, px.
    pub width: usize,
    /// Rows, px.
    pub height: usize,
    /// `width * height` pixels, row-major.
    pub pixels: Vec<[f32; 3]>,
}

impl Light {
    /// Light from `(x, y)`.
    #[must_use]
    pub fn from_fn(
        width: usize,
        height: usize,
        mut pixel: impl FnMut(usize, usize) -> [f32; 3],
    ) -> Self {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let pixels = places.map(|(x, y)| pixel(x, y)).collect();
        Self { width, height, pixels }
    }

    /// The light of a finished picture.
    #[must_use]
    pub fn of_picture(picture: &Picture) -> Self {
        let table: Vec<f32> = (0..=255_u8).map(linear_from_srgb).collect();
        let linear = |pixel: &[u8; 3]| pixel.map(|sample| table[usize::from(sample)]);
        let pixels = picture.rgb.as_chunks::<3>().0.iter().map(linear).collect();
        Self { width: picture.width, height: picture.height, pixels }
    }

    /// Convolves each channel with a Gaussian of `sigma` px; the border is repeated. A sigma of 0
    /// changes nothing.
    #[must_use]
    pub fn blurred(&self, sigma: f32) -> Self {
        if sigma <= 0.0 {
            return self.clone();
        }
        let kernel = gaussian(sigma);
        let radius = kernel.len() / 2;
        let (width, height) = (self.width, self.height);
        let mut across = Vec::with_capacity(self.pixels.len());
        for row in self.pixels.chunks_exact(width.max(1)) {
            across.extend((0..width).map(|x| {
                weighted(&kernel, |k| row[(x + k).saturating_sub(radius).min(width - 1)])
            }));
        }
        let at = |x: usize, y: usize| across[y * width + x];
        Self::from_fn(width, height, |x, y| {
            weighted(&kernel, |k| at(x, (y + k).saturating_sub(radius).min(height - 1)))
        })
    }

    /// The finished picture without noise: sRGB transfer function, 8 bit, rounded.
    #[must_use]
    pub fn picture(&self) -> Picture {
        let table = srgb_table();
        let rgb = self.pixels.iter().flatten().map(|&light| srgb(&table, light)).collect();
        Picture { width: self.width, height: self.height, rgb }
    }
}

fn weighted(kernel: &[f32], pixel: impl Fn(usize) -> [f32; 3]) -> [f32; 3] {
    let mut sum = [0.0; 3];
    for (k, weight) in kernel.iter().enumerate() {
        let pixel = pixel(k);
        for channel in 0..3 {
            sum[channel] += weight * pixel[channel];
        }
    }
    sum
}

/// A Gaussian cut off at three sigma, summing to 1.
fn gaussian(sigma: f32) -> Vec<f32> {
    let radius = (3.0 * sigma).ceil().max(1.0);
    let steps = -(radius as i32)..=radius as i32;
    let weights: Vec<f32> = steps.map(|x| (-0.5 * (x as f32 / sigma).powi(2)).exp()).collect();
    let sum: f32 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// Linear light of an 8-bit sample [IEC 61966-2-1].
fn linear_from_srgb(sample: u8) -> f32 {
    let value = f32::from(sample) / 255.0;
    if value <= 0.040_45 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

/// 8-bit samples of linear light in steps of 1/65535 [IEC 61966-2-1].
pub(super) fn srgb_table() -> Vec<u8> {
    let sample = |step: usize| {
        let light = step as f64 / TABLE_END as f64;
        let value = if light <= 0.003_130_8 {
            12.92 * light
        } else {
            1.055 * light.powf(1.0 / 2.4) - 0.055
        };
        (value * 255.0).round() as u8
    };
    (0..=TABLE_END).map(sample).collect()
}

/// The sample of `light` by the table of [`srgb_table`]; clips at 0 and 1.
pub(super) fn srgb(table: &[u8], light: f32) -> u8 {
    let step = (light.clamp(0.0, 1.0) * TABLE_END as f32).round() as usize;
    table.get(step).copied().unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_survives_the_way_to_light_and_back() {
        let ramp = Picture::from_fn(256, 1, |x, _| [x as u8; 3]);
        assert_eq!(Light::of_picture(&ramp).picture(), ramp);
    }

    #[test]
    fn middle_grey_is_a_fifth_of_the_light() {
        // sRGB 118 is 18.1 % of linear light [IEC 61966-2-1].
        assert!((linear_from_srgb(118) - 0.181).abs() < 0.001);
    }

    #[test]
    fn blur_keeps_constants_and_spreads_a_point_evenly() {
        let flat = Light::from_fn(9, 7, |_, _| [0.5, 0.25, 1.0]);
        let blurred = flat.blurred(1.2);
        let gap = |a: &[f32; 3], b: &[f32; 3]| (0..3).map(|i| (a[i] - b[i]).abs()).sum::<f32>();
        assert!(flat.pixels.iter().zip(&blurred.pixels).all(|(a, b)| gap(a, b) < 1e-5));
        let point = Light::from_fn(9, 9, |x, y| [f32::from(x == 4 && y == 4), 0.0, 0.0]);
        let spread = point.blurred(1.0).pixels;
        assert_eq!(spread[4 * 9 + 3], spread[4 * 9 + 5]);
        assert_eq!(spread[3 * 9 + 4], spread[5 * 9 + 4]);
        assert!((spread.iter().map(|p| p[0]).sum::<f32>() - 1.0).abs() < 1e-4);
    }
}
