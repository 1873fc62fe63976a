// SPDX-License-Identifier: MIT OR Apache-2.0
//! Blocks of metadata standards, whatever container they came from. Each reader takes any bytes and
//! adds what it finds to the statements.

pub(crate) mod exif;
pub(crate) mod icc;
pub(crate) mod iptc;
pub(crate) mod place;
pub(crate) mod shot;
pub(crate) mod xmp;
