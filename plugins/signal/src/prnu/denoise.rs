// SPDX-License-Identifier: MIT OR Apache-2.0
//! The noise residual of a picture: what a wavelet denoiser takes away.
//!
//! # What it tests
//! Nothing by itself; a sensor's fingerprint is looked for in it.
//!
//! # Why it works
//! A sensor's pattern is as fine as its pixels. In the details of a wavelet transform it is a white
//! noise of small variance, and [`shrinkage`](super::shrinkage) keeps of each coefficient the share
//! that such noise has in it. The approximation is left out: it is the scene.
//!
//! # When it does not apply
//! Texture and edges leave traces of their own, which averaging over pictures removes from a
//! fingerprint but nothing removes from one picture's residual.
//!
//! # Constants and their source
//! [`LEVELS`], [`NOISE_VARIANCE`].
//!
//! # References
//! Mihçak, Kozintsev, Ramchandran, ICASSP 1999; Chen, Fridrich, Goljan, Lukáš, "Determining image
//! origin and integrity using sensor noise", IEEE TIFS 2008, section II. The public reference in
//! Python that this is compared with: github.com/polimi-ispl/prnu-python (MIT).

use super::shrinkage::keep_noise;
use super::wavelet::{analyse_luma, analyse_plane, synthesise, Level};
use super::LumaPlane;
use crate::Samples;

/// Levels of the decomposition [Lukáš 2006, appendix A].
const LEVELS: usize = 4;
/// Variance of the noise that is kept, grey levels squared [Lukáš 2006, appendix A: sigma 5].
const NOISE_VARIANCE: f32 = 25.0;

/// Returns the residual, grey levels; same shape.
///
/// Takes 8 bytes a pixel beside the luma, the residual included.
#[must_use]
pub fn residual(luma: LumaPlane<'_>) -> Samples {
    let mut levels: Vec<Level> = Vec::with_capacity(LEVELS);
    let mut next = analyse_luma(luma);
    while levels.len() + 1 < LEVELS {
        let after = analyse_plane(&next.approximation);
        next.approximation = Samples::zeros((0, 0));
        levels.push(std::mem::replace(&mut next, after));
    }
    next.approximation.fill(0.0);
    let mut approximation = std::mem::take(&mut next.approximation);
    levels.push(next);
    while let Some(mut level) = levels.pop() {
        level.details.iter_mut().for_each(|plane| keep_noise(plane, NOISE_VARIANCE));
        let shape =
            levels.last().map_or((luma.height(), luma.width()), |below| below.details[0].dim());
        approximation = synthesise(&approximation, &level.details, shape);
    }
    approximation
}
