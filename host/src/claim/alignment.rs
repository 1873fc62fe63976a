// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether the matches of two pictures fit one movement: a shift, a turn, a factor, perhaps a mirror.
//!
//! **Method.** Each two of the best matches propose a movement; the one that is least likely to be met by so many
//! matches by chance is refined by least squares. Chance is counted as the expected number of false
//! alarms of matches that lie anywhere.
//!
//! **References.** Moisan, Moulon and Monasse, "Automatic homographic registration of a pair of images,
//! with a contrario elimination of outliers", IPOL 2012. Fischler and Bolles, "Random sample consensus",
//! CACM 1981; here every pair of the best is taken, so that nothing is random.

use super::keypoints::Keypoint;
use super::matching::{matches, Match};

/// Best matches of which each two propose a movement.
const PROPOSERS: usize = 48;
/// Nearest that two proposers may lie, px.
const APART: f64 = 20.0;
/// How far a match may lie from where the movement puts it, px.
const TOLERANCE: f64 = 3.0;
/// Factors that are looked for: beyond, the levels of two pictures have nothing in common.
const FACTORS: std::ops::RangeInclusive<f64> = 0.25..=4.0;
/// Matches closer than this are one corner on several levels, px.
const ONE_CORNER: f64 = 6.0;
/// Fewest corners.
const FEWEST: usize = 6;
/// Largest decimal logarithm of the expected number of false alarms. That of chance is 0; corners repeat in
/// windows, fences and tiles, which the count does not know.
const MOST_LOG10_NFA: f64 = -8.0;

/// A movement from the one picture to the other, in px of the largest levels: (x, y), with y negative first where
/// it is mirrored, times `factor`, turned by `turn`, shifted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Movement {
    /// `factor * cos(turn)` and `factor * sin(turn)`.
    pub(super) linear: (f64, f64),
    /// Where (0, 0) goes.
    pub(super) shift: (f64, f64),
    /// Whether the picture is mirrored, upside down, before anything else.
    pub(super) is_mirrored: bool,
}

/// A movement that matches speak for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Alignment {
    /// From the one to the other.
    pub(super) movement: Movement,
    /// Corners that it fits.
    pub(super) corners: usize,
    /// Expected number of false alarms, decimal logarithm.
    pub(super) log10_nfa: f64,
    /// Median distance of these from where the movement puts them, px.
    pub(super) residual: f64,
}

impl Movement {
    /// Where a point of the one picture goes.
    pub(super) fn apply(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let y = if self.is_mirrored { -y } else { y };
        let (a, b) = self.linear;
        (a * x - b * y + self.shift.0, b * x + a * y + self.shift.1)
    }

    /// The way back.
    pub(super) fn inverse(&self) -> Self {
        let (a, b) = self.linear;
        let size = a * a + b * b;
        let (sx, sy) = self.shift;
        // Unmirrored: p = conj(l) (q - s) / |l|^2; mirrored: conj of that, so l (conj(q) - conj(s)) / |l|^2.
        let (linear, shift) = if self.is_mirrored {
            ((a / size, b / size), (-(a * sx + b * sy) / size, (a * sy - b * sx) / size))
        } else {
            ((a / size, -b / size), (-(a * sx + b * sy) / size, (b * sx - a * sy) / size))
        };
        Self { linear, shift, is_mirrored: self.is_mirrored }
    }

    /// The factor of lengths.
    pub(super) fn factor(&self) -> f64 {
        self.linear.0.hypot(self.linear.1)
    }

    /// The turn, degrees clockwise as seen, -180..=180.
    pub(super) fn turn_degrees(&self) -> f64 {
        self.linear.1.atan2(self.linear.0).to_degrees()
    }

    fn of_two(one: &Match, other: &Match, is_mirrored: bool) -> Option<Self> {
        let sign = if is_mirrored { -1.0 } else { 1.0 };
        let p = |m: &Match| (f64::from(m.from.0), sign * f64::from(m.from.1));
        let q = |m: &Match| (f64::from(m.to.0), f64::from(m.to.1));
        let (p1, p2, q1, q2) = (p(one), p(other), q(one), q(other));
        let (px, py) = (p2.0 - p1.0, p2.1 - p1.1);
        let (qx, qy) = (q2.0 - q1.0, q2.1 - q1.1);
        if px.hypot(py) < APART || qx.hypot(qy) < APART {
            return None;
        }
        let size = px * px + py * py;
        let linear = ((px * qx + py * qy) / size, (px * qy - py * qx) / size);
        let (a, b) = linear;
        let shift = (q1.0 - a * p1.0 + b * p1.1, q1.1 - b * p1.0 - a * p1.1);
        let movement = Self { linear, shift, is_mirrored };
        FACTORS.contains(&movement.factor()).then_some(movement)
    }

    /// The one that fits matches best, by least squares.
    fn fitted(matches: &[Match], is_mirrored: bool) -> Option<Self> {
        let count = matches.len() as f64;
        let sign = if is_mirrored { -1.0 } else { 1.0 };
        let mean =
            |of: fn(&Match) -> f32| matches.iter().map(|m| f64::from(of(m))).sum::<f64>() / count;
        let (px, py) = (mean(|m| m.from.0), sign * mean(|m| m.from.1));
        let (qx, qy) = (mean(|m| m.to.0), mean(|m| m.to.1));
        let (mut size, mut dot, mut cross) = (0.0, 0.0, 0.0);
        for m in matches {
            let (x, y) = (f64::from(m.from.0) - px, sign * f64::from(m.from.1) - py);
            let (u, v) = (f64::from(m.to.0) - qx, f64::from(m.to.1) - qy);
            size += x * x + y * y;
            dot += x * u + y * v;
            cross += x * v - y * u;
        }
        if size <= 0.0 {
            return None;
        }
        let (a, b) = (dot / size, cross / size);
        let shift = (qx - a * px + b * py, qy - b * px - a * py);
        Some(Self { linear: (a, b), shift, is_mirrored })
    }

    fn error(&self, found: &Match) -> f64 {
        let (x, y) = self.apply((f64::from(found.from.0), f64::from(found.from.1)));
        (x - f64::from(found.to.0)).hypot(y - f64::from(found.to.1))
    }

    /// How far a match may lie from where this puts it: what is enlarged has larger errors.
    fn tolerance(&self) -> f64 {
        TOLERANCE * self.factor().max(1.0)
    }

    fn fitting(&self, matches: &[Match]) -> Vec<Match> {
        let tolerance = self.tolerance();
        matches.iter().filter(|found| self.error(found) <= tolerance).copied().collect()
    }
}

/// The movement that the corners of two pictures speak for, if they do; `area` is that of the other one, px.
pub(super) fn align(one: &[Keypoint], other: &[Keypoint], area: f64) -> Option<Alignment> {
    let aligned = |is_mirrored| of_matches(&matches(one, other, is_mirrored), area, is_mirrored);
    let both = [aligned(false), aligned(true)];
    both.into_iter().flatten().min_by(|a, b| a.log10_nfa.total_cmp(&b.log10_nfa))
}

fn of_matches(matches: &[Match], area: f64, is_mirrored: bool) -> Option<Alignment> {
    if matches.len() < FEWEST {
        return None;
    }
    let proposers = matches.get(..PROPOSERS.min(matches.len())).unwrap_or_default();
    let mut best: Option<(usize, Movement)> = None;
    for (index, one) in proposers.iter().enumerate() {
        for other in proposers.iter().skip(index + 1) {
            let Some(movement) = Movement::of_two(one, other, is_mirrored) else { continue };
            let tolerance = movement.tolerance();
            let fitting = matches.iter().filter(|m| movement.error(m) <= tolerance).count();
            if fitting >= FEWEST && best.as_ref().is_none_or(|(most, _)| fitting > *most) {
                best = Some((fitting, movement));
            }
        }
    }
    let (_, mut movement) = best?;
    for _ in 0..3 {
        movement = Movement::fitted(&movement.fitting(matches), is_mirrored)?;
    }
    if !FACTORS.contains(&movement.factor()) {
        return None;
    }
    let fitting = apart(&movement.fitting(matches));
    let all = apart(matches).len().max(fitting.len());
    let chance = (std::f64::consts::PI * movement.tolerance().powi(2) / area.max(1.0)).min(1.0);
    let log10_nfa = log10_nfa(all, fitting.len(), chance);
    let mut errors: Vec<f64> = fitting.iter().map(|found| movement.error(found)).collect();
    errors.sort_by(f64::total_cmp);
    let residual = errors.get(errors.len() / 2).copied().unwrap_or(f64::INFINITY);
    let alignment = Alignment { movement, corners: fitting.len(), log10_nfa, residual };
    (fitting.len() >= FEWEST && log10_nfa <= MOST_LOG10_NFA).then_some(alignment)
}

/// Matches without those that are close to a better one in either picture.
fn apart(matches: &[Match]) -> Vec<Match> {
    let mut kept: Vec<Match> = Vec::new();
    let is_near =
        |a: (f32, f32), b: (f32, f32)| f64::from((a.0 - b.0).hypot(a.1 - b.1)) < ONE_CORNER;
    for found in matches {
        if !kept.iter().any(|k| is_near(k.from, found.from) || is_near(k.to, found.to)) {
            kept.push(*found);
        }
    }
    kept
}

/// Expected number of movements, proposed by two of `all` matches, that `fitting` of them meet by chance
/// [Moisan 2012, equation 4], decimal logarithm.
fn log10_nfa(all: usize, fitting: usize, chance: f64) -> f64 {
    if fitting <= 2 || all <= 2 {
        return f64::INFINITY;
    }
    ((all - 2) as f64).log10()
        + log10_choose(all, fitting)
        + log10_choose(fitting, 2)
        + (fitting - 2) as f64 * chance.log10()
}

fn log10_choose(all: usize, chosen: usize) -> f64 {
    let fewer = chosen.min(all - chosen.min(all));
    (0..fewer).map(|i| (((all - i) as f64) / ((i + 1) as f64)).log10()).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AREA: f64 = 480.0 * 360.0;

    /// Scattered points, the same in every run and others with another salt.
    fn scattered(count: usize, salt: u64) -> Vec<(f32, f32)> {
        let mut state = salt;
        let mut next = |most: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % most) as f32 + 10.0
        };
        (0..count).map(|_| (next(450), next(330))).collect()
    }

    fn moved(movement: &Movement, count: usize, false_ones: usize) -> Vec<Match> {
        let points = scattered(count + false_ones, 1);
        let other = scattered(count + false_ones, 2);
        points
            .iter()
            .enumerate()
            .map(|(index, &from)| {
                let (x, y) = movement.apply((f64::from(from.0), f64::from(from.1)));
                let to = if index < count { (x as f32, y as f32) } else { other[index] };
                Match { from, to, bits: index as u32 }
            })
            .collect()
    }

    #[test]
    fn binomial_coefficients_and_false_alarms_are_those_of_the_formula() {
        assert!((log10_choose(10, 3) - 120_f64.log10()).abs() < 1e-9);
        assert_eq!(log10_choose(5, 5), 0.0);
        // (10 - 2) C(10, 4) C(4, 2) 0.01^2
        assert!((log10_nfa(10, 4, 0.01) - (8.0 * 210.0 * 6.0 * 1e-4_f64).log10()).abs() < 1e-9);
        assert_eq!(log10_nfa(2, 2, 0.1), f64::INFINITY);
    }

    #[test]
    fn points_anywhere_have_no_movement() {
        let matches =
            moved(&Movement { linear: (1.0, 0.0), shift: (0.0, 0.0), is_mirrored: false }, 0, 120);
        assert_eq!(of_matches(&matches, AREA, false), None);
        assert_eq!(of_matches(&[], AREA, false), None);
    }

    proptest! {
        #[test]
        fn the_movement_is_found_among_as_many_false_matches(
            factor in 0.4_f64..2.5, turn in -3.0_f64..3.0, x in -200.0_f64..200.0, y in -200.0_f64..200.0,
            is_mirrored: bool,
        ) {
            let linear = (factor * turn.cos(), factor * turn.sin());
            let movement = Movement { linear, shift: (x, y), is_mirrored };
            let matches = moved(&movement, 30, 30);
            let found = of_matches(&matches, AREA, is_mirrored).unwrap();
            prop_assert!((found.movement.factor() / factor - 1.0).abs() < 0.01);
            let back = movement.inverse().apply(found.movement.apply((100.0, 50.0)));
            prop_assert!((back.0 - 100.0).hypot(back.1 - 50.0) < 3.0, "{back:?}");
        }

        #[test]
        fn the_way_back_leads_back(a in 0.3_f64..3.0, b in -2.0_f64..2.0, x in -300.0_f64..300.0, y in -300.0_f64..300.0, is_mirrored: bool) {
            let movement = Movement { linear: (a, b), shift: (x, y), is_mirrored };
            let (u, v) = movement.inverse().apply(movement.apply((12.0, -7.0)));
            prop_assert!((u - 12.0).abs() < 1e-6 && (v + 7.0).abs() < 1e-6);
        }
    }
}
