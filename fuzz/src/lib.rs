// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the fuzz targets share: decoding with everything that hangs on it, the metadata detector, and
//! frames that put arbitrary bytes where a parser looks for them.

pub mod containers;
pub mod decoding;
pub mod detecting;
pub mod scratch;
pub mod signing;
