// SPDX-License-Identifier: MIT OR Apache-2.0
//! Blocks of sequential scans (ITU-T T.81 F.2.2).

use super::bits::BitReader;
use super::lookup::Lookup;
use super::scan::{narrow, BlockCoder};
use super::tables::NATURAL_FROM_ZIGZAG;

/// Decodes whole blocks: a DC difference, then run and value pairs up to the end of block.
pub(super) struct Sequential<'a> {
    /// DC and AC tables of each component of the scan.
    pub(super) tables: Vec<(&'a Lookup, &'a Lookup)>,
    /// Last DC value of each component of the scan.
    pub(super) predictions: Vec<i32>,
}

impl BlockCoder for Sequential<'_> {
    #[inline(always)]
    fn read(
        &mut self,
        reader: &mut BitReader<'_>,
        part: usize,
        block: Option<&mut [i16; 64]>,
    ) -> Option<()> {
        let (dc, ac) = *self.tables.get(part)?;
        let prediction = self.predictions.get_mut(part)?;
        let Some(block) = block else {
            // Where the next block is one that is kept, its prediction matters.
            let (_, difference) = dc.read(reader)?;
            *prediction = prediction.wrapping_add(difference);
            return skip_ac(reader, ac);
        };
        let (_, difference) = dc.read(reader)?;
        *prediction = prediction.wrapping_add(difference);
        block[0] = narrow(*prediction);
        read_ac(reader, ac, block)
    }

    fn restart(&mut self) {
        self.predictions.fill(0);
    }

    fn discard(&self, block: &mut [i16; 64]) {
        block.fill(0);
    }
}

#[inline(always)]
fn read_ac(reader: &mut BitReader<'_>, table: &Lookup, block: &mut [i16; 64]) -> Option<()> {
    let mut position = 1;
    while position < 64 {
        let (entry, value) = table.read(reader)?;
        if entry.size() == 0 {
            // A run of 16 zeros; every other symbol of size 0 ends the block.
            if entry.run() != 15 {
                break;
            }
            position += 16;
            continue;
        }
        position += entry.run() as usize;
        let natural = *NATURAL_FROM_ZIGZAG.get(position)?;
        block[usize::from(natural & 63)] = narrow(value);
        position += 1;
    }
    Some(())
}

#[inline(always)]
fn skip_ac(reader: &mut BitReader<'_>, table: &Lookup) -> Option<()> {
    let mut position = 1;
    while position < 64 {
        let entry = table.skip(reader)?;
        if entry.size() == 0 && entry.run() != 15 {
            break;
        }
        position += entry.run() + 1;
    }
    Some(())
}

#[cfg(test)]
mod tests;
