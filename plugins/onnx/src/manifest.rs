// SPDX-License-Identifier: MIT OR Apache-2.0
//! `manifest.toml`: which file the network is, how pixels become its input and its output a score.
//!
//! A key that is not known is refused, and so is a value out of range: each error names the file, the line
//! and the key. The files that a manifest names lie beside it, and have the digests that it gives.

use std::ops::RangeInclusive;

use serde::Deserialize;
use toml::Spanned;

use crate::lines::Lines;
pub use crate::lines::ManifestError;

/// The manifest's name in its folder.
pub const FILE: &str = "manifest.toml";
/// Longest manifest or calibration, bytes: that of a policy.
pub const MAX_TEXT_BYTES: u64 = 1 << 18;
/// Sides that an input may have, px: the largest takes 200 MB as numbers.
pub const SIDES: RangeInclusive<u32> = 1..=4096;
/// Most tiles of a picture: beyond it the stride grows.
pub const TILES: RangeInclusive<u32> = 1..=4096;
/// Tiles where the manifest says nothing.
const USUAL_TILES: u32 = 64;
/// Values of an output that one can be picked from.
const INDICES: RangeInclusive<u32> = 0..=65_535;
/// Longest name of a model, bytes: what a result shows in a line.
const MAX_NAME_BYTES: usize = 100;

/// What a manifest says.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The model's name, for a person.
    pub name: String,
    /// The network.
    pub weights: File,
    /// How pixels become its input.
    pub input: Input,
    /// Where the picture is read in tiles.
    pub tiles: Option<Tiles>,
    /// How its output becomes a score.
    pub output: Output,
    /// What corrects the score.
    pub calibration: Option<CalibrationFile>,
}

/// A file beside the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name, without a folder.
    pub name: String,
    /// Its SHA-256, lower-case hexadecimal.
    pub sha256: String,
}

/// A policy as `assay calibrate` writes it, and whose calibration in it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalibrationFile {
    /// The policy.
    pub file: File,
    /// The detector's model key there.
    pub model: String,
}

/// How pixels become the network's input.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Columns, px.
    pub width: u32,
    /// Rows, px.
    pub height: u32,
    /// Order of the axes.
    pub layout: Layout,
    /// Order of the channels.
    pub channels: Channels,
    /// What samples of 0 and of 255 become, before mean and deviation.
    pub range: [f32; 2],
    /// Subtracted a channel, in the order of `channels`.
    pub mean: [f32; 3],
    /// Divided by a channel, in the order of `channels`.
    pub std: [f32; 3],
    /// What is done to the picture first.
    pub resize: Resize,
    /// How it is resized.
    pub interpolation: Interpolation,
}

/// What is done to the picture before it is cropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resize {
    /// Nothing.
    None,
    /// Its shorter side becomes so long, px.
    ShorterSide(u32),
    /// It becomes as large as the input, whatever its shape.
    Stretch,
}

/// Order of the axes: batch, channels, rows, columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// As PyTorch has it.
    #[default]
    Nchw,
    /// As TensorFlow has it.
    Nhwc,
}

/// Order of the channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channels {
    /// Red first.
    #[default]
    Rgb,
    /// Blue first.
    Bgr,
}

/// The kernel of a resize.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interpolation {
    /// Triangle.
    #[default]
    Bilinear,
    /// Cubic with a = -0.5.
    Bicubic,
}

/// How a picture is read in tiles of the input's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiles {
    /// From one tile to the next, px, at most.
    pub stride: u32,
    /// Most tiles; the stride grows for larger pictures.
    pub most: u32,
    /// How many of the highest scores are averaged; all where none is given.
    pub top: Option<u32>,
}

/// How the network's output becomes a score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its name; the first one where none is given.
    pub name: Option<String>,
    /// The rule.
    pub map: Map,
    /// Which value is meant, from 0.
    pub index: usize,
    /// A high value speaks against the hypothesis.
    pub invert: bool,
}

/// From a value to `0..=1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Map {
    /// A logit: `1 / (1 + exp(-x))`.
    Sigmoid,
    /// One of several logits: its share after a softmax.
    Softmax,
    /// It is one already.
    Probability,
}

impl Manifest {
    /// Reads a manifest's text.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let raw: Raw = toml::from_str(text)
            .map_err(|error| ManifestError::whole(error.to_string().trim_end()))?;
        let at = Lines(text);
        let name = raw.name.get_ref();
        if name.trim().is_empty() || name.len() > MAX_NAME_BYTES {
            let message = format!("`name` must have 1 to {MAX_NAME_BYTES} bytes");
            return Err(at.fault(raw.name.span(), &message));
        }
        let calibration = raw.calibration.map(|calibration| {
            let file = file(&at, &calibration.file, &calibration.sha256)?;
            Ok(CalibrationFile { file, model: calibration.model })
        });
        let input = raw.input.checked(&at)?;
        let tiles = raw.tiles.map(|tiles| tiles.checked(&at, &input)).transpose()?;
        Ok(Self {
            weights: file(&at, &raw.file, &raw.sha256)?,
            name: raw.name.into_inner(),
            input,
            tiles,
            output: raw.output.checked(&at)?,
            calibration: calibration.transpose()?,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: Spanned<String>,
    file: Spanned<String>,
    sha256: Spanned<String>,
    input: RawInput,
    tiles: Option<RawTiles>,
    output: RawOutput,
    calibration: Option<RawCalibration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawInput {
    width: Spanned<u32>,
    height: Spanned<u32>,
    #[serde(default)]
    layout: Layout,
    #[serde(default)]
    channels: Channels,
    range: Option<Spanned<[f32; 2]>>,
    mean: Option<Spanned<[f32; 3]>>,
    std: Option<Spanned<[f32; 3]>>,
    resize: Option<Spanned<RawResize>>,
    shorter_side: Option<Spanned<u32>>,
    #[serde(default)]
    interpolation: Interpolation,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawResize {
    None,
    ShorterSide,
    Stretch,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTiles {
    stride: Spanned<u32>,
    most: Option<Spanned<u32>>,
    pool: Spanned<Pool>,
    top: Option<Spanned<u32>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Pool {
    Mean,
    Top,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOutput {
    name: Option<String>,
    map: Map,
    index: Option<Spanned<u32>>,
    #[serde(default)]
    invert: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCalibration {
    file: Spanned<String>,
    sha256: Spanned<String>,
    model: String,
}

impl RawInput {
    fn checked(self, at: &Lines<'_>) -> Result<Input, ManifestError> {
        let (width, height) =
            (at.within("width", &self.width, SIDES)?, at.within("height", &self.height, SIDES)?);
        let range = at.finite("range", self.range.as_ref(), [0.0, 1.0], |_| true)?;
        let resize = match (self.resize.as_ref().map(Spanned::get_ref), &self.shorter_side) {
            (Some(RawResize::ShorterSide), Some(side)) => {
                let least = width.max(height);
                Resize::ShorterSide(at.within("shorter_side", side, least..=*SIDES.end())?)
            }
            (Some(RawResize::ShorterSide), None) => {
                let span = self.resize.map(|resize| resize.span()).unwrap_or_default();
                return Err(at.fault(span, "`resize = \"shorter_side\"` needs `shorter_side`"));
            }
            (_, Some(side)) => {
                let message = "`shorter_side` is for `resize = \"shorter_side\"` only";
                return Err(at.fault(side.span(), message));
            }
            (Some(RawResize::Stretch), None) => Resize::Stretch,
            (Some(RawResize::None) | None, None) => Resize::None,
        };
        Ok(Input {
            width,
            height,
            layout: self.layout,
            channels: self.channels,
            range,
            mean: at.finite("mean", self.mean.as_ref(), [0.0; 3], |_| true)?,
            std: at.finite("std", self.std.as_ref(), [1.0; 3], |std| std > 0.0)?,
            resize,
            interpolation: self.interpolation,
        })
    }
}

impl RawTiles {
    fn checked(self, at: &Lines<'_>, input: &Input) -> Result<Tiles, ManifestError> {
        let stride = at.within("stride", &self.stride, SIDES)?;
        let most = self.most.as_ref().map(|most| at.within("most", most, TILES)).transpose()?;
        let top = match (self.pool.get_ref(), &self.top) {
            (Pool::Mean, None) => None,
            (Pool::Top, Some(top)) => Some(at.within("top", top, TILES)?),
            (Pool::Top, None) => {
                return Err(at.fault(self.pool.span(), "`pool = \"top\"` needs `top`"));
            }
            (Pool::Mean, Some(top)) => {
                return Err(at.fault(top.span(), "`top` is for `pool = \"top\"` only"));
            }
        };
        if input.resize == Resize::Stretch {
            let message = "[tiles] needs a picture larger than the input; \
                           `resize = \"stretch\"` leaves none";
            return Err(at.fault(self.stride.span(), message));
        }
        Ok(Tiles { stride, most: most.unwrap_or(USUAL_TILES), top })
    }
}

impl RawOutput {
    fn checked(self, at: &Lines<'_>) -> Result<Output, ManifestError> {
        let index = match (&self.index, self.map) {
            (Some(index), _) => at.within("index", index, INDICES)?,
            (None, Map::Softmax) => {
                return Err(ManifestError::whole("`map = \"softmax\"` needs `index` in [output]"));
            }
            (None, Map::Sigmoid | Map::Probability) => 0,
        };
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        Ok(Output { name: self.name, map: self.map, index, invert: self.invert })
    }
}

fn file(
    at: &Lines<'_>,
    name: &Spanned<String>,
    sha256: &Spanned<String>,
) -> Result<File, ManifestError> {
    let text = name.get_ref();
    if text.is_empty() || text.contains(['/', '\\']) || text == ".." || text == "." {
        let message = "`file` must be the name of a file beside the manifest";
        return Err(at.fault(name.span(), message));
    }
    let digest = sha256.get_ref().to_lowercase();
    if digest.len() != 64 || !digest.chars().all(|c| c.is_ascii_hexdigit()) {
        return Err(at.fault(sha256.span(), "`sha256` must be 64 hexadecimal digits"));
    }
    Ok(File { name: text.clone(), sha256: digest })
}
