// SPDX-License-Identifier: MIT OR Apache-2.0
//! Points whose surroundings are much more alike than those of others, and the maps that bring many
//! of them onto each other.

use assay_plugin_api::prelude::NoScore;
use assay_signal::avx2_dispatch;

use super::affine::Affine;
use super::descriptor::{Descriptor, LENGTH, NORM};
use super::keypoint::Keypoint;

/// A point's matches are those before the first jump of the distance by this factor: g2NN, which
/// finds what was copied more than once [Amerini 2011, §III-B: 0.5; 0.6 to 0.8 are in use, and what
/// is wrong is found out later].
const LARGEST_RATIO: f32 = 0.75;
/// Most matches of a point.
const MOST_NEIGHBOURS: usize = 4;
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
/// Points checked for cancellation at once.
const CHUNK: usize = 256;

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

#[inline(always)]
fn products_portable(one: &[i16; LENGTH], all: &[[i16; LENGTH]], out: &mut [i32]) {
    for (out, other) in out.iter_mut().zip(all) {
        *out = one.iter().zip(other).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum();
    }
}

avx2_dispatch! {
    /// Inner products of one descriptor with all.
    fn products(one: &[i16; LENGTH], all: &[[i16; LENGTH]], out: &mut [i32]) = products_portable
}

/// The neighbours of one point, nearest first.
#[derive(Default)]
struct Nearest(Vec<(i32, usize, bool)>);

impl Nearest {
    fn offer(&mut self, product: i32, point: usize, flip: bool) {
        let place = self.0.partition_point(|&(other, ..)| other >= product);
        self.0.insert(place, (product, point, flip));
        self.0.truncate(MOST_NEIGHBOURS + 1);
    }

    fn accepts(&self, product: i32) -> bool {
        self.0.len() <= MOST_NEIGHBOURS || self.0.last().is_some_and(|last| product > last.0)
    }
}

fn distance([a, b]: [f32; 2], [c, d]: [f32; 2]) -> f32 {
    (a - c).hypot(b - d)
}

/// Pairs of points that look alike, those that stand out most first.
fn matches(
    points: &[Keypoint],
    check: impl Fn() -> Result<(), NoScore>,
) -> Result<Vec<Match>, NoScore> {
    let descriptors: Vec<[i16; LENGTH]> = points.iter().map(|point| point.descriptor.0).collect();
    let mut values = vec![0; points.len()];
    let mut found = Vec::new();
    for (index, point) in points.iter().enumerate() {
        if index % CHUNK == 0 {
            check()?;
        }
        let mut nearest = Nearest::default();
        let both: [(bool, Descriptor); 2] =
            [(false, point.descriptor.clone()), (true, point.descriptor.mirrored())];
        for (flip, descriptor) in both {
            products(&descriptor.0, &descriptors, &mut values);
            for (other, &product) in values.iter().enumerate() {
                if nearest.accepts(product)
                    && distance(point.at, points[other].at) > NEAREST_PX + point.sigma
                {
                    nearest.offer(product, other, flip);
                }
            }
        }
        let distances: Vec<f32> = nearest
            .0
            .iter()
            .map(|&(product, ..)| (2.0 - 2.0 * product as f32 / (NORM * NORM)).max(1e-3).sqrt())
            .collect();
        let jump = |k: usize| distances[k] / distances[k + 1];
        let last = (0..distances.len().saturating_sub(1)).rev().find(|&k| jump(k) < LARGEST_RATIO);
        let Some(last) = last else { continue };
        for &(_, other, flip) in &nearest.0[..=last] {
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
    check: impl Fn() -> Result<(), NoScore>,
) -> Result<Vec<Hypothesis>, NoScore> {
    let mut matches = matches(points, &check)?;
    let mut found: Vec<Hypothesis> = Vec::new();
    for _ in 0..MOST_STARTS {
        if found.len() == MOST_MAPS {
            break;
        }
        check()?;
        let seeds = matches.iter().take(MOST_SEEDS).map(|seed| {
            let map = map_of(points, seed.points, seed.flip);
            let origin = points[seed.points[0]].at;
            let slack = |at: [f32; 2]| NEAR_PX + FIRST_SLACK * distance(at, origin).min(80.0);
            agreeing(points, &matches, &map, slack)
        });
        let best = seeds.max_by_key(Vec::len);
        let Some(mut pairs) = best.filter(|pairs| places(pairs) >= FEWEST_POINTS) else { break };
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
