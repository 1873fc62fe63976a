// SPDX-License-Identifier: MIT OR Apache-2.0
//! Points whose surroundings are much more alike than those of others, and the maps that bring many
//! of them onto each other.

use assay_plugin_api::prelude::NoScore;
use assay_signal::avx2_dispatch;

use super::affine::Affine;
use super::descriptor::NORM;
use super::keypoint::Keypoint;
use super::nearest::{nearest, Neighbour};

/// A point's matches are those before the first jump of the distance by this factor: g2NN, which
/// finds what was copied more than once [Amerini 2011, §III-B: 0.5; 0.6 to 0.8 are in use, and what
/// is wrong is found out later].
const LARGEST_RATIO: f32 = 0.75;
/// Least distance of a copy, px.
pub(super) const NEAREST_PX: f32 = 14.0;
/// Largest change of scale.
const LARGEST_SCALE: f32 = 2.5;
/// Matches that maps are looked for among; those that stand out most.
const MOST_MATCHES: usize = 1_200;
/// Matches that a map may start from.
const MOST_SEEDS: usize = 400;
/// Starts after which no more are made.
const MOST_STARTS: usize = 16;
/// Distance up to which a map brings a point onto another, px; while it is known from one match
/// only, a share of the distance from that match besides.
const NEAR_PX: f32 = 3.0;
const FIRST_SLACK: f32 = 0.12;
/// Fewest points that make a map.
const FEWEST_POINTS: usize = 2;
/// Most maps.
pub(super) const MOST_MAPS: usize = 10;

/// Two points that look alike.
#[derive(Clone, Copy, Debug)]
struct Match {
    /// Indices of the points.
    points: [usize; 2],
    /// One is seen in a mirror.
    flip: bool,
    /// Distance of the descriptors over that of the first that is no match.
    ratio: f32,
}

/// A map that brings points onto points that look alike.
#[derive(Clone, Debug)]
pub(super) struct Hypothesis {
    pub(super) map: Affine,
    /// The places that it maps.
    pub(super) points: Vec<[f32; 2]>,
}

fn distance([a, b]: [f32; 2], [c, d]: [f32; 2]) -> f32 {
    (a - c).hypot(b - d)
}

/// Pairs of points that look alike, those that stand out most first.
fn matches(
    points: &[Keypoint],
    check: impl Fn() -> Result<(), NoScore> + Sync,
) -> Result<Vec<Match>, NoScore> {
    let nearest = nearest(points, NEAREST_PX, check)?;
    let mut found = Vec::new();
    for (index, (point, nearest)) in points.iter().zip(&nearest).enumerate() {
        let distances: Vec<f32> = nearest
            .iter()
            .map(|other| (2.0 - 2.0 * other.product as f32 / (NORM * NORM)).max(1e-3).sqrt())
            .collect();
        let jump = |k: usize| distances[k] / distances[k + 1];
        let last = (0..distances.len().saturating_sub(1)).rev().find(|&k| jump(k) < LARGEST_RATIO);
        let Some(last) = last else { continue };
        for &Neighbour { point: other, flip, .. } in &nearest[..=last] {
            let scale = points[other].sigma / point.sigma;
            if (1.0 / LARGEST_SCALE..LARGEST_SCALE).contains(&scale) {
                let points = [index.min(other), index.max(other)];
                found.push(Match { points, flip, ratio: jump(last) });
            }
        }
    }
    found.sort_by_key(|found| (found.points, found.flip));
    found.dedup_by_key(|found| (found.points, found.flip));
    found.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
    found.truncate(MOST_MATCHES);
    Ok(found)
}

/// The map that one match says.
fn map_of(points: &[Keypoint], [a, b]: [usize; 2], flip: bool) -> Affine {
    let (from, to) = (&points[a], &points[b]);
    let angle = if flip { to.angle + from.angle } else { to.angle - from.angle };
    Affine::similarity(to.sigma / from.sigma, angle, flip, from.at, to.at)
}

/// The pairs of places that a map brings within a distance of each other, in its direction.
fn agreeing(
    points: &[Keypoint],
    matches: &[Match],
    map: &Affine,
    slack: impl Fn([f32; 2]) -> f32,
) -> Vec<(usize, [f32; 2], [f32; 2])> {
    let flip = map.determinant() < 0.0;
    let agrees = |(index, found): (usize, &Match)| {
        if found.flip != flip {
            return None;
        }
        let [a, b] = found.points.map(|point| points[point].at);
        let fits = |from: [f32; 2], to: [f32; 2]| distance(map.apply(from), to) < slack(from);
        if fits(a, b) {
            Some((index, a, b))
        } else {
            fits(b, a).then_some((index, b, a))
        }
    };
    matches.iter().enumerate().filter_map(agrees).collect()
}

/// How far from where a map brings it a point may be that is `far` from the match that the map is
/// known from, px.
#[inline(always)]
fn first_slack(far: f32) -> f32 {
    NEAR_PX + FIRST_SLACK * far.min(80.0)
}

/// The ends of matches that are all in a mirror or all not, a coordinate each.
#[derive(Default)]
struct Ends([Vec<f32>; 4]);

impl Ends {
    fn of(points: &[Keypoint], matches: &[Match], flip: bool) -> Self {
        let mut ends = Self::default();
        for found in matches.iter().filter(|found| found.flip == flip) {
            let places = found.points.map(|point| points[point].at);
            ends.0.iter_mut().zip(places.as_flattened()).for_each(|(to, &value)| to.push(value));
        }
        ends
    }

    /// How many pairs a map brings onto each other, either way, that is known from one match whose
    /// first end is at `origin`.
    fn agreeing(&self, map: &Affine, origin: [f32; 2]) -> u32 {
        let mut count = 0;
        count_agreeing(self.0.each_ref().map(Vec::as_slice), map, origin, &mut count);
        count
    }
}

#[inline(always)]
fn count_agreeing_portable(
    [ax, ay, bx, by]: [&[f32]; 4],
    map: &Affine,
    [x, y]: [f32; 2],
    count: &mut u32,
) {
    let fits = |[fx, fy]: [f32; 2], [tx, ty]: [f32; 2]| {
        let [u, v] = map.apply([fx, fy]);
        let slack = first_slack(((fx - x) * (fx - x) + (fy - y) * (fy - y)).sqrt());
        (u - tx) * (u - tx) + (v - ty) * (v - ty) < slack * slack
    };
    for (((ax, ay), bx), by) in ax.iter().zip(ay).zip(bx).zip(by) {
        let (a, b) = ([*ax, *ay], [*bx, *by]);
        *count += u32::from(fits(a, b) | fits(b, a));
    }
}

avx2_dispatch! {
    /// Adds the pairs of places `(ax, ay)` and `(bx, by)` that a map brings onto each other.
    fn count_agreeing(ends: [&[f32]; 4], map: &Affine, origin: [f32; 2], count: &mut u32)
        = count_agreeing_portable
}

/// How many different places there are, in steps of 2 px.
fn places(pairs: &[(usize, [f32; 2], [f32; 2])]) -> usize {
    let mut places: Vec<[i32; 2]> =
        pairs.iter().map(|(_, from, _)| from.map(|v| (v / 2.0) as i32)).collect();
    places.sort_unstable();
    places.dedup();
    places.len()
}

/// The maps that bring the most points onto points that look alike.
pub(super) fn hypotheses(
    points: &[Keypoint],
    check: impl Fn() -> Result<(), NoScore> + Sync,
) -> Result<Vec<Hypothesis>, NoScore> {
    let mut matches = matches(points, &check)?;
    let mut found: Vec<Hypothesis> = Vec::new();
    for _ in 0..MOST_STARTS {
        if found.len() == MOST_MAPS {
            break;
        }
        check()?;
        let ends = [false, true].map(|flip| Ends::of(points, &matches, flip));
        let counts = matches.iter().take(MOST_SEEDS).map(|seed| {
            let map = map_of(points, seed.points, seed.flip);
            ends[usize::from(seed.flip)].agreeing(&map, points[seed.points[0]].at)
        });
        let Some((seed, _)) = counts.enumerate().max_by_key(|&(_, count)| count) else { break };
        let seed = matches[seed];
        let map = map_of(points, seed.points, seed.flip);
        let slack = |at| first_slack(distance(at, points[seed.points[0]].at));
        let mut pairs = agreeing(points, &matches, &map, slack);
        if places(&pairs) < FEWEST_POINTS {
            break;
        }
        let seed = pairs.iter().map(|&(index, ..)| index).collect::<Vec<_>>();
        let mut map = None;
        for _ in 0..4 {
            let ends: Vec<_> = pairs.iter().map(|&(_, from, to)| (from, to)).collect();
            let flip = matches[pairs[0].0].flip;
            let Some(fitted) = Affine::fitted(&ends, flip) else { break };
            let next = agreeing(points, &matches, &fitted, |_| NEAR_PX);
            if places(&next) < FEWEST_POINTS {
                break;
            }
            (map, pairs) = (Some(fitted), next);
        }
        let mut used = if map.is_some() { Vec::new() } else { seed };
        if let Some(map) = map {
            used.extend(pairs.iter().map(|&(index, ..)| index));
            found.push(Hypothesis { map, points: pairs.iter().map(|&(_, at, _)| at).collect() });
        }
        let mut index = 0;
        matches.retain(|_| {
            index += 1;
            !used.contains(&(index - 1))
        });
    }
    Ok(found)
}
