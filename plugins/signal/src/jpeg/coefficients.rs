// SPDX-License-Identifier: MIT OR Apache-2.0
//! Quantised DCT coefficients of sequential and progressive Huffman files.
//!
//! Only the components that are asked for are stored. Others are decoded where they are
//! interleaved with a wanted one, because only decoding tells where they end, and skipped with
//! their whole scan elsewhere.

use super::frame::{Coding, Frame};
use super::huffman::HuffmanTable;
use super::lookup::Lookup;
use super::marker;
use super::progressive::{AcBand, AcFirst, AcRefine, DcFirst, DcRefine};
use super::scan::{self, Part, ScanHeader};
use super::segments::Segment;
use super::sequential::Sequential;
use super::{JpegError, JpegFile};

/// Bounds on the work and memory of decoding coefficients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most samples of the frame, width by height. A stored component needs at most 2 bytes a
    /// sample and 128 a block.
    pub max_pixels: u64,
    /// Most scans. Ordinary progressive files have about 10.
    pub max_scans: u64,
    /// Most blocks that are decoded, counted anew in every scan that passes over them.
    pub max_decoded_blocks: u64,
}

impl Default for Limits {
    /// 100 million samples, 256 scans, 64 million blocks: ten passes over 100 million samples in
    /// 4:4:4 with room to spare, a few seconds at worst.
    fn default() -> Self {
        Self { max_pixels: 100_000_000, max_scans: 256, max_decoded_blocks: 64_000_000 }
    }
}

/// The quantised coefficients of one component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentCoefficients {
    /// Blocks a row, without the padding of interleaved scans.
    pub block_columns: u32,
    /// Block rows, without padding.
    pub block_rows: u32,
    /// `block_columns * block_rows` blocks in raster order, 64 values each in natural (row-major)
    /// order, as coded: not multiplied with the quantisation table. Blocks that are missing are
    /// zero or less precise.
    pub values: Vec<i16>,
    /// Blocks that at least one scan of the component did not reach, in the scan that fared worst.
    pub missing_blocks: u64,
    /// Every coefficient was coded down to its last bit; not so where a progressive file is cut
    /// off between scans.
    pub is_precise: bool,
}

impl ComponentCoefficients {
    /// The values by blocks, in raster order.
    #[must_use]
    pub fn blocks(&self) -> &[[i16; 64]] {
        self.values.as_chunks().0
    }

    /// Nothing is missing and every coefficient is precise.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing_blocks == 0 && self.is_precise
    }
}

/// Quantised luma coefficients of a JPEG file: [`JpegFile::luma_coefficients`] in one step.
///
/// # Errors
/// As [`JpegFile::parse`] and [`JpegFile::luma_coefficients`].
pub fn read_luma_coefficients(
    bytes: &[u8],
    limits: &Limits,
) -> Result<ComponentCoefficients, JpegError> {
    JpegFile::parse(bytes)?.luma_coefficients(limits)
}

/// Decodes one component of a frame, or all of them.
pub(super) fn decode(
    frame: &Frame,
    segments: &[Segment<'_>],
    wanted: Option<usize>,
    limits: &Limits,
) -> Result<Vec<ComponentCoefficients>, JpegError> {
    check_support(frame)?;
    let pixels = u64::from(frame.width) * u64::from(frame.height);
    within("samples", pixels, limits.max_pixels)?;
    let mut decoder = Decoder::new(frame, wanted, *limits);
    for segment in segments {
        // What a damaged header says of the following data is unknown: keep what came before.
        match decoder.take(segment) {
            Err(JpegError::Malformed { .. }) if decoder.has_begun() => break,
            outcome => outcome?,
        }
    }
    decoder.finish()
}

fn check_support(frame: &Frame) -> Result<(), JpegError> {
    match frame.coding {
        Coding::Baseline | Coding::Extended | Coding::Progressive if frame.precision == 8 => Ok(()),
        Coding::Baseline | Coding::Extended | Coding::Progressive => {
            Err(JpegError::UnsupportedProcess { process: "with other than 8 bits a sample" })
        }
        coding => Err(JpegError::UnsupportedProcess { process: coding.name() }),
    }
}

fn within(what: &'static str, found: u64, limit: u64) -> Result<(), JpegError> {
    if found > limit {
        return Err(JpegError::LimitExceeded { what, found, limit });
    }
    Ok(())
}

/// A component while its scans come in.
struct Target {
    /// Blocks without padding: columns and rows.
    size: (usize, usize),
    /// 64 a block; allocated by the first scan, if wanted at all.
    values: Vec<i16>,
    wanted: bool,
    scanned: bool,
    missing: usize,
    /// Low bits of each coefficient (by zigzag position) still to come; `u32::MAX`: all of it.
    bits_to_come: [u32; 64],
}

struct Decoder<'f> {
    frame: &'f Frame,
    limits: Limits,
    targets: Vec<Target>,
    dc: [Option<Lookup>; 4],
    ac: [Option<Lookup>; 4],
    restart_interval: usize,
    scans: u64,
    decoded_blocks: u64,
}

impl<'f> Decoder<'f> {
    fn new(frame: &'f Frame, wanted: Option<usize>, limits: Limits) -> Self {
        let target = |index| {
            let (columns, rows) = frame.component_blocks(index).unwrap_or_default();
            Target {
                size: (columns as usize, rows as usize),
                values: Vec::new(),
                wanted: wanted.is_none_or(|wanted| wanted == index),
                scanned: false,
                missing: 0,
                bits_to_come: [u32::MAX; 64],
            }
        };
        Self {
            frame,
            limits,
            targets: (0..frame.components.len()).map(target).collect(),
            dc: [const { None }; 4],
            ac: [const { None }; 4],
            restart_interval: 0,
            scans: 0,
            decoded_blocks: 0,
        }
    }

    fn has_begun(&self) -> bool {
        self.targets.iter().any(|target| target.scanned)
    }

    fn take(&mut self, segment: &Segment<'_>) -> Result<(), JpegError> {
        match segment.marker {
            marker::DHT => {
                for table in HuffmanTable::read_all(segment)? {
                    let slots = if table.is_ac { &mut self.ac } else { &mut self.dc };
                    slots[usize::from(table.slot & 3)] = Some(Lookup::new(&table));
                }
            }
            marker::DRI => {
                let interval = segment.payload.first_chunk().ok_or(JpegError::Malformed {
                    name: "DRI",
                    offset: segment.offset,
                    problem: "the segment is cut short",
                })?;
                self.restart_interval = u16::from_be_bytes(*interval).into();
            }
            marker::SOS if segment.offset > self.frame.offset => {
                self.scans += 1;
                within("scans", self.scans, self.limits.max_scans)?;
                let header = ScanHeader::read(segment, self.frame).map_err(|problem| {
                    JpegError::Malformed { name: "SOS", offset: segment.offset, problem }
                })?;
                self.scan(&header, segment.entropy)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Decodes a scan, unless nothing in it is wanted.
    fn scan(&mut self, header: &ScanHeader, entropy: &[u8]) -> Result<(), JpegError> {
        let progressive = self.frame.is_progressive();
        let is_due = |&(index, ..): &(usize, usize, usize)| {
            let target = &self.targets[index];
            // A sequential component has one scan; what repeats it is damage.
            target.wanted && (progressive || !target.scanned)
        };
        if !header.parts.iter().any(is_due) {
            return Ok(());
        }
        let units = self.units(header);
        let mut parts = self.parts(header);
        let unit_blocks: usize = parts.iter().map(|part| part.unit.0 * part.unit.1).sum();
        self.decoded_blocks += (units.0 * units.1 * unit_blocks) as u64;
        within("decoded blocks", self.decoded_blocks, self.limits.max_decoded_blocks)?;
        for (part, (index, ..)) in parts.iter_mut().zip(&header.parts) {
            let target = &mut self.targets[*index];
            if target.wanted {
                let length = 64 * target.size.0 * target.size.1;
                let values = std::mem::take(&mut target.values);
                part.values = if target.scanned { values } else { vec![0; length] };
            }
        }
        self.run(header, &mut parts, units, entropy);
        let (first, last) = if progressive { header.band } else { (0, 63) };
        let low = if progressive { header.low } else { 0 };
        for (part, (index, ..)) in parts.into_iter().zip(&header.parts) {
            let target = &mut self.targets[*index];
            if target.wanted {
                target.scanned = true;
                target.missing = target.missing.max(part.values.len() / 64 - part.decoded);
                target.values = part.values;
                for bits in &mut target.bits_to_come[first..=last] {
                    *bits = low.min(*bits);
                }
            }
        }
        Ok(())
    }

    /// Columns and rows of the units that a scan is coded in.
    fn units(&self, header: &ScanHeader) -> (usize, usize) {
        match header.parts.as_slice() {
            [(index, ..)] => self.targets[*index].size,
            _ => {
                let (columns, rows) = self.frame.mcu_count();
                (columns as usize, rows as usize)
            }
        }
    }

    fn parts(&self, header: &ScanHeader) -> Vec<Part> {
        let part = |&(index, ..): &(usize, usize, usize)| {
            let component = self.frame.components[index];
            let interleaved = (component.horizontal.into(), component.vertical.into());
            Part {
                unit: if header.parts.len() == 1 { (1, 1) } else { interleaved },
                size: self.targets[index].size,
                values: Vec::new(),
                decoded: 0,
            }
        };
        header.parts.iter().map(part).collect()
    }

    /// Runs the coder that the header asks for.
    fn run(&mut self, header: &ScanHeader, parts: &mut [Part], units: (usize, usize), data: &[u8]) {
        let interval = self.restart_interval;
        let predictions = vec![0; parts.len()];
        let (first, last) = header.band;
        let shift = header.low;
        for (_, dc, ac) in &header.parts {
            fill_slot(&mut self.dc, false, *dc);
            fill_slot(&mut self.ac, true, *ac);
        }
        let dc = |slot: usize| self.dc.get(slot)?.as_ref();
        let ac = |slot: usize| self.ac.get(slot)?.as_ref();
        if !self.frame.is_progressive() {
            let pair = |(_, d, a): &(usize, usize, usize)| Some((dc(*d)?, ac(*a)?));
            let tables = header.parts.iter().filter_map(pair).collect();
            let mut coder = Sequential { tables, predictions };
            scan::decode(&mut coder, parts, units, data, interval);
        } else if first == 0 && header.high == 0 {
            let tables = header.parts.iter().filter_map(|(_, slot, _)| dc(*slot)).collect();
            let mut coder = DcFirst { tables, predictions, shift };
            scan::decode(&mut coder, parts, units, data, interval);
        } else if first == 0 {
            scan::decode(&mut DcRefine { shift }, parts, units, data, interval);
        } else if let Some(table) = header.parts.first().and_then(|(.., slot)| ac(*slot)) {
            let band = AcBand { table, first, last, shift, end_run: 0 };
            if header.high == 0 {
                scan::decode(&mut AcFirst(band), parts, units, data, interval);
            } else {
                scan::decode(&mut AcRefine(band), parts, units, data, interval);
            }
        }
    }

    fn finish(self) -> Result<Vec<ComponentCoefficients>, JpegError> {
        let mut components = Vec::new();
        for (component, target) in self.targets.into_iter().enumerate() {
            if !target.wanted {
                continue;
            }
            if !target.scanned {
                return Err(JpegError::NoScan { component });
            }
            // The sizes come from 16-bit fields.
            let (columns, rows) = target.size;
            components.push(ComponentCoefficients {
                block_columns: columns as u32,
                block_rows: rows as u32,
                values: target.values,
                missing_blocks: target.missing as u64,
                is_precise: target.bits_to_come.iter().all(|bits| *bits == 0),
            });
        }
        Ok(components)
    }
}

/// Puts the table of Annex K into a slot that the file has not defined, as Motion-JPEG decoders
/// do.
fn fill_slot(slots: &mut [Option<Lookup>; 4], is_ac: bool, slot: usize) {
    if let Some(place @ None) = slots.get_mut(slot) {
        let standard = HuffmanTable::standard(is_ac, u8::from(slot > 0));
        *place = Some(Lookup::new(&standard));
    }
}
