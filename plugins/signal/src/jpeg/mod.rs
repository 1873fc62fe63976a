// SPDX-License-Identifier: MIT OR Apache-2.0
//! JPEG structure: segments, tables and quantised coefficients, from any bytes without a panic.
//!
//! [`JpegFile::parse`] walks the markers once and answers everything that needs no entropy
//! decoding: frame, tables, metadata blocks, what follows the image.
//! [`JpegFile::luma_coefficients`] and its siblings then decode the quantised DCT coefficients of
//! sequential and progressive Huffman files.
//!
//! Work and memory are bounded for every input: segments are counted, allocations follow from
//! sizes that [`Limits`] has passed, and decoding stops where the data stop.
//!
//! # References
//! ITU-T T.81 (1992), ISO/IEC 10918-1; ITU-T T.871 (JFIF); ISO/IEC 10918-6 (Adobe APP14).

mod bits;
pub mod coefficients;
mod error;
mod file;
pub mod frame;
pub mod huffman;
mod lookup;
pub mod marker;
mod metadata;
mod multi_picture;
pub mod photoshop;
mod progressive;
pub mod quality;
mod scan;
pub mod segments;
mod sequential;
pub mod tables;
pub mod writers;

#[cfg(test)]
mod testing;

pub use coefficients::{read_luma_coefficients, ComponentCoefficients, Limits};
pub use error::JpegError;
pub use file::{JpegFile, Span};
pub use frame::{Coding, ColorModel, Component, Frame};
pub use huffman::{HuffmanSet, HuffmanTable};
pub use metadata::{AdobeMarker, JfifHeader};
pub use multi_picture::{ListedPicture, MultiPicture, PictureKind, PictureState};
pub use photoshop::PhotoshopResource;
pub use quality::{ijg_quality, QualityEstimate, TableKind};
pub use segments::Segment;
pub use tables::{table_digest, QuantisationTable};
