// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers that were computed before, in a file that only grows: a line for each picture, tier and
//! detector. The revisions of the decoder and of the tiers' recipes are in every key, because both
//! make the pixels. The policy is not, unless it sets a detector's parameters: another policy fuses
//! the same answers.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::false_area::CalledArea;
use super::mask::{MaskCounts, COUNTS};
use super::record::Facts;
use super::stored::StoredOutcome;
use super::tiers::{Tier, RECIPES};
use crate::analysis::outcome::Outcome;
use crate::image::decode::REVISION;

/// The file in the cache's folder.
const FILE: &str = "evaluate.jsonl";
/// Raised whenever [`Facts`] are others, so that those of an earlier version are not taken for them.
const FACTS: u32 = 2;
/// Bytes of a detector's digest in a key.
const KEY_BYTES: usize = 12;

/// Answers by picture, tier and detector.
#[derive(Debug)]
pub struct Cache {
    known: HashMap<String, Stored>,
    file: Mutex<File>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stored {
    Facts(Facts),
    Outcome(StoredOutcome),
    /// Nothing for a detector that scored and drew no heatmap.
    Located(Option<MaskCounts>),
    /// The same of an authentic picture.
    FalseArea(Option<CalledArea>),
}

#[derive(Serialize, Deserialize)]
struct Line {
    key: String,
    value: Stored,
}

/// A cache that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cache {}: {source}", path.display())]
pub struct CacheError {
    path: PathBuf,
    source: std::io::Error,
}

/// Names a detector with its parameters, of this version of the host.
#[must_use]
pub fn detector_key(digest: &str, parameters: &str) -> String {
    let text = format!("{}\n{digest}\n{parameters}", env!("CARGO_PKG_VERSION"));
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(KEY_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

fn key(sha256: &str, tier: Tier, what: &str) -> String {
    format!("{sha256}/{}.{RECIPES}.{REVISION}/{what}", tier.as_str())
}

fn facts_key(sha256: &str, tier: Tier) -> String {
    key(sha256, tier, &format!("facts.{FACTS}"))
}

fn mask_key(sha256: &str, detector: &str, mask: &str) -> String {
    key(sha256, Tier::Clean, &format!("{detector}/{COUNTS}.{mask}"))
}

fn area_key(sha256: &str, detector: &str) -> String {
    key(sha256, Tier::Clean, &format!("{detector}/{COUNTS}.false_area"))
}

impl Cache {
    /// Opens the cache of a folder, which is made if it is not there. Lines that cannot be read,
    /// such as one that an ended process left unfinished, are passed over.
    ///
    /// # Errors
    /// When the folder or its file cannot be read and written.
    pub fn open(folder: &Path) -> Result<Self, CacheError> {
        let path = folder.join(FILE);
        let failed = |source| CacheError { path: path.clone(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let opened = OpenOptions::new().create(true).append(true).read(true).open(&path);
        let mut file = opened.map_err(failed)?;
        let mut known = HashMap::new();
        for line in BufReader::new(&file).split(b'\n') {
            if let Ok(Line { key, value }) = serde_json::from_slice(&line.map_err(failed)?) {
                known.insert(key, value);
            }
        }
        // An unfinished line must not swallow the next one.
        file.write_all(b"\n").map_err(failed)?;
        Ok(Self { known, file: Mutex::new(file) })
    }

    /// The facts of a file in a tier.
    #[must_use]
    pub fn facts(&self, sha256: &str, tier: Tier) -> Option<Facts> {
        match self.known.get(&facts_key(sha256, tier)) {
            Some(Stored::Facts(facts)) => Some(facts.clone()),
            _ => None,
        }
    }

    /// What a detector said.
    #[must_use]
    pub fn outcome(&self, sha256: &str, tier: Tier, detector: &str) -> Option<Outcome> {
        match self.known.get(&key(sha256, tier, detector)) {
            Some(Stored::Outcome(stored)) => stored.outcome(),
            _ => None,
        }
    }

    /// What a detector's heatmap of the file itself gave against a mask; the inner option is empty if
    /// it drew none.
    #[must_use]
    pub fn located(&self, sha256: &str, detector: &str, mask: &str) -> Option<Option<MaskCounts>> {
        match self.known.get(&mask_key(sha256, detector, mask)) {
            Some(Stored::Located(located)) => Some(*located),
            _ => None,
        }
    }

    /// What a detector's heatmap calls altered of an authentic picture; `Some(None)` if it drew none.
    #[must_use]
    pub fn false_area(&self, sha256: &str, detector: &str) -> Option<Option<CalledArea>> {
        match self.known.get(&area_key(sha256, detector)) {
            Some(Stored::FalseArea(area)) => Some(*area),
            _ => None,
        }
    }

    /// Writes down the facts of a file in a tier.
    ///
    /// # Errors
    /// When the cache's file cannot be written.
    pub fn put_facts(&self, sha256: &str, tier: Tier, facts: &Facts) -> std::io::Result<()> {
        self.append(facts_key(sha256, tier), Stored::Facts(facts.clone()))
    }

    /// Writes down what a detector said, unless it is a fault.
    ///
    /// # Errors
    /// When the cache's file cannot be written.
    pub fn put_outcome(
        &self,
        sha256: &str,
        tier: Tier,
        detector: &str,
        outcome: &Outcome,
    ) -> std::io::Result<()> {
        let Some(stored) = StoredOutcome::of(outcome) else { return Ok(()) };
        self.append(key(sha256, tier, detector), Stored::Outcome(stored))
    }

    /// Writes down what a detector's heatmap gave against the mask of this digest.
    ///
    /// # Errors
    /// When the cache's file cannot be written.
    pub fn put_located(
        &self,
        sha256: &str,
        detector: &str,
        mask: &str,
        located: Option<MaskCounts>,
    ) -> std::io::Result<()> {
        self.append(mask_key(sha256, detector, mask), Stored::Located(located))
    }

    /// Writes down what a detector's heatmap calls altered of an authentic picture.
    ///
    /// # Errors
    /// When the cache's file cannot be written.
    pub fn put_false_area(
        &self,
        sha256: &str,
        detector: &str,
        area: Option<CalledArea>,
    ) -> std::io::Result<()> {
        self.append(area_key(sha256, detector), Stored::FalseArea(area))
    }

    /// One write a line, so that lines of two processes do not mix.
    fn append(&self, key: String, value: Stored) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(&Line { key, value })?;
        line.push(b'\n');
        self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line)
    }
}
