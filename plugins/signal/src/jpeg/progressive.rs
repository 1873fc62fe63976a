// SPDX-License-Identifier: MIT OR Apache-2.0
//! Blocks of progressive scans: spectral selection and successive approximation
//! (ITU-T T.81 G.1.2 and G.2).

use super::bits::BitReader;
use super::lookup::Lookup;
use super::scan::{narrow, BlockCoder};
use super::tables::NATURAL_FROM_ZIGZAG;

/// First scan of the DC coefficient.
pub(super) struct DcFirst<'a> {
    /// DC table of each component of the scan.
    pub(super) tables: Vec<&'a Lookup>,
    /// Last DC value of each component of the scan.
    pub(super) predictions: Vec<i32>,
    /// Low bits that later scans bring.
    pub(super) shift: u32,
}

impl BlockCoder for DcFirst<'_> {
    fn read(
        &mut self,
        reader: &mut BitReader<'_>,
        part: usize,
        block: Option<&mut [i16; 64]>,
    ) -> Option<()> {
        let (_, difference) = self.tables.get(part)?.read(reader)?;
        let prediction = self.predictions.get_mut(part)?;
        *prediction = prediction.wrapping_add(difference);
        if let Some(block) = block {
            block[0] = narrow(prediction.wrapping_shl(self.shift));
        }
        Some(())
    }

    fn restart(&mut self) {
        self.predictions.fill(0);
    }

    fn discard(&self, block: &mut [i16; 64]) {
        block[0] = 0;
    }
}

/// A further bit of the DC coefficient.
pub(super) struct DcRefine {
    /// Which bit.
    pub(super) shift: u32,
}

impl BlockCoder for DcRefine {
    fn read(
        &mut self,
        reader: &mut BitReader<'_>,
        _part: usize,
        block: Option<&mut [i16; 64]>,
    ) -> Option<()> {
        let bit = reader.take(1);
        if let (Some(block), 1) = (block, bit) {
            block[0] |= 1 << self.shift;
        }
        Some(())
    }

    fn restart(&mut self) {}

    fn discard(&self, _block: &mut [i16; 64]) {}
}

/// A scan of AC coefficients of one component.
pub(super) struct AcBand<'a> {
    /// AC table.
    pub(super) table: &'a Lookup,
    /// First zigzag position of the band, at least 1.
    pub(super) first: usize,
    /// Last zigzag position, at most 63.
    pub(super) last: usize,
    /// Low bits that later scans bring.
    pub(super) shift: u32,
    /// Blocks, from the next one, in which the band ends at once.
    pub(super) end_run: u32,
}

impl AcBand<'_> {
    /// The natural index of a zigzag position that lies in the band.
    #[inline(always)]
    fn natural(&self, position: usize) -> Option<usize> {
        let natural = NATURAL_FROM_ZIGZAG.get(position).filter(|_| position <= self.last)?;
        Some(usize::from(natural & 63))
    }

    /// Length of an end-of-band run, the present block included (T.81 table G.1).
    #[inline(always)]
    fn read_end_run(reader: &mut BitReader<'_>, category: u32) -> u32 {
        (1 << category) + reader.take(category)
    }
}

/// First scan of a band.
pub(super) struct AcFirst<'a>(pub(super) AcBand<'a>);

impl BlockCoder for AcFirst<'_> {
    #[inline(always)]
    fn read(
        &mut self,
        reader: &mut BitReader<'_>,
        _part: usize,
        block: Option<&mut [i16; 64]>,
    ) -> Option<()> {
        let band = &mut self.0;
        if band.end_run > 0 {
            band.end_run -= 1;
            return Some(());
        }
        // AC scans are never interleaved, so every block is one that is kept.
        let block = block?;
        let mut position = band.first;
        while position <= band.last {
            let (entry, value) = band.table.read(reader)?;
            if entry.size() == 0 {
                if entry.run() != 15 {
                    band.end_run = AcBand::read_end_run(reader, entry.run()) - 1;
                    break;
                }
                position += 16;
                continue;
            }
            position += entry.run() as usize;
            block[band.natural(position)?] = narrow(value << band.shift);
            position += 1;
        }
        Some(())
    }

    fn restart(&mut self) {
        self.0.end_run = 0;
    }

    fn discard(&self, block: &mut [i16; 64]) {
        for position in self.0.first..=self.0.last {
            if let Some(natural) = self.0.natural(position) {
                block[natural] = 0;
            }
        }
    }
}

/// A further bit of a band.
pub(super) struct AcRefine<'a>(pub(super) AcBand<'a>);

impl AcRefine<'_> {
    /// Refines coefficients that are known and steps over `zeros` that are not; returns the
    /// position of the zero after those, or one beyond the band.
    #[inline(always)]
    fn advance(
        &self,
        reader: &mut BitReader<'_>,
        block: &mut [i16; 64],
        mut position: usize,
        mut zeros: u32,
    ) -> usize {
        while let Some(natural) = self.0.natural(position) {
            let coefficient = &mut block[natural];
            if *coefficient == 0 {
                if zeros == 0 {
                    break;
                }
                zeros -= 1;
            } else if reader.take(1) == 1 {
                let step = coefficient.signum() << self.0.shift;
                *coefficient = coefficient.saturating_add(step);
            }
            position += 1;
        }
        position
    }
}

impl BlockCoder for AcRefine<'_> {
    fn read(
        &mut self,
        reader: &mut BitReader<'_>,
        _part: usize,
        block: Option<&mut [i16; 64]>,
    ) -> Option<()> {
        let block = block?;
        let mut position = self.0.first;
        if self.0.end_run == 0 {
            while position <= self.0.last {
                let (entry, value) = self.0.table.read(reader)?;
                if entry.size() == 0 && entry.run() != 15 {
                    self.0.end_run = AcBand::read_end_run(reader, entry.run());
                    break;
                }
                // A new coefficient has magnitude 1 at this bit.
                if entry.size() > 1 {
                    return None;
                }
                position = self.advance(reader, block, position, entry.run());
                if entry.size() == 1 {
                    block[self.0.natural(position)?] = narrow(value << self.0.shift);
                }
                position += 1;
            }
        }
        if self.0.end_run > 0 {
            self.advance(reader, block, position, u32::MAX);
            self.0.end_run -= 1;
        }
        Some(())
    }

    fn restart(&mut self) {
        self.0.end_run = 0;
    }

    fn discard(&self, _block: &mut [i16; 64]) {}
}

#[cfg(test)]
mod tests;
