// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pictures that no camera took: a smooth, noise-free render that is enlarged in steps as the
//! decoder of a generative network does.
//!
//! Each step doubles the size and mixes neighbours with a fixed kernel. Doubling copies the
//! spectrum into its upper half and the kernel removes the copy only in part, so that what is left
//! stands at multiples of 1/2, 1/4, 1/8 of the sampling frequency [Zhang, Karaman, Chang 2019,
//! *Detecting and simulating artifacts in GAN fake images*]. A transposed convolution whose kernel
//! is no multiple of its stride adds a checkerboard of even and odd positions [Odena, Dumoulin,
//! Olah 2016, *Deconvolution and checkerboard artifacts*].

use super::{Picture, Random, Scene};

/// How a step doubles the size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upsampling {
    /// Every pixel four times, then a 3x3 convolution near a box.
    Nearest,
    /// Zeros between the pixels, then a 3x3 kernel: uneven overlap.
    Transposed,
    /// Linear interpolation: the weakest traces.
    Bilinear,
}

/// A recipe of a generated picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generator {
    /// What the picture shows.
    pub seed: u64,
    /// The network: its kernels, and so its fingerprint.
    pub network: u64,
    /// Doublings: 1 for x2, 2 for x4, 3 for x8.
    pub doublings: u32,
    /// How a step doubles.
    pub upsampling: Upsampling,
}

/// Three channels of real samples within about `0..=255`.
struct Layer {
    width: usize,
    height: usize,
    pixels: Vec<[f32; 3]>,
}

impl Generator {
    /// A picture of a network that enlarges `2^doublings` times by nearest neighbours.
    #[must_use]
    pub fn new(seed: u64, doublings: u32) -> Self {
        Self { seed, network: 1, doublings, upsampling: Upsampling::Nearest }
    }

    /// Draws the picture.
    #[must_use]
    pub fn draw(&self, width: usize, height: usize) -> Picture {
        let factor = 1_usize << self.doublings;
        let (columns, rows) = (width.div_ceil(factor), height.div_ceil(factor));
        let render = Scene::new(self.seed).light(columns, rows).blurred(0.5).picture();
        let pixels = render.rgb.as_chunks::<3>().0.iter().map(|p| p.map(f32::from)).collect();
        let mut layer = Layer { width: columns, height: rows, pixels };
        let mut weights = Random::new(self.network);
        for _ in 0..self.doublings {
            let kernel = self.kernel(&mut weights);
            layer = layer.doubled(self.upsampling, &kernel);
        }
        let sample = |value: f32| value.round().clamp(0.0, 255.0) as u8;
        Picture::from_fn(width, height, |x, y| layer.pixels[y * layer.width + x].map(sample))
    }

    /// 3x3 weights of one step that keep the mean of what they are applied to.
    fn kernel(&self, random: &mut Random) -> [[f32; 3]; 3] {
        // Along each axis: a nearly even mean, linear interpolation, or a kernel of three taps on
        // every second position, whose even positions get one tap and odd ones two.
        let [side, centre]: [f64; 2] = match self.upsampling {
            Upsampling::Nearest => [0.2, 0.6],
            Upsampling::Bilinear => [0.25, 0.5],
            Upsampling::Transposed => [0.48, 1.04],
        };
        let wobble = if self.upsampling == Upsampling::Bilinear { 0.0 } else { 0.02 };
        let mut axis = || {
            let outer = side + random.within(-wobble, wobble);
            let total = 2.0 * side + centre;
            [outer, total - 2.0 * outer, outer]
        };
        let (across, down) = (axis(), axis());
        down.map(|d| across.map(|a| (a * d) as f32))
    }
}

impl Layer {
    fn doubled(&self, upsampling: Upsampling, kernel: &[[f32; 3]; 3]) -> Self {
        let (width, height) = (2 * self.width, 2 * self.height);
        let spread = upsampling == Upsampling::Transposed;
        // Position -1 and `end` repeat the border of the enlarged picture.
        let enlarged = |x: usize, y: usize| -> [f32; 3] {
            let (x, y) = (x.saturating_sub(1), y.saturating_sub(1));
            let (x, y) = (x.min(width - 1), y.min(height - 1));
            if spread && (x % 2 == 1 || y % 2 == 1) {
                return [0.0; 3];
            }
            self.pixels[(y / 2) * self.width + x / 2]
        };
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let pixels = places.map(|(x, y)| {
            let mut sum = [0.0; 3];
            for (j, row) in kernel.iter().enumerate() {
                for (i, weight) in row.iter().enumerate() {
                    let pixel = enlarged(x + i, y + j);
                    (0..3).for_each(|c| sum[c] += weight * pixel[c]);
                }
            }
            sum
        });
        Self { width, height, pixels: pixels.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean squared second difference of green along rows, by column modulo `period`.
    fn roughness(picture: &Picture, period: usize) -> Vec<f64> {
        let mut energy = vec![0.0; period];
        for (y, x) in (0..picture.height).flat_map(|y| (8..picture.width - 8).map(move |x| (y, x)))
        {
            let green = |x: usize| f64::from(picture.pixel(x, y)[1]);
            energy[x % period] += (green(x - 1) - 2.0 * green(x) + green(x + 1)).powi(2);
        }
        energy
    }

    fn unevenness(energy: &[f64]) -> f64 {
        let high = energy.iter().copied().fold(0.0, f64::max);
        high / energy.iter().copied().fold(f64::INFINITY, f64::min)
    }

    #[test]
    fn enlargement_leaves_a_period_that_a_render_of_full_size_does_not_have() {
        let native = Scene::new(3).light(256, 256).blurred(0.5).picture();
        assert!(unevenness(&roughness(&native, 4)) < 1.3);
        for doublings in [2, 3] {
            let drawn = Generator::new(3, doublings).draw(256, 256);
            let uneven = unevenness(&roughness(&drawn, 1 << doublings));
            assert!(uneven > 1.5, "x{}: {uneven}", 1 << doublings);
        }
    }

    #[test]
    fn transposed_convolution_leaves_a_checkerboard_on_a_flat_area() {
        let flat = Layer { width: 8, height: 8, pixels: vec![[100.0; 3]; 64] };
        let recipe = Generator { upsampling: Upsampling::Transposed, ..Generator::new(1, 1) };
        let kernel = recipe.kernel(&mut Random::new(1));
        let drawn = flat.doubled(Upsampling::Transposed, &kernel);
        let green = |x: usize, y: usize| drawn.pixels[y * 16 + x][1];
        assert_eq!(green(4, 4), green(6, 8));
        assert!((green(4, 4) - green(5, 5)).abs() > 1.0, "{} {}", green(4, 4), green(5, 5));
    }

    #[test]
    fn even_kernels_keep_a_flat_area_flat() {
        let flat = Layer { width: 4, height: 4, pixels: vec![[100.0; 3]; 16] };
        for upsampling in [Upsampling::Nearest, Upsampling::Bilinear] {
            let recipe = Generator { upsampling, ..Generator::new(1, 1) };
            let drawn = flat.doubled(upsampling, &recipe.kernel(&mut Random::new(1)));
            assert!(drawn.pixels.iter().flatten().all(|v| (v - 100.0).abs() < 1e-3));
        }
    }

    #[test]
    fn drawing_has_the_size_that_was_asked_for_and_the_same_bits_every_time() {
        let recipe = Generator::new(5, 3);
        let drawn = recipe.draw(101, 67);
        assert_eq!((drawn.width, drawn.height, drawn.rgb.len()), (101, 67, 101 * 67 * 3));
        assert_eq!(drawn, recipe.draw(101, 67));
        assert_ne!(drawn, Generator { network: 2, ..recipe }.draw(101, 67));
    }
}
