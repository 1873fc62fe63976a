// SPDX-License-Identifier: MIT OR Apache-2.0
//! A folder with a manifest, and pictures examined by what is in it.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use assay_plugin_api::prelude::{Evidence, NoScore, Report, Score};
use sha2::{Digest, Sha256};

use crate::calibrate::{Correction, CorrectionError};
use crate::manifest::{self, Manifest, ManifestError};
use crate::network::{Network, NetworkError};
use crate::picture::Prepared;
use crate::tiles::{heatmap, pooled, Grid};

/// Largest file of weights, bytes: as large as a library may be.
const MAX_WEIGHTS_BYTES: u64 = 512 << 20;

/// A model that is ready.
pub struct Model {
    manifest: Manifest,
    /// SHA-256 of the manifest.
    digest: String,
    network: Network,
    correction: Option<Correction>,
}

/// Why there is no model.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is too large.
    #[error("{}: is longer than {most} bytes", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// How long it may be.
        most: u64,
    },
    /// A file has another digest than it must have.
    #[error("{}: its SHA-256 is {found}, {who} says {expected}", path.display())]
    Digest {
        /// The file.
        path: PathBuf,
        /// What it has.
        found: String,
        /// Who says otherwise.
        who: &'static str,
        /// What it should have.
        expected: String,
    },
    /// The manifest is wrong.
    #[error("{}: {source}", folder.display())]
    Manifest {
        /// Its folder.
        folder: PathBuf,
        /// What is wrong.
        source: ManifestError,
    },
    /// The network is wrong.
    #[error("{}: {source}", path.display())]
    Network {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        source: NetworkError,
    },
    /// The calibration is wrong.
    #[error("{}: {source}", path.display())]
    Calibration {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        source: CorrectionError,
    },
}

impl Model {
    /// Reads a folder; its manifest must have the SHA-256 `expected`, unless that is empty.
    ///
    /// # Errors
    /// The first thing that is wrong, with its file.
    pub fn read(folder: &Path, expected: &str) -> Result<Self, ModelError> {
        let path = folder.join(manifest::FILE);
        let (text, digest) = text(&path)?;
        if !expected.is_empty() && !expected.eq_ignore_ascii_case(&digest) {
            let expected = expected.to_owned();
            return Err(ModelError::Digest { path, found: digest, who: "the policy", expected });
        }
        let manifest = Manifest::parse(&text)
            .map_err(|source| ModelError::Manifest { folder: folder.into(), source })?;
        let correction = manifest.calibration.as_ref().map(|calibration| {
            let path = folder.join(&calibration.file.name);
            let (policy, found) = self::text(&path)?;
            listed(&path, found, &calibration.file.sha256)?;
            Correction::parse(&policy, &calibration.model)
                .map_err(|source| ModelError::Calibration { path, source })
        });
        let correction = correction.transpose()?;
        let path = folder.join(&manifest.weights.name);
        let (weights, found) = bytes(&path, MAX_WEIGHTS_BYTES)?;
        listed(&path, found, &manifest.weights.sha256)?;
        let network = Network::read(weights, &manifest.input, &manifest.output)
            .map_err(|source| ModelError::Network { path, source })?;
        Ok(Self { manifest, digest, network, correction })
    }

    /// Examines a picture.
    ///
    /// # Errors
    /// `NotApplicable` to a picture that is too small, `Failed` where the network answers no number,
    /// `Cancelled`.
    pub fn examine(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore> {
        let input = &self.manifest.input;
        let picture = evidence.rgb()?;
        let stored = (picture.width(), picture.height());
        let prepared = Prepared::new(picture, input, evidence)?;
        let tile = (input.width as usize, input.height as usize);
        let grid = self
            .manifest
            .tiles
            .as_ref()
            .map(|tiles| Grid::over(prepared.size.0, prepared.size.1, tile, tiles));
        let places = match &grid {
            Some(grid) => grid.places().collect(),
            None => vec![prepared.centre(input)],
        };
        let mut scores = Vec::with_capacity(places.len());
        for place in places {
            evidence.check_cancelled()?;
            let score = self.network.probability(&prepared.cut(place, input));
            scores.push(score.map_err(|error| NoScore::failed(self.named(&error)))?);
        }
        let top = self.manifest.tiles.and_then(|tiles| tiles.top);
        let no_score = || NoScore::failed(self.named(&"there is no score"));
        let raw = pooled(&scores, top).ok_or_else(no_score)?;
        let corrected = self.correction.as_ref().map_or(Some(raw), |correction| correction.of(raw));
        let score = corrected.and_then(Score::new).ok_or_else(no_score)?;
        let report = Report::new(score)
            .detail(self.detail(score.get(), scores.len(), top))
            .attribute("model", self.manifest.name.as_str())
            .attribute("model_sha256", self.manifest.weights.sha256.as_str())
            .attribute("manifest_sha256", self.digest.as_str())
            .attribute("uncalibrated_score", raw)
            .attribute("tiles", i64::try_from(scores.len()).unwrap_or(i64::MAX));
        Ok(match &grid {
            Some(grid) => report.heatmap(heatmap(stored, prepared.scale, grid, tile, &scores)),
            None => report,
        })
    }

    fn named(&self, error: &dyn std::fmt::Display) -> String {
        format!("{}: {error}", self.manifest.name)
    }

    fn detail(&self, score: f64, tiles: usize, top: Option<u32>) -> String {
        let name = &self.manifest.name;
        let from = match (tiles, top) {
            (1, _) => "one view of the picture".to_owned(),
            (_, None) => format!("the mean of {tiles} tiles"),
            (_, Some(top)) => {
                format!("the mean of the {} highest of {tiles} tiles", tiles.min(top as usize))
            }
        };
        format!("{name} says {score:.2} of {from}.")
    }
}

/// A file's text and digest.
fn text(path: &Path) -> Result<(String, String), ModelError> {
    let (bytes, digest) = bytes(path, manifest::MAX_TEXT_BYTES)?;
    let unreadable = |error: std::string::FromUtf8Error| ModelError::File {
        path: path.into(),
        source: std::io::Error::new(std::io::ErrorKind::InvalidData, error),
    };
    Ok((String::from_utf8(bytes).map_err(unreadable)?, digest))
}

/// A file's bytes and digest.
fn bytes(path: &Path, most: u64) -> Result<(Vec<u8>, String), ModelError> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(|source| ModelError::File { path: path.into(), source })?;
    if bytes.len() as u64 > most {
        return Err(ModelError::TooLong { path: path.into(), most });
    }
    let digest = Sha256::digest(&bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    Ok((bytes, digest))
}

/// Whether a file has the digest that the manifest gives.
fn listed(path: &Path, found: String, expected: &str) -> Result<(), ModelError> {
    if found == expected {
        return Ok(());
    }
    let (path, expected) = (path.into(), expected.into());
    Err(ModelError::Digest { path, found, who: "the manifest", expected })
}
