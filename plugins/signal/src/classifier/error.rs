// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be wrong with a classifier's files.

use crate::attribution::AttributionError;
use crate::model::ModelError;
use crate::network::NetworkError;

/// Why a classifier was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ClassifierError {
    /// The model's file.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The network's file.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The attribution's file.
    #[error(transparent)]
    Attribution(#[from] AttributionError),
    /// Families are told by a network's features.
    #[error("an attribution file without a network; give the network that it was trained on")]
    AttributionWithoutNetwork,
}
