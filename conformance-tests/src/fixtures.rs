// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pictures that cases use, and a folder of some for people to try.

use std::path::{Path, PathBuf};

use assay_plugin_api::finding::Region;

use crate::case::Problem;
use crate::synth::codec::{self, CodecError, Jpeg};
use crate::synth::forgery::{self, SplicedJpeg};
use crate::synth::{random, Camera, Exif, Generator, Picture, Scene};

/// A HEIC of 128x104 px. No encoder is at hand here: it was saved once by libheif with x265 at quality
/// 90, in 4:4:4.
pub(crate) const HEIC: &[u8] = include_bytes!("../data/ramp.heic");

/// Why a folder of pictures could not be written.
#[derive(Debug, thiserror::Error)]
pub enum FixtureError {
    /// A picture could not be saved.
    #[error("picture {name}: {source}")]
    Codec {
        /// File name.
        name: &'static str,
        /// The codec's reason.
        source: CodecError,
    },
    /// The file system refused.
    #[error("{}: cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// What the makers of fixtures gave; their failure is no fault of the plugin.
pub(crate) fn made<T>(made: Result<T, CodecError>) -> Result<T, Problem> {
    made.map_err(|e| Problem::skipped(format!("the fixture could not be made: {e}")))
}

/// Every sample random.
pub(crate) fn noise(seed: u64, width: usize, height: usize) -> Picture {
    Picture::from_fn(width, height, |x, y| {
        let [r, g, b, ..] = random::at(seed, x, y).bits().to_le_bytes();
        [r, g, b]
    })
}

/// Black and white squares of `side` px.
pub(crate) fn checkerboard(side: usize, width: usize, height: usize) -> Picture {
    let white = |x: usize, y: usize| (x / side + y / side) % 2 == 1;
    Picture::from_fn(width, height, |x, y| [if white(x, y) { 255 } else { 0 }; 3])
}

/// Writes a small set of pictures and their masks, and returns what each file is.
///
/// # Errors
/// When a picture cannot be saved or a file cannot be written.
pub fn write_examples(
    folder: &Path,
    seed: u64,
) -> Result<Vec<(PathBuf, &'static str)>, FixtureError> {
    let photo = Camera::with_body(seed).shoot(&Scene::new(seed).light(800, 600), seed);
    let exif = || Exif::of_camera("Synthetic", "S-1", "2024:05:06 07:08:09");
    let edited = Exif { software: "Adobe Photoshop 25.0".into(), ..exif() };
    let region = Region { x: 400, y: 240, width: 160, height: 120 };
    let copied = forgery::copy_move(&photo, (120, 330), region);
    let drawn = Generator::new(seed, 3).draw(800, 600);
    let spliced = SplicedJpeg::new(seed, 800, 600).make();
    let quality = Jpeg::quality;
    let twice = forgery::compress_twice(&photo, &quality(60), (3, 5), &quality(92));
    let parameters = [("parameters", "a landscape\nSteps: 20, Sampler: Euler a, Seed: 1")];
    let (spliced, mask) = match spliced {
        Ok((file, forgery)) => (Ok(file), codec::png(&forgery.mask.picture(), &[])),
        Err(error) => (Err(error), Ok(Vec::new())),
    };
    let files = [
        ("camera.jpg", "a camera's own JPEG", quality(92).exif(exif()).encode(&photo)),
        ("camera.png", "the same without JPEG and metadata", codec::png(&photo, &[])),
        ("edited.jpg", "the same saved by an editor", quality(85).exif(edited).encode(&photo)),
        ("compressed-twice.jpg", "saved at 60, cropped, saved at 92", twice),
        ("generated.png", "a render enlarged eightfold", codec::png(&drawn, &[])),
        ("declared.png", "the same with a generator's text", codec::png(&drawn, &parameters)),
        ("spliced.jpg", "a photo with a part of another", spliced),
        ("spliced-mask.png", "where it was changed: white", mask),
        ("copy-moved.jpg", "a photo with a part of itself", quality(95).encode(&copied.picture)),
        ("copy-moved-mask.png", "its copy: white", codec::png(&copied.mask.picture(), &[])),
    ];
    let unwritable = |path: &Path| {
        let path = path.to_owned();
        move |source| FixtureError::Write { path, source }
    };
    std::fs::create_dir_all(folder).map_err(unwritable(folder))?;
    let mut written = Vec::new();
    for (name, what, bytes) in files {
        let path = folder.join(name);
        let bytes = bytes.map_err(|source| FixtureError::Codec { name, source })?;
        std::fs::write(&path, bytes).map_err(unwritable(&path))?;
        written.push((path, what));
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_the_same_files_for_the_same_seed() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let written = write_examples(first.path(), 3).unwrap();
        assert_eq!(written.len(), 10);
        write_examples(second.path(), 3).unwrap();
        for (path, _) in written {
            let bytes = std::fs::read(&path).unwrap();
            let again = std::fs::read(second.path().join(path.file_name().unwrap())).unwrap();
            assert_eq!(bytes, again, "{}", path.display());
            let picture = codec::decode(&bytes).unwrap();
            assert!(picture.width >= 797 && picture.height >= 595, "{}", path.display());
        }
    }
}
