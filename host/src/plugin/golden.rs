// SPDX-License-Identifier: MIT OR Apache-2.0
//! Golden vectors: pictures with the answers that a version of a detector gives to them, in a folder
//! beside its library. A build that answers otherwise, by another compiler, another machine or a slip, is
//! not put into service.
//!
//! `libshadows.so.golden/vectors.toml` names pictures of that folder:
//!
//! ```toml
//! [[vector]]
//! picture = "street.jpg"
//! sha256 = "5f0c…"
//! score = 0.7313
//!
//! [[vector]]
//! picture = "flat.png"
//! sha256 = "91ab…"
//! not_applicable = true
//! ```

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use assay_plugin_api::detector::NoScore;
use assay_plugin_api::report::Report;
use sha2::{Digest as _, Sha256};

use crate::config::document::fault::Faults;
use crate::config::document::reader::{Collector, Reader};
use crate::config::document::{read_text, Node};
use crate::image::evidence::ImageEvidence;
use crate::image::DecodeLimits;

/// The file of a folder that lists its pictures.
const LIST: &str = "vectors.toml";

/// How far a score may lie from the listed one: what single precision loses in a sum of a thousand.
const TOLERANCE: f64 = 1e-5;

/// A picture and the answer to it.
#[derive(Clone, Debug, PartialEq)]
struct Vector {
    picture: String,
    sha256: String,
    /// None where the detector says that it does not apply.
    score: Option<f64>,
}

/// Why golden vectors cannot be compared, or do not hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GoldenError {
    /// The list is wrong.
    #[error("{0}")]
    List(Faults),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A picture is another one than the list means, or none.
    #[error("{}: {fault}", path.display())]
    Picture {
        /// The picture.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
    /// The detector answers otherwise.
    #[error("{}: expected {expected}, found {found}", path.display())]
    Differs {
        /// The picture.
        path: PathBuf,
        /// What the list says.
        expected: String,
        /// What it answers.
        found: String,
    },
}

/// What asks a detector for its answer to a picture, or says what it did that no detector may.
pub(super) type Ask<'a> =
    &'a dyn Fn(&Arc<ImageEvidence>) -> Result<Result<Report, NoScore>, String>;

/// The folder of a library's golden vectors.
#[must_use]
pub fn golden_of(library: &Path) -> PathBuf {
    let mut name = library.as_os_str().to_owned();
    name.push(".golden");
    name.into()
}

/// Compares the answers to the pictures of a folder with the listed ones: how many there are.
///
/// # Errors
/// The first that differs, or what is wrong with the folder.
pub(super) fn check(folder: &Path, ask: Ask<'_>) -> Result<usize, GoldenError> {
    let vectors = list(&folder.join(LIST))?;
    for vector in &vectors {
        let path = folder.join(&vector.picture);
        let bytes = read(&path)?;
        if digest(&bytes) != vector.sha256 {
            let fault = "is not the picture that the list means: its SHA-256 is another".into();
            return Err(GoldenError::Picture { path, fault });
        }
        let found = answer(&path, bytes, ask)?;
        let is_same = match (vector.score, found) {
            (Some(expected), Some(found)) => (expected - found).abs() <= TOLERANCE,
            (expected, found) => expected == found,
        };
        if !is_same {
            let (expected, found) = (words(vector.score), words(found));
            return Err(GoldenError::Differs { path, expected, found });
        }
    }
    Ok(vectors.len())
}

/// Writes a folder with copies of `pictures` and the answers to them.
///
/// # Errors
/// When a file cannot be read or written, or gets no answer.
pub(super) fn write(folder: &Path, pictures: &[PathBuf], ask: Ask<'_>) -> Result<(), GoldenError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| GoldenError::File { path, source }
    };
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    let mut text = String::new();
    for (number, picture) in pictures.iter().enumerate() {
        let bytes = read(picture)?;
        let sha256 = digest(&bytes);
        let kind = picture.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let name = format!("{:02}.{kind}", number + 1);
        let copy = folder.join(&name);
        std::fs::write(&copy, &bytes).map_err(failed(&copy))?;
        let answer = match answer(picture, bytes, ask)? {
            Some(score) => format!("score = {score:?}"),
            None => "not_applicable = true".into(),
        };
        // Writing to a text cannot fail.
        let _ = writeln!(text, "[[vector]]\npicture = {name:?}\nsha256 = \"{sha256}\"\n{answer}\n");
    }
    let path = folder.join(LIST);
    std::fs::write(&path, text).map_err(failed(&path))
}

fn answer(path: &Path, bytes: Vec<u8>, ask: Ask<'_>) -> Result<Option<f64>, GoldenError> {
    let fault = |fault: String| GoldenError::Picture { path: path.into(), fault };
    let picture = ImageEvidence::from_bytes(bytes, &DecodeLimits::default());
    let picture = Arc::new(picture.map_err(|error| fault(error.to_string()))?);
    match ask(&picture).map_err(fault)? {
        Ok(report) => Ok(Some(report.score)),
        Err(_) => Ok(None),
    }
}

fn list(path: &Path) -> Result<Vec<Vector>, GoldenError> {
    let text = read_text(path).map_err(|source| GoldenError::File { path: path.into(), source })?;
    let root = Node::parse(&text, &path.display().to_string())
        .map_err(|fault| GoldenError::List(fault.into()))?;
    let collector = Collector::default();
    let mut reader = Reader::root(&root, &collector);
    let mut vectors = Vec::new();
    for node in reader.array("vector") {
        if let Some(reader) = Reader::new(node, "vector", &collector) {
            vectors.push(vector(reader));
        }
    }
    if vectors.is_empty() {
        reader.missing("vector", "at least one [[vector]] table");
    }
    reader.finish();
    collector.finish(vectors).map_err(GoldenError::List)
}

fn vector(mut reader: Reader<'_>) -> Vector {
    let picture = reader.required_text("picture");
    if picture.contains(['/', '\\']) || picture == ".." {
        reader.fault("picture", "`picture` must be a file of the folder itself");
    }
    let sha256 = reader.required_text("sha256").to_lowercase();
    let score = reader.number("score", 0.0..=1.0);
    let is_not_applicable = reader.flag("not_applicable").unwrap_or(false);
    if score.is_some() == is_not_applicable {
        reader.fault("score", "expected either `score` or `not_applicable = true`");
    }
    reader.finish();
    Vector { picture, sha256, score }
}

fn read(path: &Path) -> Result<Vec<u8>, GoldenError> {
    std::fs::read(path).map_err(|source| GoldenError::File { path: path.into(), source })
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn words(score: Option<f64>) -> String {
    score.map_or("that it does not apply".into(), |score| format!("a score of {score}"))
}
