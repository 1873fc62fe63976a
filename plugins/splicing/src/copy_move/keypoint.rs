// SPDX-License-Identifier: MIT OR Apache-2.0
//! Points that are found again in a copy: extrema of differences of Gaussians over place and scale,
//! with their main directions [Lowe 2004, §3 to §5].

use assay_plugin_api::prelude::NoScore;

use super::descriptor::{directions, Descriptor};
use super::extrema::{extrema, sigma_of, Extremum, FIRST_SIGMA, SCALES};
use super::plane::Plane;

/// Blur that a picture is taken to have, px [Lowe 2004, §3.3].
const OWN_SIGMA: f32 = 0.5;
/// Samples up to which the first octave is of twice the size.
const DOUBLED_SAMPLES: usize = 400_000;
/// Most points of the first octave; half as many of each further one.
const MOST_POINTS: usize = 1_400;
/// Tiles along each axis over which the points are spread evenly.
const TILES: usize = 12;
/// Shortest side of an octave, px.
const SHORTEST_SIDE: usize = 24;

/// A point, its scale and direction, and what its surroundings look like.
#[derive(Clone, Debug)]
pub(super) struct Keypoint {
    /// Place, px of the plane.
    pub(super) at: [f32; 2],
    /// Scale: standard deviation of its Gaussian, px of the plane.
    pub(super) sigma: f32,
    /// Main direction, radians.
    pub(super) angle: f32,
    pub(super) descriptor: Descriptor,
}

/// The points of a plane, by octave, then by place.
pub(super) fn keypoints(
    plane: &Plane,
    check: impl Fn() -> Result<(), NoScore>,
) -> Result<Vec<Keypoint>, NoScore> {
    let double = plane.samples.len() <= DOUBLED_SAMPLES;
    let (mut base, mut pixel) = if double { (plane.doubled(), 0.5) } else { (plane.clone(), 1.0) };
    let own = OWN_SIGMA / pixel;
    base = base.blurred((FIRST_SIGMA * FIRST_SIGMA - own * own).sqrt());
    let (mut found, mut most) = (Vec::new(), MOST_POINTS);
    while base.width.min(base.height) >= SHORTEST_SIDE {
        check()?;
        let levels = levels(base);
        check()?;
        for extremum in strongest(extrema(&levels), &levels[0], most) {
            let level = &levels[extremum.level];
            for angle in directions(level, extremum.at, extremum.sigma) {
                found.push(Keypoint {
                    at: extremum.at.map(|v| v * pixel),
                    sigma: extremum.sigma * pixel,
                    angle,
                    descriptor: Descriptor::of(level, extremum.at, extremum.sigma, angle),
                });
            }
        }
        base = levels[SCALES].decimated();
        pixel *= 2.0;
        most /= 2;
    }
    Ok(found)
}

/// The scales of an octave: each `2^(1/3)` times the one before.
pub(super) fn levels(first: Plane) -> Vec<Plane> {
    let mut levels = vec![first];
    for level in 1..SCALES + 3 {
        let (before, after) = (sigma_of(level as f32 - 1.0), sigma_of(level as f32));
        let blurred = levels[level - 1].blurred((after * after - before * before).sqrt());
        levels.push(blurred);
    }
    levels
}

/// At most `most` extrema, the strongest of each tile before the second of any.
fn strongest(mut extrema: Vec<Extremum>, plane: &Plane, most: usize) -> Vec<Extremum> {
    if extrema.len() <= most {
        return extrema;
    }
    extrema.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    let mut taken = [[0_usize; TILES]; TILES];
    let tile = |v: f32, side: usize| ((v * TILES as f32 / side as f32) as usize).min(TILES - 1);
    let mut ranked: Vec<(usize, Extremum)> = extrema
        .into_iter()
        .map(|extremum| {
            let [x, y] = extremum.at;
            let rank = &mut taken[tile(y, plane.height)][tile(x, plane.width)];
            *rank += 1;
            (*rank, extremum)
        })
        .collect();
    ranked.sort_by_key(|&(rank, _)| rank);
    ranked.truncate(most);
    ranked.into_iter().map(|(_, extremum)| extremum).collect()
}
