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
pub use reading::{CropReading, Reading};

use crate::model::{CompressionState, Model};
use crate::network::Network;
use crate::traces::{Picture, CROP};
use spread::{spread, CORES};

/// A trained model over the features of crops.
#[derive(Clone, Debug)]
pub struct CropClassifier {
    extractors: Extractors,
    model: Model,
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
        Ok(Self { extractors, model })
    }

    /// The model behind it.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Reads the crops at `places` (from [`crops::choose`](crate::traces::crops::choose)), as many at a
    /// time as the processor has cores, with the same bits on any number of them; `go_on` is asked
    /// before each crop of the calling thread and its error ends the reading. `None` when no crop gave
    /// a logit.
    ///
    /// # Errors
    /// The error of `go_on`.
    pub fn read_picture<E>(
        &self,
        picture: &Picture<'_>,
        places: &[(usize, usize)],
        state: CompressionState,
        go_on: impl FnMut() -> Result<(), E>,
    ) -> Result<Option<Reading>, E> {
        self.read_on_threads(*CORES, picture, places, state, go_on)
    }

    /// [`Self::read_picture`] on at most so many threads.
    ///
    /// # Errors
    /// The error of `go_on`.
    pub fn read_on_threads<E>(
        &self,
        threads: usize,
        picture: &Picture<'_>,
        places: &[(usize, usize)],
        state: CompressionState,
        go_on: impl FnMut() -> Result<(), E>,
    ) -> Result<Option<Reading>, E> {
        let reference = self.model.reference(state);
        let read = |worker: &mut Worker<'_>, &(x, y): &(usize, usize)| {
            let logit = worker.features(picture, x, y)?.logit(&self.model)?;
            Some(CropReading { x, y, side: CROP, logit, score: reference.score(logit) })
        };
        let crops = spread(places, threads, || self.extractors.worker(), read, go_on)?;
        let crops = crops.into_iter().flatten().collect();
        Ok(Reading::of(crops, reference))
    }
}
