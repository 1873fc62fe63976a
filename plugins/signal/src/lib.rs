// SPDX-License-Identifier: MIT OR Apache-2.0
//! Planes, residuals, windows, transforms, statistics, JPEG structure and small networks that
//! detectors share.
//!
//! # Conventions
//! Samples are `f32` in `0..=255` in a row-major [`ndarray::Array2`] of shape
//! `(height, width)`; signatures take `(x, y)`, indices are `[[row, column]]`. Every kernel says
//! what it does at the border. Angles are radians, frequencies cycles per pixel.
//!
//! This crate knows nothing of the plugin contract: it can be tested, and used, by itself.

#![warn(missing_docs)]

pub mod attribution;
pub mod calibration;
pub mod classifier;
pub mod color;
pub mod dct;
pub mod filter;
mod input;
pub mod jpeg;
pub mod model;
pub mod morphology;
pub mod network;
pub mod prnu;
pub mod residual;
pub mod simd;
pub mod spectrum;
pub mod stats;
pub mod traces;
pub mod watermark;

/// Samples of one plane: shape `(height, width)`, row-major.
pub type Samples = ndarray::Array2<f32>;
