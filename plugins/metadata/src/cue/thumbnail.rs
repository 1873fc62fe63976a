// SPDX-License-Identifier: MIT OR Apache-2.0
//! The small picture in EXIF against the large one.
//!
//! **What it tests.** Whether the thumbnail shows the picture.
//!
//! **Why it works.** A camera makes both from one exposure. Programs that change or crop the picture and
//! keep EXIF often keep the thumbnail of what it was.
//!
//! **When it does not apply.** There is no thumbnail in JPEG, or one of the two is nearly flat. A change
//! that is small beside the picture moves no block of a thumbnail. Turned thumbnails are allowed for,
//! and bars, on both sides or on one, where the camera's thumbnails have another shape than its pictures. A
//! picture whose shape is no camera's was cropped, which is no more than a notice.
//!
//! **Constants and their source.** Compared are the means of the thumbnail's 8x8 blocks, its DC
//! coefficients, with those of the same parts of the picture, by correlation, which a change of brightness
//! or contrast leaves at 1. [`LEAST_ALIKE`]: other pictures and crops correlate by chance with a spread of
//! 0.2 to 0.3, pictures with their own thumbnail above 0.9. [`SHAPES`] are those of sensors and films.
//!
//! **References.** E. Kee, H. Farid, *Digital Image Authentication from Thumbnails*, SPIE 2010.

use assay_plugin_api::finding::{Finding, Severity};
use assay_plugin_api::plane::Luma8;
use assay_signal::jpeg::{JpegFile, Limits};

use super::Cue;
use crate::account::Account;
use crate::judgement::Evidence;

/// Correlation below which the two are different pictures.
const LEAST_ALIKE: f64 = 0.6;
/// Least blocks that are compared.
const LEAST_BLOCKS: usize = 48;
/// Least standard deviation of either, grey levels.
const LEAST_CONTRAST: f64 = 8.0;
/// Shapes that differ by less are the same; block grids are coarse.
const SAME_SHAPE: f64 = 0.04;
/// Shapes of pictures as cameras make them, longer side by shorter.
const SHAPES: [f64; 4] = [4.0 / 3.0, 3.0 / 2.0, 16.0 / 9.0, 5.0 / 4.0];
/// Largest thumbnail that is decoded, px.
const MOST_PIXELS: u64 = 1_000_000;
/// Grey levels of a DC coefficient's step: 8 times the mean of a block.
const DC_SCALE: f64 = 8.0;

/// A picture of block means.
struct Means {
    columns: usize,
    rows: usize,
    values: Vec<f64>,
}

/// A part of a picture, as shares of its width and height: left, top, width, height.
type Part = [f64; 4];

/// The cue of a thumbnail that shows another picture.
pub(crate) fn cues(account: &Account, luma: Option<&Luma8<'_>>) -> Vec<Cue> {
    let thumbnail = account.exif.as_ref().and_then(|exif| exif.thumbnail.as_deref());
    let Some((thumbnail, luma)) = thumbnail.and_then(means_of).zip(luma) else { return Vec::new() };
    let Some(alike) = likeness(&thumbnail, luma) else { return Vec::new() };
    if alike >= LEAST_ALIKE {
        return Vec::new();
    }
    let (width, height) = (luma.width() as f64, luma.height() as f64);
    let shape = f64::max(width / height, height / width);
    if !SHAPES.iter().any(|known| (shape / known).ln().abs() < SAME_SHAPE) {
        let text = "The thumbnail in EXIF shows more than the picture: cropped.";
        let finding = Finding::new("exif.inconsistent.crop", Severity::Notice, text)
            .value("correlation", alike);
        return vec![Cue::new(finding, Evidence::SizeDiffers)];
    }
    let text = format!(
        "The thumbnail in EXIF shows another picture, or another part of it (correlation \
         {alike:.2}): the picture was changed after it was taken."
    );
    let finding = Finding::new("exif.inconsistent.thumbnail", Severity::Warning, text)
        .value("correlation", alike);
    vec![Cue::new(finding, Evidence::ThumbnailDiffers)]
}

/// The means of a JPEG's whole blocks.
fn means_of(jpeg: &[u8]) -> Option<Means> {
    let limits = Limits { max_pixels: MOST_PIXELS, max_scans: 16, ..Limits::default() };
    let file = JpegFile::parse(jpeg).ok()?;
    let frame = file.frame().ok()?;
    let (width, height) = (frame.width as usize, frame.height as usize);
    let step = f64::from(*file.luma_dqt()?.first()?);
    let luma = file.luma_coefficients(&limits).ok().filter(|luma| luma.is_complete())?;
    let (columns, rows) = (width / 8, height / 8);
    let mut values = Vec::with_capacity(columns * rows);
    for row in luma.blocks().chunks_exact(luma.block_columns as usize).take(rows) {
        values.extend(row.iter().take(columns).map(|block| f64::from(block[0]) * step / DC_SCALE));
    }
    (values.len() == columns * rows).then_some(Means { columns, rows, values })
}

/// The largest correlation of the thumbnail, turned as the camera may have been held, with the picture;
/// `None` where neither has contrast.
fn likeness(thumbnail: &Means, luma: &Luma8<'_>) -> Option<f64> {
    let mut best = None;
    let mut turned = Means { values: thumbnail.values.clone(), ..*thumbnail };
    for _ in 0..4 {
        let shape = turned.columns as f64 / turned.rows as f64;
        let wanted = luma.width() as f64 / luma.height() as f64;
        for part in parts(shape, wanted) {
            let found = correlation(&turned, part, luma);
            best = match (best, found) {
                (Some(best), Some(found)) => Some(f64::max(best, found)),
                (best, found) => best.or(found),
            };
        }
        turned = quarter_turn(&turned);
    }
    best
}

/// Where a picture of the shape `wanted`, width by height, may lie in a thumbnail of the shape `shape`: all of
/// it, or with bars on both sides, or with one bar before or behind it.
fn parts(shape: f64, wanted: f64) -> impl Iterator<Item = Part> {
    let (width, height) = (f64::min(wanted / shape, 1.0), f64::min(shape / wanted, 1.0));
    let is_same = (shape / wanted).ln().abs() < SAME_SHAPE;
    let shares: &[f64] = if is_same { &[] } else { &[0.5, 0.0, 1.0] };
    let with_bars = shares
        .iter()
        .map(move |share| [share * (1.0 - width), share * (1.0 - height), width, height]);
    std::iter::once([0.0, 0.0, 1.0, 1.0]).chain(with_bars)
}

fn quarter_turn(means: &Means) -> Means {
    let (columns, rows) = (means.rows, means.columns);
    let at = |row: usize, column: usize| means.values.get(row * means.columns + column);
    let values = (0..rows)
        .flat_map(|row| (0..columns).map(move |column| (row, column)))
        .filter_map(|(row, column)| at(columns - 1 - column, row).copied())
        .collect();
    Means { columns, rows, values }
}

/// Correlation of the blocks in this part of the thumbnail with what the whole picture shows there.
fn correlation(
    thumbnail: &Means,
    [left, top, width, height]: Part,
    luma: &Luma8<'_>,
) -> Option<f64> {
    let mut pairs = Vec::new();
    for row in 0..thumbnail.rows {
        for column in 0..thumbnail.columns {
            let share = |index: usize, count: usize, from: f64, length: f64| {
                let start = (index as f64 / count as f64 - from) / length;
                let end = ((index + 1) as f64 / count as f64 - from) / length;
                (start >= -1e-9 && end <= 1.0 + 1e-9).then_some((start.max(0.0), end.min(1.0)))
            };
            let across = share(column, thumbnail.columns, left, width);
            let down = share(row, thumbnail.rows, top, height);
            if let Some((across, down)) = across.zip(down) {
                let value = thumbnail.values.get(row * thumbnail.columns + column)?;
                pairs.push((*value, mean(luma, across, down)));
            }
        }
    }
    if pairs.len() < LEAST_BLOCKS {
        return None;
    }
    let count = pairs.len() as f64;
    let (sum_a, sum_b) = pairs.iter().fold((0.0, 0.0), |(a, b), pair| (a + pair.0, b + pair.1));
    let (mean_a, mean_b) = (sum_a / count, sum_b / count);
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        let (a, b) = (a - mean_a, b - mean_b);
        (aa, bb, ab) = (aa + a * a, bb + b * b, ab + a * b);
    }
    let least = LEAST_CONTRAST * LEAST_CONTRAST * count;
    (aa >= least && bb >= least).then(|| ab / (aa * bb).sqrt())
}

/// Most samples of a side of a block's part of the picture that are averaged.
const SAMPLES: usize = 16;

/// Mean luma of a part of the picture, from evenly spread samples.
fn mean(luma: &Luma8<'_>, (left, right): (f64, f64), (top, bottom): (f64, f64)) -> f64 {
    let places = |from: f64, to: f64, length: usize| {
        let (from, to) = (from * length as f64, to * length as f64);
        let count = ((to - from) as usize).clamp(1, SAMPLES);
        (0..count).map(move |index| {
            let place = from + (index as f64 + 0.5) * (to - from) / count as f64;
            (place as usize).min(length - 1)
        })
    };
    let (mut sum, mut count) = (0.0, 0.0);
    for y in places(top, bottom, luma.height()) {
        let row = luma.row(y);
        for x in places(left, right, luma.width()) {
            if let Some(&value) = row.get(x) {
                sum += f64::from(value);
                count += 1.0;
            }
        }
    }
    sum / f64::max(count, 1.0)
}

#[cfg(test)]
mod tests;
