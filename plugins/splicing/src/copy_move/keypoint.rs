// SPDX-License-Identifier: MIT OR Apache-2.0
//! Points that are found again in a copy: extrema of differences of Gaussians over place and scale,
//! with their main directions [Lowe 2004, §3 to §5].

use assay_plugin_api::prelude::NoScore;

use super::descriptor::{directions, Descriptor};
use super::plane::Plane;

/// Scales of an octave that are searched [Lowe 2004, §3.2].
const SCALES: usize = 3;
/// Standard deviation of the first scale of an octave, px [Lowe 2004, §3.3].
const FIRST_SIGMA: f32 = 1.6;
/// Blur that a picture is taken to have, px [Lowe 2004, §3.3].
const OWN_SIGMA: f32 = 0.5;
/// Least contrast of an extremum, grey levels. Lowe's is 0.03 of the range; copies have little
/// contrast at times, and how many points there are is bounded below.
const LEAST_CONTRAST: f32 = 0.5;
/// Largest ratio of the two curvatures of an extremum [Lowe 2004, §4.1].
const LARGEST_CURVATURES: f32 = 10.0;
/// Samples up to which the first octave is of twice the size.
const DOUBLED_SAMPLES: usize = 400_000;
/// Most points of the first octave; half as many of each further one.
const MOST_POINTS: usize = 1_400;
/// Tiles along each axis over which the points are spread evenly.
const TILES: usize = 12;
/// Shortest side of an octave, px.
const SHORTEST_SIDE: usize = 24;
/// Px along the border of an octave in which no extremum is looked for.
const BORDER: usize = 5;

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

/// An extremum, in px of its octave.
#[derive(Clone, Copy)]
struct Extremum {
    level: usize,
    at: [f32; 2],
    sigma: f32,
    strength: f32,
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

fn sigma_of(level: f32) -> f32 {
    FIRST_SIGMA * (level / SCALES as f32).exp2()
}

/// The scales of an octave: each `2^(1/3)` times the one before.
fn levels(first: Plane) -> Vec<Plane> {
    let mut levels = vec![first];
    for level in 1..SCALES + 3 {
        let (before, after) = (sigma_of(level as f32 - 1.0), sigma_of(level as f32));
        let blurred = levels[level - 1].blurred((after * after - before * before).sqrt());
        levels.push(blurred);
    }
    levels
}

fn extrema(levels: &[Plane]) -> Vec<Extremum> {
    let (width, height) = (levels[0].width, levels[0].height);
    let mut found = Vec::new();
    for middle in 1..=SCALES {
        let difference =
            |level: usize, at: usize| levels[level + 1].samples[at] - levels[level].samples[at];
        for y in BORDER..height.saturating_sub(BORDER) {
            for x in BORDER..width.saturating_sub(BORDER) {
                let at = y * width + x;
                let value = difference(middle, at);
                if value.abs() < 0.8 * LEAST_CONTRAST {
                    continue;
                }
                let sign = value.signum();
                let around = |level: usize| {
                    [at - width, at, at + width].into_iter().all(|row| {
                        [row - 1, row, row + 1].into_iter().all(|near| {
                            (level == middle && near == at)
                                || sign * difference(level, near) < sign * value
                        })
                    })
                };
                if around(middle) && around(middle - 1) && around(middle + 1) {
                    found.extend(refined(&difference, middle, at, [x, y], width));
                }
            }
        }
    }
    found
}

/// The vertex of the parabolas through an extremum; `None` on an edge or with little contrast.
fn refined(
    difference: &impl Fn(usize, usize) -> f32,
    level: usize,
    at: usize,
    [x, y]: [usize; 2],
    width: usize,
) -> Option<Extremum> {
    let value = difference(level, at);
    let along = |before: f32, after: f32| {
        let (slope, curvature) = (0.5 * (after - before), after + before - 2.0 * value);
        let vertex = if curvature == 0.0 { 0.0 } else { -slope / curvature };
        (vertex.clamp(-0.5, 0.5), slope, curvature)
    };
    let (dx, slope_x, xx) = along(difference(level, at - 1), difference(level, at + 1));
    let (dy, slope_y, yy) = along(difference(level, at - width), difference(level, at + width));
    let (ds, slope_s, _) = along(difference(level - 1, at), difference(level + 1, at));
    let corner =
        |dx: isize, dy: isize| difference(level, at.wrapping_add_signed(dx + dy * width as isize));
    let xy = 0.25 * (corner(1, 1) + corner(-1, -1) - corner(1, -1) - corner(-1, 1));
    let (trace, determinant) = (xx + yy, xx * yy - xy * xy);
    let limit = (LARGEST_CURVATURES + 1.0).powi(2) / LARGEST_CURVATURES;
    let strength = (value + 0.5 * (dx * slope_x + dy * slope_y + ds * slope_s)).abs();
    let is_point = determinant > 0.0 && trace * trace < limit * determinant;
    (is_point && strength >= LEAST_CONTRAST).then(|| Extremum {
        level,
        at: [x as f32 + dx, y as f32 + dy],
        sigma: sigma_of(level as f32 + ds),
        strength,
    })
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
