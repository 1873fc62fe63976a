// SPDX-License-Identifier: MIT OR Apache-2.0
//! What detectors may ask about one image, computed once and lent to all of them.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use abi_stable::sabi_trait::TD_Opaque;
use abi_stable::sabi_types::RRef;
use abi_stable::std_types::{ROption, RSlice, RStr};
use assay_plugin_api::abi::{
    EvidenceRef, EvidenceSource, EvidenceSource_TO, RawCoefficients, RawPlane,
};
use assay_plugin_api::evidence::keys;
use assay_plugin_api::report::Value;
use assay_signal::color::luma_row_from_rgb;
use assay_signal::traces::{lent, Picture};
use sha2::{Digest, Sha256};

use super::coefficients::{CoefficientReader, Coefficients};
use super::crops::CropTraces;
use super::decode::{decode_into, DecodedPicture, Meanwhile};
use super::error::DecodeError;
use super::jpeg::luma_coefficients;
use super::limits::DecodeLimits;
use super::sniff::Format;
use crate::cancel::Cancel;
use crate::memory::{Bytes, Own, Readers};
use crate::stage::Stage;

/// The file of an image, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageInfo {
    /// Columns of the stored grid, px.
    pub width: u32,
    /// Rows of the stored grid, px.
    pub height: u32,
    /// The format, by content.
    pub format: Format,
    /// Length of the file.
    pub file_size_bytes: u64,
    /// SHA-256 of the file, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// What will be asked of an image, so that it is made when that takes least.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreseen {
    /// The quantised luma coefficients, which can be read while the pixels are decoded.
    pub coefficients: bool,
    /// Who will read it in other processes.
    pub readers: Readers,
}

/// A decoded image and all that is known of its file.
#[derive(Debug)]
pub struct ImageEvidence {
    encoded: Bytes,
    sha256: OnceLock<[u8; 32]>,
    decoded: DecodedPicture,
    rgb: Bytes,
    luma: OnceLock<(Bytes, Stage)>,
    coefficients: OnceLock<(Option<Coefficients>, Option<Stage>)>,
    crops: CropTraces,
    /// Reads the coefficients; none to do so here.
    reader: Option<Arc<dyn CoefficientReader>>,
}

impl ImageEvidence {
    /// Decodes a file and keeps it.
    ///
    /// # Errors
    /// When the file is not of a supported format, outside the limits, or damaged.
    pub fn from_bytes(bytes: Vec<u8>, limits: &DecodeLimits) -> Result<Self, DecodeError> {
        Self::read(bytes, limits, Foreseen::default())
    }

    /// Decodes a file and keeps it; what is foreseen is made on the way.
    ///
    /// # Errors
    /// As [`Self::from_bytes`].
    pub fn read(
        bytes: Vec<u8>,
        limits: &DecodeLimits,
        foreseen: Foreseen,
    ) -> Result<Self, DecodeError> {
        let coefficients = OnceLock::new();
        let mut read = |pixels| {
            let readers = &foreseen.readers;
            let read = || Some(Coefficients::of_file(luma_coefficients(&bytes, pixels)?, readers));
            let (found, stage) = Stage::time("coefficients", read);
            let _ = coefficients.set((found, Some(stage)));
        };
        let meanwhile = foreseen.coefficients.then_some(&mut read as Meanwhile<'_>);
        let (decoded, rgb) = decode_into::<Own>(&bytes, limits, meanwhile)?.replace_pixels(());
        let [encoded, rgb] =
            [Bytes::from(bytes), rgb.into()].map(|all| all.lent_to(&foreseen.readers));
        Ok(Self { coefficients, ..Self::of_parts(encoded, decoded, rgb, None) })
    }

    /// Keeps what another process decoded, and the coefficients if it has looked for them; `reader` is asked
    /// for them otherwise.
    #[must_use]
    pub fn decoded_elsewhere(
        file: Bytes,
        decoded: DecodedPicture,
        rgb: Bytes,
        coefficients: Option<Option<Coefficients>>,
        reader: Arc<dyn CoefficientReader>,
    ) -> Self {
        let image = Self::of_parts(file, decoded, rgb, Some(reader));
        if let Some(found) = coefficients {
            let _ = image.coefficients.set((found, None));
        }
        image
    }

    fn of_parts(
        encoded: Bytes,
        decoded: DecodedPicture,
        rgb: Bytes,
        reader: Option<Arc<dyn CoefficientReader>>,
    ) -> Self {
        let sha256 = OnceLock::new();
        let (luma, coefficients) = (OnceLock::new(), OnceLock::new());
        let crops = CropTraces::default();
        Self { encoded, sha256, decoded, rgb, luma, coefficients, crops, reader }
    }

    /// Columns of the stored grid, px.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.decoded.width
    }

    /// Rows of the stored grid, px.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.decoded.height
    }

    /// The format, by content.
    #[must_use]
    pub fn format(&self) -> Format {
        self.decoded.format
    }

    /// The IJG quality that a JPEG file's tables are nearest to, 1..=100.
    #[must_use]
    pub fn jpeg_quality(&self) -> Option<u8> {
        self.decoded.jpeg.as_ref()?.quality
    }

    /// The chroma sampling of a JPEG file: `4:2:0`.
    #[must_use]
    pub fn jpeg_subsampling(&self) -> Option<&str> {
        self.decoded.jpeg.as_ref()?.subsampling.as_deref()
    }

    /// How the stored grid is to be turned for display: EXIF's 1..=8.
    #[must_use]
    pub fn orientation(&self) -> u8 {
        self.decoded.orientation
    }

    /// Interleaved red, green and blue of the stored grid.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// BT.601 luma of the stored grid; computed by the first call.
    #[must_use]
    pub fn luma(&self) -> &[u8] {
        self.luma_bytes()
    }

    /// SHA-256 of the file; computed by the first call.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        *self.sha256.get_or_init(|| Sha256::digest(&*self.encoded).into())
    }

    /// The file as received.
    #[must_use]
    pub fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    /// The file, in short.
    #[must_use]
    pub fn info(&self) -> ImageInfo {
        ImageInfo {
            width: self.width(),
            height: self.height(),
            format: self.format(),
            file_size_bytes: self.encoded.len() as u64,
            sha256: hexadecimal(&self.sha256()),
        }
    }

    /// The file's quantised luma coefficients; read by the first call.
    #[must_use]
    pub fn luma_coefficients(&self) -> Option<&Coefficients> {
        self.decoded.jpeg.as_ref()?;
        let pixels = u64::from(self.width()) * u64::from(self.height());
        let read = || match &self.reader {
            Some(reader) => reader.read(&self.encoded, pixels),
            None => {
                let found = luma_coefficients(&self.encoded, pixels)?;
                Some(Coefficients::of_file(found, self.encoded.readers()))
            }
        };
        let timed = || {
            let (found, stage) = Stage::time("coefficients", read);
            (found, Some(stage))
        };
        self.coefficients.get_or_init(timed).0.as_ref()
    }

    /// A row of numbers, by its key: the trace features of a crop.
    #[must_use]
    pub fn numbers(&self, key: &str) -> Option<&[f32]> {
        let place = lent::place_of(key)?;
        let [width, height] = [self.width(), self.height()].map(|side| side as usize);
        let picture = Picture::new(&self.rgb, width, height, 3 * width).ok()?;
        self.crops.at(place, &picture)
    }

    /// What was computed once for all detectors, and when; that which none asked for is left out.
    pub fn prepared(&self) -> impl Iterator<Item = &Stage> {
        let luma = self.luma.get().map(|(_, stage)| stage);
        luma.into_iter().chain(self.coefficients.get().and_then(|(_, stage)| stage.as_ref()))
    }

    /// The file, which can be lent.
    #[must_use]
    pub fn encoded_bytes(&self) -> &Bytes {
        &self.encoded
    }

    /// The pixels, which can be lent.
    #[must_use]
    pub fn rgb_bytes(&self) -> &Bytes {
        &self.rgb
    }

    /// The luma, which can be lent; computed by the first call.
    #[must_use]
    pub fn luma_bytes(&self) -> &Bytes {
        let fill = |luma: &mut [u8]| {
            luma_row_from_rgb(&self.rgb, luma);
            Ok::<_, Infallible>(())
        };
        let make = || {
            let Ok(luma) = Bytes::filled(self.rgb.readers(), self.rgb.len() / 3, fill);
            luma
        };
        &self.luma.get_or_init(|| Stage::time("luma", make)).0
    }

    /// Whether the file itself is an EXIF block, as a TIFF is.
    #[must_use]
    pub fn is_exif_the_file(&self) -> bool {
        self.decoded.metadata.is_exif_the_file
    }

    /// A table, by its key.
    #[must_use]
    pub fn table(&self, key: &str) -> Option<&[u16]> {
        let jpeg = self.decoded.jpeg.as_ref()?;
        let table = match key {
            keys::JPEG_DQT_LUMA => jpeg.luma_table.as_ref(),
            keys::JPEG_DQT_CHROMA => jpeg.chroma_table.as_ref(),
            _ => None,
        };
        table.map(<[u16; 64]>::as_slice)
    }

    /// A block of raw bytes, by its key.
    #[must_use]
    pub fn blob(&self, key: &str) -> Option<&[u8]> {
        let metadata = &self.decoded.metadata;
        match key {
            keys::EXIF if metadata.is_exif_the_file => Some(self.encoded()),
            keys::EXIF => metadata.exif.as_deref(),
            keys::XMP => metadata.xmp.as_deref(),
            keys::ICC => metadata.icc.as_deref(),
            _ => None,
        }
    }

    /// A fact about the file, by its key.
    #[must_use]
    pub fn fact(&self, key: &str) -> Option<Value> {
        let decoded = &self.decoded;
        let jpeg = self.decoded.jpeg.as_ref();
        let int = |number: u8| Value::Int(i64::from(number));
        Some(match key {
            keys::FORMAT => Value::Text(decoded.format.as_str().into()),
            keys::BIT_DEPTH => int(decoded.bit_depth),
            keys::CHANNELS => int(decoded.channels),
            keys::ALPHA => Value::Bool(decoded.has_alpha),
            keys::ORIENTATION => int(decoded.orientation),
            keys::JPEG_QUALITY => int(jpeg?.quality?),
            keys::JPEG_PROGRESSIVE => Value::Bool(jpeg?.is_progressive),
            keys::JPEG_SUBSAMPLING => Value::Text(jpeg?.subsampling.as_deref()?.into()),
            _ => return None,
        })
    }
}

/// One call of one detector on an image: the image's evidence, when to stop, what the request says.
#[derive(Debug)]
pub struct CallEvidence {
    image: Arc<ImageEvidence>,
    cancel: Cancel,
    deadline: Instant,
    claimed_at: Option<String>,
}

impl CallEvidence {
    /// Lends `image` until `deadline` has passed or `cancel` is set.
    #[must_use]
    pub fn new(
        image: Arc<ImageEvidence>,
        cancel: Cancel,
        deadline: Instant,
        claimed_at: Option<String>,
    ) -> Self {
        Self { image, cancel, deadline, claimed_at }
    }

    /// The evidence as it crosses the boundary.
    #[must_use]
    pub fn as_source(&self) -> EvidenceRef<'_> {
        EvidenceSource_TO::from_ptr(RRef::new(self), TD_Opaque)
    }
}

impl EvidenceSource for CallEvidence {
    fn encoded(&self) -> RSlice<'_, u8> {
        self.image.encoded().into()
    }

    fn plane(&self, key: RStr<'_>) -> ROption<RawPlane<'_>> {
        let (channels, samples) = match key.as_str() {
            keys::RGB8 => (3, self.image.rgb()),
            keys::LUMA8 => (1, self.image.luma()),
            _ => return ROption::RNone,
        };
        let (width, height) = (self.image.width(), self.image.height());
        let row_stride = width * channels;
        ROption::RSome(RawPlane { width, height, channels, row_stride, samples: samples.into() })
    }

    fn coefficients(&self, key: RStr<'_>) -> ROption<RawCoefficients<'_>> {
        if key.as_str() != keys::JPEG_LUMA {
            return ROption::RNone;
        }
        let found = self.image.luma_coefficients();
        let raw = found.map(|found| RawCoefficients {
            block_columns: found.block_columns,
            block_rows: found.block_rows,
            values: found.values().into(),
        });
        raw.into()
    }

    fn table(&self, key: RStr<'_>) -> ROption<RSlice<'_, u16>> {
        self.image.table(key.as_str()).map(RSlice::from).into()
    }

    fn numbers(&self, key: RStr<'_>) -> ROption<RSlice<'_, f32>> {
        self.image.numbers(key.as_str()).map(RSlice::from).into()
    }

    fn blob(&self, key: RStr<'_>) -> ROption<RSlice<'_, u8>> {
        self.image.blob(key.as_str()).map(RSlice::from).into()
    }

    fn fact(&self, key: RStr<'_>) -> ROption<Value> {
        if key.as_str() == keys::CLAIMED_AT {
            return self.claimed_at.as_deref().map(|text| Value::Text(text.into())).into();
        }
        self.image.fact(key.as_str()).into()
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_set()
    }

    fn remaining_ms(&self) -> u64 {
        let left = self.deadline.saturating_duration_since(Instant::now());
        // Rounded up, so that 0 means past the deadline and nothing else.
        u64::try_from(left.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
    }
}

fn hexadecimal(digest: &[u8]) -> String {
    use std::fmt::Write as _;
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
