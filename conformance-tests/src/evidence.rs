// SPDX-License-Identifier: MIT OR Apache-2.0
//! Evidence under full control: whatever a host could lend, and what it never should.

use std::collections::BTreeMap;
use std::time::Instant;

use abi_stable::sabi_trait::TD_Opaque;
use abi_stable::sabi_types::RRef;
use abi_stable::std_types::{ROption, RSlice, RStr};
use assay_plugin_api::abi::{
    EvidenceRef, EvidenceSource, EvidenceSource_TO, RawCoefficients, RawPlane,
};
use assay_plugin_api::descriptor::Input;
use assay_plugin_api::evidence::keys;
use assay_plugin_api::report::Value;

use crate::synth::Picture;

pub mod jpeg;

/// A plane with whatever geometry it claims.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    /// Columns, px.
    pub width: u32,
    /// Rows, px.
    pub height: u32,
    /// Samples a pixel.
    pub channels: u32,
    /// Samples from row to row.
    pub row_stride: u32,
    /// The samples.
    pub samples: Vec<u8>,
}

/// Coefficients with whatever geometry they claim.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    /// Blocks a row.
    pub columns: u32,
    /// Block rows.
    pub rows: u32,
    /// The values.
    pub values: Vec<i16>,
}

/// When the call is no longer wanted.
#[derive(Clone, Copy, Debug, Default)]
pub enum Cancel {
    /// Never, and there is no deadline.
    #[default]
    Never,
    /// Cancelled before it began.
    FromTheStart,
    /// The deadline has passed before it began.
    PastDeadline,
    /// Cancelled, and past the deadline, from this moment on.
    At(Instant),
}

/// Everything that is lent for one call.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The file as received.
    pub encoded: Vec<u8>,
    /// By key of `plane`.
    pub planes: BTreeMap<&'static str, Samples>,
    /// By key of `coefficients`.
    pub coefficients: BTreeMap<&'static str, Blocks>,
    /// By key of `table`.
    pub tables: BTreeMap<&'static str, Vec<u16>>,
    /// By key of `blob`.
    pub blobs: BTreeMap<&'static str, Vec<u8>>,
    /// By key of `fact`.
    pub facts: BTreeMap<&'static str, Value>,
    /// When to stop.
    pub cancel: Cancel,
}

impl Given {
    /// The planes of a picture and the facts that every picture has; no file.
    #[must_use]
    pub fn of_picture(picture: &Picture) -> Self {
        let mut given = Self::default();
        given.set_planes(picture, 0);
        let facts: [(_, Value); 4] = [
            (keys::FORMAT, "PNG".into()),
            (keys::BIT_DEPTH, 8_i64.into()),
            (keys::CHANNELS, 3_i64.into()),
            (keys::ALPHA, false.into()),
        ];
        given.facts.extend(facts);
        given
    }

    /// Sets both planes; rows are followed by `padding` samples that mean nothing.
    pub fn set_planes(&mut self, picture: &Picture, padding: usize) {
        let (width, height) = (picture.width, picture.height);
        let planes = [(keys::RGB8, 3, picture.rgb.clone()), (keys::LUMA8, 1, picture.luma())];
        for (key, channels, tight) in planes {
            let samples = match padding {
                0 => tight,
                _ => tight
                    .chunks_exact((width * channels).max(1))
                    .flat_map(|row| row.iter().copied().chain((0..padding).map(|i| i as u8 ^ 0xa5)))
                    .collect(),
            };
            let plane = Samples {
                width: width as u32,
                height: height as u32,
                channels: channels as u32,
                row_stride: (width * channels + padding) as u32,
                samples,
            };
            self.planes.insert(key, plane);
        }
    }

    /// Removes a class of evidence. Facts stay: they cost nothing and belong to no class.
    pub fn remove(&mut self, input: Input) {
        match input {
            Input::Encoded => self.encoded.clear(),
            Input::Rgb => drop(self.planes.remove(keys::RGB8)),
            Input::Luma => drop(self.planes.remove(keys::LUMA8)),
            Input::JpegTables => self.tables.clear(),
            Input::JpegCoefficients => self.coefficients.clear(),
            Input::Metadata => self.blobs.clear(),
        }
    }

    /// Columns and rows of the first plane, 0 without one.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        let plane = self.planes.get(keys::RGB8).or_else(|| self.planes.get(keys::LUMA8));
        plane.map_or((0, 0), |plane| (plane.width, plane.height))
    }

    /// The evidence as it crosses the boundary.
    #[must_use]
    pub fn as_source(&self) -> EvidenceRef<'_> {
        EvidenceSource_TO::from_ptr(RRef::new(self), TD_Opaque)
    }
}

/// All classes of evidence.
pub const INPUTS: [Input; 6] = [
    Input::Encoded,
    Input::Rgb,
    Input::Luma,
    Input::JpegTables,
    Input::JpegCoefficients,
    Input::Metadata,
];

impl EvidenceSource for Given {
    fn encoded(&self) -> RSlice<'_, u8> {
        self.encoded.as_slice().into()
    }

    fn plane(&self, key: RStr<'_>) -> ROption<RawPlane<'_>> {
        let plane = self.planes.get(key.as_str()).map(|plane| RawPlane {
            width: plane.width,
            height: plane.height,
            channels: plane.channels,
            row_stride: plane.row_stride,
            samples: plane.samples.as_slice().into(),
        });
        plane.into()
    }

    fn coefficients(&self, key: RStr<'_>) -> ROption<RawCoefficients<'_>> {
        let blocks = self.coefficients.get(key.as_str()).map(|blocks| RawCoefficients {
            block_columns: blocks.columns,
            block_rows: blocks.rows,
            values: blocks.values.as_slice().into(),
        });
        blocks.into()
    }

    fn table(&self, key: RStr<'_>) -> ROption<RSlice<'_, u16>> {
        self.tables.get(key.as_str()).map(|table| table.as_slice().into()).into()
    }

    fn numbers(&self, _key: RStr<'_>) -> ROption<RSlice<'_, f32>> {
        ROption::RNone
    }

    fn blob(&self, key: RStr<'_>) -> ROption<RSlice<'_, u8>> {
        self.blobs.get(key.as_str()).map(|blob| blob.as_slice().into()).into()
    }

    fn fact(&self, key: RStr<'_>) -> ROption<Value> {
        self.facts.get(key.as_str()).cloned().into()
    }

    fn is_cancelled(&self) -> bool {
        match self.cancel {
            Cancel::Never | Cancel::PastDeadline => false,
            Cancel::FromTheStart => true,
            Cancel::At(moment) => Instant::now() >= moment,
        }
    }

    fn remaining_ms(&self) -> u64 {
        match self.cancel {
            Cancel::Never | Cancel::FromTheStart => u64::MAX,
            Cancel::PastDeadline => 0,
            Cancel::At(moment) => {
                let left = moment.saturating_duration_since(Instant::now());
                u64::try_from(left.as_millis()).unwrap_or(u64::MAX)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use assay_plugin_api::evidence::Evidence;

    use super::*;

    #[test]
    fn padded_planes_have_the_rows_of_tight_ones() {
        let picture = Picture::from_fn(5, 3, |x, y| [x as u8, y as u8, 9]);
        let (tight, mut padded) = (Given::of_picture(&picture), Given::of_picture(&picture));
        padded.set_planes(&picture, 7);
        let (tight, padded) = (Evidence::new(tight.as_source()), Evidence::new(padded.as_source()));
        let (tight, padded) = (tight.rgb().unwrap(), padded.rgb().unwrap());
        assert_eq!((padded.row_stride(), padded.samples().len()), (22, 66));
        assert!(tight.rows().zip(padded.rows()).all(|(a, b)| a == b));
    }

    #[test]
    fn removed_class_is_not_lent_any_more() {
        let mut given = jpeg::of_photo(1).unwrap();
        for input in INPUTS {
            given.remove(input);
        }
        let evidence = Evidence::new(given.as_source());
        assert!(evidence.encoded().is_empty() && evidence.rgb().is_err());
        assert!(evidence.luma().is_err() && evidence.jpeg_luma_dqt().is_err());
        assert!(evidence.jpeg_luma_coefficients().is_err() && evidence.blob(keys::EXIF).is_none());
        assert_eq!(evidence.text_fact(keys::FORMAT).as_deref(), Some("JPEG"));
    }

    #[test]
    fn cancellation_and_deadline_are_seen_by_the_detector() {
        let check = |cancel| {
            let given = Given { cancel, ..Given::default() };
            let evidence = Evidence::new(given.as_source());
            evidence.check_cancelled().is_err()
        };
        assert!(!check(Cancel::Never) && check(Cancel::FromTheStart));
        assert!(check(Cancel::PastDeadline) && check(Cancel::At(Instant::now())));
    }
}
