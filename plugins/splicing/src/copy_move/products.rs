// SPDX-License-Identifier: MIT OR Apache-2.0
//! Inner products of descriptors, many at a time.
//!
//! *How it is fast.* Descriptors lie in panels of [`WIDTH`]: two neighbouring numbers of each side by
//! side, so that one instruction multiplies the pairs of a panel with a pair of another descriptor and
//! adds both products. Sums are whole numbers: every machine gets the same ones.

use super::descriptor::{Descriptor, LENGTH};
use super::keypoint::Keypoint;

/// Descriptors of a panel.
pub(super) const WIDTH: usize = 16;
/// Descriptors that are multiplied with a panel at a time.
pub(super) const ROWS: usize = 4;
/// Pairs of numbers of a descriptor.
const PAIRS: usize = LENGTH / 2;

/// Two neighbouring numbers of a descriptor, the first in the lower half.
type Pair = i32;
/// One descriptor.
pub(super) type Row = [Pair; PAIRS];
/// Several descriptors, pair by pair.
pub(super) type Panel = [[Pair; WIDTH]; PAIRS];
/// Products of several descriptors with those of a panel.
pub(super) type Products = [[i32; WIDTH]; ROWS];

/// A descriptor in pairs.
pub(super) fn row(descriptor: &Descriptor) -> Row {
    let pairs = descriptor.0.as_chunks::<2>().0;
    std::array::from_fn(|i| {
        let [[a, b], [c, d]] = pairs[i].map(i16::to_le_bytes);
        i32::from_le_bytes([a, b, c, d])
    })
}

/// The descriptors of points in panels; zeros fill the last.
pub(super) fn panels(points: &[Keypoint]) -> Vec<Panel> {
    let panel = |points: &[Keypoint]| -> Panel {
        let mut panel = [[0; WIDTH]; PAIRS];
        for (column, point) in points.iter().enumerate() {
            for (pairs, pair) in panel.iter_mut().zip(row(&point.descriptor)) {
                pairs[column] = pair;
            }
        }
        panel
    };
    points.chunks(WIDTH).map(panel).collect()
}

/// The products of rows with a panel.
pub(super) fn products(rows: [&Row; ROWS], panel: &Panel, out: &mut Products) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected;
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni") {
            // SAFETY: the processor has what the function was compiled for.
            #[allow(unsafe_code)]
            unsafe {
                x86::products_vnni(rows, panel, out);
            }
            return;
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has what the function was compiled for.
            #[allow(unsafe_code)]
            unsafe {
                x86::products_avx2(rows, panel, out);
            }
            return;
        }
    }
    products_portable(rows, panel, out);
}

fn products_portable(rows: [&Row; ROWS], panel: &Panel, out: &mut Products) {
    let numbers = |pair: Pair| {
        let [a, b, c, d] = pair.to_le_bytes();
        [i16::from_le_bytes([a, b]), i16::from_le_bytes([c, d])].map(i32::from)
    };
    for (row, out) in rows.iter().zip(out) {
        *out = [0; WIDTH];
        for (&pair, others) in row.iter().zip(panel) {
            let [a, b] = numbers(pair);
            for (sum, &other) in out.iter_mut().zip(others) {
                let [c, d] = numbers(other);
                *sum += a * c + b * d;
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Panel, Products, Row, ROWS, WIDTH};

    #[target_feature(enable = "avx2")]
    pub(super) fn products_avx2(rows: [&Row; ROWS], panel: &Panel, out: &mut Products) {
        let mut sums = [[_mm256_setzero_si256(); 2]; ROWS];
        for (pair, others) in panel.iter().enumerate() {
            let halves = load_256(others);
            for (sums, row) in sums.iter_mut().zip(rows) {
                let value = _mm256_set1_epi32(row[pair]);
                for (sum, half) in sums.iter_mut().zip(halves) {
                    *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(value, half));
                }
            }
        }
        for (out, sums) in out.iter_mut().zip(sums) {
            // SAFETY: both are 64 bytes of whole numbers, of which every pattern of bits is one.
            #[allow(unsafe_code)]
            let sums = unsafe { std::mem::transmute::<[__m256i; 2], [i32; WIDTH]>(sums) };
            *out = sums;
        }
    }

    #[target_feature(enable = "avx2")]
    fn load_256(values: &[i32; WIDTH]) -> [__m256i; 2] {
        // SAFETY: both are 64 bytes of whole numbers, of which every pattern of bits is one.
        #[allow(unsafe_code)]
        unsafe {
            std::mem::transmute::<[i32; WIDTH], [__m256i; 2]>(*values)
        }
    }

    #[target_feature(enable = "avx512f,avx512vnni")]
    pub(super) fn products_vnni(rows: [&Row; ROWS], panel: &Panel, out: &mut Products) {
        let mut sums = [_mm512_setzero_si512(); ROWS];
        for (pair, others) in panel.iter().enumerate() {
            // SAFETY: both are 64 bytes of whole numbers, of which every pattern of bits is one.
            #[allow(unsafe_code)]
            let others = unsafe { std::mem::transmute::<[i32; WIDTH], __m512i>(*others) };
            for (sum, row) in sums.iter_mut().zip(rows) {
                *sum = _mm512_dpwssd_epi32(*sum, _mm512_set1_epi32(row[pair]), others);
            }
        }
        for (out, sum) in out.iter_mut().zip(sums) {
            // SAFETY: both are 64 bytes of whole numbers, of which every pattern of bits is one.
            #[allow(unsafe_code)]
            let sum = unsafe { std::mem::transmute::<__m512i, [i32; WIDTH]>(sum) };
            *out = sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn descriptors() -> impl Strategy<Value = Vec<Descriptor>> {
        let number = (0_u8..=255).prop_map(|value| i16::from(value) * 4 - 100);
        let numbers = proptest::collection::vec(number, LENGTH);
        let descriptor =
            numbers.prop_map(|numbers| Descriptor(std::array::from_fn(|i| numbers[i])));
        proptest::collection::vec(descriptor, ROWS..2 * WIDTH)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn products_are_the_sums_of_the_numbers_products(descriptors in descriptors()) {
            let rows: Vec<Row> = descriptors.iter().map(row).collect();
            let point = |descriptor: &Descriptor| {
                Keypoint { at: [0.0; 2], sigma: 1.0, angle: 0.0, descriptor: descriptor.clone() }
            };
            let points: Vec<Keypoint> = descriptors.iter().map(point).collect();
            for (panel, of_panel) in panels(&points).iter().zip(descriptors.chunks(WIDTH)) {
                let first: [&Row; ROWS] = std::array::from_fn(|i| &rows[i]);
                let (mut fast, mut plain) = ([[0; WIDTH]; ROWS], [[0; WIDTH]; ROWS]);
                products(first, panel, &mut fast);
                products_portable(first, panel, &mut plain);
                prop_assert_eq!(fast, plain);
                for (products, a) in fast.iter().zip(&descriptors) {
                    for (product, b) in products.iter().zip(of_panel) {
                        let pairs = a.0.iter().zip(b.0);
                        let sum: i32 = pairs.map(|(&a, b)| i32::from(a) * i32::from(b)).sum();
                        prop_assert_eq!(*product, sum);
                    }
                }
            }
        }
    }
}
