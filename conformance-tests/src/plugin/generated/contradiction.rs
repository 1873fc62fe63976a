// SPDX-License-Identifier: MIT OR Apache-2.0
//! Evidence that contradicts itself, as no host should lend it.

use assay_plugin_api::evidence::keys;
use assay_plugin_api::report::Value;
use proptest::prelude::*;

use crate::evidence::{Blocks, Given, Samples};

/// One thing that cannot be.
#[derive(Clone, Debug)]
pub(super) enum Lie {
    /// A fact of another type or out of its range.
    Fact(&'static str, Value),
    /// A table with other entries or of another length.
    Table(&'static str, u16, usize),
    /// Coefficients with another number of blocks, all of one value.
    Coefficients(u32, u32, i16),
    /// Coefficients whose number is not what their geometry says.
    CutCoefficients(usize),
    /// A plane of another size than the other one.
    Resized(&'static str, u32, u32),
    /// A plane whose geometry does not fit its samples.
    Geometry(&'static str, [u32; 4]),
    /// A block of metadata that is none.
    Blob(&'static str, Vec<u8>),
}

const PLANES: [&str; 2] = [keys::RGB8, keys::LUMA8];
const TABLES: [&str; 2] = [keys::JPEG_DQT_LUMA, keys::JPEG_DQT_CHROMA];
const BLOBS: [&str; 3] = [keys::EXIF, keys::XMP, keys::ICC];
const FACTS: [&str; 9] = [
    keys::FORMAT,
    keys::BIT_DEPTH,
    keys::CHANNELS,
    keys::ALPHA,
    keys::ORIENTATION,
    keys::JPEG_QUALITY,
    keys::JPEG_PROGRESSIVE,
    keys::JPEG_SUBSAMPLING,
    keys::CLAIMED_AT,
];

pub(super) fn strategy() -> impl Strategy<Value = Vec<Lie>> {
    let value = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        prop_oneof![Just(0), Just(-1), Just(i64::MIN), Just(i64::MAX), -9_i64..300]
            .prop_map(Value::Int),
        prop_oneof![Just(f64::NAN), Just(f64::INFINITY), -1e9..1e9].prop_map(Value::Real),
        "\\PC{0,40}".prop_map(Value::from),
        prop_oneof![Just("JPEG"), Just("PNG"), Just("HEIC"), Just(":"), Just("9999-99-99T99:99")]
            .prop_map(Value::from),
        Just(Value::Json("{".into())),
    ];
    let side = || prop_oneof![Just(0_u32), 1_u32..400, Just(u32::MAX)];
    let extreme = prop_oneof![Just(i16::MIN), Just(i16::MAX), any::<i16>()];
    let lie = prop_oneof![
        (prop::sample::select(&FACTS[..]), value).prop_map(|(key, value)| Lie::Fact(key, value)),
        (prop::sample::select(&TABLES[..]), any::<u16>(), prop_oneof![Just(64), 0_usize..130])
            .prop_map(|(key, step, length)| Lie::Table(key, step, length)),
        (1_u32..60, 1_u32..60, extreme).prop_map(|(c, r, v)| Lie::Coefficients(c, r, v)),
        (0_usize..5_000).prop_map(Lie::CutCoefficients),
        (prop::sample::select(&PLANES[..]), 1_u32..400, 1_u32..400)
            .prop_map(|(key, width, height)| Lie::Resized(key, width, height)),
        (prop::sample::select(&PLANES[..]), [side(), side(), side(), side()])
            .prop_map(|(key, geometry)| Lie::Geometry(key, geometry)),
        (prop::sample::select(&BLOBS[..]), prop::collection::vec(any::<u8>(), 0..200))
            .prop_map(|(key, bytes)| Lie::Blob(key, bytes)),
    ];
    prop::collection::vec(lie, 1..5)
}

impl Lie {
    pub(super) fn tell(&self, given: &mut Given) {
        match self {
            Self::Fact(key, value) => drop(given.facts.insert(key, value.clone())),
            Self::Table(key, step, length) => drop(given.tables.insert(key, vec![*step; *length])),
            Self::Coefficients(columns, rows, value) => {
                let values = vec![*value; (columns * rows * 64) as usize];
                let blocks = Blocks { columns: *columns, rows: *rows, values };
                given.coefficients.insert(keys::JPEG_LUMA, blocks);
            }
            Self::CutCoefficients(length) => {
                if let Some(blocks) = given.coefficients.get_mut(keys::JPEG_LUMA) {
                    blocks.values.truncate(*length);
                }
            }
            Self::Resized(key, width, height) => {
                let channels = if *key == keys::RGB8 { 3 } else { 1 };
                let row_stride = width * channels;
                let samples = vec![77; (row_stride * height) as usize];
                let (width, height) = (*width, *height);
                given.planes.insert(key, Samples { width, height, channels, row_stride, samples });
            }
            Self::Geometry(key, [width, height, channels, row_stride]) => {
                if let Some(plane) = given.planes.get_mut(key) {
                    (plane.width, plane.height) = (*width, *height);
                    (plane.channels, plane.row_stride) = (*channels, *row_stride);
                }
            }
            Self::Blob(key, bytes) => drop(given.blobs.insert(key, bytes.clone())),
        }
    }
}
