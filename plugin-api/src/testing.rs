// SPDX-License-Identifier: MIT OR Apache-2.0
//! Run a detector on pixels in memory, without a host and without a library file.

use std::collections::BTreeMap;

use abi_stable::sabi_trait::TD_Opaque;
use abi_stable::sabi_types::RRef;
use abi_stable::std_types::{ROption, RSlice, RStr};

use crate::abi::{EvidenceRef, EvidenceSource, EvidenceSource_TO, RawCoefficients, RawPlane};
use crate::detector::{Detector, NoScore};
use crate::evidence::{keys, Evidence};
use crate::params::Params;
use crate::report::{Attribute, Report, Value};

/// Evidence made in memory.
#[derive(Clone, Debug, Default)]
pub struct EvidenceBuilder {
    width: u32,
    height: u32,
    rgb: Vec<u8>,
    luma: Vec<u8>,
    encoded: Vec<u8>,
    coefficients: BTreeMap<String, (u32, u32, Vec<i16>)>,
    tables: BTreeMap<String, Vec<u16>>,
    numbers: BTreeMap<String, Vec<f32>>,
    blobs: BTreeMap<String, Vec<u8>>,
    facts: BTreeMap<String, Value>,
    cancelled: bool,
}

impl EvidenceBuilder {
    /// No pixels, no bytes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Pixels from `(x, y)`; luma follows from them.
    #[must_use]
    pub fn rgb(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 3]) -> Self {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let rgb = places.flat_map(|(x, y)| pixel(x, y)).collect();
        Self::from_rgb(width, height, rgb)
    }

    /// Grey pixels from `(x, y)`.
    #[must_use]
    pub fn grey(width: u32, height: u32, pixel: impl Fn(u32, u32) -> u8) -> Self {
        Self::rgb(width, height, |x, y| [pixel(x, y); 3])
    }

    /// Interleaved pixels.
    ///
    /// # Panics
    /// If `rgb` does not hold `width * height * 3` samples.
    #[must_use]
    pub fn from_rgb(width: u32, height: u32, rgb: Vec<u8>) -> Self {
        assert_eq!(rgb.len(), width as usize * height as usize * 3, "samples of the picture");
        let luma = rgb.as_chunks::<3>().0.iter().map(|&[r, g, b]| luma(r, g, b)).collect();
        Self { width, height, rgb, luma, ..Self::default() }
    }

    /// Sets the file as received.
    #[must_use]
    pub fn encoded(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.encoded = bytes.into();
        self
    }

    /// Adds quantised coefficients, 64 a block in natural order.
    #[must_use]
    pub fn coefficients(mut self, key: &str, columns: u32, rows: u32, values: Vec<i16>) -> Self {
        self.coefficients.insert(key.into(), (columns, rows, values));
        self
    }

    /// Adds a table.
    #[must_use]
    pub fn table(mut self, key: &str, values: &[u16]) -> Self {
        self.tables.insert(key.into(), values.to_vec());
        self
    }

    /// Adds a block of bytes.
    #[must_use]
    pub fn blob(mut self, key: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.blobs.insert(key.into(), bytes.into());
        self
    }

    /// Adds a row of numbers.
    #[must_use]
    pub fn numbers(mut self, key: &str, numbers: Vec<f32>) -> Self {
        self.numbers.insert(key.into(), numbers);
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn fact(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(key.into(), value.into());
        self
    }

    /// Makes the call cancelled from the start.
    #[must_use]
    pub fn cancelled(mut self) -> Self {
        self.cancelled = true;
        self
    }

    /// The evidence as it crosses the boundary.
    #[must_use]
    pub fn as_source(&self) -> EvidenceRef<'_> {
        EvidenceSource_TO::from_ptr(RRef::new(self), TD_Opaque)
    }

    /// Runs a detector with its default parameters.
    ///
    /// # Errors
    /// The detector's.
    ///
    /// # Panics
    /// If the detector refuses its own defaults.
    pub fn run<D: Detector>(&self) -> Result<Report, NoScore> {
        self.run_with::<D>(&[])
    }

    /// Runs a detector with some parameters set.
    ///
    /// # Errors
    /// The detector's.
    ///
    /// # Panics
    /// If the detector refuses the parameters.
    pub fn run_with<D: Detector>(&self, given: &[Attribute]) -> Result<Report, NoScore> {
        let made = Params::resolve(&D::params(), given).and_then(|params| D::new(&params));
        let detector = made.unwrap_or_else(|message| panic!("{}: {message}", D::ID));
        detector.detect(&Evidence::new(self.as_source()))
    }
}

/// BT.601 luma in thousandths, rounded.
fn luma(r: u8, g: u8, b: u8) -> u8 {
    let sum = 299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b);
    ((sum + 500) / 1000) as u8
}

impl EvidenceSource for EvidenceBuilder {
    fn encoded(&self) -> RSlice<'_, u8> {
        self.encoded.as_slice().into()
    }

    fn plane(&self, key: RStr<'_>) -> ROption<RawPlane<'_>> {
        let (channels, samples) = match key.as_str() {
            keys::RGB8 => (3, &self.rgb),
            keys::LUMA8 => (1, &self.luma),
            _ => return ROption::RNone,
        };
        let (width, height) = (self.width, self.height);
        let samples = samples.as_slice().into();
        let plane = RawPlane { width, height, channels, row_stride: width * channels, samples };
        (width > 0 && height > 0).then_some(plane).into()
    }

    fn coefficients(&self, key: RStr<'_>) -> ROption<RawCoefficients<'_>> {
        let found = self.coefficients.get(key.as_str());
        let raw = found.map(|(columns, rows, values)| RawCoefficients {
            block_columns: *columns,
            block_rows: *rows,
            values: values.as_slice().into(),
        });
        raw.into()
    }

    fn table(&self, key: RStr<'_>) -> ROption<RSlice<'_, u16>> {
        self.tables.get(key.as_str()).map(|table| table.as_slice().into()).into()
    }

    fn numbers(&self, key: RStr<'_>) -> ROption<RSlice<'_, f32>> {
        self.numbers.get(key.as_str()).map(|numbers| numbers.as_slice().into()).into()
    }

    fn blob(&self, key: RStr<'_>) -> ROption<RSlice<'_, u8>> {
        self.blobs.get(key.as_str()).map(|blob| blob.as_slice().into()).into()
    }

    fn fact(&self, key: RStr<'_>) -> ROption<Value> {
        self.facts.get(key.as_str()).cloned().into()
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    fn remaining_ms(&self) -> u64 {
        u64::MAX
    }
}
