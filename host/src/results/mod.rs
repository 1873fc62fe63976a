// SPDX-License-Identifier: MIT OR Apache-2.0
//! Results of a labelled collection, kept: what each detector answered of each picture in each tier, to
//! the bit, so that everything that `assay evaluate` computes can be computed again, under other policies
//! too, without the pictures and without a detector.
//!
//! [`record`] is what is kept, [`file`](mod@file) its text, [`under`] the answers fused by a policy.

pub mod file;
pub mod record;
pub mod under;

pub use file::ResultsError;
pub use record::Results;
pub use under::{Under, UnderError};
