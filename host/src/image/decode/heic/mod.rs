// SPDX-License-Identifier: MIT OR Apache-2.0
//! HEIF files with HEVC pictures: one picture, or a grid of tiles that are decoded one at a time.
//!
//! The container's crop, rotation and mirroring are part of what the file says its picture is
//! [ISO/IEC 23008-12, 6.5.1], so they are done here and the EXIF orientation is without effect.

mod tables;
mod work;

use heifer::color::{frame_to_rgba_into, ColorParams};
use heifer::heifer_hevc_dec::decoder::{decode_picture, DecodeOptions};
use heifer::heifer_isobmff::boxes::{ColorInfo, Property};
use heifer::heifer_isobmff::{HeifFile, ItemId};
use heifer::{Error, Options};

use self::work::{Parts, Work};
use super::placement::{Placement, Window};
use super::{DecodeError, DecodeLimits, Decoded, Format, Metadata};

/// Bytes that a pixel of a coded picture takes while it is decoded and converted: planes of 16
/// bits at 4:4:4, the copy that the sample-adaptive filter reads, block data, and RGBA.
const BYTES_PER_CODED_PIXEL: u64 = 18;

/// Bytes a pixel of every part while `heifer` itself composes them: RGBA.
const BYTES_PER_COMPOSED_PIXEL: u64 = 4;

/// How much a coded picture may be larger than it states: padding to whole coding blocks, px.
const MARGIN_PX: u64 = 64;

/// Most items that are asked for a profile, from a picture to its first part and on.
const MOST_LEVELS: usize = 4;

/// Kinds of auxiliary pictures that hold alpha [ISO/IEC 23008-12, annex B.2.5; ISO/IEC 23000-22].
const ALPHA_TYPES: [&str; 2] =
    ["urn:mpeg:hevc:2015:auxid:1", "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"];

pub(super) fn decode(bytes: &[u8], limits: &DecodeLimits) -> Result<Decoded, DecodeError> {
    tables::check(bytes)?;
    let file = HeifFile::parse(bytes).map_err(|e| error(&e.into()))?;
    let id = file.primary_id;
    let mut work = Work::new(bytes.len(), limits);
    let item_type = file.item(id).map_err(|e| error(&e.into()))?.item_type;
    let stored = stored_size(&file, id)?;
    let placement = placement(&file, id, stored)?;
    let (width, height) = placement.size();
    limits.check_size(width, height)?;
    limits.check_size(stored.0, stored.1)?;
    let tiles = file.referenced_items(id, b"dimg");
    let rgb = match &item_type.0 {
        b"hvc1" => assemble(&file, id, &[id], 1, &placement, limits, &mut work)?,
        b"grid" if tiles.iter().all(|tile| is_plain(&file, *tile)) => {
            let columns = usize::from(file.grid(id).map_err(|e| error(&e.into()))?.columns);
            assemble(&file, id, tiles, columns, &placement, limits, &mut work)?
        }
        b"grid" | b"iovl" | b"iden" => compose(bytes, &file, (width, height), limits, &mut work)?,
        _ => return Err(unsupported(format!("a picture of type `{item_type}`"))),
    };
    let coded = tiles.first().copied().unwrap_or(id);
    let config = file.hevc_config(coded).ok().flatten();
    let has_alpha = has_alpha(&file, id);
    let is_grey = config.is_some_and(|config| config.chroma_format == 0);
    let metadata = Metadata {
        exif: file.exif(id).unwrap_or_default(),
        is_exif_the_file: false,
        xmp: file.xmp(id).unwrap_or_default(),
        icc: profile(&file, id),
    };
    Ok(Decoded {
        format: Format::Heic,
        width,
        height,
        rgb,
        bit_depth: config.map_or(8, |config| config.bit_depth_luma),
        channels: if is_grey { 1 } else { 3 } + u8::from(has_alpha),
        has_alpha,
        orientation: 1,
        metadata,
        jpeg: None,
    })
}

/// The size before crop, rotation and mirroring.
fn stored_size(file: &HeifFile<'_>, id: ItemId) -> Result<(u32, u32), DecodeError> {
    let stated = file.image_size(id).map_err(|e| error(&e.into()))?;
    if let Some(size) = stated {
        return Ok(size);
    }
    let grid = file.grid(id).map_err(|_| corrupt("it does not state its size"))?;
    Ok((grid.output_width, grid.output_height))
}

fn placement(
    file: &HeifFile<'_>,
    id: ItemId,
    (width, height): (u32, u32),
) -> Result<Placement, DecodeError> {
    let mut placement = Placement::whole(width, height);
    for property in file.item_properties(id).map_err(|e| error(&e.into()))? {
        match *property {
            Property::CleanAperture { width, height, horiz_offset, vert_offset } => {
                let (from_x, columns) = aperture(placement.size().0, width, horiz_offset)?;
                let (from_y, rows) = aperture(placement.size().1, height, vert_offset)?;
                placement = placement.cropped(Window { x: from_x, y: from_y, columns, rows });
            }
            Property::Rotation(quarters) => {
                for _ in 0..quarters {
                    placement = placement.turned_left();
                }
            }
            Property::Mirror(true) => placement = placement.flipped(),
            Property::Mirror(false) => placement = placement.mirrored(),
            _ => {}
        }
    }
    Ok(placement)
}

/// First sample and number of samples of a clean aperture along one axis: the aperture's centre is
/// `offset` from the picture's [ISO/IEC 14496-12, 12.1.4].
fn aperture(
    size: u32,
    (length, length_unit): (u32, u32),
    (offset, offset_unit): (i32, u32),
) -> Result<(u32, u32), DecodeError> {
    if length_unit == 0 || offset_unit == 0 {
        return Err(corrupt("its clean aperture divides by zero"));
    }
    let length = f64::from(length) / f64::from(length_unit);
    let offset = f64::from(offset) / f64::from(offset_unit);
    let first = (offset + (f64::from(size) - length) / 2.0).round().max(0.0);
    let last = (first + length.round()).min(f64::from(size));
    if last - first < 1.0 {
        return Err(corrupt("its clean aperture lies outside the picture"));
    }
    // Both lie within 0..=size.
    Ok((first as u32, (last - first) as u32))
}

/// Decodes coded pictures one after the other and puts each in its place.
fn assemble(
    file: &HeifFile<'_>,
    id: ItemId,
    tiles: &[ItemId],
    columns: usize,
    placement: &Placement,
    limits: &DecodeLimits,
    work: &mut Work,
) -> Result<Vec<u8>, DecodeError> {
    let (width, height) = placement.size();
    let first = tiles.first().ok_or_else(|| corrupt("its grid has no tiles"))?;
    let (tile_width, tile_height) = match file.image_size(*first) {
        Ok(Some(size)) => size,
        _ => return Err(corrupt("its tiles do not state their size")),
    };
    if tile_width == 0 || tile_height == 0 {
        return Err(corrupt("its tiles have no size"));
    }
    let tile_pixels = u64::from(tile_width).saturating_mul(u64::from(tile_height));
    let own = u64::from(width) * u64::from(height) * 3;
    limits.check_memory(tile_pixels.saturating_mul(BYTES_PER_CODED_PIXEL).saturating_add(own))?;
    let rows = tiles.len().div_ceil(columns.max(1)) as u64;
    let covered = (columns as u64 * u64::from(tile_width), rows * u64::from(tile_height));
    let (stored_width, stored_height) = placement.stored();
    if covered.0 < u64::from(stored_width) || covered.1 < u64::from(stored_height) {
        return Err(corrupt("its tiles do not cover the picture"));
    }
    let side = |length: u32| u64::from(length) + MARGIN_PX;
    let max_pixels = side(tile_width).saturating_mul(side(tile_height));
    let options = DecodeOptions { max_pixels, ..DecodeOptions::default() };
    let mut rgb = vec![0; width as usize * height as usize * 3];
    let (tile_columns, tile_rows) = (tile_width as usize, tile_height as usize);
    let mut rgba = vec![0_u8; tile_columns * tile_rows * 4];
    for (index, tile) in tiles.iter().enumerate() {
        let (from_x, from_y) = (index % columns * tile_columns, index / columns * tile_rows);
        if from_x >= stored_width as usize || from_y >= stored_height as usize {
            continue;
        }
        let stream = file.hevc_bitstream(*tile).map_err(|e| error(&e.into()))?;
        work.take(&stream, max_pixels)?;
        let frame = decode_picture(&stream, options).map_err(|e| error(&e.into()))?;
        let is_short = frame.widths[0] < tile_width || frame.heights[0] < tile_height;
        if is_short && tiles.len() > 1 {
            return Err(corrupt("its tiles have different sizes"));
        }
        let params = color(file, *tile)
            .or_else(|| color(file, id))
            .unwrap_or_else(|| ColorParams::from_frame(&frame));
        let mut lines: Vec<_> = rgba.chunks_exact_mut(tile_columns * 4).collect();
        frame_to_rgba_into(&frame, params, &mut lines, tile_columns, tile_rows);
        for (y, line) in rgba.chunks_exact(tile_columns * 4).enumerate() {
            placement.put_row(&mut rgb, from_x, from_y + y, line.as_chunks::<4>().0);
        }
    }
    Ok(rgb)
}

/// Lets `heifer` make pictures that are composed of others.
fn compose(
    bytes: &[u8],
    file: &HeifFile<'_>,
    (width, height): (u32, u32),
    limits: &DecodeLimits,
    work: &mut Work,
) -> Result<Vec<u8>, DecodeError> {
    let parts = Parts::of(file, file.primary_id)?;
    let coded = parts.largest.saturating_mul(BYTES_PER_CODED_PIXEL);
    let composed = parts.pixels.saturating_mul(BYTES_PER_COMPOSED_PIXEL);
    limits.check_memory(coded.saturating_add(composed))?;
    for part in parts.coded {
        let stream = file.hevc_bitstream(part).map_err(|e| error(&e.into()))?;
        work.take(&stream, parts.largest)?;
    }
    let options = Options { max_threads: 1, max_pixels: parts.largest };
    let picture = heifer::decode_rgba8(bytes, &options).map_err(|e| error(&e))?;
    if (picture.width, picture.height) != (width, height) {
        return Err(corrupt("its picture is not of the stated size"));
    }
    Ok(picture.into_rgb8())
}

/// Whether an item is one coded picture, taken as it is.
fn is_plain(file: &HeifFile<'_>, id: ItemId) -> bool {
    let changes = |property: &Property| {
        matches!(
            property,
            Property::CleanAperture { .. } | Property::Rotation(1..) | Property::Mirror(_)
        )
    };
    file.item(id).is_ok_and(|item| item.item_type.0 == *b"hvc1")
        && file.item_properties(id).is_ok_and(|mut properties| !properties.any(changes))
}

fn has_alpha(file: &HeifFile<'_>, id: ItemId) -> bool {
    file.referencing_items(id, b"auxl").into_iter().any(|auxiliary| {
        file.item_properties(auxiliary).is_ok_and(|mut properties| {
            properties.any(|property| {
                matches!(property, Property::AuxiliaryType(kind)
                    if ALPHA_TYPES.contains(&kind.as_str()))
            })
        })
    })
}

/// How the item says that its samples are to be read.
///
/// A grid's own statement counts for tiles that make none: Canon writes limited range there and
/// nothing in the tiles.
fn color(file: &HeifFile<'_>, id: ItemId) -> Option<ColorParams> {
    file.item_properties(id).ok()?.find_map(|property| match *property {
        Property::Color(ColorInfo::Nclx { matrix, full_range, .. }) => {
            Some(ColorParams { matrix, full_range })
        }
        _ => None,
    })
}

/// The profile of an item, or else of its first part and so on. A file whose parts refer to each other
/// in a circle has none.
fn profile(file: &HeifFile<'_>, id: ItemId) -> Option<Vec<u8>> {
    let mut item = id;
    for _ in 0..MOST_LEVELS {
        let own = file.item_properties(item).ok()?.find_map(|property| match property {
            Property::Color(ColorInfo::Icc(profile)) if !profile.is_empty() => Some(profile),
            _ => None,
        });
        if own.is_some() {
            return own.cloned();
        }
        item = *file.referenced_items(item, b"dimg").first()?;
    }
    None
}

fn corrupt(reason: &str) -> DecodeError {
    DecodeError::Corrupt { format: Format::Heic, reason: reason.into() }
}

fn unsupported(feature: String) -> DecodeError {
    DecodeError::UnsupportedFeature { format: Format::Heic, feature }
}

fn error(error: &Error) -> DecodeError {
    match error {
        Error::Unsupported(feature) => unsupported(feature.clone()),
        error => corrupt(&error.to_string()),
    }
}
