// SPDX-License-Identifier: MIT OR Apache-2.0
//! A fingerprint in a file.
//!
//! | bytes | |
//! |---|---|
//! | 8 | `ASSAYCAM` |
//! | 4 | version, 1 |
//! | 1 + n | length of the camera's name, the name in UTF-8 |
//! | 4, 4, 4 | pictures that it was made from, columns, rows |
//! | 4 | `f32`: standard deviation of the pattern, relative response |
//! | columns x rows | the pattern row by row, `i8`: 127 stands for [`SPAN`] deviations |
//! | 32 | SHA-256 of all before |
//!
//! Numbers are little-endian. A byte a pixel loses nothing that matters: the rounding adds a
//! thousandth of the pattern's variance. A file is refused unless its length is that which its size
//! in pixels asks for, before anything of that size is allocated.

use sha2::{Digest, Sha256};

use super::file_error::FileError;
use crate::Samples;

/// First bytes of the file.
pub const MAGIC: [u8; 8] = *b"ASSAYCAM";
/// Version that is written and read.
pub const VERSION: u32 = 1;
/// End of the names of fingerprint files.
pub const EXTENSION: &str = "camera";
/// Most pixels of a frame.
pub const MOST_PIXELS: usize = 200_000_000;
/// Shortest side of a frame, px: below it a fingerprint has too few pixels to tell cameras apart.
pub const SHORTEST_SIDE_PX: usize = 64;
/// Longest name, bytes.
pub const MOST_NAME_BYTES: usize = 100;
/// Longest file, bytes.
pub const MOST_FILE_BYTES: usize = MOST_PIXELS + HEAD_BYTES + MOST_NAME_BYTES + DIGEST_BYTES;

/// Standard deviations that the largest number stands for; stronger pixels are cut to it.
pub const SPAN: f32 = 5.0;

const DIGEST_BYTES: usize = 32;
/// Bytes before the pattern but for the name.
const HEAD_BYTES: usize = 8 + 4 + 1 + 4 * 4;

/// A camera's fingerprint.
#[derive(Clone, Debug, PartialEq)]
pub struct Fingerprint {
    name: String,
    pictures: u32,
    width: usize,
    height: usize,
    deviation: f32,
    pattern: Vec<i8>,
    digest: [u8; DIGEST_BYTES],
}

/// Whether a text can name a camera: 1 to [`MOST_NAME_BYTES`] bytes of letters, digits, spaces and
/// `-_.()+`, neither starting nor ending with a space or a dot. Such a name can name a file.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let is_allowed = |c: char| c.is_alphanumeric() || " -_.()+".contains(c);
    let is_edge = |c: char| c == ' ' || c == '.';
    (1..=MOST_NAME_BYTES).contains(&name.len())
        && name.chars().all(is_allowed)
        && !name.starts_with(is_edge)
        && !name.ends_with(is_edge)
}

impl Fingerprint {
    /// Rounds a pattern, cleaned, of so many pictures.
    ///
    /// # Errors
    /// When the name, the size or the number of pictures is outside its bounds, or the pattern is
    /// flat or not finite.
    pub fn new(name: &str, pictures: u32, pattern: &Samples) -> Result<Self, FileError> {
        let (height, width) = pattern.dim();
        check(name, pictures, [width, height])?;
        let squares: f64 = pattern.iter().map(|&k| f64::from(k) * f64::from(k)).sum();
        let deviation = (squares / pattern.len() as f64).sqrt() as f32;
        if !deviation.is_normal() {
            return Err(FileError::Flat);
        }
        let scale = f32::from(i8::MAX) / (SPAN * deviation);
        // The cast saturates, as pixels stronger than the span are to.
        let pattern = pattern.iter().map(|k| (k * scale).round().max(-127.0) as i8).collect();
        let digest = [0; DIGEST_BYTES];
        let mut made =
            Self { name: name.into(), pictures, width, height, deviation, pattern, digest };
        made.digest = Sha256::digest(made.content()).into();
        Ok(made)
    }

    /// The camera's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many pictures it was made from.
    #[must_use]
    pub fn pictures(&self) -> u32 {
        self.pictures
    }

    /// Columns of the frame, px.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows of the frame, px.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Standard deviation of the pattern, relative response.
    #[must_use]
    pub fn deviation(&self) -> f32 {
        self.deviation
    }

    /// The pattern, relative response; shape `(height, width)`.
    #[must_use]
    pub fn pattern(&self) -> Samples {
        let scale = SPAN * self.deviation / f32::from(i8::MAX);
        let samples = self.pattern.iter().map(|&k| f32::from(k) * scale).collect();
        Samples::from_shape_vec((self.height, self.width), samples).unwrap_or_default()
    }

    /// The file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.content();
        bytes.extend_from_slice(&self.digest);
        bytes
    }

    /// The file without its digest.
    fn content(&self) -> Vec<u8> {
        let mut bytes =
            Vec::with_capacity(HEAD_BYTES + self.name.len() + self.pattern.len() + DIGEST_BYTES);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        // Checked when it was made: no name is longer than 100 bytes, no side than 2^28 px.
        bytes.push(u8::try_from(self.name.len()).unwrap_or(u8::MAX));
        bytes.extend_from_slice(self.name.as_bytes());
        for number in [self.pictures, to_u32(self.width), to_u32(self.height)] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.deviation.to_le_bytes());
        bytes.extend(self.pattern.iter().map(|k| k.to_le_bytes()[0]));
        bytes
    }

    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Self, FileError> {
        let rest = bytes.strip_prefix(&MAGIC).ok_or(FileError::Magic)?;
        let (version, rest) = number(rest, "the version")?;
        if version != VERSION {
            return Err(FileError::Version { found: version, expected: VERSION });
        }
        let (content, digest) = bytes
            .split_last_chunk::<DIGEST_BYTES>()
            .ok_or(FileError::CutShort { what: "the digest" })?;
        let (&length, rest) = rest.split_first().ok_or(FileError::CutShort { what: "the name" })?;
        let cut_short = FileError::CutShort { what: "the name" };
        let (name, rest) = rest.split_at_checked(usize::from(length)).ok_or(cut_short)?;
        let name = std::str::from_utf8(name).map_err(|_| FileError::Name)?;
        let (pictures, rest) = number(rest, "the number of pictures")?;
        let (width, rest) = number(rest, "the width")?;
        let (height, rest) = number(rest, "the height")?;
        let (deviation, rest) = number(rest, "the deviation")?;
        let [width, height] =
            [width, height].map(|side| usize::try_from(side).unwrap_or(usize::MAX));
        check(name, pictures, [width, height])?;
        let deviation = f32::from_bits(deviation);
        if !(deviation.is_normal() && deviation > 0.0) {
            return Err(FileError::Flat);
        }
        let expected = width * height;
        let found = rest.len().saturating_sub(DIGEST_BYTES);
        if found != expected {
            return Err(FileError::Length { found, expected });
        }
        if Sha256::digest(content).as_slice() != digest.as_slice() {
            return Err(FileError::Digest);
        }
        let pattern = rest.iter().take(expected).map(|&k| i8::from_le_bytes([k])).collect();
        let digest = *digest;
        Ok(Self { name: name.into(), pictures, width, height, deviation, pattern, digest })
    }

    /// SHA-256 of the file but for its last 32 bytes, which are this digest.
    #[must_use]
    pub fn digest(&self) -> &[u8; DIGEST_BYTES] {
        &self.digest
    }
}

fn to_u32(side: usize) -> u32 {
    u32::try_from(side).unwrap_or(u32::MAX)
}

/// The next four bytes and the rest.
fn number<'a>(bytes: &'a [u8], what: &'static str) -> Result<(u32, &'a [u8]), FileError> {
    let (number, rest) = bytes.split_first_chunk::<4>().ok_or(FileError::CutShort { what })?;
    Ok((u32::from_le_bytes(*number), rest))
}

/// Checks what is not the pattern.
fn check(name: &str, pictures: u32, [width, height]: [usize; 2]) -> Result<(), FileError> {
    if !is_name(name) {
        return Err(FileError::Name);
    }
    if pictures == 0 {
        return Err(FileError::NoPicture);
    }
    let pixels = width.checked_mul(height).filter(|&pixels| pixels <= MOST_PIXELS);
    if width.min(height) < SHORTEST_SIDE_PX || pixels.is_none() {
        return Err(FileError::Size { width, height });
    }
    Ok(())
}
