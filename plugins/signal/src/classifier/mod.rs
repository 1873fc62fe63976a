// SPDX-License-Identifier: MIT OR Apache-2.0
//! From a picture to a calibrated score: crops, features, logits, their mean.
//!
//! A [`CropClassifier`] reads each crop by the statistics of [`traces`](crate::traces) and, where it
//! was given a [`Network`], by its features of the crop itself and by what they lose when the crop
//! is low-passed: fine detail, where generators leave their traces, apart from what the picture
//! shows. A [`Model`] weighs them.

mod error;
mod features;
mod reading;
mod spread;

pub use error::ClassifierError;
pub use features::{CropFeatures, Extractors, Worker};
pub use reading::{CropReading, Family, Reading};

use crate::attribution::Attribution;
use crate::model::{CompressionState, Model};
use crate::network::Network;
use crate::traces::{Picture, CROP};
use spread::{spread, CORES};

/// A trained model over the features of crops.
#[derive(Clone, Debug)]
pub struct CropClassifier {
    extractors: Extractors,
    model: Model,
    attribution: Option<Attribution>,
}

impl CropClassifier {
    /// Reads the file of a model that was trained on the trace features and, if there is one, on the
    /// features of a network; and the network's file.
    ///
    /// # Errors
    /// The first thing in the bytes that is not as the formats say; a model that was trained on
    /// another network.
    pub fn read(model: &[u8], network: Option<&[u8]>) -> Result<Self, ClassifierError> {
        let extractors = Extractors::new(network.map(Network::read).transpose()?);
        let model = Model::read(model, &extractors.sets())?;
        Ok(Self { extractors, model, attribution: None })
    }

    /// With the file that tells families of generators by the network's features.
    ///
    /// # Errors
    /// The first thing in the bytes that is not as the format says; a file that was trained on
    /// another network; a classifier without one.
    pub fn with_attribution(self, bytes: &[u8]) -> Result<Self, ClassifierError> {
        let [_, crop, detail] = self.extractors.sets()[..] else {
            return Err(ClassifierError::AttributionWithoutNetwork);
        };
        let attribution = Some(Attribution::read(bytes, [crop, detail])?);
        Ok(Self { attribution, ..self })
    }

    /// The model behind it.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Reads the crops at `places` (from [`crops::choose`](crate::traces::crops::choose)), as many at a
    /// time as the processor has cores, with the same bits on any number of them; `lent` gives the trace
    /// features of a crop where somebody has computed them already, `go_on` is asked
    /// before each crop of the calling thread and its error ends the reading. `None` when no crop gave
    /// a logit.
    ///
    /// # Errors
    /// The error of `go_on`.
    pub fn read_picture<'l, E>(
        &self,
        picture: &Picture<'_>,
        places: &[(usize, usize)],
        lent: impl Fn(usize, usize) -> Option<&'l [f32]> + Sync,
        state: CompressionState,
        go_on: impl FnMut() -> Result<(), E>,
    ) -> Result<Option<Reading>, E> {
        self.read_on_threads(*CORES, picture, places, lent, state, go_on)
    }

    /// [`Self::read_picture`] on at most so many threads.
    ///
    /// # Errors
    /// The error of `go_on`.
    pub fn read_on_threads<'l, E>(
        &self,
        threads: usize,
        picture: &Picture<'_>,
        places: &[(usize, usize)],
        lent: impl Fn(usize, usize) -> Option<&'l [f32]> + Sync,
        state: CompressionState,
        go_on: impl FnMut() -> Result<(), E>,
    ) -> Result<Option<Reading>, E> {
        let reference = self.model.reference(state);
        let read = |worker: &mut Worker<'_>, &(x, y): &(usize, usize)| {
            let features = worker.features_beside(lent(x, y), picture, x, y)?;
            let logit = features.logit(&self.model)?;
            let crop = CropReading { x, y, side: CROP, logit, score: reference.score(logit) };
            Some((crop, self.family_logits(&features)))
        };
        let crops = spread(places, threads, || self.extractors.worker(), read, go_on)?;
        let (crops, families): (Vec<_>, Vec<_>) = crops.into_iter().flatten().unzip();
        Ok(Reading::of(crops, reference, self.family(&families)))
    }

    /// The logit of each family for a crop; none without an attribution.
    fn family_logits(&self, features: &CropFeatures) -> Option<Vec<f64>> {
        let [_, crop, detail] = &features.0[..] else { return None };
        self.attribution.as_ref()?.logits([crop, detail])
    }

    /// The family of a picture by the mean logits of its crops.
    fn family(&self, crops: &[Option<Vec<f64>>]) -> Family {
        let Some(attribution) = &self.attribution else { return Family::NotAsked };
        let crops: Vec<_> = crops.iter().flatten().collect();
        let Some((first, others)) = crops.split_first() else { return Family::Unknown };
        let sum = |index: usize, first: f64| {
            others.iter().filter_map(|crop| crop.get(index)).fold(first, |sum, logit| sum + logit)
        };
        let sums = first.iter().enumerate().map(|(index, &first)| sum(index, first));
        let mean: Vec<_> = sums.map(|sum| sum / crops.len() as f64).collect();
        attribution.attribute(&mean).map_or(Family::Unknown, Family::Named)
    }
}
