// SPDX-License-Identifier: MIT OR Apache-2.0
//! Camera fingerprints: the pattern of a sensor's photo-response non-uniformity (PRNU).
//!
//! One idea a file: [`LumaPlane`] → [`denoise`] (on `wavelet` and `shrinkage`) → [`weight`] →
//! [`fingerprint`] → [`cleaning`] → [`correlation`] → [`significance`] → [`search`] over crops and
//! scales ([`resample`]) → [`local`], where in the picture. [`file`](mod@file) is how a fingerprint is
//! kept, [`enrolled`] a folder of them, [`identify`](mod@identify) asks which of them took a picture.
//!
//! Everything is of the luma: residuals of the three channels, summed with luma's weights, find no
//! more at three times the cost (docs/CAMERAS.md).

pub mod cleaning;
pub mod correlation;
pub mod denoise;
pub mod enrolled;
pub mod file;
mod file_error;
pub mod fingerprint;
pub mod identify;
pub mod local;
mod luma_plane;
pub mod resample;
pub mod search;
mod shrinkage;
pub mod significance;
mod transform;
mod wavelet;
pub mod weight;

pub use file::Fingerprint;
pub use file_error::FileError;
pub use luma_plane::LumaPlane;
