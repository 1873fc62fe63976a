// SPDX-License-Identifier: MIT OR Apache-2.0
//! Statistical traces of generators: 572 numbers of one 256x256 crop at native resolution.
//!
//! *What it tests.* Eight groups of statistics of residuals, spectra and block transforms, none of
//! which reads content directly (no colour, no level, no position). They feed the classifiers of
//! the `gan` and `diffusion` detectors.
//!
//! *Why it works.* A decoder that upsamples a latent leaves correlations between neighbouring
//! pixels, and a spectrum at high frequencies, that differ from those of a demosaiced, denoised and
//! sharpened sensor image [Corvi 2023]. Each group measures one aspect; their weights are learnt.
//!
//! *When it does not apply.* Below 256 px a side no crop fits, and resampling a picture first would
//! erase what is measured. Crops with more than 45 % equal neighbours are graphics, skies or
//! clipped areas, where residuals are rounding: see [`crops`].
//!
//! *Constants and their source.* Sizes and cut-offs are those with which the published weights were
//! trained; they are given at each group. Changing one changes [`FEATURE_SET`].
//!
//! *References.* Corvi et al., "Intriguing properties of synthetic images", CVPRW 2023; further
//! ones stand at each group.

mod angular;
mod autocorrelation;
mod cooccurrence;
pub mod crops;
pub mod lent;
mod neighbour;
mod noise;
mod peaks;
mod picture;
mod planes;
mod radial;
mod spectra;
mod transform;

use crate::model::FeatureSet;
use crate::Samples;

#[cfg(test)]
mod tests;

pub use picture::{Picture, PictureError};
pub use planes::Planes;
pub use spectra::Spectra;

/// Side of a crop, px.
pub const CROP: usize = 256;

/// Values of one crop.
pub const FEATURES: usize = 572;

/// Names the definition of the features; a model file carries the name it was trained with.
pub const FEATURE_SET: FeatureSet<'static> =
    FeatureSet { name: "traces-572-v1", features: FEATURES };

/// Computes the features of crops. It holds the plans of the transforms: make it once and share it.
#[derive(Debug, Clone)]
pub struct TraceExtractor {
    spectra: Spectra,
}

impl Default for TraceExtractor {
    fn default() -> Self {
        Self::new()
    }
}

impl TraceExtractor {
    /// Plans the transforms.
    #[must_use]
    pub fn new() -> Self {
        Self { spectra: Spectra::new() }
    }

    /// The features of the crop whose top left pixel is `(x, y)`, in the order of
    /// [`feature_names`], every one finite; `None` when the crop leaves the picture.
    #[must_use]
    pub fn features(&self, picture: &Picture<'_>, x: usize, y: usize) -> Option<Vec<f32>> {
        Some(self.features_of(&Planes::of_crop(picture, x, y)?))
    }

    /// The features of a crop's planes, in the order of [`feature_names`].
    #[must_use]
    pub fn features_of(&self, planes: &Planes) -> Vec<f32> {
        let mut values = Vec::with_capacity(FEATURES);
        let coloured = [&planes.luma, &planes.blue_difference, &planes.red_difference];
        let spectra = self.spectra.mean_log_power(coloured);
        for spectrum in &spectra {
            radial::push(spectrum, &mut values);
        }
        for spectrum in &spectra {
            angular::push(spectrum, &mut values);
        }
        for spectrum in &spectra {
            peaks::push(spectrum, &mut values);
        }
        transform::push(coloured, &mut values);
        let neighbours = [&planes.luma, &planes.red, &planes.blue, &planes.blue_difference];
        for plane in neighbours {
            neighbour::push(plane, &mut values);
        }
        cooccurrence::push(&planes.luma, &mut values);
        for plane in coloured {
            noise::push(plane, &planes.luma, &mut values);
        }
        for plane in [&planes.luma, &planes.red_difference] {
            autocorrelation::push(plane, &mut values);
        }
        debug_assert_eq!(values.len(), FEATURES);
        values
    }
}

/// Names of the [`FEATURES`] values: `group.plane.statistic`.
#[must_use]
pub fn feature_names() -> Vec<String> {
    let mut names = Vec::with_capacity(FEATURES);
    let mut group = |planes: &[&str], group: &str, statistics: &[String]| {
        for plane in planes {
            names.extend(statistics.iter().map(|name| format!("{group}.{plane}.{name}")));
        }
    };
    let coloured = ["y", "cb", "cr"];
    group(&coloured, "spec", &radial::names());
    group(&coloured, "ang", &angular::names());
    group(&coloured, "peak", &peaks::names());
    group(&coloured, "dct", &transform::mean_names());
    group(&["y"], "dct", &transform::shape_names());
    group(&["y", "r", "b", "cb"], "npr", &neighbour::names());
    group(&["y"], "co", &cooccurrence::names());
    group(&coloured, "nl", &noise::names());
    group(&["y", "cr"], "ac", &autocorrelation::names());
    names
}

/// The rows of a plane as slices; planes of a crop are always contiguous.
fn row(plane: &Samples, y: usize) -> &[f32] {
    let width = plane.ncols();
    plane.as_slice().and_then(|all| all.get(y * width..(y + 1) * width)).unwrap_or_default()
}
