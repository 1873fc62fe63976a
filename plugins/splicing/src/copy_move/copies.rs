// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a map to the pixels that it brings together, and to how significant that is.

use assay_plugin_api::prelude::NoScore;
use assay_signal::morphology::{close, Mask};

use super::affine::Affine;
use super::agreement::grown;
use super::align::{aligned, MOST_POINTS};
use super::matches::Hypothesis;
use super::patch::{Frame, Patch};
use super::plane::Plane;
use super::rivals::{Search, FEWEST_PIXELS, PIECE_PX};
use super::significance::{log10_nfa, speaks_for_copy, MOST_PIECES};

/// Times that a region grows and the map is improved on it.
const ROUNDS: usize = 3;
/// Px around a point that the map is improved on at first.
const AROUND_PX: i16 = 8;
/// Px around the points, and around the region later, into which it may grow.
const MARGINS_PX: [f32; ROUNDS] = [24.0, 48.0, 48.0];
/// A region of more than one in so many pixels is not grown again: the map that made it fits.
const LARGE_SHARE: usize = 4;
/// Pixels below which a region is dropped.
const SMALLEST: usize = 100;
/// Steps of the corners at which a piece is tried, px; and most steps along a side.
const CORNER_STEP: usize = PIECE_PX / 4;
const MOST_STEPS: usize = 80;
/// Pieces after which no more are compared if together they speak against a copy.
const FIRST_PIECES: usize = 3;
/// Points around which a piece is compared before anything grows, at most.
const SKIMMED_POINTS: usize = 6;
/// Gaps of twice that many pixels are closed: single windows that recompression spoilt.
const CLOSED_PX: usize = 6;

/// Pixels of a frame, a byte for each of the frame's.
#[derive(Clone, Debug)]
pub(super) struct Pixels {
    frame: Frame,
    mask: Mask,
}

impl Pixels {
    /// Their places, row by row.
    pub(super) fn iter(&self) -> impl Iterator<Item = [f32; 2]> + '_ {
        let set = self.mask.indexed_iter().filter(|(_, &set)| set);
        set.map(|((y, x), _)| self.frame.point(x, y))
    }
}

/// A region and a map to where the same content is.
#[derive(Clone, Debug)]
pub(super) struct Copy {
    pub(super) map: Affine,
    /// Its pixels, in px of the plane.
    pub(super) pixels: Pixels,
    /// Expected number of such copies in a picture without any, log10.
    pub(super) log10_nfa: f64,
}

/// The copy that a hypothesis leads to; `None` if what it brings together is not alike, or no less
/// like the rest of the picture. With `skims` nothing grows unless a piece around one of the points speaks
/// for a copy.
pub(super) fn verified(
    plane: &Plane<'_>,
    search: &Search,
    hypothesis: &Hypothesis,
    skims: bool,
    check: &impl Fn() -> Result<(), NoScore>,
) -> Result<Option<Copy>, NoScore> {
    let mut map = hypothesis.map;
    let mut places: Vec<[f32; 2]> = hypothesis.points.iter().flat_map(around).collect();
    let mut frame = Frame::around(&places, MARGINS_PX[0], plane);
    let mut patch = None;
    for next_margin in MARGINS_PX.into_iter().skip(1).map(Some).chain([None]) {
        check()?;
        map = aligned(plane, &map, &places);
        if skims && patch.is_none() && !is_promising(plane, search, &map, &hypothesis.points) {
            return Ok(None);
        }
        let grown = grown(plane, &map, frame, &hypothesis.points);
        let count = grown.count();
        if count < SMALLEST {
            return Ok(None);
        }
        let is_large = count * LARGE_SHARE > plane.pixels();
        let next = next_margin.filter(|_| !is_large);
        if let Some(next) = next.and_then(|margin| grown.around(margin, plane)) {
            frame = next;
            places = grown.points().step_by(count.div_ceil(MOST_POINTS)).collect();
        }
        patch = Some(grown);
        if is_large {
            break;
        }
    }
    let Some(patch) = patch else { return Ok(None) };
    let mut rivalries = Vec::new();
    for corner in pieces(&patch) {
        check()?;
        rivalries.extend(search.rivalry(&map, corner, |x, y| patch.holds(x, y)));
        if rivalries.len() == FIRST_PIECES && log10_nfa(&rivalries) >= log10_nfa(&[]) {
            return Ok(None);
        }
    }
    let log10_nfa = log10_nfa(&rivalries);
    Ok((log10_nfa < 0.0).then(|| Copy { map, pixels: closed(&patch), log10_nfa }))
}

/// Whether a piece around one of the points speaks for a copy; none of them may tell.
fn is_promising(plane: &Plane, search: &Search, map: &Affine, points: &[[f32; 2]]) -> bool {
    let corner = |at: f32, side: usize| {
        (at.max(0.0) as usize).saturating_sub(PIECE_PX / 2).min(side.saturating_sub(PIECE_PX))
    };
    let looked_at = points.iter().step_by(points.len().div_ceil(SKIMMED_POINTS).max(1));
    let mut rivalries = looked_at.filter_map(|&[x, y]| {
        let corner = [corner(x, plane.width), corner(y, plane.height)];
        search.rivalry(map, corner, |x, y| x < plane.width && y < plane.height)
    });
    let Some(first) = rivalries.next() else { return true };
    speaks_for_copy(&first) || rivalries.any(|piece| speaks_for_copy(&piece))
}

/// The pixels around a point.
fn around(point: &[f32; 2]) -> impl Iterator<Item = [f32; 2]> {
    let [x, y] = point.map(f32::round);
    let reach = -AROUND_PX..=AROUND_PX;
    reach
        .clone()
        .flat_map(move |dy| reach.clone().map(move |dx| [x + f32::from(dx), y + f32::from(dy)]))
}

/// Corners of pieces of the region that do not overlap, the fullest first.
fn pieces(patch: &Patch) -> Vec<[usize; 2]> {
    let frame = patch.frame;
    let mut corners = Vec::new();
    let step = frame.width.max(frame.height).div_ceil(MOST_STEPS).max(CORNER_STEP);
    for y in (frame.y..frame.y + frame.height).step_by(step) {
        for x in (frame.x..frame.x + frame.width).step_by(step) {
            let count = patch.count_in([x, y], PIECE_PX);
            if count >= FEWEST_PIXELS {
                corners.push((count, [x, y]));
            }
        }
    }
    corners.sort_by(|a, b| b.cmp(a));
    let mut kept: Vec<[usize; 2]> = Vec::new();
    for (_, [x, y]) in corners {
        let is_apart = |[u, v]: &[usize; 2]| u.abs_diff(x) >= PIECE_PX || v.abs_diff(y) >= PIECE_PX;
        if kept.len() < MOST_PIECES && kept.iter().all(is_apart) {
            kept.push([x, y]);
        }
    }
    kept
}

/// The pixels of the region with its gaps closed.
fn closed(patch: &Patch) -> Pixels {
    let frame = patch.frame;
    let is_inside = |(y, x)| patch.holds(frame.x + x, frame.y + y);
    let mask = Mask::from_shape_fn((frame.height, frame.width), is_inside);
    Pixels { frame, mask: close(&mask, CLOSED_PX) }
}
