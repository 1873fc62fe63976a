// SPDX-License-Identifier: MIT OR Apache-2.0
//! The 8x8 orthonormal DCT-II of JPEG and its inverse.
//!
//! A block is 64 values, row-major: samples at `[8 * y + x]`, coefficients at `[8 * v + u]` with
//! `u` the horizontal and `v` the vertical frequency (JPEG's "natural" order). Orthonormal means
//! that energy is kept and that these are the coefficients that JPEG quantises, up to the level
//! shift of the DC by 1024.
//!
//! *References.* Arai, Agui and Nakajima, "A fast DCT-SQ scheme for images", Trans. IEICE E-71,
//! 1988: the flow graph of five multiplications, whose outputs are the coefficients times
//! [`SCALE`]. ITU-T T.81, A.3.3: the transform.

/// Side of a block, px.
pub const SIDE: usize = 8;

/// Output `k` of [`scaled_8`] is the orthonormal coefficient `k` times `SCALE[k]`:
/// `sqrt(8)` for `k = 0` and `4 cos(k pi / 16)` for the others [Arai 1988].
pub const SCALE: [f32; 8] =
    [2.828_427, 3.923_141, 3.695_518, 3.325_878_4, 2.828_427, 2.222_281, 1.530_733_7, 0.780_361_3];

/// `cos(4 pi / 16)`
const COS_4: f32 = std::f32::consts::FRAC_1_SQRT_2;
/// `cos(6 pi / 16)`
const COS_6: f32 = 0.382_683_43;
/// `cos(2 pi / 16) - cos(6 pi / 16)`
const COS_2_MINUS_6: f32 = 0.541_196_1;
/// `cos(2 pi / 16) + cos(6 pi / 16)`
const COS_2_PLUS_6: f32 = 1.306_563;

/// Returns the 8-point DCT-II of `x`, output `k` times `SCALE[k]`.
///
/// Outputs 0 and 4 are sums and differences only, so they are exact for whole samples.
#[inline(always)]
#[must_use]
pub fn scaled_8(x: [f32; 8]) -> [f32; 8] {
    let (s0, s1, s2, s3) = (x[0] + x[7], x[1] + x[6], x[2] + x[5], x[3] + x[4]);
    let (d0, d1, d2, d3) = (x[0] - x[7], x[1] - x[6], x[2] - x[5], x[3] - x[4]);

    let (e0, e1, e2, e3) = (s0 + s3, s1 + s2, s1 - s2, s0 - s3);
    let turned = (e2 + e3) * COS_4;

    let (o0, o1, o2) = (d3 + d2, d2 + d1, d1 + d0);
    let shared = (o0 - o2) * COS_6;
    let (p, q) = (COS_2_MINUS_6 * o0 + shared, COS_2_PLUS_6 * o2 + shared);
    let middle = o1 * COS_4;
    let (near, far) = (d0 + middle, d0 - middle);

    [e0 + e1, near + q, e3 + turned, far - p, e0 - e1, far + p, e3 - turned, near - q]
}

/// Returns the orthonormal 8-point inverse of [`scaled_8`]'s unscaled coefficients, by definition.
#[inline]
fn inverse_8(coefficients: [f32; 8], basis: &[[f32; 8]; 8]) -> [f32; 8] {
    let mut samples = [0.0; 8];
    for (coefficient, wave) in coefficients.iter().zip(basis) {
        for (sample, value) in samples.iter_mut().zip(wave) {
            *sample += coefficient * value;
        }
    }
    samples
}

/// Returns `basis[k][n] = sqrt(2 / 8) C(k) cos((2 n + 1) k pi / 16)`, `C(0) = sqrt(1 / 2)`, else 1.
#[must_use]
pub fn basis() -> [[f32; 8]; 8] {
    let mut basis = [[0.0; 8]; 8];
    for (k, wave) in basis.iter_mut().enumerate() {
        let norm = if k == 0 { 0.125_f64.sqrt() } else { 0.5 };
        for (n, value) in wave.iter_mut().enumerate() {
            let angle = ((2 * n + 1) * k) as f64 * std::f64::consts::PI / 16.0;
            *value = (norm * angle.cos()) as f32;
        }
    }
    basis
}

/// Returns the orthonormal DCT of a block of samples.
#[must_use]
pub fn forward(samples: &[f32; 64]) -> [f32; 64] {
    let mut block = *samples;
    for row in block.as_chunks_mut::<8>().0 {
        *row = scaled_8(*row);
    }
    transposed_columns(&mut block, |column, u| {
        let scaled = scaled_8(column);
        std::array::from_fn(|v| scaled[v] / (SCALE[v] * SCALE[u]))
    });
    block
}

/// Returns the samples of a block of orthonormal coefficients.
#[must_use]
pub fn inverse(coefficients: &[f32; 64]) -> [f32; 64] {
    let basis = basis();
    let mut block = *coefficients;
    for row in block.as_chunks_mut::<8>().0 {
        *row = inverse_8(*row, &basis);
    }
    transposed_columns(&mut block, |column, _| inverse_8(column, &basis));
    block
}

fn transposed_columns(block: &mut [f32; 64], transform: impl Fn([f32; 8], usize) -> [f32; 8]) {
    for u in 0..8 {
        let column = transform(std::array::from_fn(|y| block[8 * y + u]), u);
        for (y, value) in column.into_iter().enumerate() {
            block[8 * y + u] = value;
        }
    }
}
