// SPDX-License-Identifier: MIT OR Apache-2.0
//! How much of a fingerprint a pixel can show.
//!
//! # What it tests
//! Nothing by itself: the pattern is a factor of the light, so a pixel shows it in proportion to its
//! brightness, and not at all where it is saturated.
//!
//! # Why it works
//! The residual is `W = I K + noise`. Weighing it with `I` is the matched filter, both for the
//! estimate of `K` and for the search of it.
//!
//! # When it does not apply
//! A tone curve makes the factor other than `I`; what is lost is a little sensitivity.
//!
//! # Constants and their source
//! [`SATURATION`], [`ROLL_OFF`], [`SATURATED_FROM`]: those of the authors' public toolbox, as in
//! prnu-python (MIT).
//!
//! # References
//! Chen, Fridrich, Goljan, Lukáš, IEEE TIFS 2008, equations 6 and 7.

use super::LumaPlane;
use crate::Samples;

/// Luma from which the weight falls.
const SATURATION: f32 = 252.0;
/// How fast it falls above: `exp(-(I - 252)^2 / 6)`.
const ROLL_OFF: f32 = 6.0;
/// A picture's brightest level counts as saturation only above this.
const SATURATED_FROM: u8 = 250;

/// Returns the weight of every pixel, `0..=1`: the luma over 252, 0 where it is saturated. A pixel
/// is saturated where it has the picture's brightest level, above 250, and so has a neighbour.
#[must_use]
pub fn weights(luma: LumaPlane<'_>) -> Samples {
    let table: [f32; 256] = std::array::from_fn(|level| {
        let level = level as f32;
        let above = level - SATURATION;
        if above < 0.0 {
            level / SATURATION
        } else {
            (-above * above / ROLL_OFF).exp()
        }
    });
    let (width, height) = (luma.width(), luma.height());
    let rows = || (0..height).map(|y| luma.row(y));
    let brightest = rows().flatten().copied().max().unwrap_or(0);
    let mut weights = Samples::zeros((height, width));
    for (row, mut out) in rows().zip(weights.outer_iter_mut()) {
        out.iter_mut().zip(row).for_each(|(weight, &level)| *weight = table[usize::from(level)]);
    }
    if brightest > SATURATED_FROM {
        for y in 0..height {
            let row = luma.row(y);
            let above = (y > 0).then(|| luma.row(y - 1));
            let below = (y + 1 < height).then(|| luma.row(y + 1));
            for x in (0..width).filter(|&x| row[x] == brightest) {
                let beside = [x.checked_sub(1), Some(x + 1)];
                let beside = beside.into_iter().flatten().filter_map(|x| row.get(x));
                let stacked = [above, below].into_iter().flatten().map(|row| &row[x]);
                if beside.chain(stacked).any(|&level| level == brightest) {
                    weights[[y, x]] = 0.0;
                }
            }
        }
    }
    weights
}
