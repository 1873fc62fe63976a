// SPDX-License-Identifier: MIT OR Apache-2.0
//! One scan: its header, and the walk over its blocks in coding order.
//!
//! Several components are interleaved by minimum coded units, padded to whole units; a single
//! component is coded by blocks without padding (ITU-T T.81 A.2, B.2.3, E.2.4).

use super::bits::{BitReader, Intervals};
use super::frame::Frame;
use super::segments::Segment;

/// A scan header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ScanHeader {
    /// Index in the frame, DC slot and AC slot of each component.
    pub(super) parts: Vec<(usize, usize, usize)>,
    /// First and last zigzag position.
    pub(super) band: (usize, usize),
    /// Successive approximation: bit position before (0 in a first scan) and after this scan.
    pub(super) high: u32,
    pub(super) low: u32,
}

impl ScanHeader {
    /// Reads a scan header of a frame.
    pub(super) fn read(segment: &Segment<'_>, frame: &Frame) -> Result<Self, &'static str> {
        let (count, rest) = segment.payload.split_first().ok_or("the header is empty")?;
        let count = usize::from(*count);
        if count == 0 || count > frame.components.len() {
            return Err("the number of components does not fit the frame");
        }
        let (entries, tail) = rest.split_at_checked(2 * count).ok_or("the header is cut short")?;
        let mut parts: Vec<(usize, usize, usize)> = Vec::with_capacity(count);
        for [id, slots] in entries.as_chunks::<2>().0 {
            // Identifiers that appear twice in a frame stand for its components in their order.
            let index = (0..frame.components.len())
                .find(|index| {
                    frame.components[*index].id == *id
                        && parts.iter().all(|(known, ..)| known != index)
                })
                .ok_or("a component is not in the frame, or named twice")?;
            let (dc, ac) = (usize::from(slots >> 4), usize::from(slots & 15));
            if dc > 3 || ac > 3 {
                return Err("a Huffman table slot is above 3");
            }
            parts.push((index, dc, ac));
        }
        let [first, last, bits] = *tail.first_chunk().ok_or("the header is cut short")?;
        let header = Self {
            parts,
            band: (first.into(), last.into()),
            high: u32::from(bits >> 4),
            low: u32::from(bits & 15),
        };
        if frame.is_progressive() {
            header.check_progressive()?;
        }
        Ok(header)
    }

    /// The rules of T.81 G.1.1.1.
    fn check_progressive(&self) -> Result<(), &'static str> {
        let (first, last) = self.band;
        if last > 63 || first > last {
            return Err("the band does not lie in 0..=63");
        }
        if first == 0 && last != 0 {
            return Err("a band mixes DC and AC coefficients");
        }
        if first > 0 && self.parts.len() != 1 {
            return Err("an AC band has more than one component");
        }
        if self.low > 13 || (self.high != 0 && self.high != self.low + 1) {
            return Err("the bit positions do not follow one another");
        }
        Ok(())
    }
}

/// How the blocks of a scan are coded.
pub(super) trait BlockCoder {
    /// Decodes the next block of component `part` of the scan; without `block` it is only
    /// stepped over. `None` if the data are no code.
    fn read(
        &mut self,
        reader: &mut BitReader<'_>,
        part: usize,
        block: Option<&mut [i16; 64]>,
    ) -> Option<()>;

    /// Begins a restart interval.
    fn restart(&mut self);

    /// Takes back what a read that failed half-way has written.
    fn discard(&self, block: &mut [i16; 64]);
}

/// One component in a scan.
pub(super) struct Part {
    /// Blocks across and down in a minimum coded unit; 1 and 1 where not interleaved.
    pub(super) unit: (usize, usize),
    /// Blocks of the component, without padding: columns and rows.
    pub(super) size: (usize, usize),
    /// 64 values a block, blocks in raster order; empty for a component that is not wanted.
    pub(super) values: Vec<i16>,
    /// Blocks that were decoded and kept.
    pub(super) decoded: usize,
}

impl Part {
    /// The block at a place, if it is kept.
    #[inline(always)]
    fn block(&mut self, column: usize, row: usize) -> Option<&mut [i16; 64]> {
        if column >= self.size.0 {
            return None;
        }
        self.values.as_chunks_mut().0.get_mut(row * self.size.0 + column)
    }
}

/// Decodes a scan of `units` (columns, rows) minimum coded units as far as its data go.
///
/// Damage costs the rest of its restart interval only.
pub(super) fn decode<C: BlockCoder>(
    coder: &mut C,
    parts: &mut [Part],
    units: (usize, usize),
    entropy: &[u8],
    restart_interval: usize,
) {
    let total = units.0 * units.1;
    let step = if restart_interval == 0 { total } else { restart_interval };
    let mut intervals = Intervals::new(entropy);
    let mut next = 0;
    while next < total {
        let Some(bytes) = intervals.next() else { break };
        let end = total.min(next + step);
        coder.restart();
        // What is missing shows in the count of decoded blocks.
        let _ = decode_interval(coder, parts, units.0, next..end, BitReader::new(bytes));
        next = end;
    }
}

/// Decodes the units of one restart interval; `None` at the first damage.
#[inline(always)]
fn decode_interval<C: BlockCoder>(
    coder: &mut C,
    parts: &mut [Part],
    unit_columns: usize,
    range: std::ops::Range<usize>,
    mut reader: BitReader<'_>,
) -> Option<()> {
    let (mut column, mut row) = (range.start % unit_columns, range.start / unit_columns);
    for _ in range {
        for (index, part) in parts.iter_mut().enumerate() {
            let (across, down) = part.unit;
            for y in row * down..(row + 1) * down {
                for x in column * across..(column + 1) * across {
                    let mut block = part.block(x, y);
                    let read = coder.read(&mut reader, index, block.as_deref_mut());
                    if read.is_none() || reader.is_overrun() {
                        if let Some(block) = block {
                            coder.discard(block);
                        }
                        return None;
                    }
                    part.decoded += usize::from(block.is_some());
                }
            }
        }
        column += 1;
        if column == unit_columns {
            (column, row) = (0, row + 1);
        }
    }
    Some(())
}

/// A coefficient in 16 bits; values beyond, which only damaged data have, are clamped.
#[inline(always)]
pub(super) fn narrow(value: i32) -> i16 {
    value.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

#[cfg(test)]
mod tests;
