// SPDX-License-Identifier: MIT OR Apache-2.0
//! Real files of every supported coding, decoded from outside.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

mod damage;
mod foreseen;
mod heic;
mod jpeg;
mod png;
mod raster;
mod revision;
mod support;
mod tiff;
