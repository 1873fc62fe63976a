// SPDX-License-Identifier: MIT OR Apache-2.0
//! Photoshop image resources, as they lie in APP13 segments (and in TIFF tag 34377).
//!
//! A resource is `8BIM`, a two-byte identifier, a Pascal string padded to an even length, a
//! four-byte length and data padded to an even length (Adobe, *Photoshop File Formats
//! Specification*, "Image Resource Blocks").

/// Identifier of the resource that holds the IPTC-NAA record.
pub const IPTC: u16 = 0x0404;
/// What an APP13 segment with Photoshop resources begins with.
pub const SIGNATURE: &[u8] = b"Photoshop 3.0\0";

/// One image resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhotoshopResource<'a> {
    /// Resource identifier, [`IPTC`] for one.
    pub id: u16,
    /// Name, mostly empty.
    pub name: &'a [u8],
    /// Data without padding; cut where the block ends.
    pub data: &'a [u8],
}

/// Walks over the resources of a block; ends at the first bytes that are no resource.
#[derive(Clone, Debug)]
pub struct Resources<'a> {
    rest: &'a [u8],
}

/// The resources of a block, with or without [`SIGNATURE`] before them.
#[must_use]
pub fn resources(block: &[u8]) -> Resources<'_> {
    Resources { rest: block.strip_prefix(SIGNATURE).unwrap_or(block) }
}

impl<'a> Iterator for Resources<'a> {
    type Item = PhotoshopResource<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (resource, rest) = next_resource(self.rest)?;
        self.rest = rest;
        Some(resource)
    }
}

fn next_resource(block: &[u8]) -> Option<(PhotoshopResource<'_>, &[u8])> {
    let rest = block.strip_prefix(b"8BIM")?;
    let (id, rest) = rest.split_first_chunk::<2>()?;
    let (name_length, rest) = rest.split_first()?;
    let (name, rest) = rest.split_at_checked((*name_length).into())?;
    // Length byte and name together are even.
    let rest = if name.len() % 2 == 0 { rest.get(1..)? } else { rest };
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (data, rest) = rest.split_at(length.min(rest.len()));
    let rest = if length % 2 == 1 { rest.get(1..).unwrap_or_default() } else { rest };
    Some((PhotoshopResource { id: u16::from_be_bytes(*id), name, data }, rest))
}

#[cfg(test)]
mod tests;
