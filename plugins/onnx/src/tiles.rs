// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the tiles of a picture lie, what their scores make together, and the map that they draw.

use assay_plugin_api::heatmap::Heatmap;

use crate::manifest::Tiles;

/// Side of a heatmap's cell, px of the stored picture.
pub const CELL_PX: usize = 16;

/// The tiles of a picture: all of one size, in rows, the first at the top left corner, the last at the
/// bottom right one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Left edges, px, rising.
    pub lefts: Vec<usize>,
    /// Top edges, px, rising.
    pub tops: Vec<usize>,
}

impl Grid {
    /// The grid of `tile` = (width, height) px tiles over a picture that is not smaller: at most a stride
    /// apart, but that the stride grows until there are no more tiles than `tiles.most`.
    #[must_use]
    pub fn over(width: usize, height: usize, tile: (usize, usize), tiles: &Tiles) -> Self {
        let most = (tiles.most as usize).max(1);
        let given = f64::from(tiles.stride.max(1));
        let mut stride = given;
        loop {
            let edges = |last: usize| match stride > given && stride > 2.0 * last as f64 {
                // Even the two ends are too many.
                true => vec![last / 2],
                false => edges(last, stride),
            };
            let lefts = edges(width.saturating_sub(tile.0));
            let tops = edges(height.saturating_sub(tile.1));
            if lefts.len() * tops.len() <= most {
                return Self { lefts, tops };
            }
            // A twentieth at a time: what is lost is less than a row of tiles.
            stride *= 1.05;
        }
    }

    /// The left and top edges of all tiles, row by row.
    pub fn places(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.tops.iter().flat_map(|&top| self.lefts.iter().map(move |&left| (left, top)))
    }
}

/// Positions from 0 to `last`, evenly spread and at most `stride` apart.
fn edges(last: usize, stride: f64) -> Vec<usize> {
    match (last as f64 / stride).ceil() as usize {
        0 => vec![0],
        steps => (0..=steps).map(|step| (last * step + steps / 2) / steps).collect(),
    }
}

/// The mean of the `top` highest scores, of all where none is given; `None` without scores.
#[must_use]
pub fn pooled(scores: &[f64], top: Option<u32>) -> Option<f64> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    sorted.truncate(top.map_or(usize::MAX, |top| top as usize));
    let n = sorted.len();
    (n > 0).then(|| sorted.iter().sum::<f64>() / n as f64)
}

/// The map of a `width` x `height` px picture: each cell has the mean score of the tiles that its centre
/// lies in. The tiles lie on a picture that is `scale` times as large.
#[must_use]
pub fn heatmap(
    (width, height): (usize, usize),
    scale: (f64, f64),
    grid: &Grid,
    tile: (usize, usize),
    scores: &[f64],
) -> Heatmap {
    let columns = grid.lefts.len();
    let centre = |cell: usize, side: usize, scale: f64| {
        let end = ((cell + 1) * CELL_PX).min(side);
        (cell * CELL_PX + end) as f64 / 2.0 * scale
    };
    let covering = |edges: &[usize], side: usize, at: f64| -> Vec<usize> {
        let covers = |edge: usize| edge as f64 <= at && at <= (edge + side) as f64;
        (0..edges.len()).filter(|&i| edges.get(i).is_some_and(|&edge| covers(edge))).collect()
    };
    let across: Vec<_> = (0..width.div_ceil(CELL_PX))
        .map(|cell| covering(&grid.lefts, tile.0, centre(cell, width, scale.0)))
        .collect();
    let down: Vec<_> = (0..height.div_ceil(CELL_PX))
        .map(|cell| covering(&grid.tops, tile.1, centre(cell, height, scale.1)))
        .collect();
    Heatmap::covering(width, height, CELL_PX, |column, row| {
        let (Some(across), Some(down)) = (across.get(column), down.get(row)) else { return 0.0 };
        let tiles =
            down.iter().flat_map(|&row| across.iter().map(move |&left| row * columns + left));
        let seen: Vec<f64> = tiles.filter_map(|tile| scores.get(tile).copied()).collect();
        pooled(&seen, None).map_or(0.0, |mean| mean.clamp(0.0, 1.0) as f32)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_highest_scores_are_averaged_or_all() {
        let scores = [0.1, 0.9, 0.5, 0.7];
        assert_eq!(pooled(&scores, Some(2)), Some(0.8));
        assert_eq!(pooled(&scores, Some(9)), pooled(&scores, None));
        assert_eq!(pooled(&[], None), None);
    }

    #[test]
    fn a_bright_tile_shows_in_its_place_and_nowhere_else() {
        let tiles = Tiles { stride: 32, most: 64, top: None };
        let grid = Grid::over(64, 64, (32, 32), &tiles);
        let map = heatmap((64, 64), (1.0, 1.0), &grid, (32, 32), &[0.0, 1.0, 0.0, 0.0]);
        let row = [0.0, 0.0, 1.0, 1.0];
        let expected = [row, row, [0.0; 4], [0.0; 4]].concat();
        assert_eq!(map.values.as_slice(), expected);
    }

    proptest! {
        #[test]
        fn tiles_lie_within_the_picture_and_are_no_more_than_allowed(
            (width, height) in (32_usize..5_000, 32_usize..5_000),
            (stride, most) in (1_u32..200, 1_u32..300),
        ) {
            let tiles = Tiles { stride, most, top: None };
            let grid = Grid::over(width, height, (32, 32), &tiles);
            let places: Vec<_> = grid.places().collect();
            prop_assert!(!places.is_empty() && places.len() <= most as usize);
            prop_assert!(places.iter().all(|&(x, y)| x + 32 <= width && y + 32 <= height));
        }

        #[test]
        fn without_a_bound_no_pixel_is_left_out(
            (width, height) in (32_usize..300, 32_usize..300),
            stride in 1_u32..=32,
        ) {
            let tiles = Tiles { stride, most: u32::MAX, top: None };
            let grid = Grid::over(width, height, (32, 32), &tiles);
            let covered = |edges: &[usize], side: usize| {
                (0..side).all(|at| edges.iter().any(|&edge| edge <= at && at < edge + 32))
            };
            prop_assert!(covered(&grid.lefts, width) && covered(&grid.tops, height));
        }
    }
}
