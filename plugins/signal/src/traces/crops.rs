// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which crops of a picture are read.
//!
//! *What it does.* Divides the picture into up to eight zones, looks at a few places in each and
//! keeps the place with the fewest equal neighbours, if that is few enough.
//!
//! *Why.* Flat, clipped and drawn areas hold no sensor noise and no decoder's texture: statistics of
//! their residuals are those of rounding. The choice depends on the picture's size and pixels only,
//! so the same file always gives the same crops.
//!
//! *When it does not apply.* Below [`CROP`] px a side there is no place, and enlarging would replace
//! the traces by those of the enlargement.
//!
//! *Constants and their source.* A limit of 45 % equal neighbours, four crops and at most eight: more
//! gained nothing in the measurements behind the model cards. Places lie on the 8 px grid of the stored
//! picture, so that the block statistics see a JPEG's own blocks.

use super::{Picture, CROP};

/// Most crops of one picture.
pub const MOST_CROPS: usize = 8;
/// Crops of a picture where nobody asks for more: as many as the pictures behind the model cards have.
pub const USUAL_CROPS: usize = 4;
/// Largest share of equal neighbours in a crop that is read.
pub const LARGEST_EQUAL_SHARE: f64 = 0.45;
/// Places lie on multiples of this, px: the block side of JPEG.
const GRID: usize = 8;
/// Least distance of the places looked at, px.
const LEAST_STEP: usize = 64;
/// Least distance of two zones, px: neighbouring crops differ in nearly half their pixels.
const LEAST_ZONE: usize = 112;
/// Most places looked at in each direction.
const MOST_PLACES: usize = 12;
/// Every how many rows of a crop neighbours are compared.
const ROW_STEP: usize = 4;

/// Why a picture has no crop to read.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum NoCrop {
    /// No crop fits.
    #[error("the picture is {width}x{height} px; at least {CROP} px a side are needed")]
    TooSmall {
        /// Columns, px.
        width: usize,
        /// Rows, px.
        height: usize,
    },
    /// Every place is flat, clipped or drawn.
    #[error(
        "everywhere at least {:.0} % of neighbouring pixels are equal; up to 45 % can be read",
        100.0 * least_equal_share
    )]
    AllFlat {
        /// Smallest share of equal neighbours among the places looked at.
        least_equal_share: f64,
    },
}

/// The top left pixels `(x, y)` of at most `most` crops, in reading order.
///
/// # Errors
/// When the picture is too small or flat everywhere.
pub fn choose(picture: &Picture<'_>, most: usize) -> Result<Vec<(usize, usize)>, NoCrop> {
    let (width, height) = (picture.width(), picture.height());
    if width < CROP || height < CROP {
        return Err(NoCrop::TooSmall { width, height });
    }
    let (columns, rows) = zones(width, height, most.max(1));
    let (across, down) = (places(width), places(height));
    let mut least_equal_share = f64::INFINITY;
    let mut chosen = Vec::with_capacity(columns * rows);
    for zone_y in 0..rows {
        for zone_x in 0..columns {
            let xs = share_of(&across, zone_x, columns);
            let ys = share_of(&down, zone_y, rows);
            let candidates = ys.iter().flat_map(|&y| xs.iter().map(move |&x| (x, y)));
            let rated = candidates.map(|(x, y)| (equal_share(picture, x, y), (x, y)));
            // Ties go to the first in reading order.
            let best = rated.reduce(|best, next| if next.0 < best.0 { next } else { best });
            let Some((share, place)) = best else { continue };
            least_equal_share = least_equal_share.min(share);
            if share <= LARGEST_EQUAL_SHARE {
                chosen.push(place);
            }
        }
    }
    if chosen.is_empty() {
        return Err(NoCrop::AllFlat { least_equal_share });
    }
    Ok(chosen)
}

/// Columns and rows of zones, as many as fit up to `most` together, as square as possible.
fn zones(width: usize, height: usize, most: usize) -> (usize, usize) {
    let fitting = |length: usize| (length - CROP) / LEAST_ZONE + 1;
    let (widest, highest) = (fitting(width), fitting(height));
    let ratio = |columns: usize, rows: usize| {
        let (w, h) = ((width / columns) as f64, (height / rows) as f64);
        w.max(h) / w.min(h)
    };
    let mut best = (1, 1);
    for columns in 1..=widest.min(most) {
        let rows = (most / columns).min(highest);
        let more = (columns * rows).cmp(&(best.0 * best.1));
        if more.is_gt() || more.is_eq() && ratio(columns, rows) < ratio(best.0, best.1) {
            best = (columns, rows);
        }
    }
    best
}

/// Evenly spread positions of a crop along a side, from one end to the other.
fn places(length: usize) -> Vec<usize> {
    let last = length - CROP;
    let count = (last / LEAST_STEP + 1).min(MOST_PLACES);
    let at = |i: usize| if count == 1 { last / 2 } else { i * last / (count - 1) };
    (0..count).map(|i| at(i) / GRID * GRID).collect()
}

/// The `index`-th of `count` shares of the places; never empty while there is a place for each.
fn share_of(places: &[usize], index: usize, count: usize) -> &[usize] {
    let bound = |i: usize| i * places.len() / count;
    places.get(bound(index)..bound(index + 1)).unwrap_or_default()
}

/// Share of pixels whose green equals that of the right neighbour, over every fourth row.
fn equal_share(picture: &Picture<'_>, x: usize, y: usize) -> f64 {
    let rows = (y..y + CROP).step_by(ROW_STEP).map(|row| picture.pixels(x, row, CROP));
    let equal = rows.map(|row| {
        let pairs = row.iter().zip(row.iter().skip(1));
        pairs.map(|(here, right)| u32::from(here[1] == right[1])).sum::<u32>()
    });
    f64::from(equal.sum::<u32>()) / ((CROP / ROW_STEP) * (CROP - 1)) as f64
}
