// SPDX-License-Identifier: MIT OR Apache-2.0
//! The safe, typed view of what the host hands to a detector. It may grow within a major version:
//! it is plain Rust over string keys.

use abi_stable::std_types::RStr;

use crate::abi::{EvidenceRef, RawPlane};
use crate::detector::NoScore;
use crate::plane::{Luma8, Plane, Rgb8};
use crate::report::Value;

/// The keys of evidence, by the method that takes them.
pub mod keys {
    /// `plane`: red, green, blue; as stored, without EXIF rotation.
    pub const RGB8: &str = "rgb8";
    /// `plane`: BT.601 luma.
    pub const LUMA8: &str = "luma8";
    /// `table`: luma quantisation table, 64 steps in natural order.
    pub const JPEG_DQT_LUMA: &str = "jpeg.dqt.luma";
    /// `table`: chroma quantisation table, 64 steps in natural order.
    pub const JPEG_DQT_CHROMA: &str = "jpeg.dqt.chroma";
    /// `coefficients`: quantised luma coefficients.
    pub const JPEG_LUMA: &str = "jpeg.luma";
    /// `blob`: the EXIF block, starting with its TIFF header.
    pub const EXIF: &str = "exif";
    /// `blob`: the XMP packet.
    pub const XMP: &str = "xmp";
    /// `blob`: the ICC profile.
    pub const ICC: &str = "icc";
    /// `fact`, text: `JPEG`, `PNG`, `WEBP`, `HEIC`, `BMP` or `TIFF`, by content.
    pub const FORMAT: &str = "format";
    /// `fact`, int: bits a sample in the file.
    pub const BIT_DEPTH: &str = "bit_depth";
    /// `fact`, int: channels in the file, alpha included.
    pub const CHANNELS: &str = "channels";
    /// `fact`, bool: the file has an alpha channel; it was dropped, not blended.
    pub const ALPHA: &str = "alpha";
    /// `fact`, int: EXIF orientation 1..=8 as written in the file; the planes are not rotated.
    pub const ORIENTATION: &str = "orientation";
    /// `fact`, int: IJG quality estimate 1..=100 of the luma table.
    pub const JPEG_QUALITY: &str = "jpeg.quality";
    /// `fact`, bool: progressive coding.
    pub const JPEG_PROGRESSIVE: &str = "jpeg.progressive";
    /// `fact`, text: chroma subsampling, `4:4:4`, `4:2:0`, …
    pub const JPEG_SUBSAMPLING: &str = "jpeg.subsampling";
    /// `fact`, text: when the request says the picture was taken (RFC 3339 date or time).
    pub const CLAIMED_AT: &str = "context.claimed_at";
}

/// Quantised DCT coefficients of one JPEG component.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients<'a> {
    block_columns: usize,
    blocks: &'a [[i16; 64]],
}

impl<'a> Coefficients<'a> {
    /// Blocks a row.
    #[must_use]
    pub fn block_columns(&self) -> usize {
        self.block_columns
    }

    /// Block rows.
    #[must_use]
    pub fn block_rows(&self) -> usize {
        self.blocks.len() / self.block_columns
    }

    /// The blocks in raster order, 64 values each in natural (row-major) order.
    #[must_use]
    pub fn blocks(&self) -> &'a [[i16; 64]] {
        self.blocks
    }
}

/// What the host lends for one call of [`crate::detector::Detector::detect`].
pub struct Evidence<'a>(EvidenceRef<'a>);

impl<'a> Evidence<'a> {
    /// Wraps what came over the boundary.
    #[must_use]
    pub fn new(source: EvidenceRef<'a>) -> Self {
        Self(source)
    }

    /// The file as received, any format.
    #[must_use]
    pub fn encoded(&self) -> &[u8] {
        self.0.encoded().as_slice()
    }

    /// Decoded pixels, as stored (no EXIF rotation), 8 bit.
    ///
    /// # Errors
    /// `NotApplicable` when the host has none; `?` abstains.
    pub fn rgb(&self) -> Result<Rgb8<'_>, NoScore> {
        self.plane(keys::RGB8)
    }

    /// BT.601 luma, `round(0.299 R + 0.587 G + 0.114 B)`.
    ///
    /// # Errors
    /// `NotApplicable` when the host has none; `?` abstains.
    pub fn luma(&self) -> Result<Luma8<'_>, NoScore> {
        self.plane(keys::LUMA8)
    }

    /// The luma quantisation table in natural order.
    ///
    /// # Errors
    /// `NotApplicable` when the file is no JPEG; `?` abstains.
    pub fn jpeg_luma_dqt(&self) -> Result<&[u16; 64], NoScore> {
        self.dqt(keys::JPEG_DQT_LUMA)
    }

    /// The chroma quantisation table in natural order.
    ///
    /// # Errors
    /// `NotApplicable` when the file is no colour JPEG; `?` abstains.
    pub fn jpeg_chroma_dqt(&self) -> Result<&[u16; 64], NoScore> {
        self.dqt(keys::JPEG_DQT_CHROMA)
    }

    /// The file's own quantised luma coefficients.
    ///
    /// # Errors
    /// `NotApplicable` when the file is no JPEG or its coefficients could not be read; `?`
    /// abstains.
    pub fn jpeg_luma_coefficients(&self) -> Result<Coefficients<'_>, NoScore> {
        let raw = self.0.coefficients(keys::JPEG_LUMA.into()).into_option();
        let checked = raw.and_then(|raw| {
            let (blocks, rest) = raw.values.as_slice().as_chunks::<64>();
            let (columns, rows) = (raw.block_columns as usize, raw.block_rows as usize);
            let fits = columns > 0 && rest.is_empty() && columns.checked_mul(rows)? == blocks.len();
            (fits && rows > 0).then_some(Coefficients { block_columns: columns, blocks })
        });
        checked.ok_or_else(|| NoScore::not_applicable("The file carries no JPEG coefficients."))
    }

    /// A block of raw bytes: [`keys::EXIF`], [`keys::XMP`], [`keys::ICC`].
    #[must_use]
    pub fn blob(&self, key: &str) -> Option<&[u8]> {
        self.0.blob(key.into()).into_option().map(|blob| blob.as_slice())
    }

    /// A row of real numbers that the host has computed once for all detectors; a detector that knows
    /// what a key means can do without.
    #[must_use]
    pub fn numbers(&self, key: &str) -> Option<&[f32]> {
        self.0.numbers(key.into()).into_option().map(|numbers| numbers.as_slice())
    }

    /// One fact about the file or the request.
    #[must_use]
    pub fn fact(&self, key: &str) -> Option<Value> {
        self.0.fact(key.into()).into_option()
    }

    /// A fact that is a text.
    #[must_use]
    pub fn text_fact(&self, key: &str) -> Option<String> {
        match self.fact(key)? {
            Value::Text(text) => Some(text.into()),
            _ => None,
        }
    }

    /// A fact that is a whole number.
    #[must_use]
    pub fn int_fact(&self, key: &str) -> Option<i64> {
        match self.fact(key)? {
            Value::Int(number) => Some(number),
            _ => None,
        }
    }

    /// Stops a detector that is no longer wanted; call it between steps with `?`.
    ///
    /// # Errors
    /// `Cancelled` when the host cancelled the call or its deadline has passed.
    pub fn check_cancelled(&self) -> Result<(), NoScore> {
        if self.0.is_cancelled() || self.0.remaining_ms() == 0 {
            return Err(NoScore::Cancelled);
        }
        Ok(())
    }

    /// Milliseconds until the deadline, 0 past it, `u64::MAX` without one.
    #[must_use]
    pub fn remaining_ms(&self) -> u64 {
        self.0.remaining_ms()
    }

    fn dqt(&self, key: &str) -> Result<&[u16; 64], NoScore> {
        let table = self.0.table(RStr::from(key)).into_option();
        let table = table.and_then(|t| t.as_slice().try_into().ok());
        table.ok_or_else(|| NoScore::not_applicable("The file has no JPEG quantisation table."))
    }

    fn plane<const C: usize>(&self, key: &str) -> Result<Plane<'_, C>, NoScore> {
        let raw: Option<RawPlane<'_>> = self.0.plane(key.into()).into_option();
        let plane = raw.and_then(Plane::checked);
        plane.ok_or_else(|| NoScore::not_applicable(format!("The host has no `{key}` plane.")))
    }
}
