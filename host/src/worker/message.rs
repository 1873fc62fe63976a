// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the host and a worker say to each other.
//!
//! The host speaks first: [`Task::Start`] says what the worker is for and what it may touch. A
//! detector's worker is then told to load a library, to make a detector, and to examine; a decoder's to
//! decode. Each task has one [`Reply`], but that an examination may ask for shared memory first
//! ([`Reply::Want`], answered by [`Task::Lend`]). Shared memory travels beside the bytes, as descriptors.

use std::borrow::Cow;

use assay_plugin_api::descriptor::{Descriptor, Input, Kind, ModelCard};
use assay_plugin_api::detector::NoScore;
use assay_plugin_api::finding::{Finding, Region, Severity};
use assay_plugin_api::heatmap::Heatmap;
use assay_plugin_api::params::ParamSpec;
use assay_plugin_api::report::{Attribute, Label, Report, Value};

use super::confinement::Confinement;
use super::wire::{fields, variants, words, Malformed, Wire};
use crate::image::{DecodeError, DecodeLimits, DecodedPicture, Format, JpegFacts, Metadata};

/// What the host tells a worker to do.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Task {
    /// To close itself in. The first of all.
    Start(Start),
    /// To open the library whose file is lent, under the name that people know it by.
    Load(String),
    /// To make a detector from parameters.
    Create(Vec<Attribute>),
    /// To examine a picture; its file and its pixels are lent.
    Examine(Box<Exhibit>),
    /// The shared memory that was asked for, or that there is none.
    Lend(Option<LentGrid>),
    /// To decode the file that is lent. The memory that the result goes to is sent with the first of these.
    Decode(DecodeOrder),
    /// To read the quantised luma coefficients of the file that is lent; as [`Self::Decode`].
    Coefficients(CoefficientOrder),
    /// To become another program; the picture's memory and where to complain are lent. It has no reply:
    /// from then on the program speaks.
    Become(Program),
}

/// What a worker answers.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reply {
    /// How far it is closed in.
    Started(Confinement),
    /// What the library says about itself, or why it is none.
    Loaded(Result<Box<Descriptor>, String>),
    /// The detector was made, or why not.
    Created(Result<bool, String>),
    /// Asks for shared memory.
    Want(Want),
    /// What the detector says.
    Examined(Result<Report, NoScore>),
    /// The picture; its pixels lie in the memory for results, and behind them its coefficients if they
    /// were found.
    Decoded(Result<Box<DecodeReply>, DecodeError>),
    /// The coefficients, which lie in the memory for results, or that there are none.
    Coefficients(Option<Grid>),
}

/// What a worker may touch and use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// Files and folders that it may read.
    pub(super) readable: Vec<String>,
    /// Folders of whose contents it may learn the names.
    pub(super) listable: Vec<String>,
    /// Most memory of its own, bytes.
    pub(super) memory_bytes: u64,
    /// Largest file that it may write, which can be in memory only, bytes.
    pub(super) file_bytes: u64,
    /// Most processor time, s.
    pub(super) processor_seconds: u64,
    /// It will become another program.
    pub(super) runs_a_program: bool,
}

/// A program that a worker becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    /// Its file.
    pub(super) file: String,
    /// Its arguments, without its name.
    pub(super) arguments: Vec<String>,
    /// The folder that it starts in.
    pub(super) folder: String,
}

/// A picture as a detector's worker gets it: all that is small, here.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Exhibit {
    /// Columns, px.
    pub(super) width: u32,
    /// Rows, px.
    pub(super) height: u32,
    /// The file.
    pub(super) file: Lent,
    /// The pixels.
    pub(super) rgb: Lent,
    /// Tables by key.
    pub(super) tables: Vec<(String, Vec<u16>)>,
    /// Raw blocks by key.
    pub(super) blobs: Vec<(String, Vec<u8>)>,
    /// The file itself is the EXIF block.
    pub(super) is_exif_the_file: bool,
    /// Facts by key.
    pub(super) facts: Vec<(String, Value)>,
    /// Until the deadline, ms.
    pub(super) remaining_ms: u64,
}

/// Shared memory that is made when somebody asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// BT.601 luma.
    Luma,
    /// Quantised luma coefficients.
    Coefficients,
}

/// How a file is to be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DecodeOrder {
    /// The file.
    pub(super) file: Lent,
    /// What it may cost.
    pub(super) limits: DecodeLimits,
    /// Whether its coefficients are to be read as well, if that costs no time.
    pub(super) coefficients: bool,
}

/// Whose coefficients are to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CoefficientOrder {
    /// The file.
    pub(super) file: Lent,
    /// Pixels that it was decoded to.
    pub(super) pixels: u64,
}

/// A picture without its pixels.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DecodeReply {
    /// The picture.
    pub(super) picture: DecodedPicture,
    /// Its coefficients, or that it has none; nothing where nobody has looked.
    pub(super) coefficients: Option<Option<Grid>>,
}

/// How what lies in memory is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    /// Columns or blocks a row.
    pub(super) columns: u32,
    /// Rows or rows of blocks.
    pub(super) rows: u32,
}

/// Memory that is lent to a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lent {
    /// By which it is known from then on; 0 where it is for this call.
    pub(super) number: u64,
    /// It comes with this message.
    pub(super) is_sent: bool,
    /// How much of it counts, bytes.
    pub(super) bytes: u64,
    /// Numbers of memory that will not be lent again.
    pub(super) forget: Vec<u64>,
}

/// Memory that is lent, and its layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LentGrid {
    /// The layout.
    pub(super) grid: Grid,
    /// The memory.
    pub(super) memory: Lent,
}

fields! {
    Start { readable, listable, memory_bytes, file_bytes, processor_seconds, runs_a_program }
    Program { file, arguments, folder }
    Exhibit { width, height, file, rgb, tables, blobs, is_exif_the_file, facts, remaining_ms }
    Grid { columns, rows }
    Lent { number, is_sent, bytes, forget }
    LentGrid { grid, memory }
    DecodeOrder { file, limits, coefficients }
    CoefficientOrder { file, pixels }
    DecodeReply { picture, coefficients }
    DecodeLimits { max_file_bytes, max_pixels, min_side, max_memory_bytes }
    DecodedPicture {
        format, width, height, rgb, bit_depth, channels, has_alpha, orientation, metadata, jpeg
    }
    Metadata { exif, is_exif_the_file, xmp, icc }
    JpegFacts { luma_table, chroma_table, quality, is_progressive, subsampling }
    Descriptor {
        id, model_key, result_key, title, version, licence, kind, inputs, params, card
    }
    ParamSpec { name, default, min, max, choices, unit, doc }
    ModelCard { summary, method, trained_on, limits, references }
    Report { score, label, detail, findings, attributes, heatmap }
    Finding { code, severity, text, values, regions }
    Region { x, y, width, height }
    Attribute { name, value }
    Heatmap { columns, rows, cell_px, values }
}

words! {
    Want { Luma, Coefficients }
    Kind { Generation, Manipulation, Provenance }
    Input { Encoded, Rgb, Luma, JpegTables, JpegCoefficients, Metadata }
    Label { Authentic, Synthetic, Manipulated, Suspicious, Inconclusive }
    Severity { Info, Notice, Warning, Decisive }
    Format { Jpeg, Png, Webp, Heic, Bmp, Tiff }
}

variants! {
    Task {
        0 = Start(start),
        1 = Load(name),
        2 = Create(parameters),
        3 = Examine(exhibit),
        4 = Lend(lent),
        5 = Decode(order),
        6 = Coefficients(order),
        7 = Become(program),
    }
    Reply {
        0 = Started(confinement),
        1 = Loaded(loaded),
        2 = Created(created),
        3 = Want(want),
        4 = Examined(answer),
        5 = Decoded(decoded),
        6 = Coefficients(found),
    }
    Value {
        0 = Null,
        1 = Bool(value),
        2 = Int(value),
        3 = Real(value),
        4 = Text(value),
        5 = Json(value),
    }
}

impl<T: Wire> Wire for Box<T> {
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out);
    }

    fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
        T::get(input).map(Self::new)
    }
}

/// A JPEG's quantisation table.
impl Wire for [u16; 64] {
    fn put(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|step| step.put(out));
    }

    fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
        let mut table = [0; 64];
        for step in &mut table {
            *step = u16::get(input)?;
        }
        Ok(table)
    }
}

impl Wire for NoScore {
    fn put(&self, out: &mut Vec<u8>) {
        let (number, text) = match self {
            Self::NotApplicable { reason } => (0, Some(reason)),
            Self::Failed { message } => (1, Some(message)),
            Self::Panicked { message } => (2, Some(message)),
            Self::Cancelled => (3, None),
        };
        out.push(number);
        if let Some(text) = text {
            text.put(out);
        }
    }

    fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
        Ok(match u8::get(input)? {
            0 => Self::NotApplicable { reason: Wire::get(input)? },
            1 => Self::Failed { message: Wire::get(input)? },
            2 => Self::Panicked { message: Wire::get(input)? },
            3 => Self::Cancelled,
            _ => return Err(Malformed),
        })
    }
}

impl Wire for DecodeError {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::UnsupportedFormat { found } => (0u8, found.to_string()).put(out),
            Self::UnsupportedFeature { format, feature } => {
                (1u8, (*format, feature.clone())).put(out);
            }
            Self::TooSmall { width, height, min_side } => {
                (2u8, (*width, (*height, *min_side))).put(out);
            }
            Self::FileTooLarge { bytes, limit } => (3u8, (*bytes, *limit)).put(out),
            Self::TooManyPixels { width, height, limit } => {
                (4u8, (*width, (*height, *limit))).put(out);
            }
            Self::TooMuchMemory { bytes, limit } => (5u8, (*bytes, *limit)).put(out),
            Self::Empty => 6u8.put(out),
            Self::Corrupt { format, reason } => (7u8, (*format, reason.clone())).put(out),
            Self::Unfinished { format, reason } => (8u8, (*format, reason.clone())).put(out),
            Self::NoDecoder { reason } => (9u8, reason.clone()).put(out),
        }
    }

    fn get(input: &mut &[u8]) -> Result<Self, Malformed> {
        Ok(match u8::get(input)? {
            0 => Self::UnsupportedFormat { found: Cow::Owned(Wire::get(input)?) },
            1 => Self::UnsupportedFeature { format: Wire::get(input)?, feature: Wire::get(input)? },
            2 => {
                let (width, (height, min_side)) = Wire::get(input)?;
                Self::TooSmall { width, height, min_side }
            }
            3 => Self::FileTooLarge { bytes: Wire::get(input)?, limit: Wire::get(input)? },
            4 => {
                let (width, (height, limit)) = Wire::get(input)?;
                Self::TooManyPixels { width, height, limit }
            }
            5 => Self::TooMuchMemory { bytes: Wire::get(input)?, limit: Wire::get(input)? },
            6 => Self::Empty,
            7 => Self::Corrupt { format: Wire::get(input)?, reason: Wire::get(input)? },
            8 => Self::Unfinished { format: Wire::get(input)?, reason: Wire::get(input)? },
            9 => Self::NoDecoder { reason: Wire::get(input)? },
            _ => return Err(Malformed),
        })
    }
}
