// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bounds on the tables of a HEIF container, checked before they are parsed.
//!
//! The parser trusts counts that cost no bytes (extents of `iloc` whose fields have no length), copies an
//! item's extents for every item of that number and looks each item up among all: a file of some kilobytes
//! would take gigabytes or hours.
//!
//! # References
//! ISO/IEC 14496-12, 8.11: `iinf`, `iloc`, `iref`; ISO/IEC 23008-12, 9.3: `ipco`, `ipma`.

use std::collections::BTreeSet;

use heifer::heifer_isobmff::{BoxIter, RawBox};

use super::corrupt;
use crate::image::DecodeError;

/// Most items, locations and associations: 100 megapixels in tiles of 128x128 px have 6,100.
const MOST_ITEMS: usize = 10_000;
/// Most extents of all items, and most references.
const MOST_EXTENTS: usize = 65_536;
/// Most properties: associations have 15 bits for them.
const MOST_PROPERTIES: usize = 32_768;

/// Checks the tables of every `meta` box. What cannot be read is left to the parser to refuse.
///
/// # Errors
/// When a table is longer than any picture's, or two items have one number.
pub(super) fn check(bytes: &[u8]) -> Result<(), DecodeError> {
    for meta in boxes(bytes).filter(|found| is(found, b"meta")) {
        // Version and flags come first.
        for table in boxes(meta.content.get(4..).unwrap_or_default()) {
            match &table.header.box_type.0 {
                b"iinf" => check_items(table.content)?,
                b"iloc" => check_locations(table.content)?,
                b"iref" => check_length("references", boxes(rest(table.content)), MOST_EXTENTS)?,
                b"iprp" => check_properties(table.content)?,
                _ => {}
            }
        }
    }
    Ok(())
}

/// The boxes up to the first that cannot be read.
fn boxes(bytes: &[u8]) -> impl Iterator<Item = RawBox<'_>> {
    BoxIter::new(bytes).map_while(Result::ok)
}

fn is(found: &RawBox<'_>, kind: &[u8; 4]) -> bool {
    found.header.box_type.0 == *kind
}

/// What follows version and flags.
fn rest(content: &[u8]) -> &[u8] {
    content.get(4..).unwrap_or_default()
}

fn check_length(what: &str, table: impl Iterator, most: usize) -> Result<(), DecodeError> {
    if table.take(most + 1).count() > most {
        return Err(corrupt(&format!("it has more than {most} {what}")));
    }
    Ok(())
}

fn check_items(content: &[u8]) -> Result<(), DecodeError> {
    let count = if content.first() == Some(&0) { 2 } else { 4 };
    let entries = || {
        let all = boxes(rest(content).get(count..).unwrap_or_default());
        all.filter(|entry| is(entry, b"infe"))
    };
    check_length("items", entries(), MOST_ITEMS)?;
    let mut known = BTreeSet::new();
    for entry in entries() {
        let length = if entry.content.first() == Some(&2) { 2 } else { 4 };
        let Some(number) = Fields(rest(entry.content)).number(length) else { continue };
        if !known.insert(number) {
            return Err(corrupt(&format!("it has two items with the number {number}")));
        }
    }
    Ok(())
}

fn check_properties(content: &[u8]) -> Result<(), DecodeError> {
    for table in boxes(content) {
        match &table.header.box_type.0 {
            b"ipco" => check_length("properties", boxes(table.content), MOST_PROPERTIES)?,
            b"ipma" => check_length("associations", associations(table.content), MOST_ITEMS)?,
            _ => {}
        }
    }
    Ok(())
}

/// One entry for each item of an `ipma` box.
fn associations(content: &[u8]) -> impl Iterator<Item = ()> + '_ {
    let (version, flags) = (content.first().copied(), content.get(3).copied().unwrap_or(0));
    let number = if version == Some(0) { 2 } else { 4 };
    let each = if flags & 1 == 1 { 2 } else { 1 };
    let mut fields = Fields(rest(content).get(4..).unwrap_or_default());
    std::iter::from_fn(move || {
        fields.number(number)?;
        let count = fields.number(1)?;
        fields.skip(count.checked_mul(each)?)
    })
}

fn check_locations(content: &[u8]) -> Result<(), DecodeError> {
    let mut extents = 0;
    for of_item in locations(content).take(MOST_ITEMS + 1).enumerate() {
        extents += of_item.1;
        if of_item.0 >= MOST_ITEMS || extents > MOST_EXTENTS {
            let most = format!("{MOST_ITEMS} locations or {MOST_EXTENTS} extents");
            return Err(corrupt(&format!("it has more than {most}")));
        }
    }
    Ok(())
}

/// The number of extents of each item of an `iloc` box; the last may lie partly outside of it.
fn locations(content: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let version = content.first().copied().unwrap_or(0);
    let mut fields = Fields(rest(content));
    let sizes = fields.number(2).unwrap_or(0);
    let nibble = |at: u32| (sizes >> at & 15) as usize;
    let index = if version >= 1 { nibble(0) } else { 0 };
    let (each, base) = (nibble(12) + nibble(8) + index, nibble(4));
    let number = if version < 2 { 2 } else { 4 };
    let count = fields.number(number).unwrap_or(0);
    let mut left = count;
    std::iter::from_fn(move || {
        left = left.checked_sub(1)?;
        fields.number(number)?;
        // Construction method from version 1 on, then where the data are.
        fields.skip(if version >= 1 { 4 } else { 2 })?;
        fields.skip(base as u64)?;
        let extents = fields.number(2)?;
        if fields.skip(extents.checked_mul(each as u64)?).is_none() {
            left = 0;
        }
        usize::try_from(extents).ok()
    })
}

/// Big-endian fields one after the other.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    /// A number of at most 8 bytes.
    fn number(&mut self, length: usize) -> Option<u64> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn skip(&mut self, length: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(length).ok()?..)?;
        Some(())
    }
}
