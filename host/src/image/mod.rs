// SPDX-License-Identifier: MIT OR Apache-2.0
//! From encoded bytes to the evidence that detectors read.
//!
//! [`mod@sniff`] names the format by content, [`mod@decode`] checks the header against the [`limits`] and
//! makes the pixels, and [`evidence`] keeps what the detectors may ask for. [`resave`] goes the way
//! back. The rules for depth, colour, alpha and orientation are in `docs/DECODING.md`.

mod coefficients;
mod crops;
pub mod decode;
pub mod error;
pub mod evidence;
mod jpeg;
pub mod limits;
pub mod metadata;
pub mod resave;
pub mod sniff;

pub use coefficients::{CoefficientReader, Coefficients};
pub use decode::DecodedPicture;
pub use error::DecodeError;
pub use evidence::Foreseen;
pub(crate) use jpeg::luma_coefficients;
pub use jpeg::JpegFacts;
pub use limits::DecodeLimits;
pub use metadata::Metadata;
pub use sniff::{sniff, Format};
