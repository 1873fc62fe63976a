// SPDX-License-Identifier: MIT OR Apache-2.0
//! The frame header: coding process, size, components and their sampling.
//!
//! ITU-T T.81 B.2.2; block counts after A.1.1 and A.2.

use super::marker;
use super::segments::Segment;
use super::JpegError;

/// Most components that a scan, hence an ordinary picture, has (T.81 B.2.3).
pub const MAX_COMPONENTS: usize = 4;

/// How the frame's coefficients are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// SOF0: baseline sequential DCT, Huffman.
    Baseline,
    /// SOF1: extended sequential DCT, Huffman.
    Extended,
    /// SOF2: progressive DCT, Huffman.
    Progressive,
    /// SOF3: lossless, Huffman; has no DCT coefficients.
    Lossless,
    /// SOF5 to SOF7: frames of a hierarchical file.
    Hierarchical,
    /// SOF9 to SOF15: any process with arithmetic coding.
    Arithmetic,
}

impl Coding {
    /// The process in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Extended => "extended sequential",
            Self::Progressive => "progressive",
            Self::Lossless => "lossless",
            Self::Hierarchical => "hierarchical",
            Self::Arithmetic => "arithmetic",
        }
    }
}

/// What the components stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorModel {
    /// One component: luma.
    Grey,
    /// Luma and two chroma components.
    YCbCr,
    /// Three components without colour transform.
    Rgb,
    /// Four components without colour transform.
    Cmyk,
    /// Four components, the first three transformed to luma and chroma.
    Ycck,
    /// Two components, or more than four.
    Other,
}

impl ColorModel {
    /// The model in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Grey => "grey",
            Self::YCbCr => "YCbCr",
            Self::Rgb => "RGB",
            Self::Cmyk => "CMYK",
            Self::Ycck => "YCCK",
            Self::Other => "components of unknown meaning",
        }
    }

    /// Whether component 0 is luma.
    #[must_use]
    pub fn has_luma(self) -> bool {
        matches!(self, Self::Grey | Self::YCbCr | Self::Ycck)
    }
}

/// One component of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component {
    /// Identifier that scan headers use.
    pub id: u8,
    /// Horizontal sampling factor, 1..=4.
    pub horizontal: u8,
    /// Vertical sampling factor, 1..=4.
    pub vertical: u8,
    /// Slot 0..=3 of its quantisation table.
    pub table_slot: u8,
}

/// The frame header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Coding process.
    pub coding: Coding,
    /// Bits a sample: 8, or 12 in extended and progressive files, 2..=16 in lossless ones.
    pub precision: u8,
    /// Columns of samples, at least 1.
    pub width: u32,
    /// Lines of samples, at least 1; taken from DNL where the header has 0.
    pub height: u32,
    /// Components in the order of the header, 1..=4.
    pub components: Vec<Component>,
    /// Offset of the frame's marker in the file.
    pub offset: usize,
}

impl Frame {
    /// Reads the first frame header among `segments`.
    ///
    /// # Errors
    /// [`JpegError::NoFrame`] or [`JpegError::Malformed`].
    pub fn read(segments: &[Segment<'_>]) -> Result<Self, JpegError> {
        let segment = segments
            .iter()
            .find(|segment| marker::is_frame(segment.marker))
            .ok_or(JpegError::NoFrame)?;
        let mut frame = parse(segment).map_err(|problem| JpegError::Malformed {
            name: segment.name(),
            offset: segment.offset,
            problem,
        })?;
        if frame.height == 0 {
            frame.height = lines_from_dnl(segments).ok_or(JpegError::Malformed {
                name: segment.name(),
                offset: segment.offset,
                problem: "the height is 0 and no DNL segment gives it",
            })?;
        }
        Ok(frame)
    }

    /// Progressive coding.
    #[must_use]
    pub fn is_progressive(&self) -> bool {
        self.coding == Coding::Progressive
    }

    /// Chroma subsampling `4:4:4`, `4:2:2`, `4:2:0`, `4:4:0`, `4:1:1`, else `other`; a single
    /// component is `4:0:0`.
    ///
    /// `other` also where the first component is not the most finely sampled one, or where the
    /// two chroma components differ.
    #[must_use]
    pub fn subsampling(&self) -> &'static str {
        let (luma, chroma) = match self.components.as_slice() {
            [_] => return "4:0:0",
            [luma, blue, red, ..]
                if (blue.horizontal, blue.vertical) == (red.horizontal, red.vertical) =>
            {
                (luma, blue)
            }
            _ => return "other",
        };
        // Ratios, because 2x2 with chroma 2x1 is 4:4:0 written in another way.
        let exact = |fine: u8, coarse: u8| fine.is_multiple_of(coarse).then_some(fine / coarse);
        let horizontal = exact(luma.horizontal, chroma.horizontal);
        let vertical = exact(luma.vertical, chroma.vertical);
        match (horizontal, vertical) {
            (Some(1), Some(1)) => "4:4:4",
            (Some(2), Some(1)) => "4:2:2",
            (Some(2), Some(2)) => "4:2:0",
            (Some(1), Some(2)) => "4:4:0",
            (Some(4), Some(1)) => "4:1:1",
            _ => "other",
        }
    }

    /// Largest horizontal and vertical sampling factor.
    #[must_use]
    pub fn max_sampling(&self) -> (u8, u8) {
        let horizontal = self.components.iter().map(|component| component.horizontal).max();
        let vertical = self.components.iter().map(|component| component.vertical).max();
        (horizontal.unwrap_or(1), vertical.unwrap_or(1))
    }

    /// Samples of a component: `(width, height)`, or `None` if there is no such component.
    #[must_use]
    pub fn component_size(&self, component: usize) -> Option<(u32, u32)> {
        let component = self.components.get(component)?;
        let (horizontal, vertical) = self.max_sampling();
        let width = (self.width * u32::from(component.horizontal)).div_ceil(u32::from(horizontal));
        let height = (self.height * u32::from(component.vertical)).div_ceil(u32::from(vertical));
        Some((width, height))
    }

    /// Blocks of a component without the padding of interleaved scans: `(columns, rows)`.
    #[must_use]
    pub fn component_blocks(&self, component: usize) -> Option<(u32, u32)> {
        let (width, height) = self.component_size(component)?;
        Some((width.div_ceil(8), height.div_ceil(8)))
    }

    /// Columns and rows of the minimum coded units of an interleaved scan.
    #[must_use]
    pub fn mcu_count(&self) -> (u32, u32) {
        let (horizontal, vertical) = self.max_sampling();
        (
            self.width.div_ceil(8 * u32::from(horizontal)),
            self.height.div_ceil(8 * u32::from(vertical)),
        )
    }
}

fn parse(segment: &Segment<'_>) -> Result<Frame, &'static str> {
    let (head, rest) =
        segment.payload.split_first_chunk::<6>().ok_or("the header is shorter than 6 bytes")?;
    let [precision, h1, h0, w1, w0, count] = *head;
    let (height, width) = (u16::from_be_bytes([h1, h0]), u16::from_be_bytes([w1, w0]));
    if width == 0 {
        return Err("the width is 0");
    }
    if !(2..=16).contains(&precision) {
        return Err("the sample precision is outside 2..=16 bits");
    }
    let count = usize::from(count);
    if count == 0 || count > MAX_COMPONENTS {
        return Err("the number of components is outside 1..=4");
    }
    let (entries, _) = rest.as_chunks::<3>();
    let entries = entries.get(..count).ok_or("the component list is cut short")?;
    let mut components = Vec::with_capacity(count);
    for [id, sampling, table_slot] in entries.iter().copied() {
        let (horizontal, vertical) = (sampling >> 4, sampling & 15);
        if !(1..=4).contains(&horizontal) || !(1..=4).contains(&vertical) {
            return Err("a sampling factor is outside 1..=4");
        }
        if table_slot > 3 {
            return Err("a quantisation table slot is above 3");
        }
        components.push(Component { id, horizontal, vertical, table_slot });
    }
    Ok(Frame {
        coding: coding(segment.marker),
        precision,
        width: width.into(),
        height: height.into(),
        components,
        offset: segment.offset,
    })
}

fn coding(code: u8) -> Coding {
    match code & 15 {
        0 => Coding::Baseline,
        1 => Coding::Extended,
        2 => Coding::Progressive,
        3 => Coding::Lossless,
        5..=7 => Coding::Hierarchical,
        _ => Coding::Arithmetic,
    }
}

fn lines_from_dnl(segments: &[Segment<'_>]) -> Option<u32> {
    let segment = segments.iter().find(|segment| segment.marker == marker::DNL)?;
    let lines = u16::from_be_bytes(*segment.payload.first_chunk()?);
    (lines > 0).then_some(lines.into())
}

#[cfg(test)]
mod tests;
