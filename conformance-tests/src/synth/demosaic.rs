// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a Bayer mosaic (RGGB) to three channels.

use super::Light;

/// How the missing two channels of each pixel are interpolated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demosaic {
    /// Means of the nearest samples of the channel.
    Bilinear,
    /// Bilinear corrected by the Laplacian of the pixel's own channel
    /// [Malvar, He, Cutler 2004, *High-quality linear interpolation for demosaicing…*].
    Malvar,
}

/// One sensor sample a pixel, in a red-green-green-blue mosaic; red at `(0, 0)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Mosaic {
    /// Columns, px.
    pub width: usize,
    /// Rows, px.
    pub height: usize,
    /// `width * height` samples, row-major, 0 black and 1 saturated.
    pub samples: Vec<f32>,
}

/// A 5x5 kernel in eighths of its weight.
type Kernel = [[f32; 5]; 5];

/// Green at a red or blue pixel [Malvar 2004, figure 2].
const GREEN: Kernel = [
    [0.0, 0.0, -1.0, 0.0, 0.0],
    [0.0, 0.0, 2.0, 0.0, 0.0],
    [-1.0, 2.0, 4.0, 2.0, -1.0],
    [0.0, 0.0, 2.0, 0.0, 0.0],
    [0.0, 0.0, -1.0, 0.0, 0.0],
];
/// Red or blue at a green pixel whose row has that colour [Malvar 2004, figure 2].
const IN_ROW: Kernel = [
    [0.0, 0.0, 0.5, 0.0, 0.0],
    [0.0, -1.0, 0.0, -1.0, 0.0],
    [-1.0, 4.0, 5.0, 4.0, -1.0],
    [0.0, -1.0, 0.0, -1.0, 0.0],
    [0.0, 0.0, 0.5, 0.0, 0.0],
];
/// Red or blue at a green pixel whose column has that colour [Malvar 2004, figure 2].
const IN_COLUMN: Kernel = [
    [0.0, 0.0, -1.0, 0.0, 0.0],
    [0.0, -1.0, 4.0, -1.0, 0.0],
    [0.5, 0.0, 5.0, 0.0, 0.5],
    [0.0, -1.0, 4.0, -1.0, 0.0],
    [0.0, 0.0, -1.0, 0.0, 0.0],
];
/// Red at a blue pixel and blue at a red one [Malvar 2004, figure 2].
const OPPOSITE: Kernel = [
    [0.0, 0.0, -1.5, 0.0, 0.0],
    [0.0, 2.0, 0.0, 2.0, 0.0],
    [-1.5, 0.0, 6.0, 0.0, -1.5],
    [0.0, 2.0, 0.0, 2.0, 0.0],
    [0.0, 0.0, -1.5, 0.0, 0.0],
];

/// The channel that the sensor measures at `(x, y)`: 0 red, 1 green, 2 blue.
#[must_use]
pub fn channel_at(x: usize, y: usize) -> usize {
    x % 2 + y % 2
}

impl Mosaic {
    /// Interpolates all three channels; the border is mirrored, so that colours keep their places.
    #[must_use]
    pub fn demosaic(&self, method: Demosaic) -> Light {
        Light::from_fn(self.width, self.height, |x, y| {
            let own = self.samples[y * self.width + x];
            let green = match method {
                Demosaic::Bilinear => self.bilinear(x, y, &[(0, 1), (1, 0)]),
                Demosaic::Malvar => self.convolved(x, y, &GREEN),
            };
            let (row, column) = match method {
                Demosaic::Bilinear => {
                    (self.bilinear(x, y, &[(1, 0)]), self.bilinear(x, y, &[(0, 1)]))
                }
                Demosaic::Malvar => {
                    (self.convolved(x, y, &IN_ROW), self.convolved(x, y, &IN_COLUMN))
                }
            };
            let opposite = match method {
                Demosaic::Bilinear => self.bilinear(x, y, &[(1, 1), (1, -1)]),
                Demosaic::Malvar => self.convolved(x, y, &OPPOSITE),
            };
            match (x % 2, y % 2) {
                (0, 0) => [own, green, opposite],
                (1, 1) => [opposite, green, own],
                (1, 0) => [row, own, column],
                _ => [column, own, row],
            }
        })
    }

    /// The sample at an offset, mirrored at the border; 0 beyond a mirror image.
    fn sample(&self, x: usize, y: usize, dx: isize, dy: isize) -> f32 {
        let (x, y) = (mirrored(x, dx, self.width), mirrored(y, dy, self.height));
        self.samples[y * self.width + x]
    }

    /// Mean of the samples at the offsets and their opposites.
    fn bilinear(&self, x: usize, y: usize, offsets: &[(isize, isize)]) -> f32 {
        let both =
            |&(dx, dy): &(isize, isize)| self.sample(x, y, dx, dy) + self.sample(x, y, -dx, -dy);
        offsets.iter().map(both).sum::<f32>() / (2 * offsets.len()) as f32
    }

    fn convolved(&self, x: usize, y: usize, kernel: &Kernel) -> f32 {
        let mut sum = 0.0;
        for (dy, weights) in (-2..).zip(kernel) {
            for (dx, &weight) in (-2..).zip(weights) {
                if weight != 0.0 {
                    sum += weight * self.sample(x, y, dx, dy);
                }
            }
        }
        (sum / 8.0).max(0.0)
    }
}

/// `at + offset`, mirrored about the first and the last sample without repeating them.
fn mirrored(at: usize, offset: isize, end: usize) -> usize {
    let last = end.saturating_sub(1);
    let moved = at.checked_add_signed(offset).unwrap_or_else(|| offset.unsigned_abs() - at);
    if moved > last {
        (2 * last).saturating_sub(moved)
    } else {
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mosaic_of(width: usize, height: usize, light: impl Fn(usize, usize) -> [f32; 3]) -> Mosaic {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let samples = places.map(|(x, y)| light(x, y)[channel_at(x, y)]).collect();
        Mosaic { width, height, samples }
    }

    #[test]
    fn flat_colour_comes_back_from_both_methods() {
        let mosaic = mosaic_of(8, 6, |_, _| [0.2, 0.4, 0.6]);
        for method in [Demosaic::Bilinear, Demosaic::Malvar] {
            let light = mosaic.demosaic(method);
            let off = |p: &[f32; 3]| (p[0] - 0.2).abs() + (p[1] - 0.4).abs() + (p[2] - 0.6).abs();
            // Malvar's correction mixes channels, and is zero where nothing changes.
            assert!(light.pixels.iter().all(|p| off(p) < 1e-5), "{method:?}");
        }
    }

    #[test]
    fn bilinear_takes_the_mean_of_the_nearest_samples() {
        // Red ramp 0.1 x: at the green pixel (1, 0) the mean of 0 and 0.2; at blue (1, 1) the same.
        let light = mosaic_of(6, 6, |x, _| [0.1 * x as f32, 0.0, 0.0]).demosaic(Demosaic::Bilinear);
        assert!((light.pixels[1][0] - 0.1).abs() < 1e-6);
        assert!((light.pixels[2 * 6 + 3][0] - 0.3).abs() < 1e-6);
        assert!((light.pixels[6 + 1][0] - 0.1).abs() < 1e-6);
    }

    #[test]
    fn malvar_follows_a_grey_ramp_exactly_away_from_the_border() {
        let ramp = |x: usize, y: usize| [0.05 * x as f32 + 0.02 * y as f32; 3];
        let light = mosaic_of(10, 10, ramp).demosaic(Demosaic::Malvar);
        for (x, y) in (2..8).flat_map(|y| (2..8).map(move |x| (x, y))) {
            let (found, expected) = (light.pixels[y * 10 + x], ramp(x, y));
            assert!((0..3).all(|c| (found[c] - expected[c]).abs() < 1e-5), "{x} {y} {found:?}");
        }
    }

    #[test]
    fn border_is_mirrored_onto_the_same_colour() {
        assert_eq!([mirrored(0, -2, 6), mirrored(1, -2, 6), mirrored(5, 2, 6)], [2, 1, 3]);
        assert_eq!([mirrored(0, 1, 1), mirrored(0, -1, 1)], [0, 0]);
    }
}
