// SPDX-License-Identifier: MIT OR Apache-2.0
//! The same degradation for both classes, so that format and history do not tell them apart.
//!
//! What is chosen (phase, scale, quality, ...) is chosen by the file's digest: a picture is degraded
//! the same way on every machine, whatever stands beside it. Pixels are the host's decoding of the
//! stored grid; metadata and orientation are not carried over.

use image::imageops::{blur, crop_imm, resize, thumbnail, FilterType};
use image::RgbImage;

use super::random::Random;
use crate::image::decode::decode;
use crate::image::resave::{self, jpeg, ResaveError};
use crate::image::{DecodeError, DecodeLimits};

/// Changed whenever the pixels of any tier change, so that cached scores are not taken for others.
pub const RECIPES: u32 = 1;
/// Side of a JPEG block, px: the phases that a grid can have.
const BLOCK: usize = 8;
/// Smallest side that is cropped to move the grid, px.
const CROPPED_SIDE: u32 = 32;
/// JPEG qualities of the tiers that only save again.
const QUALITY_90: u8 = 90;
const QUALITY_75: u8 = 75;
/// Longest side of a picture on the web, px, and its quality.
const WEB_SIDE: u32 = 1600;
const WEB_QUALITY: u8 = 80;
/// Scale of a hard delivery.
const HARD_SCALE: (f64, f64) = (0.5, 0.9);
/// Qualities of its two saves, both ends included.
const HARD_QUALITY: (u8, u8) = (60, 80);
/// Deviation of its blur, px, or of its noise, grey levels.
const HARD_BLUR: (f64, f64) = (0.3, 0.8);
const HARD_NOISE: (f64, f64) = (1.0, 4.0);
/// How far `lowpass` reduces each side before enlarging it again: no trace of a decoder, a sensor or
/// a codec has so low a frequency.
const LOWPASS_FACTOR: u32 = 4;

/// What is done to a picture before it is examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum Tier {
    /// The file as it is.
    Clean,
    /// JPEG 90, 4:2:0, its grid moved against the picture.
    Q90,
    /// JPEG 75, 4:2:0, its grid moved against the picture.
    Q75,
    /// At most 1600 px, then JPEG 80, 4:2:0.
    Web,
    /// Reduced to 0.5 to 0.9, blurred or with noise, then JPEG 60 to 80 twice.
    Hard,
    /// Content alone: reduced four times, enlarged again, then as `q90`. A control, no delivery.
    #[value(skip)]
    Lowpass,
}

/// A picture that a tier cannot be made of.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TierError {
    /// The file cannot be decoded.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The degraded picture cannot be written.
    #[error(transparent)]
    Resave(#[from] ResaveError),
}

impl Tier {
    /// The word on the command line and in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Q90 => "q90",
            Self::Q75 => "q75",
            Self::Web => "web",
            Self::Hard => "hard",
            Self::Lowpass => "lowpass",
        }
    }

    /// The tier of a word, [`Tier::Lowpass`] among them.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        let all = [Self::Clean, Self::Q90, Self::Q75, Self::Web, Self::Hard, Self::Lowpass];
        all.into_iter().find(|tier| tier.as_str() == word)
    }

    /// The file that the detectors see, from a file and its SHA-256.
    ///
    /// # Errors
    /// When the file cannot be decoded within `limits`, or the degraded one cannot be written.
    pub fn apply(
        self,
        bytes: &[u8],
        sha256: &str,
        limits: &DecodeLimits,
    ) -> Result<Vec<u8>, TierError> {
        let random = &mut Random::of_text(&format!("{sha256}/{}", self.as_str()));
        let pixels = || pixels(bytes, limits);
        Ok(match self {
            Self::Clean => bytes.to_vec(),
            Self::Q90 => jpeg(&moved(pixels()?, random), QUALITY_90)?,
            Self::Q75 => jpeg(&moved(pixels()?, random), QUALITY_75)?,
            Self::Web => jpeg(&within_side(pixels()?, WEB_SIDE), WEB_QUALITY)?,
            Self::Hard => hard(&pixels()?, random)?,
            Self::Lowpass => jpeg(&moved(lowpass(&pixels()?), random), QUALITY_90)?,
        })
    }
}

fn pixels(bytes: &[u8], limits: &DecodeLimits) -> Result<RgbImage, TierError> {
    let decoded = decode(bytes, limits)?;
    Ok(resave::picture(decoded.width, decoded.height, decoded.rgb)?)
}

/// Takes 0 to 7 columns and rows off the left and the top, so that a grid that was there before has
/// any phase against the new one.
fn moved(picture: RgbImage, random: &mut Random) -> RgbImage {
    let (dx, dy) = (random.below(BLOCK) as u32, random.below(BLOCK) as u32);
    let (width, height) = picture.dimensions();
    if width.min(height) < CROPPED_SIDE {
        return picture;
    }
    crop_imm(&picture, dx, dy, width - dx, height - dy).to_image()
}

fn within_side(picture: RgbImage, side: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest <= side {
        return picture;
    }
    scaled(&picture, f64::from(side) / f64::from(longest), FilterType::Lanczos3)
}

fn scaled(picture: &RgbImage, scale: f64, filter: FilterType) -> RgbImage {
    let side = |length: u32| (f64::from(length) * scale).round().max(1.0) as u32;
    resize(picture, side(picture.width()), side(picture.height()), filter)
}

fn hard(picture: &RgbImage, random: &mut Random) -> Result<Vec<u8>, TierError> {
    let scale = random.within(HARD_SCALE.0, HARD_SCALE.1);
    let filters = [FilterType::Lanczos3, FilterType::CatmullRom, FilterType::Triangle];
    let filter = filters.get(random.below(filters.len())).copied().unwrap_or(FilterType::Lanczos3);
    let mut picture = scaled(picture, scale, filter);
    if random.below(2) == 0 {
        picture = blur(&picture, random.within(HARD_BLUR.0, HARD_BLUR.1) as f32);
    } else {
        let deviation = random.within(HARD_NOISE.0, HARD_NOISE.1);
        for sample in picture.iter_mut() {
            *sample = (f64::from(*sample) + deviation * random.normal()).round() as u8;
        }
    }
    let span = usize::from(HARD_QUALITY.1 - HARD_QUALITY.0) + 1;
    let mut quality = || HARD_QUALITY.0 + random.below(span) as u8;
    let (first, second) = (quality(), quality());
    let saved = jpeg(&picture, first)?;
    let reread = DecodeLimits { min_side: 1, ..DecodeLimits::default() };
    Ok(jpeg(&moved(pixels(&saved, &reread)?, random), second)?)
}

fn lowpass(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let small = |length: u32| length.div_ceil(LOWPASS_FACTOR);
    // A thumbnail is the mean of the area under each of its pixels.
    let reduced = thumbnail(picture, small(width), small(height));
    resize(&reduced, width, height, FilterType::Triangle)
}
