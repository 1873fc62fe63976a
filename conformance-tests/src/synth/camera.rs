// SPDX-License-Identifier: MIT OR Apache-2.0
//! A camera: scene → optics → Bayer mosaic → sensor noise → demosaic → white balance → 8 bit.
//!
//! The sensor follows the usual model `y = (1 + k) s + n`: `s` photo-electrons of the light that
//! reaches the pixel, `k` the pixel's own response (PRNU, fixed for a body), `n` shot and read noise
//! of variance `s + r^2`, then the steps of the converter [Foi et al. 2008, *Practical
//! Poissonian-Gaussian noise modeling…*; Lukáš, Fridrich, Goljan 2006, *Digital camera
//! identification from sensor pattern noise*].

use super::demosaic::{channel_at, Demosaic, Mosaic};
use super::light::{srgb, srgb_table};
use super::random;
use super::{Light, Picture, Random};

/// Keeps the stream of a body's pattern apart from that of a shot with the same number.
const PATTERN: u64 = 0x5052_4e55;

/// A camera body with its lens and its development.
#[derive(Clone, Debug, PartialEq)]
pub struct Camera {
    /// The body: two cameras with the same number have the same pixel responses.
    pub body: u64,
    /// Photo-electrons of a green pixel at saturation.
    pub full_well: f32,
    /// Standard deviation of the read noise, electrons.
    pub read_noise: f32,
    /// Standard deviation of the pixels' relative response.
    pub prnu: f32,
    /// Levels of the converter.
    pub levels: f32,
    /// Standard deviation of the lens's blur, px.
    pub blur: f32,
    /// Light lost in the corners, `0..1`.
    pub vignetting: f32,
    /// Gains of red, green and blue in development; the sensor sees that much less of each.
    pub white_balance: [f32; 3],
    /// Interpolation of the mosaic.
    pub demosaic: Demosaic,
}

impl Camera {
    /// A camera of common make: 12 bit, 1 % PRNU, a little blur, Malvar's interpolation.
    #[must_use]
    pub fn with_body(body: u64) -> Self {
        Self {
            body,
            full_well: 6_000.0,
            read_noise: 4.0,
            prnu: 0.01,
            levels: 4_096.0,
            blur: 0.6,
            vignetting: 0.15,
            white_balance: [1.9, 1.0, 1.5],
            demosaic: Demosaic::Malvar,
        }
    }

    /// The same camera at a higher sensitivity: as many times fewer electrons reach saturation.
    #[must_use]
    pub fn at_gain(self, gain: f32) -> Self {
        Self { full_well: self.full_well / gain, ..self }
    }

    /// What the sensor measures of a scene on its `shot`-th exposure. Noise is of the shot, the
    /// pattern of the body.
    #[must_use]
    pub fn expose(&self, scene: &Light, shot: u64) -> Mosaic {
        let seen = scene.blurred(self.blur);
        let (width, height) = (seen.width, seen.height);
        let mut noise = Random::new(Random::new(self.body).bits() ^ shot.rotate_left(32));
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let samples = places.zip(&seen.pixels).map(|((x, y), light)| {
            let channel = channel_at(x, y);
            let light = light[channel] / self.white_balance[channel];
            let electrons = light * self.full_well * self.transmission(x, y, width, height);
            let response = 1.0 + self.prnu * self.pattern_at(x, y);
            let deviation = (electrons + self.read_noise * self.read_noise).sqrt();
            let measured = electrons * response + deviation * noise.normal() as f32;
            let level = (measured / self.full_well * self.levels).round();
            (level / self.levels).clamp(0.0, 1.0)
        });
        Mosaic { width, height, samples: samples.collect() }
    }

    /// Makes the picture of a mosaic.
    #[must_use]
    pub fn develop(&self, mosaic: &Mosaic) -> Picture {
        let table = srgb_table();
        let light = mosaic.demosaic(self.demosaic);
        let balanced = |pixel: &[f32; 3]| -> [u8; 3] {
            std::array::from_fn(|c| srgb(&table, pixel[c] * self.white_balance[c]))
        };
        let rgb = light.pixels.iter().flat_map(balanced).collect();
        Picture { width: mosaic.width, height: mosaic.height, rgb }
    }

    /// Exposes and develops.
    #[must_use]
    pub fn shoot(&self, scene: &Light, shot: u64) -> Picture {
        self.develop(&self.expose(scene, shot))
    }

    /// The relative response of the pixel at `(x, y)` in standard deviations; it belongs to the
    /// body and not to the picture's size.
    #[must_use]
    pub fn pattern_at(&self, x: usize, y: usize) -> f32 {
        random::at(self.body ^ PATTERN, x, y).normal() as f32
    }

    /// Share of the light that passes the lens: falls with the square of the distance from the
    /// centre to `1 - vignetting` in the corners.
    fn transmission(&self, x: usize, y: usize, width: usize, height: usize) -> f32 {
        let offset = |at: usize, end: usize| (2 * at + 1) as f32 / end as f32 - 1.0;
        let (dx, dy) = (offset(x, width), offset(y, height));
        1.0 - self.vignetting * (dx * dx + dy * dy) / 2.0
    }
}

#[cfg(test)]
#[path = "camera/tests.rs"]
mod tests;
