// SPDX-License-Identifier: MIT OR Apache-2.0
//! Metadata blocks in application segments: EXIF, XMP, ICC, Photoshop, Adobe, JFIF, comments.

use std::borrow::Cow;

use super::marker;
use super::photoshop;
use super::segments::Segment;
use super::JpegFile;

/// EXIF 2.32, 4.7.2: identifier code and padding before the TIFF header.
const EXIF: &[u8] = b"Exif\0\0";
/// XMP specification part 3, 1.1.3.
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// XMP specification part 3, 1.1.3.1; followed by GUID (32), full length (4), offset (4).
const EXTENDED_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
/// ICC.1:2022 B.4; followed by chunk number and chunk count, both from 1.
const ICC: &[u8] = b"ICC_PROFILE\0";

/// What the Adobe APP14 segment says (ISO/IEC 10918-6, 6.5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdobeMarker {
    /// Version, 100 as a rule.
    pub version: u16,
    /// 0: no colour transform (RGB or CMYK), 1: YCbCr, 2: YCCK.
    pub transform: u8,
}

/// What the JFIF APP0 segment says (ITU-T T.871, 10.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JfifHeader {
    /// Major and minor version.
    pub version: (u8, u8),
    /// 0: aspect ratio only, 1: dots an inch, 2: dots a centimetre.
    pub density_unit: u8,
    /// Horizontal and vertical density.
    pub density: (u16, u16),
    /// Width and height of the embedded thumbnail, mostly 0.
    pub thumbnail: (u8, u8),
}

impl<'a> JpegFile<'a> {
    /// Segments with this marker, in file order.
    pub fn segments_of(&self, marker: u8) -> impl Iterator<Item = &Segment<'a>> + use<'_, 'a> {
        self.segments().iter().filter(move |segment| segment.marker == marker)
    }

    /// The EXIF block, starting with its TIFF header.
    #[must_use]
    pub fn exif(&self) -> Option<&'a [u8]> {
        self.tagged(marker::APP1, EXIF).next()
    }

    /// The main XMP packet.
    #[must_use]
    pub fn xmp(&self) -> Option<&'a [u8]> {
        self.tagged(marker::APP1, XMP).next()
    }

    /// The extended XMP packet put together from its portions, if it is whole and has at most
    /// `max_bytes`.
    ///
    /// The digest that the main packet declares (`xmpNote:HasExtendedXMP`) is not compared: the
    /// first GUID in the file is taken.
    #[must_use]
    pub fn extended_xmp(&self, max_bytes: usize) -> Option<Vec<u8>> {
        let mut portions = Vec::new();
        for payload in self.tagged(marker::APP1, EXTENDED_XMP) {
            let (guid, rest) = payload.split_first_chunk::<32>()?;
            let (full, rest) = rest.split_first_chunk::<4>()?;
            let (offset, data) = rest.split_first_chunk::<4>()?;
            portions.push((guid, u32::from_be_bytes(*full), u32::from_be_bytes(*offset), data));
        }
        let (first_guid, full, ..) = *portions.first()?;
        portions.retain(|(guid, ..)| *guid == first_guid);
        portions.sort_by_key(|(_, _, offset, _)| *offset);
        let full = usize::try_from(full).ok().filter(|full| *full <= max_bytes)?;
        // The portions lie in the file, so what is put together is never longer than the file.
        let mut packet = Vec::new();
        for (_, _, offset, data) in portions {
            let known = packet.len().checked_sub(usize::try_from(offset).ok()?)?;
            packet.extend_from_slice(data.get(known..).unwrap_or_default());
        }
        (packet.len() == full).then_some(packet)
    }

    /// The ICC profile put together from its chunks, if none is missing and it has at most
    /// `max_bytes`.
    #[must_use]
    pub fn icc_profile(&self, max_bytes: usize) -> Option<Cow<'a, [u8]>> {
        let mut chunks = Vec::new();
        for payload in self.tagged(marker::APP2, ICC) {
            let ([number, count], data) = payload.split_first_chunk::<2>()?;
            chunks.push((*number, *count, data));
        }
        chunks.sort_by_key(|(number, ..)| *number);
        chunks.dedup_by_key(|(number, ..)| *number);
        let count = chunks.first()?.1;
        let whole = chunks.len() == usize::from(count)
            && chunks.iter().zip(1..).all(|((number, ..), expected)| *number == expected);
        let length: usize = chunks.iter().map(|(.., data)| data.len()).sum();
        if !whole || length > max_bytes {
            return None;
        }
        match chunks.as_slice() {
            [(.., data)] => Some(Cow::Borrowed(data)),
            _ => Some(chunks.iter().flat_map(|(.., data)| *data).copied().collect()),
        }
    }

    /// The Photoshop resource block without its signature, to be read with
    /// [`photoshop::resources`]; several APP13 segments are joined, as resources may cross them.
    #[must_use]
    pub fn photoshop(&self) -> Option<Cow<'a, [u8]>> {
        let mut parts = self.tagged(marker::APP13, photoshop::SIGNATURE);
        let first = parts.next()?;
        let mut block = Cow::Borrowed(first);
        for part in parts {
            block.to_mut().extend_from_slice(part);
        }
        Some(block)
    }

    /// The IPTC-NAA record (datasets `1C …`) from the Photoshop resources.
    #[must_use]
    pub fn iptc(&self) -> Option<Cow<'a, [u8]>> {
        let record = |block: &'_ [u8]| {
            photoshop::resources(block)
                .find(|resource| resource.id == photoshop::IPTC)
                .map(|resource| resource.data.to_vec())
        };
        match self.photoshop()? {
            Cow::Borrowed(block) => photoshop::resources(block)
                .find(|resource| resource.id == photoshop::IPTC)
                .map(|resource| Cow::Borrowed(resource.data)),
            Cow::Owned(block) => record(&block).map(Cow::Owned),
        }
    }

    /// The Adobe segment.
    #[must_use]
    pub fn adobe(&self) -> Option<AdobeMarker> {
        let payload = self.tagged(marker::APP14, b"Adobe").next()?;
        // Version, two words of flags, transform.
        let [v1, v0, _, _, _, _, transform] = *payload.first_chunk::<7>()?;
        Some(AdobeMarker { version: u16::from_be_bytes([v1, v0]), transform })
    }

    /// The JFIF header.
    #[must_use]
    pub fn jfif(&self) -> Option<JfifHeader> {
        let payload = self.tagged(marker::APP0, b"JFIF\0").next()?;
        let [major, minor, density_unit, x1, x0, y1, y0, width, height] =
            *payload.first_chunk::<9>()?;
        Some(JfifHeader {
            version: (major, minor),
            density_unit,
            density: (u16::from_be_bytes([x1, x0]), u16::from_be_bytes([y1, y0])),
            thumbnail: (width, height),
        })
    }

    /// Comment segments, as raw bytes.
    pub fn comments(&self) -> impl Iterator<Item = &'a [u8]> + use<'_, 'a> {
        self.segments_of(marker::COM).map(|segment| segment.payload)
    }

    /// Payloads of segments with this marker that begin with `tag`, without the tag.
    pub fn tagged<'s>(
        &'s self,
        marker: u8,
        tag: &'static [u8],
    ) -> impl Iterator<Item = &'a [u8]> + use<'s, 'a> {
        self.segments_of(marker).filter_map(move |segment| segment.payload.strip_prefix(tag))
    }
}

#[cfg(test)]
mod tests;
