// SPDX-License-Identifier: MIT OR Apache-2.0
//! The points whose surroundings are most alike those of each, as they are or in a mirror.
//!
//! The products of two descriptors are the same either way, and so are those of one with the other in
//! a mirror: each pair is multiplied once and offered to both. Which neighbours are nearest does not
//! depend on the order in which they are met, so two threads have a table each.

use assay_plugin_api::prelude::NoScore;
use assay_signal::avx2_dispatch;

use super::descriptor::Descriptor;
use super::keypoint::Keypoint;
use super::products::{panels, products, row, Panel, Row, ROWS, WIDTH};
use crate::threads::both;

/// Most neighbours of a point that are kept.
const MOST: usize = 5;
/// Groups of points between checks for cancellation.
const CHUNK: usize = 64;

/// A point that looks like another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Neighbour {
    /// Inner product of the descriptors.
    pub(super) product: i32,
    /// Index of the point.
    pub(super) point: usize,
    /// One is seen in a mirror.
    pub(super) flip: bool,
}

impl Neighbour {
    /// Nearest first; the order of equal ones does not depend on which was met first.
    fn rank(&self) -> (i32, bool, usize) {
        (-self.product, self.flip, self.point)
    }
}

/// The nearest neighbours of each point, at most [`MOST`], nearest first.
struct Table {
    of_points: Vec<Vec<Neighbour>>,
    /// Products below which a point takes no more neighbours; none where a panel has no point.
    least: Vec<i32>,
}

impl Table {
    /// Of so many points in panels with so many places.
    fn new(points: usize, places: usize) -> Self {
        let mut least = vec![i32::MIN; points];
        least.resize(places, i32::MAX);
        Self { of_points: vec![Vec::new(); points], least }
    }

    /// The nearest of those of both tables.
    fn with(self, other: Self) -> Vec<Vec<Neighbour>> {
        let pairs = self.of_points.into_iter().zip(other.of_points);
        let joined = pairs.map(|(mut found, others)| {
            found.extend(others);
            found.sort_by_key(Neighbour::rank);
            found.truncate(MOST);
            found
        });
        joined.collect()
    }

    fn offer(&mut self, points: &[Keypoint], least_px: f32, to: usize, neighbour: Neighbour) {
        let (Some(point), Some(other)) = (points.get(to), points.get(neighbour.point)) else {
            return;
        };
        let [x, y] = [0, 1].map(|axis| point.at[axis] - other.at[axis]);
        if neighbour.product < self.least[to] || x.hypot(y) <= least_px + point.sigma {
            return;
        }
        let found = &mut self.of_points[to];
        let place = found.partition_point(|held| held.rank() < neighbour.rank());
        found.insert(place, neighbour);
        found.truncate(MOST);
        if let (MOST, Some(last)) = (found.len(), found.last()) {
            self.least[to] = last.product;
        }
    }
}

/// For each point its nearest neighbours, nearest first, among the points that are farther from it
/// than `least_px` and its scale.
///
/// # Errors
/// `Cancelled`, by `check`.
pub(super) fn nearest(
    points: &[Keypoint],
    least_px: f32,
    check: impl Fn() -> Result<(), NoScore> + Sync,
) -> Result<Vec<Vec<Neighbour>>, NoScore> {
    let panels = panels(points);
    // Every second group each: later ones meet fewer panels.
    let half = |groups: usize| -> Result<Table, NoScore> {
        let mut table = Table::new(points.len(), panels.len() * WIDTH);
        for (at, first) in (0..points.len()).step_by(ROWS).enumerate() {
            if at % CHUNK == 0 {
                check()?;
            }
            if at % 2 == groups {
                meet_all(points, least_px, &mut table, first, &panels);
            }
        }
        Ok(table)
    };
    let (even, odd) = both(|| half(0), || half(1));
    Ok(even?.with(odd?))
}

/// Offers the points of a group and those of its own and all later panels to each other.
fn meet_all(points: &[Keypoint], least_px: f32, table: &mut Table, first: usize, panels: &[Panel]) {
    let last = points.len() - 1;
    let of_group: [&Descriptor; ROWS] =
        std::array::from_fn(|i| &points[(first + i).min(last)].descriptor);
    let rows = of_group.map(row);
    let mirrored = of_group.map(|descriptor| row(&descriptor.mirrored()));
    for (flip, rows) in [(false, rows), (true, mirrored)] {
        for (index, panel) in panels.iter().enumerate().skip(first / WIDTH) {
            meet(points, least_px, table, (first, rows.each_ref()), (index, panel), flip);
        }
    }
}

/// Offers the points of a group and those of a panel to each other.
fn meet(
    points: &[Keypoint],
    least_px: f32,
    table: &mut Table,
    (first, rows): (usize, [&Row; ROWS]),
    (index, panel): (usize, &Panel),
    flip: bool,
) {
    let mut found = [[0; WIDTH]; ROWS];
    products(rows, panel, &mut found);
    let columns = index * WIDTH..(index + 1) * WIDTH;
    for (point, found) in (first..points.len()).zip(&found) {
        let mut any = 0;
        any_least(found, &table.least[columns.clone()], table.least[point], &mut any);
        if any == 0 {
            continue;
        }
        for (other, &product) in columns.clone().zip(found).filter(|&(other, _)| other > point) {
            table.offer(points, least_px, point, Neighbour { product, point: other, flip });
            table.offer(points, least_px, other, Neighbour { product, point, flip });
        }
    }
}

#[inline(always)]
fn any_least_portable(products: &[i32; WIDTH], least: &[i32], of_point: i32, any: &mut u32) {
    let near = products.iter().zip(least);
    *any = near.fold(0, |any, (&product, &least)| any | u32::from(product >= least.min(of_point)));
}

avx2_dispatch! {
    /// Not 0 where a product reaches what the point of its row or of its column takes.
    fn any_least(products: &[i32; WIDTH], least: &[i32], of_point: i32, any: &mut u32)
        = any_least_portable
}
