// SPDX-License-Identifier: MIT OR Apache-2.0
//! From packed bytes to samples.

use super::layout::Layout;

/// Unpacks the samples of one row; samples of 32 bits keep their upper 16.
pub(super) fn unpack(row: &[u8], layout: &Layout, out: &mut [u16]) {
    match layout.bits {
        8 => out.iter_mut().zip(row).for_each(|(out, byte)| *out = u16::from(*byte)),
        16 => {
            let read = if layout.is_big_endian { u16::from_be_bytes } else { u16::from_le_bytes };
            out.iter_mut().zip(row.as_chunks().0).for_each(|(out, bytes)| *out = read(*bytes));
        }
        32 => {
            let read = if layout.is_big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
            let upper = |bytes: &[u8; 4]| (read(*bytes) >> 16) as u16;
            out.iter_mut().zip(row.as_chunks().0).for_each(|(out, bytes)| *out = upper(bytes));
        }
        bits => unpack_bits(row, bits, out),
    }
}

/// Samples of fewer than 16 bits, the highest bit first, in either byte order.
fn unpack_bits(row: &[u8], bits: u8, out: &mut [u16]) {
    let mut bytes = row.iter();
    let (mut held, mut count) = (0_u32, 0);
    for out in out {
        while count < u32::from(bits) {
            held = held << 8 | u32::from(bytes.next().copied().unwrap_or(0));
            count += 8;
        }
        count -= u32::from(bits);
        // Fewer than 16 bits are left after the mask.
        *out = (held >> count & ((1 << bits) - 1)) as u16;
        held &= (1 << count) - 1;
    }
}

/// Bytes of a chunk whose chroma is subsampled: for each block of luma one of either chroma.
pub(super) fn subsampled_bytes(layout: &Layout, rows: usize) -> Option<usize> {
    let (across, down) = layout.subsampling;
    let blocks = layout.chunk_width.div_ceil(across).checked_mul(rows.div_ceil(down))?;
    blocks.checked_mul(across * down + 2)
}

/// Spreads subsampled chroma over its block, without interpolation: luma and both chroma of each
/// pixel, row by row [TIFF 6.0, section 21, *Ordering of Component Samples*].
pub(super) fn spread_chroma(stored: &[u8], layout: &Layout, rows: usize) -> Vec<u8> {
    let (across, down) = layout.subsampling;
    let width = layout.chunk_width;
    let mut out = vec![0; width * rows * 3];
    let blocks = stored.chunks_exact(across * down + 2);
    let columns = width.div_ceil(across);
    for (index, block) in blocks.enumerate() {
        let (luma, chroma) = block.split_at(across * down);
        let (from_x, from_y) = (index % columns * across, index / columns * down);
        for (place, luma) in luma.iter().enumerate() {
            let (x, y) = (from_x + place % across, from_y + place / across);
            if x < width && y < rows {
                let at = (y * width + x) * 3;
                if let Some(pixel) = out.get_mut(at..at + 3) {
                    pixel.copy_from_slice(&[*luma, chroma[0], chroma[1]]);
                }
            }
        }
    }
    out
}
