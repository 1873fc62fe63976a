// SPDX-License-Identifier: MIT OR Apache-2.0
//! Size and direction of the gradients along a line of places.
//!
//! *How it is fast.* All of it is inlined into kernels that are compiled for AVX2.

use std::f32::consts::{FRAC_PI_2, PI};

use super::field::Field;

/// Places of a line.
pub(super) const SAMPLES: usize = 16;

/// A value for each place.
pub(super) type Line = [f32; SAMPLES];

/// Coefficients of `atan(x) / x` in powers of `x^2`, for `x` in `0..=1`, to 2e-8 [Abramowitz and
/// Stegun 4.4.49].
const ARC_TANGENT: [f32; 9] = [
    1.0,
    -0.333_331_45,
    0.199_935_51,
    -0.142_089,
    0.106_562_64,
    -0.075_289_64,
    0.042_909_614,
    -0.016_165_737,
    0.002_866_225_7,
];

/// Sizes of the gradients at the samples nearest to the places, and their directions, radians in
/// `-PI..=PI`.
#[inline(always)]
pub(super) fn polar(plane: &Field, xs: &Line, ys: &Line) -> (Line, Line) {
    let [left, right, up, down] = neighbours(plane.width, plane.height, xs, ys);
    let samples = plane.samples.as_slice();
    let half = |to: i32, from: i32| 0.5 * (samples[to as usize] - samples[from as usize]);
    let (mut sizes, mut angles) = ([0.0; SAMPLES], [0.0; SAMPLES]);
    for i in 0..SAMPLES {
        sizes[i] = half(right[i], left[i]);
        angles[i] = half(down[i], up[i]);
    }
    to_polar(&mut sizes, &mut angles);
    (sizes, angles)
}

/// Indices of the samples left, right, above and below of those nearest to the places; the outermost
/// stand for those outside.
#[inline(always)]
fn neighbours(width: usize, height: usize, xs: &Line, ys: &Line) -> [[i32; SAMPLES]; 4] {
    let mut places = [[0; SAMPLES]; 4];
    let (width, right, bottom) = (width as i32, width as i32 - 1, height as i32 - 1);
    for i in 0..SAMPLES {
        let x = ((xs[i].max(0.0) + 0.5) as i32).min(right);
        let y = ((ys[i].max(0.0) + 0.5) as i32).min(bottom);
        places[0][i] = y * width + (x - 1).max(0);
        places[1][i] = y * width + (x + 1).min(right);
        places[2][i] = (y - 1).max(0) * width + x;
        places[3][i] = (y + 1).min(bottom) * width + x;
    }
    places
}

/// Lengths and directions in place of coordinates.
#[inline(always)]
fn to_polar(xs: &mut Line, ys: &mut Line) {
    for (x, y) in xs.iter_mut().zip(ys) {
        let (across, down) = (x.abs(), y.abs());
        let (longer, shorter) = (across.max(down), across.min(down));
        let slope = shorter / longer.max(f32::MIN_POSITIVE);
        let square = slope * slope;
        let series = ARC_TANGENT.iter().rev().fold(0.0, |sum, term| sum * square + term);
        let octant = slope * series;
        let quadrant = if down > across { FRAC_PI_2 - octant } else { octant };
        let half = if *x < 0.0 { PI - quadrant } else { quadrant };
        *x = (*x * *x + *y * *y).sqrt();
        *y = half.copysign(*y);
    }
}

#[cfg(test)]
mod tests {
    use super::{to_polar, Line};

    #[test]
    fn directions_are_those_of_the_library() {
        let coordinates: Vec<f32> = (-40..40).map(|i| i as f32 * 1.7).collect();
        for &y in &coordinates {
            for xs in coordinates.as_chunks().0 {
                let (mut sizes, mut angles): (Line, Line) = (*xs, [y; 16]);
                to_polar(&mut sizes, &mut angles);
                for ((&x, size), angle) in xs.iter().zip(sizes).zip(angles) {
                    assert!((size - x.hypot(y)).abs() < 1e-5 * size.max(1.0));
                    assert!((angle - y.atan2(x)).abs() < 1e-6, "atan2({y}, {x}) is not {angle}");
                }
            }
        }
    }
}
