// SPDX-License-Identifier: MIT OR Apache-2.0
//! Improves a map until what it brings together agrees to a fraction of a pixel: Gauss-Newton on the
//! squared differences of the samples [Lucas and Kanade 1981], with outliers weighed down.

use super::affine::Affine;
use super::plane::Plane;

const STEPS: usize = 6;
/// Points that are compared; more would be no better.
pub(super) const MOST_POINTS: usize = 2_500;
const FEWEST_POINTS: usize = 60;
/// Least difference that is taken for an outlier's, grey levels.
const LEAST_SCALE: f64 = 2.0;
/// Unit of the places, px, so that all parameters are of one size.
const UNIT: f32 = 32.0;
const PARAMETERS: usize = 6;

/// `map`, or one near it that fits better at the places.
pub(super) fn aligned(plane: &Plane<'_>, map: &Affine, places: &[[f32; 2]]) -> Affine {
    let every = places.len().div_ceil(MOST_POINTS).max(1);
    let places: Vec<[f32; 2]> = places.iter().copied().step_by(every).collect();
    if places.len() < FEWEST_POINTS {
        return *map;
    }
    let count = places.len() as f32;
    let middle = [0, 1].map(|axis| places.iter().map(|at| at[axis]).sum::<f32>() / count);
    let mut best = (f64::INFINITY, *map);
    let mut map = *map;
    for _ in 0..STEPS {
        let Some((spread, step)) = step(plane, &map, &places, middle) else { break };
        if spread >= best.0 {
            break;
        }
        best = (spread, map);
        let Some(step) = step else { break };
        let [a, b, tx, c, d, ty] = step.map(|v| v as f32);
        let (a, b, c, d) = (a / UNIT, b / UNIT, c / UNIT, d / UNIT);
        map.linear[0][0] += a;
        map.linear[0][1] += b;
        map.linear[1][0] += c;
        map.linear[1][1] += d;
        map.shift[0] += tx - a * middle[0] - b * middle[1];
        map.shift[1] += ty - c * middle[0] - d * middle[1];
    }
    best.1
}

/// Median difference under a map, grey levels, and the change of its parameters that lowers it.
fn step(
    plane: &Plane<'_>,
    map: &Affine,
    places: &[[f32; 2]],
    middle: [f32; 2],
) -> Option<(f64, Option<[f64; PARAMETERS]>)> {
    let sample = |&[x, y]: &[f32; 2]| {
        let here = plane.bilinear([x, y])?;
        let [u, v] = map.apply([x, y]);
        let there = plane.bilinear([u, v])?;
        let slope_u = 0.5 * (plane.bilinear([u + 1.0, v])? - plane.bilinear([u - 1.0, v])?);
        let slope_v = 0.5 * (plane.bilinear([u, v + 1.0])? - plane.bilinear([u, v - 1.0])?);
        let (x, y) = ((x - middle[0]) / UNIT, (y - middle[1]) / UNIT);
        let slopes = [slope_u * x, slope_u * y, slope_u, slope_v * x, slope_v * y, slope_v];
        Some((f64::from(here), f64::from(there), slopes.map(f64::from)))
    };
    let samples: Vec<_> = places.iter().filter_map(sample).collect();
    if samples.len() < FEWEST_POINTS {
        return None;
    }
    let count = samples.len() as f64;
    let here = samples.iter().map(|s| s.0).sum::<f64>() / count;
    let there = samples.iter().map(|s| s.1).sum::<f64>() / count;
    let (mut both, mut square) = (0.0, 1e-9);
    for (a, b, _) in &samples {
        both += (a - here) * (b - there);
        square += (b - there).powi(2);
    }
    let gain = (both / square).clamp(0.3, 3.0);
    let difference = |a: f64, b: f64| (a - here) - gain * (b - there);
    let mut sizes: Vec<f64> = samples.iter().map(|s| difference(s.0, s.1).abs()).collect();
    let middle_size = sizes.len() / 2;
    let (_, &mut median, _) = sizes.select_nth_unstable_by(middle_size, f64::total_cmp);
    let scale = (1.5 * median).max(LEAST_SCALE);
    let mut normal = [[0.0; PARAMETERS + 1]; PARAMETERS];
    for (a, b, slopes) in &samples {
        let difference = difference(*a, *b);
        let weight = 1.0 / (1.0 + (difference / scale).powi(2));
        for (row, &slope) in normal.iter_mut().zip(slopes) {
            for (sum, &other) in row.iter_mut().zip(slopes) {
                *sum += weight * gain * gain * slope * other;
            }
            row[PARAMETERS] += weight * gain * slope * difference;
        }
    }
    Some((median, solved(normal)))
}

/// The solution of a system of symmetric equations, by elimination; `None` if it has none.
fn solved(mut rows: [[f64; PARAMETERS + 1]; PARAMETERS]) -> Option<[f64; PARAMETERS]> {
    for pivot in 0..PARAMETERS {
        let size = |row: usize, rows: &[[f64; PARAMETERS + 1]]| rows[row][pivot].abs();
        let largest =
            (pivot..PARAMETERS).max_by(|&a, &b| size(a, &rows).total_cmp(&size(b, &rows)))?;
        rows.swap(pivot, largest);
        let row = rows[pivot];
        if row[pivot].abs() < 1e-9 {
            return None;
        }
        for (index, other) in rows.iter_mut().enumerate() {
            if index != pivot {
                let factor = other[pivot] / row[pivot];
                other.iter_mut().zip(row).for_each(|(value, of_row)| *value -= factor * of_row);
            }
        }
    }
    Some(std::array::from_fn(|i| rows[i][PARAMETERS] / rows[i][i]))
}
