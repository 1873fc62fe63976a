// SPDX-License-Identifier: MIT OR Apache-2.0
//! What crosses the boundary, and nothing else does.
//!
//! Frozen within a major version: growth is by new keys, never by new methods, fields or variants,
//! because the loader rejects a plugin whose layout differs in either direction.

#![allow(non_local_definitions)] // #[sabi_trait] expands to impls inside a constant
#![allow(missing_docs)] // the items that #[sabi_trait] and the prefix type generate carry no docs
#![allow(unsafe_code)] // the same expansions
#![allow(clippy::use_self, clippy::expect_used, clippy::unwrap_used)] // the same expansions

use abi_stable::library::RootModule;
use abi_stable::sabi_types::{RRef, VersionStrings};
use abi_stable::std_types::{RBox, ROption, RResult, RSlice, RStr, RString, RVec};
use abi_stable::{sabi_trait, StableAbi};

use crate::descriptor::Descriptor;
use crate::detector::NoScore;
use crate::report::{Attribute, Report, Value};

/// Borrowed 8-bit samples, row-major, channels interleaved, origin top left.
#[repr(C)]
#[derive(StableAbi, Clone, Copy, Debug)]
pub struct RawPlane<'a> {
    /// Columns, px.
    pub width: u32,
    /// Rows, px.
    pub height: u32,
    /// Samples a pixel.
    pub channels: u32,
    /// Samples from the start of one row to the start of the next.
    pub row_stride: u32,
    /// At least `row_stride * height` samples.
    pub samples: RSlice<'a, u8>,
}

/// Borrowed quantised DCT coefficients of one JPEG component: blocks in raster order, 64 values a
/// block in natural (row-major, not zigzag) order.
#[repr(C)]
#[derive(StableAbi, Clone, Copy, Debug)]
pub struct RawCoefficients<'a> {
    /// Blocks a row, without MCU padding.
    pub block_columns: u32,
    /// Block rows, without MCU padding.
    pub block_rows: u32,
    /// `block_columns * block_rows * 64` values.
    pub values: RSlice<'a, i16>,
}

/// What the host lends a detector for one call. The host implements it; keys are documented in
/// [`crate::evidence::keys`], an unknown key is `RNone`.
#[sabi_trait]
pub trait EvidenceSource: Send + Sync {
    /// The file as received.
    fn encoded(&self) -> RSlice<'_, u8>;
    /// A decoded plane of 8-bit samples.
    fn plane(&self, key: RStr<'_>) -> ROption<RawPlane<'_>>;
    /// Quantised DCT coefficients.
    fn coefficients(&self, key: RStr<'_>) -> ROption<RawCoefficients<'_>>;
    /// A table of 16-bit numbers.
    fn table(&self, key: RStr<'_>) -> ROption<RSlice<'_, u16>>;
    /// A row of real numbers.
    fn numbers(&self, key: RStr<'_>) -> ROption<RSlice<'_, f32>>;
    /// Raw bytes cut out of the file: an EXIF block, an XMP packet, an ICC profile.
    fn blob(&self, key: RStr<'_>) -> ROption<RSlice<'_, u8>>;
    /// One fact about the file or the request.
    fn fact(&self, key: RStr<'_>) -> ROption<Value>;
    /// Whether the host no longer wants the answer.
    fn is_cancelled(&self) -> bool;
    /// Milliseconds until the deadline, 0 past it, `u64::MAX` without one.
    #[sabi(last_prefix_field)]
    fn remaining_ms(&self) -> u64;
}

/// A borrowed [`EvidenceSource`].
pub type EvidenceRef<'a> = EvidenceSource_TO<'a, RRef<'a, ()>>;

/// A running detector. Only [`crate::export_detector!`] implements it.
#[sabi_trait]
pub trait DetectorObject: Send + Sync {
    /// Examines one image.
    #[sabi(last_prefix_field)]
    fn detect(&self, evidence: EvidenceRef<'_>) -> RResult<Report, NoScore>;
}

/// An owned [`DetectorObject`].
pub type DetectorBox = DetectorObject_TO<'static, RBox<()>>;

/// The functions that a plugin library exports.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PluginModuleRef)))]
#[sabi(missing_field(panic))]
pub struct PluginModule {
    /// What the detector is. The error is the message of a panic.
    pub descriptor: extern "C" fn() -> RResult<Descriptor, RString>,
    /// Makes a detector from parameter values; those left out take their defaults.
    #[sabi(last_prefix_field)]
    pub create: extern "C" fn(RVec<Attribute>) -> RResult<DetectorBox, RString>,
}

impl RootModule for PluginModuleRef {
    abi_stable::declare_root_module_statics! {PluginModuleRef}
    const BASE_NAME: &'static str = "assay_plugin";
    const NAME: &'static str = "assay_plugin";
    const VERSION_STRINGS: VersionStrings = abi_stable::package_version_strings!();
}

/// Version of this contract, `major.minor.patch`.
pub const CONTRACT_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Name of the exported array that tells the contract's version before any code of the library
/// runs.
pub const CONTRACT_MARK_SYMBOL: &str = "ASSAY_PLUGIN_CONTRACT";

/// Text before the version in the mark.
pub const CONTRACT_MARK_PREFIX: &str = "assay-plugin-api ";

/// Bytes of the mark, NUL-padded.
pub const CONTRACT_MARK_LEN: usize = 32;

/// Returns the mark of this version of the contract: prefix, version, NUL padding.
#[must_use]
pub const fn contract_mark() -> [u8; CONTRACT_MARK_LEN] {
    let (prefix, version) = (CONTRACT_MARK_PREFIX.as_bytes(), CONTRACT_VERSION.as_bytes());
    let mut mark = [0; CONTRACT_MARK_LEN];
    let mut i = 0;
    while i < prefix.len() {
        mark[i] = prefix[i];
        i += 1;
    }
    let mut j = 0;
    while j < version.len() {
        mark[i + j] = version[j];
        j += 1;
    }
    mark
}
