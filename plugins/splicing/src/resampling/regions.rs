// SPDX-License-Identifier: MIT OR Apache-2.0
//! Windows that share a period which the rest of the picture lacks.
//!
//! # Null model
//! Where nothing was resampled the powers at `g` and at `g` turned are independent and exponential,
//! so twice the smaller is exponential of mean 1; [`TAIL`] of it is counted, since authentic pictures
//! have heavier tails. Windows half a side apart are independent under Hann's window; nearer ones
//! count in proportion. Tests: every frequency, every window, every connected shape of windows.

use assay_signal::stats::nfa::log10_gamma_tail;
use std::f64::consts::LOG10_E;

use super::spectrum::{Frequency, BINS};

/// Share of the exponent that counts: on authentic pictures the largest of the powers of a picture
/// grow that much faster than those of noise.
const TAIL: f32 = 0.85;
/// Strength of a window from which a frequency is looked at, and with which a window belongs.
const SEED: f32 = 4.0;
const MEMBER: f32 = 1.5;
/// Frequencies of a picture that are looked at, the strongest first.
const MOST_FREQUENCIES: usize = 64;
/// Shapes of connected windows grow by this factor with each window [Jensen 2001, 4.06].
const SHAPES_PER_WINDOW: f64 = 4.06;
/// log10 of the chance that the rest of the picture, without the period, has as much of it as it has:
/// below the first there is no region, below the second the period is the whole picture's.
const LEAST_REST: f64 = -1.0;
const WHOLE_REST: f64 = -4.0;
/// Share of the windows that a region may take: a period of most of the picture is the picture's own.
const MOST_WINDOWS: f64 = 0.5;
/// Expected false alarms that authentic pictures have beyond the model, log10: fabrics, façades and
/// older JPEG grids have periods of their own. Read off authentic pictures; see the module's card.
pub(super) const UNMODELLED: f64 = 7.0;

/// How the windows of a picture lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// Independent windows to one window, at most 1.
    pub(super) density: f64,
}

/// Windows with one period.
#[derive(Clone, Debug)]
pub(super) struct Periodic {
    pub(super) frequency: Frequency,
    /// Indices, ascending.
    pub(super) windows: Vec<usize>,
    /// Those at least half as strong as the strongest.
    pub(super) core: Vec<usize>,
    pub(super) log10_nfa: f64,
}

/// The significant sets of windows, the most significant first, none sharing a window; `None` where a
/// period is the whole picture's. Strengths are given by their logarithms.
pub(super) fn find(grid: Grid, log_strengths: &[Option<Vec<f32>>]) -> Option<Vec<Periodic>> {
    let mut highest = vec![f32::NEG_INFINITY; BINS * BINS];
    for window in log_strengths.iter().flatten() {
        highest.iter_mut().zip(window).for_each(|(most, log)| *most = most.max(*log));
    }
    let mut seeds: Vec<(f32, usize, Frequency)> = Frequency::all()
        .filter_map(|(at, frequency)| {
            let most = highest.get(at)?.exp();
            (most > SEED).then_some((most, at, frequency))
        })
        .collect();
    seeds.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut found = Vec::new();
    for &(_, at, frequency) in seeds.iter().take(MOST_FREQUENCIES) {
        let said: Vec<Option<f32>> =
            log_strengths.iter().map(|window| Some(window.as_ref()?.get(at)?.exp())).collect();
        for windows in grid.connected(&said) {
            match grid.judged(frequency, windows, &said) {
                Judged::Whole => return None,
                Judged::Region(periodic) => found.push(periodic),
                Judged::Nothing => (),
            }
        }
    }
    found.sort_by(|a, b| {
        let key = |of: &Periodic| (of.frequency.u, of.frequency.v);
        a.log10_nfa.total_cmp(&b.log10_nfa).then(key(a).cmp(&key(b)))
    });
    let mut taken = vec![false; log_strengths.len()];
    found.retain(|periodic| {
        let is_free = periodic.windows.iter().all(|&at| !taken[at]);
        if is_free {
            periodic.windows.iter().for_each(|&at| taken[at] = true);
        }
        is_free
    });
    Some(found)
}

/// What a set of windows with one period is.
enum Judged {
    Region(Periodic),
    /// Part of a picture that has the period nearly everywhere.
    Whole,
    Nothing,
}

impl Grid {
    /// Sets of neighbouring windows in which the period is strong.
    fn connected(self, said: &[Option<f32>]) -> Vec<Vec<usize>> {
        let mut open: Vec<bool> =
            said.iter().map(|said| said.is_some_and(|strength| strength > MEMBER)).collect();
        let mut sets = Vec::new();
        for start in 0..open.len() {
            if !std::mem::take(&mut open[start]) {
                continue;
            }
            let mut set = vec![start];
            let mut next = 0;
            while let Some(&at) = set.get(next) {
                next += 1;
                let column = at % self.columns;
                let beside = [
                    (column > 0).then(|| at - 1),
                    (column + 1 < self.columns).then_some(at + 1),
                    at.checked_sub(self.columns),
                    Some(at + self.columns),
                ];
                for at in beside.into_iter().flatten() {
                    if open.get_mut(at).is_some_and(std::mem::take) {
                        set.push(at);
                    }
                }
            }
            set.sort_unstable();
            sets.push(set);
        }
        sets
    }

    /// A region, if the set is significant and the rest of the picture lacks its period.
    fn judged(self, frequency: Frequency, windows: Vec<usize>, said: &[Option<f32>]) -> Judged {
        let nats = |at: usize| {
            let strength = said.get(at).copied().flatten();
            strength.map(|strength| f64::from(2.0 * TAIL * strength))
        };
        let inside: Vec<f64> = windows.iter().filter_map(|&at| nats(at)).collect();
        let largest = inside.iter().copied().fold(0.0, f64::max);
        let effective = (inside.len() as f64 * self.density).max(1.0);
        let together = (inside.iter().sum::<f64>() * self.density).max(largest);
        let places = ((BINS * BINS * self.columns * self.rows) as f64).log10();
        let one = -largest * LOG10_E;
        let all = effective * SHAPES_PER_WINDOW.log10() + log10_gamma_tail(effective, together);
        let log10_nfa = places + one.min(all) + UNMODELLED;
        if log10_nfa >= 0.0 {
            return Judged::Nothing;
        }
        let rest = self.rest(&windows, said.len(), nats);
        if windows.len() as f64 > MOST_WINDOWS * said.len() as f64 || rest < WHOLE_REST {
            return Judged::Whole;
        }
        if rest < LEAST_REST {
            return Judged::Nothing;
        }
        let core = windows.iter().copied().filter(|&at| 2.0 * nats(at).unwrap_or(0.0) >= largest);
        Judged::Region(Periodic { frequency, core: core.collect(), windows, log10_nfa })
    }

    /// log10 of the chance that the other windows have as much of the period as they have; of no
    /// chance where there are none.
    fn rest(self, windows: &[usize], all: usize, nats: impl Fn(usize) -> Option<f64>) -> f64 {
        let outside = (0..all).filter(|at| windows.binary_search(at).is_err());
        let outside: Vec<f64> = outside.filter_map(nats).collect();
        let effective = outside.len() as f64 * self.density;
        if effective < 1.0 {
            return f64::NEG_INFINITY;
        }
        let sum = outside.iter().sum::<f64>() / f64::from(TAIL);
        log10_gamma_tail(effective, sum * self.density)
    }
}
