// SPDX-License-Identifier: MIT OR Apache-2.0
//! The features of a crop, set by set.

use std::sync::{Arc, Mutex, PoisonError};

use super::spread::CORES;
use crate::model::{FeatureSet, Model};
use crate::network::{Crop, Network, Scratch};
use crate::traces::{Picture, TraceExtractor, CROP, FEATURE_SET};

/// What computes the features of crops; shared between threads.
#[derive(Clone, Debug)]
pub struct Extractors {
    traces: TraceExtractor,
    network: Option<NamedNetwork>,
    /// Buffers of workers that are gone, at most one a core, for those to come.
    spare: Arc<Mutex<Vec<Scratch>>>,
}

/// A network, and what its features are called in a model.
#[derive(Clone, Debug)]
struct NamedNetwork {
    network: Network,
    /// Of the crop, and of the crop less its low-pass. They carry the file's digest, so that a model
    /// is not read with another network than it was trained on.
    names: [String; 2],
}

impl Extractors {
    /// Those of the trace features and, with a network, of its features.
    #[must_use]
    pub fn new(network: Option<Network>) -> Self {
        let network = network.map(|network| {
            let digest: String =
                network.digest().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
            let names = ["crop", "detail"].map(|what| format!("network-{digest}-{what}"));
            NamedNetwork { network, names }
        });
        Self { traces: TraceExtractor::new(), network, spare: Arc::default() }
    }

    /// The sets in the order of [`CropFeatures`].
    #[must_use]
    pub fn sets(&self) -> Vec<FeatureSet<'_>> {
        let mut sets = vec![FEATURE_SET];
        if let Some(NamedNetwork { network, names }) = &self.network {
            let features = network.features();
            sets.extend(names.iter().map(|name| FeatureSet { name, features }));
        }
        sets
    }

    /// The extractors for one thread.
    #[must_use]
    pub fn worker(&self) -> Worker<'_> {
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Worker { extractors: self, scratch: spare.unwrap_or_default() }
    }
}

/// The extractors with the buffers of one thread.
#[derive(Debug)]
pub struct Worker<'a> {
    extractors: &'a Extractors,
    scratch: Scratch,
}

impl Worker<'_> {
    /// The features of the crop whose top left pixel is `(x, y)`; `None` when it does not lie in the
    /// picture or a level is not finite.
    #[must_use]
    pub fn features(&mut self, picture: &Picture<'_>, x: usize, y: usize) -> Option<CropFeatures> {
        self.features_beside(None, picture, x, y)
    }

    /// [`Self::features`], of which the trace features are `lent` where they were computed before.
    #[must_use]
    pub fn features_beside(
        &mut self,
        lent: Option<&[f32]>,
        picture: &Picture<'_>,
        x: usize,
        y: usize,
    ) -> Option<CropFeatures> {
        let traces = match lent.filter(|lent| lent.len() == FEATURE_SET.features) {
            Some(lent) => lent.to_vec(),
            None => self.extractors.traces.features(picture, x, y)?,
        };
        let mut sets = vec![traces];
        if let Some(NamedNetwork { network, .. }) = &self.extractors.network {
            let crop = Crop::of_picture(picture, x, y, CROP)?;
            let of_crop = network.features_of(&crop, &mut self.scratch)?;
            let of_lowpass = network.features_of(&crop.lowpass()?, &mut self.scratch)?;
            let detail = of_crop.iter().zip(&of_lowpass).map(|(crop, low)| crop - low).collect();
            sets.extend([of_crop, detail]);
        }
        Some(CropFeatures(sets))
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let mut spare = self.extractors.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if self.extractors.network.is_some() && spare.len() < *CORES {
            spare.push(std::mem::take(&mut self.scratch));
        }
    }
}

/// The features of a crop, one vector a set.
#[derive(Clone, Debug, PartialEq)]
pub struct CropFeatures(pub Vec<Vec<f32>>);

impl CropFeatures {
    /// What a model of these sets makes of them; `None` when it was trained on others.
    #[must_use]
    pub fn logit(&self, model: &Model) -> Option<f64> {
        let sets: Vec<&[f32]> = self.0.iter().map(Vec::as_slice).collect();
        model.logit(&sets)
    }
}
