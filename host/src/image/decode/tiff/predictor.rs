// SPDX-License-Identifier: MIT OR Apache-2.0
//! Undoes horizontal differencing [TIFF 6.0, section 14].

use super::layout::Layout;
use super::unsupported;
use crate::image::DecodeError;

/// Adds to each sample the one of the same kind to its left.
pub(super) fn undo(layout: &Layout, rows: &mut [u8], row_bytes: usize) -> Result<(), DecodeError> {
    if layout.predictor != 2 {
        return Err(unsupported(format!("predictor {}", layout.predictor)));
    }
    let step = layout.samples_of_plane();
    for row in rows.chunks_exact_mut(row_bytes) {
        match layout.bits {
            8 => add::<1>(row, step, |[sample], [left]| [sample.wrapping_add(left)]),
            16 if layout.is_big_endian => add(row, step, |sample, left| {
                u16::from_be_bytes(sample).wrapping_add(u16::from_be_bytes(left)).to_be_bytes()
            }),
            16 => add(row, step, |sample, left| {
                u16::from_le_bytes(sample).wrapping_add(u16::from_le_bytes(left)).to_le_bytes()
            }),
            32 if layout.is_big_endian => add(row, step, |sample, left| {
                u32::from_be_bytes(sample).wrapping_add(u32::from_be_bytes(left)).to_be_bytes()
            }),
            32 => add(row, step, |sample, left| {
                u32::from_le_bytes(sample).wrapping_add(u32::from_le_bytes(left)).to_le_bytes()
            }),
            bits => return Err(unsupported(format!("differences of {bits} bits"))),
        }
    }
    Ok(())
}

fn add<const N: usize>(row: &mut [u8], step: usize, sum: impl Fn([u8; N], [u8; N]) -> [u8; N]) {
    let samples = row.as_chunks_mut::<N>().0;
    for at in step..samples.len() {
        samples[at] = sum(samples[at], samples[at - step]);
    }
}
