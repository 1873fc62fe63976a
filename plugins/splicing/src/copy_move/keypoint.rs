// SPDX-License-Identifier: MIT OR Apache-2.0
//! Points that are found again in a copy: extrema of differences of Gaussians over place and scale,
//! with their main directions [Lowe 2004, §3 to §5].

use assay_plugin_api::prelude::NoScore;

use super::cascade::blur_of;
use super::descriptor::{directions, Descriptor};
use super::extrema::{extrema, Extremum, FIRST_SIGMA, SCALES};
use super::field::Field;
use crate::threads::both;

/// Blur that a picture is taken to have, px [Lowe 2004, §3.3].
const OWN_SIGMA: f32 = 0.5;
/// Samples up to which the first octave is of twice the size.
const DOUBLED_SAMPLES: usize = 400_000;
/// Most points of the first octave; half as many of each further one.
const MOST_POINTS: usize = 1_400;
/// Tiles along each axis over which the points are spread evenly.
const TILES: usize = 12;
/// Points of a scale below which they have one thread: a second one takes its time to start.
const FEWEST_DIVIDED: usize = 100;
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
    plane: Field,
    check: impl Fn() -> Result<(), NoScore>,
) -> Result<Vec<Keypoint>, NoScore> {
    let double = plane.samples.len() <= DOUBLED_SAMPLES;
    let (mut first, mut pixel) = if double { (plane.doubled(), 0.5) } else { (plane, 1.0) };
    let own = OWN_SIGMA / pixel;
    first.blur((FIRST_SIGMA * FIRST_SIGMA - own * own).sqrt());
    let (mut found, mut most) = (Vec::new(), MOST_POINTS);
    while first.width.min(first.height) >= SHORTEST_SIDE {
        check()?;
        let (extrema, next) = extrema(&first);
        check()?;
        let extrema = strongest(extrema, (first.width, first.height), most);
        found.extend(described(first, &extrema, pixel).into_iter().flatten());
        first = next;
        pixel *= 2.0;
        most /= 2;
    }
    Ok(found)
}

/// The points of each extremum of the octave of a first scale, whose samples are `pixel` px apart.
fn described(first: Field, extrema: &[Extremum], pixel: f32) -> Vec<Vec<Keypoint>> {
    let mut points: Vec<Vec<Keypoint>> = vec![Vec::new(); extrema.len()];
    // In place: no second plane is held.
    let mut scale = first;
    for level in 1..=SCALES {
        scale.blur(blur_of(level));
        let of_level = extrema.iter().zip(&mut points).filter(|(of, _)| of.level == level);
        let mut of_level: Vec<_> = of_level.collect();
        let describe = |part: &mut [(&Extremum, &mut Vec<Keypoint>)]| {
            part.iter_mut()
                .for_each(|(extremum, points)| **points = points_of(&scale, extremum, pixel));
        };
        if of_level.len() < FEWEST_DIVIDED {
            describe(&mut of_level);
            continue;
        }
        let middle = of_level.len() / 2;
        let (first, second) = of_level.split_at_mut(middle);
        both(|| describe(first), || describe(second));
    }
    points
}

/// The points of an extremum on its scale: one for each direction.
fn points_of(scale: &Field, extremum: &Extremum, pixel: f32) -> Vec<Keypoint> {
    let (at, sigma) = (extremum.at, extremum.sigma);
    let of_direction = |angle: f32| Keypoint {
        at: at.map(|v| v * pixel),
        sigma: sigma * pixel,
        angle,
        descriptor: Descriptor::of(scale, at, sigma, angle),
    };
    directions(scale, at, sigma).into_iter().map(of_direction).collect()
}

/// At most `most` extrema, the strongest of each tile before the second of any.
fn strongest(
    mut extrema: Vec<Extremum>,
    (width, height): (usize, usize),
    most: usize,
) -> Vec<Extremum> {
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
            let rank = &mut taken[tile(y, height)][tile(x, width)];
            *rank += 1;
            (*rank, extremum)
        })
        .collect();
    ranked.sort_by_key(|&(rank, _)| rank);
    ranked.truncate(most);
    ranked.into_iter().map(|(_, extremum)| extremum).collect()
}
