// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hostile files: small to send, and large, long or endless to whoever trusts what they say.
//!
//! Each names what it attacks and what a careful reader answers.

mod bmp;
mod bytes;
mod heic;
mod jpeg;
mod png;
mod tiff;
mod webp;

use super::codec::CodecError;
use super::Picture;

/// What a careful reader does with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Reads the picture; what is hostile lies beside it.
    Picture,
    /// Says that it is too large.
    TooLarge,
    /// Says that it is damaged, or asks for what cannot be done.
    Refused,
}

/// A hostile file.
#[derive(Clone, Debug)]
pub struct Hostile {
    /// Format and attack.
    pub name: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
    /// What a careful reader does with it.
    pub answer: Answer,
}

impl Hostile {
    fn new(name: &'static str, answer: Answer, bytes: Vec<u8>) -> Self {
        Self { name, bytes, answer }
    }
}

/// All of them, at most 20 MB each.
///
/// # Errors
/// When an encoder refuses the plain picture that most of them start from.
pub fn files() -> Result<Vec<Hostile>, CodecError> {
    let mut files = jpeg::files()?;
    files.extend(png::files());
    files.extend(webp::files()?);
    files.extend(heic::files());
    files.extend(bmp::files()?);
    files.extend(tiff::files());
    Ok(files)
}

/// The plain picture that is hidden behind the attacks.
fn plain() -> Picture {
    Picture::from_fn(128, 104, |x, y| [(2 * x) as u8, (2 * y) as u8, (x + y) as u8])
}
