// SPDX-License-Identifier: MIT OR Apache-2.0
//! Values that occur far more seldom, or far more often, than their neighbours.
//!
//! A curve steeper than 1 skips values, one that is flatter brings two to one. Noise makes the histogram of
//! what a camera took smooth from one value to the next.

use super::histograms::{Histogram, VALUES};

/// Pixels at a value and its two neighbours from which it is judged, and from which a peak is: by chance one
/// value in 1,300 would be a gap, one in 90 a peak. In squares of 526 authentic pictures 1 in 1,200 was either.
const FEWEST: (u32, u32) = (24, 60);
/// Share of these pixels at the value itself, set by hand: 1/3 where the histogram is smooth, up to the first
/// and from the second of which the value is odd, and between the others regular.
const ODD: (f32, f32) = (0.08, 0.47);
const REGULAR: (f32, f32) = (0.2, 0.42);
/// Least share of these pixels at either neighbour: a gap lies between values that occur.
const LEAST_NEIGHBOUR: f32 = 1.0 / 6.0;
/// Least and largest ratio of an odd value's count to that of its neighbours that is reckoned with.
const RATIOS: (f32, f32) = (0.03, 4.0);

/// How a value stands to its neighbours.
fn share(histogram: &Histogram, value: usize) -> Option<(f32, u32)> {
    let [before, here, after] =
        [value.checked_sub(1)?, value, value + 1].map(|at| histogram.get(at));
    let (before, here, after) = (*before?, *here?, *after?);
    let all = before + here + after;
    let is_judged = all >= FEWEST.0 && before.min(after) as f32 >= LEAST_NEIGHBOUR * all as f32;
    is_judged.then_some((here as f32 / all as f32, all))
}

/// Whether a value is a gap or a peak of a histogram; `None` where it cannot be told.
fn is_odd(histogram: &Histogram, value: usize) -> Option<bool> {
    let (share, all) = share(histogram, value)?;
    Some(share <= ODD.0 || (share >= ODD.1 && all >= FEWEST.1))
}

/// Values that are judged, and those of them that are odd.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) judged: usize,
    pub(super) odd: usize,
}

impl Tally {
    pub(super) fn share(self) -> f64 {
        self.odd as f64 / self.judged.max(1) as f64
    }

    /// Odd values among those of a histogram.
    pub(super) fn of(histogram: &Histogram) -> Self {
        Self::count((0..VALUES).filter_map(|value| is_odd(histogram, value)))
    }

    /// The same among values that are regular in the rest of the picture.
    pub(super) fn against(part: &Histogram, whole: &Histogram) -> Self {
        Self::count(judged_against(part, whole).map(|(_, is_odd)| is_odd))
    }

    fn count(judged: impl Iterator<Item = bool>) -> Self {
        judged.fold(Self::default(), |tally, is_odd| Self {
            judged: tally.judged + 1,
            odd: tally.odd + usize::from(is_odd),
        })
    }
}

fn judged_against<'a>(
    part: &'a Histogram,
    whole: &Histogram,
) -> impl Iterator<Item = (usize, bool)> + 'a {
    let rest: Histogram = std::array::from_fn(|at| whole[at].saturating_sub(part[at]));
    (0..VALUES).filter_map(move |value| {
        let odd = is_odd(part, value)?;
        let (share, _) = share(&rest, value)?;
        (REGULAR.0..=REGULAR.1).contains(&share).then_some((value, odd))
    })
}

/// An odd value and its count in a part, in the mean of its neighbours'.
#[derive(Clone, Copy, Debug)]
pub(super) struct Odd {
    pub(super) value: u8,
    pub(super) ratio: f32,
}

/// The values that are odd in a part and regular in the rest of the picture.
pub(super) fn odd_values(part: &Histogram, whole: &Histogram) -> Vec<Odd> {
    let of_value = |value: usize| {
        let (share, _) = share(part, value)?;
        let ratio = (2.0 * share / (1.0 - share).max(f32::EPSILON)).clamp(RATIOS.0, RATIOS.1);
        Some(Odd { value: u8::try_from(value).ok()?, ratio })
    };
    let odd = judged_against(part, whole).filter(|&(_, is_odd)| is_odd);
    odd.filter_map(|(value, _)| of_value(value)).collect()
}
