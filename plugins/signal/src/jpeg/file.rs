// SPDX-License-Identifier: MIT OR Apache-2.0
//! A JPEG file, parsed once: what can be said without entropy decoding.

use super::coefficients::{self, ComponentCoefficients, Limits};
use super::frame::{ColorModel, Frame};
use super::huffman::{HuffmanSet, HuffmanTable};
use super::marker;
use super::quality::{ijg_quality, QualityEstimate, TableKind};
use super::segments::{self, Segment, Walk};
use super::tables::QuantisationTable;
use super::JpegError;

/// Most images of one file that are listed by [`JpegFile::further_images`].
const MAX_FURTHER_IMAGES: usize = 16;

/// A stretch of bytes of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Offset of the first byte.
    pub offset: usize,
    /// Number of bytes.
    pub length: usize,
}

/// The first image of a JPEG file and what surrounds it.
#[derive(Clone, Debug)]
pub struct JpegFile<'a> {
    bytes: &'a [u8],
    walk: Walk<'a>,
    frame: Result<Frame, JpegError>,
    tables: Vec<QuantisationTable>,
}

impl<'a> JpegFile<'a> {
    /// Walks the segments of the first image; a missing or broken frame shows in
    /// [`Self::frame`] only, so that metadata of damaged files can be read.
    ///
    /// # Errors
    /// [`JpegError::NotJpeg`], [`JpegError::TooManySegments`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, JpegError> {
        let walk = segments::walk(bytes, 0)?;
        let frame = Frame::read(&walk.segments);
        let tables = walk
            .segments
            .iter()
            .filter(|segment| segment.marker == marker::DQT)
            .filter_map(|segment| QuantisationTable::read_all(segment).ok())
            .flatten()
            .collect();
        Ok(Self { bytes, walk, frame, tables })
    }

    /// The whole file.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// All segments in file order, without SOI.
    #[must_use]
    pub fn segments(&self) -> &[Segment<'a>] {
        &self.walk.segments
    }

    /// The frame header.
    ///
    /// # Errors
    /// What was wrong with it: [`JpegError::NoFrame`] or [`JpegError::Malformed`].
    pub fn frame(&self) -> Result<&Frame, JpegError> {
        self.frame.as_ref().map_err(Clone::clone)
    }

    /// The file ends with, or after, an end-of-image marker and no segment is cut short.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.walk.terminated && self.walk.segments.iter().all(|segment| !segment.truncated)
    }

    /// Bytes between segments that belong to none.
    #[must_use]
    pub fn garbage(&self) -> usize {
        self.walk.garbage
    }

    /// What follows the first image's end marker; `None` if nothing does.
    #[must_use]
    pub fn trailing(&self) -> Option<Span> {
        let length = self.bytes.len().checked_sub(self.walk.end)?;
        (length > 0).then_some(Span { offset: self.walk.end, length })
    }

    /// Whole JPEG images after the first one, as multi-picture files have them; at most 16.
    ///
    /// Zero bytes between images are stepped over. Other trailing data end the search.
    #[must_use]
    pub fn further_images(&self) -> Vec<Span> {
        let mut images = Vec::new();
        let mut position = self.walk.end;
        while images.len() < MAX_FURTHER_IMAGES {
            let rest = self.bytes.get(position..).unwrap_or_default();
            let Some(padding) = rest.iter().position(|byte| *byte != 0) else { break };
            let offset = position + padding;
            match segments::walk(self.bytes, offset) {
                Ok(walk) if walk.terminated => {
                    images.push(Span { offset, length: walk.end - offset });
                    position = walk.end;
                }
                _ => break,
            }
        }
        images
    }

    /// All quantisation tables of the image in file order; malformed segments are left out.
    #[must_use]
    pub fn quantisation_tables(&self) -> &[QuantisationTable] {
        &self.tables
    }

    /// The table that a component is quantised with: the last one in its slot before the first
    /// scan of the component.
    #[must_use]
    pub fn component_table(&self, component: usize) -> Option<&QuantisationTable> {
        let wanted = self.frame.as_ref().ok()?.components.get(component)?;
        let mut scans = self.segments_of(marker::SOS);
        let first = scans.find(|scan| scan_names(scan.payload, wanted.id));
        let before = first.map_or(self.bytes.len(), |scan| scan.offset);
        self.tables
            .iter()
            .rev()
            .find(|table| table.slot == wanted.table_slot && table.offset < before)
    }

    /// The luma table's steps, natural order; `None` where no component is luma.
    #[must_use]
    pub fn luma_dqt(&self) -> Option<&[u16; 64]> {
        self.color_model().has_luma().then(|| self.component_table(0).map(|table| &table.steps))?
    }

    /// The chroma table's steps (of Cb), natural order; `None` where there is no chroma.
    #[must_use]
    pub fn chroma_dqt(&self) -> Option<&[u16; 64]> {
        match self.color_model() {
            ColorModel::YCbCr | ColorModel::Ycck => {
                self.component_table(1).map(|table| &table.steps)
            }
            _ => None,
        }
    }

    /// IJG quality of the table of component 0, which is compared with the luma table of Annex K
    /// whatever the component stands for, as encoders use it for RGB and CMYK too.
    #[must_use]
    pub fn quality(&self) -> Option<QualityEstimate> {
        self.component_table(0).map(|table| ijg_quality(&table.steps, TableKind::Luma))
    }

    /// What the components stand for, by the rules of libjpeg: JFIF means YCbCr, then the Adobe
    /// transform decides, then the component identifiers `R G B`; else YCbCr or CMYK.
    #[must_use]
    pub fn color_model(&self) -> ColorModel {
        let Ok(frame) = &self.frame else { return ColorModel::Other };
        let transform = self.adobe().map(|adobe| adobe.transform);
        match frame.components.as_slice() {
            [_] => ColorModel::Grey,
            [first, second, third] => match transform {
                _ if self.jfif().is_some() => ColorModel::YCbCr,
                Some(0) => ColorModel::Rgb,
                Some(_) => ColorModel::YCbCr,
                None if [first.id, second.id, third.id] == *b"RGB" => ColorModel::Rgb,
                None => ColorModel::YCbCr,
            },
            [_, _, _, _] if transform == Some(2) => ColorModel::Ycck,
            [_, _, _, _] => ColorModel::Cmyk,
            _ => ColorModel::Other,
        }
    }

    /// Huffman tables of the image in file order; malformed segments are left out.
    #[must_use]
    pub fn huffman_tables(&self) -> Vec<HuffmanTable> {
        self.segments_of(marker::DHT)
            .filter_map(|segment| HuffmanTable::read_all(segment).ok())
            .flatten()
            .collect()
    }

    /// Whether the Huffman tables are those of Annex K or made for this picture.
    #[must_use]
    pub fn huffman_set(&self) -> HuffmanSet {
        HuffmanSet::of(&self.huffman_tables())
    }

    /// Quantised coefficients of the luma component; the others are decoded only as far as the
    /// interleaving demands and are not stored.
    ///
    /// # Errors
    /// [`JpegError::NoLuma`] for RGB and CMYK files; else as [`Self::component_coefficients`].
    pub fn luma_coefficients(&self, limits: &Limits) -> Result<ComponentCoefficients, JpegError> {
        self.frame()?;
        let color = self.color_model();
        if !color.has_luma() {
            return Err(JpegError::NoLuma { color: color.name() });
        }
        self.component_coefficients(0, limits)
    }

    /// Quantised coefficients of one component, by its index in the frame.
    ///
    /// Damaged and truncated data give what could be decoded, see
    /// [`ComponentCoefficients::missing_blocks`].
    ///
    /// # Errors
    /// A frame that is missing, malformed or of an unsupported process; an exceeded limit; no
    /// such component; no readable scan of it.
    pub fn component_coefficients(
        &self,
        component: usize,
        limits: &Limits,
    ) -> Result<ComponentCoefficients, JpegError> {
        let frame = self.frame()?;
        let count = frame.components.len();
        if component >= count {
            return Err(JpegError::NoComponent { component, count });
        }
        let mut planes = coefficients::decode(frame, self.segments(), Some(component), limits)?;
        planes.pop().ok_or(JpegError::NoScan { component })
    }

    /// Quantised coefficients of all components, in the order of the frame.
    ///
    /// # Errors
    /// As [`Self::component_coefficients`], for any of the components.
    pub fn coefficients(&self, limits: &Limits) -> Result<Vec<ComponentCoefficients>, JpegError> {
        coefficients::decode(self.frame()?, self.segments(), None, limits)
    }
}

/// Whether a scan header names a component (T.81 B.2.3).
fn scan_names(payload: &[u8], id: u8) -> bool {
    let Some((count, rest)) = payload.split_first() else { return false };
    let (entries, _) = rest.as_chunks::<2>();
    entries.iter().take(usize::from(*count)).any(|[selector, _]| *selector == id)
}

#[cfg(test)]
mod tests;
