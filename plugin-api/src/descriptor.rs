// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a detector says about itself before it has seen an image.

use abi_stable::std_types::{RString, RVec};
use abi_stable::StableAbi;

use crate::detector::Detector;
use crate::params::ParamSpec;
use crate::report::Label;

/// The hypothesis that a high score supports.
#[repr(u8)]
#[derive(StableAbi, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The image was made by a generator.
    Generation,
    /// Part of the image was changed after capture.
    Manipulation,
    /// The file's account of itself speaks against a camera original.
    Provenance,
}

impl Kind {
    /// The label that the host writes when the score reaches the policy's threshold.
    #[must_use]
    pub fn positive_label(self) -> Label {
        match self {
            Self::Generation => Label::Synthetic,
            Self::Manipulation => Label::Manipulated,
            Self::Provenance => Label::Suspicious,
        }
    }

    /// The word in JSON and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Generation => "generation",
            Self::Manipulation => "manipulation",
            Self::Provenance => "provenance",
        }
    }
}

/// A class of evidence. What a detector does not list, the host need not compute.
#[repr(u8)]
#[derive(StableAbi, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The file as received.
    Encoded,
    /// 8-bit RGB pixels.
    Rgb,
    /// 8-bit luma.
    Luma,
    /// JPEG quantisation tables.
    JpegTables,
    /// Quantised JPEG luma coefficients.
    JpegCoefficients,
    /// EXIF, XMP, IPTC, ICC and text blocks, and facts read from them.
    Metadata,
}

impl Input {
    /// The word in JSON and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Encoded => "encoded",
            Self::Rgb => "rgb",
            Self::Luma => "luma",
            Self::JpegTables => "jpeg_tables",
            Self::JpegCoefficients => "jpeg_coefficients",
            Self::Metadata => "metadata",
        }
    }
}

/// What a person must know before relying on a score.
#[repr(C)]
#[derive(StableAbi, Clone, Debug, PartialEq, Eq)]
pub struct ModelCard {
    /// One sentence: what a high score means.
    pub summary: RString,
    /// How the score comes about.
    pub method: RString,
    /// What it was trained and calibrated on; empty for a test without trained parts.
    pub trained_on: RString,
    /// Where it does not apply and where it fails.
    pub limits: RString,
    /// Papers and standards.
    pub references: RVec<RString>,
}

impl ModelCard {
    /// A card with a summary and everything else empty.
    #[must_use]
    pub fn new(summary: &str) -> Self {
        Self {
            summary: summary.into(),
            method: RString::new(),
            trained_on: RString::new(),
            limits: RString::new(),
            references: RVec::new(),
        }
    }

    /// Sets how the score comes about.
    #[must_use]
    pub fn method(mut self, text: &str) -> Self {
        self.method = text.into();
        self
    }

    /// Sets what it was trained and calibrated on.
    #[must_use]
    pub fn trained_on(mut self, text: &str) -> Self {
        self.trained_on = text.into();
        self
    }

    /// Sets where it does not apply and where it fails.
    #[must_use]
    pub fn limits(mut self, text: &str) -> Self {
        self.limits = text.into();
        self
    }

    /// Adds a paper or a standard.
    #[must_use]
    pub fn reference(mut self, text: &str) -> Self {
        self.references.push(text.into());
        self
    }
}

/// A detector as the host sees it; the constants of [`Detector`] in one value.
#[repr(C)]
#[derive(StableAbi, Clone, Debug, PartialEq)]
pub struct Descriptor {
    /// [`Detector::ID`].
    pub id: RString,
    /// [`Detector::MODEL_KEY`].
    pub model_key: RString,
    /// [`Detector::RESULT_KEY`].
    pub result_key: RString,
    /// [`Detector::TITLE`].
    pub title: RString,
    /// [`Detector::VERSION`].
    pub version: RString,
    /// [`Detector::LICENCE`].
    pub licence: RString,
    /// [`Detector::KIND`].
    pub kind: Kind,
    /// [`Detector::INPUTS`].
    pub inputs: RVec<Input>,
    /// [`Detector::params`].
    pub params: RVec<ParamSpec>,
    /// [`Detector::card`].
    pub card: ModelCard,
}

impl Descriptor {
    /// The descriptor of a detector type.
    #[must_use]
    pub fn of<D: Detector>() -> Self {
        Self {
            id: D::ID.into(),
            model_key: D::MODEL_KEY.into(),
            result_key: D::RESULT_KEY.into(),
            title: D::TITLE.into(),
            version: D::VERSION.into(),
            licence: D::LICENCE.into(),
            kind: D::KIND,
            inputs: D::INPUTS.to_vec().into(),
            params: D::params().into(),
            card: D::card(),
        }
    }
}
