// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the report says of folds: how many pictures were examined by detectors that the operator
//! says have not seen them, and by which libraries.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use super::folds::Folds;
use super::manifest::Collection;
use super::report::DetectorName;
use crate::analysis::Analyser;

/// Digits of a digest in text.
const SHORT_DIGEST: usize = 12;

/// The pictures by who examined them.
#[derive(Clone, Debug, Serialize)]
pub struct HeldOut {
    /// All of it in words, as text and HTML say it.
    pub statement: String,
    /// Pictures of the folds that have libraries of their own.
    pub pictures: usize,
    /// Pictures that the main configuration's libraries examined.
    pub by_main: usize,
    /// The folds; none without `--fold-configs`.
    pub folds: Vec<FoldName>,
}

/// One fold.
#[derive(Clone, Debug, Serialize)]
pub struct FoldName {
    /// Its name in the manifest.
    pub fold: String,
    /// Its pictures.
    pub pictures: usize,
    /// Its configuration.
    pub config: String,
    /// SHA-256 of that file.
    pub digest: String,
    /// Its detectors whose library is not that of the main configuration.
    pub own_libraries: Vec<DetectorName>,
}

impl HeldOut {
    /// Counts the pictures of each fold. A fold with the main configuration's libraries holds
    /// nothing out.
    #[must_use]
    pub fn of(collection: &Collection, folds: &Folds, main: &Analyser) -> Self {
        let counts = collection.folds();
        let mut found = Vec::new();
        for (name, fold) in folds.iter() {
            let pairs = fold.analyser.identities().zip(main.identities());
            let own = pairs.filter(|(own, main)| own.digest != main.digest);
            found.push(FoldName {
                fold: name.to_owned(),
                pictures: counts.get(name).copied().unwrap_or(0),
                config: fold.config.display().to_string(),
                digest: fold.digest.clone(),
                own_libraries: own.map(|(own, _)| DetectorName::of(own)).collect(),
            });
        }
        let held_out = found.iter().filter(|fold| !fold.own_libraries.is_empty());
        let pictures = held_out.map(|fold| fold.pictures).sum();
        let by_main = collection.pictures.len() - pictures;
        let mut held_out = Self { statement: String::new(), pictures, by_main, folds: found };
        held_out.statement = held_out.to_string();
        held_out
    }
}

impl Display for HeldOut {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.folds.is_empty() {
            return write!(
                f,
                "not held out: the figures may be of pictures that the detectors were trained on \
                 (--fold-configs)"
            );
        }
        let (own, same): (Vec<_>, Vec<_>) =
            self.folds.iter().partition(|fold| !fold.own_libraries.is_empty());
        let (folds, configurations) = match own.len() {
            1 => ("fold", "configuration"),
            _ => ("folds", "configurations"),
        };
        write!(f, "held out: {} pictures in {} {folds}", self.pictures, own.len())?;
        for (index, fold) in own.iter().enumerate() {
            let before = match index {
                0 => format!(", by {configurations}"),
                _ => ",".into(),
            };
            let libraries = fold.own_libraries.iter();
            let libraries = libraries.map(|d| format!("{} {}", d.model, short(&d.digest)));
            let libraries = libraries.collect::<Vec<_>>().join(", ");
            write!(f, "{before} {} ({}: {libraries})", fold.fold, short(&fold.digest))?;
        }
        for fold in same {
            write!(f, "; fold {} has the main configuration's libraries", fold.fold)?;
        }
        if self.by_main > 0 {
            write!(
                f,
                "; {} pictures were examined by the main configuration's detectors, which may have \
                 been trained on them",
                self.by_main
            )?;
        }
        Ok(())
    }
}

fn short(digest: &str) -> &str {
    digest.get(..SHORT_DIGEST).unwrap_or(digest)
}
