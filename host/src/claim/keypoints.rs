// SPDX-License-Identifier: MIT OR Apache-2.0
//! Corners of a picture over several scales: spots that are found again in its copies.
//!
//! **Method.** On each level of a pyramid the corner response of Harris and Stephens, its maxima of 5 x 5 px,
//! to a fraction of a pixel; as many of each level as its area earns, spread over a grid, the strongest
//! first.
//!
//! **References.** Harris and Stephens, "A combined corner and edge detector", 1988. Rublee et al., "ORB:
//! an efficient alternative to SIFT or SURF", ICCV 2011: the pyramid, and the direction of a corner by
//! the centroid of brightness around it.

use assay_signal::filter::{separable, Border, Kernel};
use assay_signal::Samples;

use super::descriptor::{self, Descriptor, REACH};
use super::plane;

/// Longest side of the largest level, px: an eighth of a phone's picture, in which what survives a
/// delivery is still there.
pub(super) const BASE: usize = 480;
/// Most corners of one picture: with 38 bytes each, a fingerprint stays below 10 kB.
pub(super) const MOST: usize = 256;
/// Factor between levels [Rublee 2011 takes 1.2].
const STEP: f64 = 1.25;
/// Levels: together they bridge a factor of three between two pictures of the same.
const LEVELS: usize = 6;
/// Weight of the trace [Harris 1988].
const TRACE: f32 = 0.04;
/// Response below which a spot is noise: what a corner of 12 grey levels has.
const FAINTEST: f32 = 100.0;
/// Cells of the grid along each axis.
const CELLS: usize = 4;

/// A corner with what surrounds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Keypoint {
    /// Columns from the left edge of the largest level, px.
    pub(super) x: f32,
    /// Rows from its top, px.
    pub(super) y: f32,
    /// What surrounds it.
    pub(super) descriptor: Descriptor,
}

/// Size of the largest level of a picture of a size, px; a small picture is not enlarged.
pub(super) fn base_size(width: u32, height: u32) -> (usize, usize) {
    let (width, height) = (width.max(1), height.max(1));
    let scale = (BASE as f64 / f64::from(width.max(height))).min(1.0);
    let side = |length: u32| ((f64::from(length) * scale).round() as usize).max(1);
    (side(width), side(height))
}

/// The corners of a picture, of which `base` is the largest level.
pub(super) fn keypoints(base: &Samples) -> Vec<Keypoint> {
    let (rows, columns) = base.dim();
    let sizes: Vec<(usize, usize)> = (0..LEVELS)
        .map(|level| {
            let scale = STEP.powi(-(level as i32));
            let side = |length: usize| (length as f64 * scale).round() as usize;
            (side(columns), side(rows))
        })
        .take_while(|(columns, rows)| (*columns).min(*rows) > 2 * REACH + 1)
        .collect();
    let total: usize = sizes.iter().map(|(columns, rows)| columns * rows).sum();
    let mut found = Vec::new();
    for (columns_here, rows_here) in sizes {
        let level = plane::of_plane(base, (columns_here, rows_here));
        let share = (MOST * columns_here * rows_here).checked_div(total).unwrap_or(0);
        let smooth = separable(&level, Kernel::BOX_5, Border::Clamp);
        let (across, down) = (columns as f32 / columns_here as f32, rows as f32 / rows_here as f32);
        found.extend(corners(&level, share).into_iter().map(|(x, y)| Keypoint {
            // Centres of pixels lie at halves.
            x: (x + 0.5) * across,
            y: (y + 0.5) * down,
            descriptor: descriptor::describe(&smooth, (x, y)),
        }));
    }
    found
}

/// The strongest corners of a level, at most `most`, as column and row.
fn corners(level: &Samples, most: usize) -> Vec<(f32, f32)> {
    let response = response(level);
    let (rows, columns) = response.dim();
    let mut maxima = Vec::new();
    for y in REACH..rows.saturating_sub(REACH) {
        let row = response.row(y);
        let within = row.iter().enumerate().take(columns.saturating_sub(REACH)).skip(REACH);
        for (x, &here) in within {
            if here > FAINTEST && is_largest(&response, (x, y)) {
                maxima.push((here, x, y));
            }
        }
    }
    maxima.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.2, a.1).cmp(&(b.2, b.1))));
    // A cell may hold twice its share, so that one textured part does not take all.
    let each = (2 * most).div_ceil(CELLS * CELLS);
    let mut held = [0; CELLS * CELLS];
    let mut chosen = Vec::new();
    for (_, x, y) in maxima {
        let cell = y * CELLS / rows * CELLS + x * CELLS / columns;
        if chosen.len() < most && held[cell] < each {
            held[cell] += 1;
            chosen.push(refined(&response, (x, y)));
        }
    }
    chosen
}

fn response(level: &Samples) -> Samples {
    let (rows, columns) = level.dim();
    let [mut xx, mut yy, mut xy] = [(); 3].map(|()| Samples::zeros((rows, columns)));
    let row = |y: usize| level.row(y).to_slice().unwrap_or_default();
    let mut padded: Vec<f32> = Vec::with_capacity(columns + 2);
    for y in 0..rows {
        let (above, here, below) = (row(y.max(1) - 1), row(y), row((y + 1).min(rows - 1)));
        // A sample at an end is its own neighbour.
        padded.clear();
        padded.extend(here.first().into_iter().chain(here).chain(here.last()));
        let across = padded.windows(3).map(|around| (around[2] - around[0]) / 2.0);
        let down = above.iter().zip(below).map(|(above, below)| (below - above) / 2.0);
        let products = xx.row_mut(y).into_iter().zip(yy.row_mut(y)).zip(xy.row_mut(y));
        for ((across, down), ((xx, yy), xy)) in across.zip(down).zip(products) {
            (*xx, *yy, *xy) = (across * across, down * down, across * down);
        }
    }
    let mean = |plane: &Samples| separable(plane, Kernel::BINOMIAL_5, Border::Clamp);
    let (mut response, yy, xy) = (mean(&xx), mean(&yy), mean(&xy));
    for ((xx, yy), xy) in response.iter_mut().zip(&yy).zip(&xy) {
        let (determinant, trace) = (*xx * yy - xy * xy, *xx + yy);
        *xx = determinant - TRACE * trace * trace;
    }
    response
}

/// Whether no neighbour within two pixels is larger; of equals the first counts.
fn is_largest(response: &Samples, (x, y): (usize, usize)) -> bool {
    let here = response[[y, x]];
    (y - 2..=y + 2).all(|row| {
        (x - 2..=x + 2).all(|column| {
            let there = response[[row, column]];
            there < here || (there == here && (row, column) >= (y, x))
        })
    })
}

/// The top of a parabola through the maximum and its neighbours, along each axis.
fn refined(response: &Samples, (x, y): (usize, usize)) -> (f32, f32) {
    let top = |before: f32, here: f32, after: f32| {
        let bend = before - 2.0 * here + after;
        let offset = if bend < 0.0 { (before - after) / (2.0 * bend) } else { 0.0 };
        offset.clamp(-0.5, 0.5)
    };
    let here = response[[y, x]];
    (
        x as f32 + top(response[[y, x - 1]], here, response[[y, x + 1]]),
        y as f32 + top(response[[y - 1, x]], here, response[[y + 1, x]]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corners_of_a_square_are_found_where_they_are() {
        let square = Samples::from_shape_fn((120, 120), |(y, x)| {
            if (40..80).contains(&x) && (40..80).contains(&y) {
                200.0
            } else {
                50.0
            }
        });
        let found = corners(&square, 64);
        for corner in [(40.0, 40.0), (79.0, 40.0), (40.0, 79.0), (79.0, 79.0)] {
            let near = |(x, y): &(f32, f32)| (x - corner.0).hypot(y - corner.1) < 2.5;
            assert!(found.iter().any(near), "{corner:?}: {found:?}");
        }
        assert_eq!(found.len(), 4);
    }

    /// The response by its definition, sample by sample.
    fn defined(level: &Samples) -> Samples {
        let (rows, columns) = level.dim();
        let at = |y: usize, x: usize| level[[y.min(rows - 1), x.min(columns - 1)]];
        let shape = (rows, columns);
        let across =
            Samples::from_shape_fn(shape, |(y, x)| (at(y, x + 1) - at(y, x.max(1) - 1)) / 2.0);
        let down =
            Samples::from_shape_fn(shape, |(y, x)| (at(y + 1, x) - at(y.max(1) - 1, x)) / 2.0);
        let mean = |plane: Samples| separable(&plane, Kernel::BINOMIAL_5, Border::Clamp);
        let (xx, yy, xy) = (mean(&across * &across), mean(&down * &down), mean(&across * &down));
        let trace = &xx + &yy;
        (&xx * &yy - &xy * &xy) - trace.mapv(|trace| TRACE * trace * trace)
    }

    #[test]
    fn the_response_is_to_the_bit_what_its_definition_gives() {
        for (rows, columns) in [(1, 1), (1, 9), (9, 1), (2, 2), (37, 53), (64, 40)] {
            let level = Samples::from_shape_fn((rows, columns), |(y, x)| {
                ((y * 71 + x * x * 13) % 251) as f32 + (x as f32 * 0.7).sin()
            });
            assert_eq!(response(&level), defined(&level), "{rows} rows of {columns}");
        }
    }

    #[test]
    fn a_flat_or_small_picture_has_no_corners() {
        assert!(keypoints(&Samples::from_elem((200, 300), 90.0)).is_empty());
        assert!(keypoints(&Samples::zeros((10, 300))).is_empty());
        assert!(keypoints(&Samples::zeros((0, 0))).is_empty());
    }

    #[test]
    fn a_small_picture_is_not_enlarged() {
        assert_eq!(base_size(4_000, 3_000), (480, 360));
        assert_eq!(base_size(200, 100), (200, 100));
        assert_eq!(base_size(100_000, 100), (480, 1));
    }
}
