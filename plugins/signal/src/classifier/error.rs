// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be wrong with a classifier's files.

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
}
