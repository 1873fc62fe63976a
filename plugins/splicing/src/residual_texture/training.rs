// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the constants of this trace are fitted to, as `training/residual_texture.py` wants it.

use assay_plugin_api::prelude::*;

use super::histograms::BINS;
use super::subspace::{explaining, frequencies, EXPLAINING};
use super::{each_unsaturated, layout, part, split, BLOCK_PX};

/// Numbers of a block: 50 square roots of relative frequencies (`0..=1`), then 7 functions of its
/// texture and brightness, the first of them 1.
pub const BLOCK_NUMBERS: usize = BINS + EXPLAINING;
/// Numbers of a picture that the verdict weighs.
pub const PICTURE_NUMBERS: usize = split::NUMBERS;

/// The unsaturated blocks of 64 px, row by row, whatever the size of the picture; none below 64 px a
/// side.
///
/// # Errors
/// `Cancelled`.
pub fn blocks(evidence: &Evidence<'_>) -> Result<Vec<[f64; BLOCK_NUMBERS]>, NoScore> {
    let luma = evidence.luma()?;
    let mut blocks = Vec::new();
    each_unsaturated(evidence, &luma, layout(luma.pixels(), BLOCK_PX.0), |_, counts| {
        let mut numbers = [0.0; BLOCK_NUMBERS];
        let values = frequencies(counts).into_iter().chain(explaining(counts));
        numbers.iter_mut().zip(values).for_each(|(number, value)| *number = value);
        blocks.push(numbers);
    })?;
    Ok(blocks)
}

/// What the two groups of blocks look like, before it is weighed: logarithms of the distance between
/// them and of the variance inside the own and the foreign one, the share of the foreign group that
/// hangs together (`0..=1`), the logarithm of its border, the difference of texture. `None` where the
/// blocks make one group.
///
/// # Errors
/// Those of [`super::measure`].
pub fn numbers(evidence: &Evidence<'_>) -> Result<Option<[f64; PICTURE_NUMBERS]>, NoScore> {
    Ok(part(evidence, &evidence.luma()?)?.map(|parted| parted.numbers))
}
