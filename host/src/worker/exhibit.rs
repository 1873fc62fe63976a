// SPDX-License-Identifier: MIT OR Apache-2.0
//! A picture made ready for a worker: what is small is written out, what is large is lent.

use std::time::Instant;

use assay_plugin_api::evidence::keys;
use assay_plugin_api::report::Value;

use super::message::{Exhibit, Grid, Lent, Want};
use crate::image::evidence::ImageEvidence;
use crate::memory::Bytes;

const TABLES: [&str; 2] = [keys::JPEG_DQT_LUMA, keys::JPEG_DQT_CHROMA];
const BLOBS: [&str; 3] = [keys::EXIF, keys::XMP, keys::ICC];
pub(super) const FACTS: [&str; 8] = [
    keys::FORMAT,
    keys::BIT_DEPTH,
    keys::CHANNELS,
    keys::ALPHA,
    keys::ORIENTATION,
    keys::JPEG_QUALITY,
    keys::JPEG_PROGRESSIVE,
    keys::JPEG_SUBSAMPLING,
];

/// All that is small of a picture and of what is asked about it, and where its file and its pixels are.
pub(super) fn exhibit(
    image: &ImageEvidence,
    [file, rgb]: [Lent; 2],
    claimed_at: Option<&str>,
    deadline: Instant,
) -> Exhibit {
    let facts = FACTS.iter().filter_map(|&key| Some((key.to_owned(), image.fact(key)?)));
    let claimed = claimed_at.map(|text| (keys::CLAIMED_AT.to_owned(), Value::Text(text.into())));
    let tables = TABLES.iter().filter_map(|&key| Some((key.into(), image.table(key)?.to_vec())));
    // A block that is the file itself is lent with it.
    let is_exif_the_file = image.is_exif_the_file();
    let is_apart = |key: &&&str| !(is_exif_the_file && **key == keys::EXIF);
    let blobs = BLOBS.iter().filter(is_apart);
    let blobs = blobs.filter_map(|&key| Some((key.into(), image.blob(key)?.to_vec())));
    let left = deadline.saturating_duration_since(Instant::now());
    Exhibit {
        width: image.width(),
        height: image.height(),
        file,
        rgb,
        tables: tables.collect(),
        blobs: blobs.collect(),
        is_exif_the_file,
        facts: facts.chain(claimed).collect(),
        remaining_ms: u64::try_from(left.as_millis()).unwrap_or(u64::MAX),
    }
}

/// What a worker asked for; `None` where the picture has none.
pub(super) fn wanted(image: &ImageEvidence, want: Want) -> Option<(Grid, &Bytes)> {
    let (columns, rows, memory) = match want {
        Want::Luma => (image.width(), image.height(), image.luma_bytes()),
        Want::Coefficients => {
            let found = image.luma_coefficients()?;
            (found.block_columns, found.block_rows, found.memory())
        }
    };
    Some((Grid { columns, rows }, memory))
}
