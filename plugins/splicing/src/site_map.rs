// SPDX-License-Identifier: MIT OR Apache-2.0
//! Regions of sites on the lattice of votes.

use assay_plugin_api::prelude::Region;
use assay_signal::morphology::{close, Mask};

use crate::votes::{VoteMap, MARGIN};

/// Sites that belong together and the box around them, in pixels on the lattice that it was closed on.
#[derive(Clone, Debug)]
pub struct SiteRegion {
    /// Column and row of each site.
    pub(crate) sites: Vec<(usize, usize)>,
    /// First column and row, last column and row.
    bounds: (usize, usize, usize, usize),
    /// Side of a site, px.
    step: usize,
}

impl SiteRegion {
    fn of(sites: Vec<(usize, usize)>) -> Self {
        let mut bounds = (usize::MAX, usize::MAX, 0, 0);
        for &(column, row) in &sites {
            bounds.0 = bounds.0.min(column);
            bounds.1 = bounds.1.min(row);
            bounds.2 = bounds.2.max(column);
            bounds.3 = bounds.3.max(row);
        }
        Self { sites, bounds, step: 1 }
    }

    /// Columns of the box, in sites.
    pub(crate) fn columns(&self) -> usize {
        self.bounds.2 + 1 - self.bounds.0
    }

    /// Rows of the box, in sites.
    pub(crate) fn rows(&self) -> usize {
        self.bounds.3 + 1 - self.bounds.1
    }

    /// The region with gaps of up to `2 * radius` sites filled, on the lattice of `map`.
    pub(crate) fn closed(self, radius: usize, map: &VoteMap) -> Self {
        let (left, top, ..) = self.bounds;
        let mut mask = Mask::from_elem((self.rows(), self.columns()), false);
        for &(column, row) in &self.sites {
            mask[[row - top, column - left]] = true;
        }
        let closed = close(&mask, radius);
        let sites = closed.indexed_iter().filter(|(_, &set)| set);
        let sites = sites.map(|((row, column), _)| (column + left, row + top)).collect();
        Self { step: map.step, ..Self::of(sites) }
    }

    /// The box around the region in the picture.
    #[must_use]
    pub fn region(&self) -> Region {
        let px = |site: usize| {
            let middle = MARGIN + site * self.step;
            u32::try_from(middle.saturating_sub(self.step / 2)).unwrap_or(u32::MAX)
        };
        let side = |sites: usize| u32::try_from(sites * self.step).unwrap_or(u32::MAX);
        Region {
            x: px(self.bounds.0),
            y: px(self.bounds.1),
            width: side(self.columns()),
            height: side(self.rows()),
        }
    }

    /// Area, px.
    #[must_use]
    pub fn pixels(&self) -> usize {
        self.sites.len() * self.step * self.step
    }

    /// The middle of each site in the picture, px.
    pub fn points(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let px = |site: usize| MARGIN + site * self.step;
        self.sites.iter().map(move |&(column, row)| (px(column), px(row)))
    }
}

/// Groups the sites whose value is `wanted` into regions of one value, in which every site is within
/// Chebyshev distance `near` of another; leaves out regions of fewer than `fewest` sites. Regions
/// come with their value, in the raster order of their first sites.
pub(crate) fn grow(
    values: &[u8],
    columns: usize,
    near: usize,
    fewest: usize,
    wanted: impl Fn(u8) -> bool,
) -> Vec<(u8, SiteRegion)> {
    let rows = values.len() / columns.max(1);
    let mut seen = vec![false; values.len()];
    let mut regions = Vec::new();
    let mut sites = Vec::new();
    for start in 0..values.len() {
        let value = values[start];
        if seen[start] || !wanted(value) {
            continue;
        }
        seen[start] = true;
        sites.push((start % columns, start / columns));
        let mut next = 0;
        while let Some(&(column, row)) = sites.get(next) {
            next += 1;
            for y in row.saturating_sub(near)..(row + near + 1).min(rows) {
                for x in column.saturating_sub(near)..(column + near + 1).min(columns) {
                    let at = y * columns + x;
                    if values[at] == value && !seen[at] {
                        seen[at] = true;
                        sites.push((x, y));
                    }
                }
            }
        }
        if sites.len() >= fewest {
            regions.push((value, SiteRegion::of(sites.clone())));
        }
        sites.clear();
    }
    regions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_of_one_value_within_reach_are_one_region() {
        let values = [
            1, 0, 1, 0, 0, 0, 2, //
            0, 0, 0, 0, 0, 0, 2, //
            1, 0, 0, 0, 0, 1, 0,
        ];
        let regions = grow(&values, 7, 2, 2, |value| value != 0);
        let sites: Vec<_> = regions.iter().map(|(_, region)| region.sites.clone()).collect();
        assert_eq!(sites, [vec![(0, 0), (2, 0), (0, 2)], vec![(6, 0), (6, 1)]]);
        assert_eq!((regions[0].1.columns(), regions[0].1.rows()), (3, 3));
    }
}
