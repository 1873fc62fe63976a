// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is in front of the camera: gradients, smooth and rough areas, edges, dark and bright parts.
//!
//! Texture is value noise over octaves whose amplitude falls with frequency, and the outlines of
//! objects add edges: together the power falls about as `1 / f^2`, as in photographs
//! [Field 1987, *Relations between the statistics of natural images…*]. A scene is linear light and
//! free of noise; its finest texture is as fine as its pixels.

use super::random;
use super::{Light, Random};

/// Ratio of the amplitude of an octave to that of the next coarser one.
const PERSISTENCE: f32 = 0.62;

/// A recipe of a scene: the seed says what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scene {
    seed: u64,
    objects: usize,
}

/// An ellipse with a colour, a brightness and a texture of its own.
struct Object {
    centre: [f32; 2],
    radius: [f32; 2],
    cosine: f32,
    sine: f32,
    colour: [f32; 3],
    roughness: f32,
}

impl Scene {
    /// The scene of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, objects: 28 }
    }

    /// A scene without objects, and so without sharp edges: texture over a gradient.
    #[must_use]
    pub fn without_objects(seed: u64) -> Self {
        Self { seed, objects: 0 }
    }

    /// The light of the scene on `width` x `height` pixels, within `0.002..=1`.
    #[must_use]
    pub fn light(&self, width: usize, height: usize) -> Light {
        let mut random = Random::new(self.seed);
        let mut stream = || random.bits();
        let texture = value_noise(stream(), width, height, 2);
        let warmth = value_noise(stream(), width, height, 24);
        let mut random = Random::new(stream());
        let objects = self.place_objects(&mut random, width, height);
        let owner = owners(&objects, width, height);
        let (top, bottom) = (colour(&mut random, 0.25, 0.9), colour(&mut random, 0.03, 0.5));
        Light::from_fn(width, height, |x, y| {
            let at = y * width + x;
            let depth = y as f32 / height.max(2) as f32;
            let (base, roughness) = match objects.get(owner[at]) {
                Some(object) => (object.colour, object.roughness),
                None => (mixed(top, bottom, depth), 0.15 + 0.5 * depth),
            };
            let brightness = (1.0 + roughness * texture[at]).max(0.05);
            let tint = 0.12 * warmth[at];
            let tinted = [base[0] * (1.0 + tint), base[1], base[2] * (1.0 - tint)];
            tinted.map(|light| (light * brightness).clamp(0.002, 1.0))
        })
    }

    fn place_objects(&self, random: &mut Random, width: usize, height: usize) -> Vec<Object> {
        let side = width.min(height) as f64;
        let object = |_| {
            let size = side * random.within(0.03, 0.28);
            let angle = random.within(0.0, std::f64::consts::PI);
            let brightness = random.within(0.0, 1.0).powi(2);
            Object {
                centre: [random.unit() as f32 * width as f32, random.unit() as f32 * height as f32],
                radius: [size as f32, (size * random.within(0.4, 1.0)) as f32],
                cosine: angle.cos() as f32,
                sine: angle.sin() as f32,
                colour: colour(random, 0.02 + 0.5 * brightness, 0.05 + 0.95 * brightness),
                roughness: if random.unit() < 0.3 { 0.01 } else { random.within(0.1, 0.9) as f32 },
            }
        };
        (0..self.objects).map(object).collect()
    }
}

fn colour(random: &mut Random, low: f64, high: f64) -> [f32; 3] {
    let grey = random.within(low, high);
    [0; 3].map(|_| (grey * random.within(0.75, 1.25)) as f32)
}

fn mixed(a: [f32; 3], b: [f32; 3], share: f32) -> [f32; 3] {
    std::array::from_fn(|channel| a[channel] + (b[channel] - a[channel]) * share)
}

/// For each pixel the number of the front-most object, or one that no object has.
fn owners(objects: &[Object], width: usize, height: usize) -> Vec<usize> {
    let mut owner = vec![usize::MAX; width * height];
    for (number, object) in objects.iter().enumerate() {
        let reach = object.radius[0].max(object.radius[1]);
        let span = |centre: f32, end: usize| {
            let (low, high) = ((centre - reach).max(0.0), (centre + reach + 1.0).max(0.0));
            (low as usize).min(end)..(high as usize).min(end)
        };
        for y in span(object.centre[1], height) {
            for x in span(object.centre[0], width) {
                let (dx, dy) = (x as f32 - object.centre[0], y as f32 - object.centre[1]);
                let along = (dx * object.cosine + dy * object.sine) / object.radius[0];
                let across = (dy * object.cosine - dx * object.sine) / object.radius[1];
                if along * along + across * across <= 1.0 {
                    owner[y * width + x] = number;
                }
            }
        }
    }
    owner
}

/// Noise with its octaves from half the larger side down to `finest` px, about within `-1..=1`.
///
/// Each octave interpolates random values on a lattice smoothly; the lattice of an octave has half
/// the spacing of the one before.
fn value_noise(seed: u64, width: usize, height: usize, finest: usize) -> Vec<f32> {
    let mut noise = vec![0.0; width * height];
    let mut spacing = (width.max(height) / 2).max(finest);
    let mut amplitude = 0.6;
    for octave in 0.. {
        add_octave(&mut noise, width, seed.wrapping_add(octave), spacing, amplitude);
        if spacing <= finest {
            break;
        }
        spacing = (spacing / 2).max(finest);
        amplitude *= PERSISTENCE;
    }
    noise
}

fn add_octave(noise: &mut [f32], width: usize, seed: u64, spacing: usize, amplitude: f32) {
    let columns = width / spacing + 2;
    let lattice_row = |row: usize| -> Vec<f32> {
        let value = |column| (2.0 * random::at(seed, column, row).unit() - 1.0) as f32;
        (0..columns).map(value).collect()
    };
    let ease: Vec<f32> = (0..spacing).map(|k| smooth(k as f32 / spacing as f32)).collect();
    let (mut upper, mut lower) = (lattice_row(0), lattice_row(1));
    for (y, line) in noise.chunks_exact_mut(width.max(1)).enumerate() {
        let (row, within) = (y / spacing, y % spacing);
        if within == 0 && row > 0 {
            upper = std::mem::replace(&mut lower, lattice_row(row + 1));
        }
        let share = ease[within];
        let between: Vec<f32> =
            upper.iter().zip(&lower).map(|(a, b)| amplitude * (a + (b - a) * share)).collect();
        for (cell, samples) in between.windows(2).zip(line.chunks_mut(spacing)) {
            for (sample, share) in samples.iter_mut().zip(&ease) {
                *sample += cell[0] + (cell[1] - cell[0]) * share;
            }
        }
    }
}

/// `3 t^2 - 2 t^3`: from 0 to 1 with no slope at either end.
fn smooth(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean squared difference of green samples `lag` px apart in a row.
    fn structure(light: &Light, lag: usize) -> f64 {
        let rows = light.pixels.chunks_exact(light.width);
        let pairs = rows.flat_map(|row| row.iter().zip(&row[lag..]));
        let (mut sum, mut count) = (0.0, 0.0);
        for (a, b) in pairs {
            sum += f64::from(a[1] - b[1]).powi(2);
            count += 1.0;
        }
        sum / count
    }

    #[test]
    fn same_seed_gives_the_same_scene_and_another_seed_another() {
        let light = Scene::new(3).light(90, 70);
        assert_eq!(light, Scene::new(3).light(90, 70));
        assert_ne!(light, Scene::new(4).light(90, 70));
    }

    #[test]
    fn neighbours_differ_less_than_distant_pixels_at_every_scale() {
        for seed in 0..4 {
            let light = Scene::new(seed).light(256, 256);
            let steps: Vec<f64> = [1, 2, 4, 8, 16].map(|lag| structure(&light, lag)).to_vec();
            assert!(steps.windows(2).all(|pair| pair[1] > 1.1 * pair[0]), "{seed}: {steps:?}");
        }
    }

    #[test]
    fn light_spans_dark_and_bright_within_its_range() {
        let light = Scene::new(11).light(200, 150);
        let green = || light.pixels.iter().map(|pixel| pixel[1]);
        let (low, high) = (green().fold(1.0, f32::min), green().fold(0.0, f32::max));
        assert!((0.002..0.1).contains(&low), "darkest {low}");
        assert!(high <= 1.0 && high > 0.4, "brightest {high}");
    }

    #[test]
    fn tiny_scenes_can_be_made() {
        for (width, height) in [(1, 1), (1, 9), (9, 1), (3, 2)] {
            assert_eq!(Scene::new(1).light(width, height).pixels.len(), width * height);
        }
    }
}
