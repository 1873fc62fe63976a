// SPDX-License-Identifier: MIT OR Apache-2.0
//! A localisation as it is kept, for drawing it later.
//!
//! Packed, it is the number of its form, five whole numbers of 32 bits, the lowest byte first (the picture's
//! width and height, columns and rows of cells, a cell's side), and the heats row by row as a zlib stream
//! [RFC 1950]. Of 40 pictures with 7.4 megapixels in all, 3,072 bytes a megapixel are left of 15,647 cells. PNG's
//! filters before it make no difference that counts: 2,774 to 3,061, with the C library, where none gave 2,872
//! to 3,016. Earlier versions kept JSON, which is still read.

use std::io::{Read as _, Write as _};

use assay_plugin_api::heatmap::Heatmap;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use flate2::Compression;
use serde::Deserialize;

use super::Localisation;

/// The form that is written.
const PACKED: u8 = 1;
/// What JSON begins with.
const JSON: u8 = b'{';
/// Whole numbers before the heats.
const NUMBERS: usize = 5;
/// Most cells that are read: those of the largest picture that is decoded, in the smallest cells, and more.
const MOST_CELLS: u64 = 16 << 20;

/// Where in a picture, in a grid of cells that covers it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct StoredLocalisation {
    /// Of the picture, px.
    pub(crate) width: u32,
    /// Of the picture, px.
    pub(crate) height: u32,
    /// Cells in a row.
    pub(crate) columns: u32,
    /// Rows of cells.
    pub(crate) rows: u32,
    /// Side of a cell, px.
    pub(crate) cell_px: u32,
    /// Heat of each cell, 0 to 255, row by row.
    pub(crate) heats: Vec<u8>,
}

/// Why what is kept cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoredLocalisationError {
    /// It was written by a later version, or by none.
    #[error("a localisation is kept in an unknown form")]
    Form,
    /// The JSON of an earlier version is none.
    #[error("a kept localisation is broken: {0}")]
    Json(#[from] serde_json::Error),
    /// The heats cannot be unpacked.
    #[error("a kept localisation is broken: {0}")]
    Packed(#[from] std::io::Error),
    /// Its cells do not cover its picture.
    #[error("a kept localisation has no grid that covers its picture")]
    Grid,
}

impl StoredLocalisation {
    /// That of a picture of this width and height; heats in 256 steps.
    pub(crate) fn of(found: &Localisation, (width, height): (u32, u32)) -> Self {
        let &Heatmap { columns, rows, cell_px, ref values } = &found.heatmap;
        let heats = values.iter().map(|heat| (heat * 255.0).round() as u8).collect();
        Self { width, height, columns, rows, cell_px, heats }
    }

    /// Packs it.
    ///
    /// # Errors
    /// None that memory could give.
    pub(crate) fn to_bytes(&self) -> std::io::Result<Vec<u8>> {
        let mut bytes = vec![PACKED];
        for number in [self.width, self.height, self.columns, self.rows, self.cell_px] {
            bytes.extend(number.to_le_bytes());
        }
        let mut heats = ZlibEncoder::new(bytes, Compression::default());
        heats.write_all(&self.heats)?;
        heats.finish()
    }

    /// Reads what was kept, in whichever form.
    ///
    /// # Errors
    /// When it is broken, or no grid over a picture.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, StoredLocalisationError> {
        let stored: Self = match bytes.split_first() {
            Some((&PACKED, rest)) => Self::unpack(rest)?,
            Some((&JSON, _)) => serde_json::from_slice(bytes)?,
            _ => return Err(StoredLocalisationError::Form),
        };
        let covers = |side: u32, cells: u32| {
            stored.cell_px > 0 && side > 0 && cells == side.div_ceil(stored.cell_px)
        };
        let is_whole = covers(stored.width, stored.columns)
            && covers(stored.height, stored.rows)
            && stored.cells() <= MOST_CELLS
            && stored.heats.len() as u64 == stored.cells();
        is_whole.then_some(stored).ok_or(StoredLocalisationError::Grid)
    }

    fn unpack(bytes: &[u8]) -> Result<Self, StoredLocalisationError> {
        let (numbers, packed) =
            bytes.split_at_checked(4 * NUMBERS).ok_or(StoredLocalisationError::Grid)?;
        let mut numbers = numbers.as_chunks().0.iter().map(|four| u32::from_le_bytes(*four));
        let mut next = || numbers.next().unwrap_or(0);
        let (width, height, columns, rows, cell_px) = (next(), next(), next(), next(), next());
        let mut stored = Self { width, height, columns, rows, cell_px, heats: Vec::new() };
        // One more than there may be tells that there are too many.
        let most = stored.cells().min(MOST_CELLS) + 1;
        ZlibDecoder::new(packed).take(most).read_to_end(&mut stored.heats)?;
        Ok(stored)
    }

    fn cells(&self) -> u64 {
        u64::from(self.columns) * u64::from(self.rows)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grid() -> impl Strategy<Value = StoredLocalisation> {
        (1..400_u32, 1..400_u32, 1..40_u32).prop_flat_map(|(width, height, cell_px)| {
            let (columns, rows) = (width.div_ceil(cell_px), height.div_ceil(cell_px));
            let heats = prop::collection::vec(any::<u8>(), (columns * rows) as usize);
            heats.prop_map(move |heats| StoredLocalisation {
                width,
                height,
                columns,
                rows,
                cell_px,
                heats,
            })
        })
    }

    /// What the version before wrote.
    fn json(stored: &StoredLocalisation) -> String {
        let StoredLocalisation { width, height, columns, rows, cell_px, heats } = stored;
        format!(
            "{{\"width\":{width},\"height\":{height},\"columns\":{columns},\"rows\":{rows},\
             \"cell_px\":{cell_px},\"heats\":{heats:?}}}"
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_heat_comes_back_from_both_forms(stored in grid()) {
            prop_assert_eq!(&StoredLocalisation::read(&stored.to_bytes().unwrap()).unwrap(), &stored);
            prop_assert_eq!(&StoredLocalisation::read(json(&stored).as_bytes()).unwrap(), &stored);
        }

        #[test]
        fn what_is_cut_is_refused(stored in grid(), at in any::<prop::sample::Index>()) {
            let bytes = stored.to_bytes().unwrap();
            let cut = &bytes[..at.index(bytes.len())];
            prop_assert!(StoredLocalisation::read(cut).is_err());
        }

        #[test]
        fn what_is_read_of_any_bytes_covers_a_picture(
            head in prop_oneof![Just(PACKED), Just(JSON), any::<u8>()],
            rest in prop::collection::vec(any::<u8>(), 0..100),
        ) {
            let bytes = [vec![head], rest].concat();
            if let Ok(read) = StoredLocalisation::read(&bytes) {
                prop_assert_eq!(read.heats.len() as u64, read.cells());
            }
        }
    }

    #[test]
    fn what_is_no_grid_over_a_picture_is_not_read() {
        let text =
            r#"{"width":20,"height":10,"columns":3,"rows":2,"cell_px":8,"heats":[0,1,2,3,4,255]}"#;
        assert!(StoredLocalisation::read(text.as_bytes()).is_ok());
        for (change, by) in [
            ("20", "0"),
            ("\"cell_px\":8", "\"cell_px\":0"),
            ("\"columns\":3", "\"columns\":4"),
            (",255", ""),
            (",255", ",256"),
            ("\"rows\":2", "\"rows\":-2"),
            ("{", "["),
        ] {
            let changed = text.replacen(change, by, 1);
            assert!(StoredLocalisation::read(changed.as_bytes()).is_err(), "{change} -> {by}");
        }
    }

    #[test]
    fn a_stream_that_unpacks_to_more_than_its_grid_is_given_up() {
        let large = StoredLocalisation {
            width: 8,
            height: 8,
            columns: 1,
            rows: 1,
            cell_px: 8,
            heats: vec![0; 1 << 20],
        };
        let read = StoredLocalisation::read(&large.to_bytes().unwrap());
        assert!(matches!(read, Err(StoredLocalisationError::Grid)), "{read:?}");
    }
}
