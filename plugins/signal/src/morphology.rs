// SPDX-License-Identifier: MIT OR Apache-2.0
//! Dilation, erosion and closing of small binary masks by squares, and connected components.
//!
//! Outside the mask everything is background for dilation and foreground for erosion. Closing never
//! removes anything and never grows past what it joins, at the border neither.

use ndarray::{s, Array2};

/// A binary mask of shape `(height, width)`.
pub type Mask = Array2<bool>;

/// One connected set of foreground cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component {
    /// First column.
    pub x: usize,
    /// First row.
    pub y: usize,
    /// Columns of the bounding box.
    pub width: usize,
    /// Rows of the bounding box.
    pub height: usize,
    /// Foreground cells.
    pub size: usize,
}

/// Connected components: which cell belongs to which.
#[derive(Clone, Debug)]
pub struct Components {
    /// 0 for background, else 1 + index into `list`.
    pub labels: Array2<u32>,
    /// In the raster order of their first cells.
    pub list: Vec<Component>,
}

/// Returns the cells within Chebyshev distance `radius` of a foreground cell.
#[must_use]
pub fn dilate(mask: &Mask, radius: usize) -> Mask {
    square_filter(mask, radius, true)
}

/// Returns the cells whose whole square of Chebyshev radius `radius` is foreground.
#[must_use]
pub fn erode(mask: &Mask, radius: usize) -> Mask {
    square_filter(mask, radius, false)
}

/// Returns the dilation followed by the erosion: gaps up to `2 * radius` cells wide are filled.
#[must_use]
pub fn close(mask: &Mask, radius: usize) -> Mask {
    // A margin keeps what grows at the border from being taken for the inside of something.
    let (height, width) = mask.dim();
    let mut wide = Mask::from_elem((height + 2 * radius, width + 2 * radius), false);
    wide.slice_mut(s![radius..radius + height, radius..radius + width]).assign(mask);
    let closed = erode(&dilate(&wide, radius), radius);
    closed.slice(s![radius..radius + height, radius..radius + width]).to_owned()
}

/// Returns the components of the foreground under 8-neighbourhood.
#[must_use]
pub fn connected_components(mask: &Mask) -> Components {
    let (height, width) = mask.dim();
    let mut labels = Array2::<u32>::zeros((height, width));
    let mut list = Vec::new();
    let mut stack = Vec::new();
    for ((row, column), &set) in mask.indexed_iter() {
        if !set || labels[[row, column]] != 0 {
            continue;
        }
        let label = u32::try_from(list.len() + 1).unwrap_or(u32::MAX);
        labels[[row, column]] = label;
        stack.push((row, column));
        let mut size = 0;
        let (mut top, mut bottom, mut left, mut right) = (row, row, column, column);
        while let Some((y, x)) = stack.pop() {
            size += 1;
            (top, bottom) = (top.min(y), bottom.max(y));
            (left, right) = (left.min(x), right.max(x));
            for ny in y.saturating_sub(1)..=(y + 1).min(height - 1) {
                for nx in x.saturating_sub(1)..=(x + 1).min(width - 1) {
                    if mask[[ny, nx]] && labels[[ny, nx]] == 0 {
                        labels[[ny, nx]] = label;
                        stack.push((ny, nx));
                    }
                }
            }
        }
        let (width, height) = (right - left + 1, bottom - top + 1);
        list.push(Component { x: left, y: top, width, height, size });
    }
    Components { labels, list }
}

/// `wanted` spreads: any cell of the square that equals it makes the result equal it.
fn square_filter(mask: &Mask, radius: usize, wanted: bool) -> Mask {
    let mut out = mask.clone();
    for mut row in out.rows_mut() {
        spread(row.iter_mut(), radius, wanted);
    }
    for mut column in out.columns_mut() {
        spread(column.iter_mut(), radius, wanted);
    }
    out
}

fn spread<'a>(cells: impl Iterator<Item = &'a mut bool>, radius: usize, wanted: bool) {
    let mut cells: Vec<&mut bool> = cells.collect();
    let before: Vec<bool> = cells.iter().map(|cell| **cell).collect();
    let mut reached = 0;
    for (i, _) in before.iter().enumerate().filter(|(_, &cell)| cell == wanted) {
        let (from, to) = (i.saturating_sub(radius).max(reached), (i + radius + 1).min(cells.len()));
        for cell in cells.get_mut(from..to).unwrap_or_default() {
            **cell = wanted;
        }
        reached = to;
    }
}
