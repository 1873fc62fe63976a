// SPDX-License-Identifier: MIT OR Apache-2.0
//! `ac`: autocorrelation of the high-pass residual.
//!
//! *What it tests.* The correlation of the residual (pixel minus the mean of its four neighbours)
//! with itself at 15 displacements up to 8 px.
//!
//! *Why it works.* Demosaicing, denoising and JPEG leave a known, short correlation; decoders leave
//! longer ones, with the period of their upsampling.
//!
//! *When it does not apply.* Textures with a period of their own.
//!
//! *Constants and their source.* Residuals are held at 15 levels, so that edges do not decide.
//!
//! *References.* Corvi et al., CVPRW 2023, section 3.1 (autocorrelation of noise residuals).

use ndarray::s;

use super::row;
use crate::residual::high_pass;
use crate::{avx2_dispatch, Samples};

/// Largest residual, levels.
const LARGEST: f32 = 15.0;
/// Keeps the correlation of a flat plane finite, squared levels.
const FLOOR: f64 = 1e-3;
/// Sums of products that a vector holds, and those of four, which need not wait for each other.
const LANES: usize = 8;
const WIDE: usize = 4 * LANES;
/// Displacements `(dy, dx)`, px.
const LAGS: [(usize, usize); 15] = [
    (0, 1),
    (1, 0),
    (1, 1),
    (0, 2),
    (2, 0),
    (2, 2),
    (0, 3),
    (3, 0),
    (0, 4),
    (4, 0),
    (0, 6),
    (6, 0),
    (0, 8),
    (8, 0),
    (8, 8),
];

pub(super) fn push(plane: &Samples, values: &mut Vec<f32>) {
    let (height, width) = plane.dim();
    let whole = high_pass(plane);
    // Without the border, whose neighbours are mirrored.
    let inner = whole.slice(s![1..height - 1, 1..width - 1]);
    let mut residual = inner.mapv(|x| x.clamp(-LARGEST, LARGEST));
    let mean = residual.iter().map(|&x| f64::from(x)).sum::<f64>() / residual.len() as f64;
    residual.mapv_inplace(|x| x - mean as f32);
    let variance = mean_product(&residual, (0, 0)) + FLOOR;
    values.extend(LAGS.map(|lag| (mean_product(&residual, lag) / variance) as f32));
}

/// Mean product of the plane with itself moved by `(dy, dx)`, where both lie inside.
fn mean_product(plane: &Samples, (dy, dx): (usize, usize)) -> f64 {
    let (height, width) = plane.dim();
    let mut sum = 0.0_f64;
    add_products(plane, (dy, dx), &mut sum);
    sum / ((height - dy) * (width - dx)) as f64
}

#[inline(always)]
fn add_products_portable(plane: &Samples, (dy, dx): (usize, usize), sum: &mut f64) {
    let (height, width) = plane.dim();
    for y in 0..height - dy {
        let (here, moved) = (&row(plane, y)[..width - dx], &row(plane, y + dy)[dx..]);
        *sum += f64::from(dot(here, moved));
    }
}

avx2_dispatch! {
    /// Adds up the products of the rows.
    fn add_products(plane: &Samples, lag: (usize, usize), sum: &mut f64) = add_products_portable
}

/// Sum of products in lanes, so that the loop vectorises without changing its order.
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_wide, a) = a.as_chunks::<WIDE>();
    let (b_wide, b) = b.as_chunks::<WIDE>();
    let wide = lane_sums(a_wide, b_wide);
    let (a_lanes, a) = a.as_chunks::<LANES>();
    let (b_lanes, b) = b.as_chunks::<LANES>();
    let mut lanes = lane_sums(a_lanes, b_lanes);
    for wide in wide.as_chunks::<LANES>().0 {
        lanes.iter_mut().zip(wide).for_each(|(sum, lane)| *sum += lane);
    }
    let rest: f32 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f32>() + rest
}

#[inline(always)]
fn lane_sums<const N: usize>(a: &[[f32; N]], b: &[[f32; N]]) -> [f32; N] {
    let mut sums = [0.0_f32; N];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..N {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums
}

pub(super) fn names() -> Vec<String> {
    LAGS.iter().map(|(dy, dx)| format!("{dy}{dx}")).collect()
}
