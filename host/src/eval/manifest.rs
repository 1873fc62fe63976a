// SPDX-License-Identifier: MIT OR Apache-2.0
//! A labelled collection: a CSV manifest, or a folder with a subfolder for each truth.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use csv::StringRecord;
use serde::{Deserialize, Serialize};

use crate::image::sniff;

/// Labels of pictures that are neither class: they are counted and not measured.
const NEITHER: [&str; 2] = ["ai_edited", "unknown"];
/// Bytes that tell a picture's format.
const SNIFFED_BYTES: u64 = 64;

/// What a picture is, as the collection says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// A camera's picture, or a person's.
    Authentic,
    /// A generator made it.
    AiGenerated,
    /// Part of it was changed after capture.
    Manipulated,
}

impl Truth {
    /// All.
    pub const ALL: [Self; 3] = [Self::Authentic, Self::AiGenerated, Self::Manipulated];

    /// The truth that a manifest's label or a folder's name means.
    #[must_use]
    pub fn of_label(label: &str) -> Option<Self> {
        match label {
            "authentic" | "real" => Some(Self::Authentic),
            "ai_generated" | "ai" => Some(Self::AiGenerated),
            "manipulated" | "forged" => Some(Self::Manipulated),
            _ => None,
        }
    }

    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Authentic => "authentic",
            Self::AiGenerated => "ai_generated",
            Self::Manipulated => "manipulated",
        }
    }
}

/// One picture of a collection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Picture {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub truth: Truth,
    /// What it is not independent of: its generator's family, its camera. Intervals resample groups.
    pub group: String,
    /// Where it was collected. Real and generated pictures of one source are alike in content.
    pub source: String,
    /// Kind of authentic picture, such as `camera_original` or `web`; empty if not given.
    pub kind: String,
    /// The fold that its detectors must not have been trained on, if the manifest names one.
    pub fold: Option<String>,
    /// A picture of the same size that is not 0 where this one was altered.
    pub mask: Option<PathBuf>,
}

/// A labelled collection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collection {
    /// What is measured, in the manifest's order.
    pub pictures: Vec<Picture>,
    /// What is not, counted by label.
    pub left_out: BTreeMap<String, usize>,
}

/// Why a collection cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// A file or folder that cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not CSV.
    #[error("{}: {source}", path.display())]
    Csv {
        /// The manifest.
        path: PathBuf,
        /// What and where.
        source: csv::Error,
    },
    /// A column that must be there.
    #[error(
        "{}, line 1: no column `{column}`; a manifest has path and label, and may have group, \
         source, kind, fold and mask", path.display()
    )]
    NoColumn {
        /// The manifest.
        path: PathBuf,
        /// The missing column.
        column: &'static str,
    },
    /// A label that means nothing.
    #[error(
        "{}, line {line}, column label: \"{label}\" is none of authentic, real, ai_generated, ai, \
         manipulated, forged; ai_edited and unknown are left out", path.display()
    )]
    Label {
        /// The manifest.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// The label.
        label: String,
    },
    /// A row without a path.
    #[error("{}, line {line}, column path: is empty", path.display())]
    NoPath {
        /// The manifest.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
    },
    /// A fold whose name cannot be a file's.
    #[error(
        "{}, line {line}, column fold: \"{fold}\" has other characters than letters A to Z, digits, _ \
         and -; a fold is the name of a file of --fold-configs", path.display()
    )]
    Fold {
        /// The manifest.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// The fold.
        fold: String,
    },
    /// A folder without a subfolder that is named after a label.
    #[error(
        "{}: no subfolder is named authentic, real, ai_generated, ai, manipulated or forged; give \
         such a folder or a CSV manifest", path.display()
    )]
    NoLabelledFolder {
        /// The folder.
        path: PathBuf,
    },
    /// Nothing to measure.
    #[error("{}: holds no picture to measure", path.display())]
    Empty {
        /// The manifest or folder.
        path: PathBuf,
    },
}

impl Collection {
    /// Reads a manifest, or a folder.
    ///
    /// # Errors
    /// With the line and column where a manifest is wrong.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let collection = if path.is_dir() { of_folder(path)? } else { of_manifest(path)? };
        if collection.pictures.is_empty() {
            return Err(ManifestError::Empty { path: path.into() });
        }
        Ok(collection)
    }

    /// How many pictures each fold has; those without one are not counted.
    #[must_use]
    pub fn folds(&self) -> BTreeMap<&str, usize> {
        let mut folds = BTreeMap::new();
        for fold in self.pictures.iter().filter_map(|picture| picture.fold.as_deref()) {
            *folds.entry(fold).or_default() += 1;
        }
        folds
    }
}

fn of_manifest(path: &Path) -> Result<Collection, ManifestError> {
    let not_csv = |source| ManifestError::Csv { path: path.into(), source };
    let unreadable = |source| ManifestError::Unreadable { path: path.into(), source };
    let file = File::open(path).map_err(unreadable)?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let header = reader.headers().map_err(not_csv)?.clone();
    let column = |name: &str| {
        // Spreadsheets write a mark before the first column's name.
        header.iter().position(|found| found.trim_start_matches('\u{feff}') == name)
    };
    let needed =
        |name| column(name).ok_or(ManifestError::NoColumn { path: path.into(), column: name });
    let (path_column, label_column) = (needed("path")?, needed("label")?);
    let [group, source, kind, fold, mask] = ["group", "source", "kind", "fold", "mask"].map(column);
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut collection = Collection::default();
    for record in reader.records() {
        let record = record.map_err(not_csv)?;
        let line = record.position().map_or(0, csv::Position::line);
        let (name, label) = (cell(&record, Some(path_column)), cell(&record, Some(label_column)));
        if NEITHER.contains(&label) {
            *collection.left_out.entry(label.to_owned()).or_default() += 1;
            continue;
        }
        let truth = Truth::of_label(label);
        let truth = truth.ok_or_else(|| ManifestError::Label {
            path: path.into(),
            line,
            label: label.to_owned(),
        })?;
        if name.is_empty() {
            return Err(ManifestError::NoPath { path: path.into(), line });
        }
        let fold = some(cell(&record, fold));
        if let Some(fold) = fold.as_ref().filter(|fold| !is_file_stem(fold)) {
            return Err(ManifestError::Fold { path: path.into(), line, fold: fold.clone() });
        }
        // An absolute path replaces the folder.
        let picture = folder.join(name);
        let parent = || folder_name(&picture);
        let source = some(cell(&record, source)).or_else(|| some(cell(&record, group)));
        let source = source.unwrap_or_else(parent);
        collection.pictures.push(Picture {
            truth,
            group: some(cell(&record, group)).unwrap_or_else(|| source.clone()),
            source,
            kind: cell(&record, kind).to_owned(),
            fold,
            mask: some(cell(&record, mask)).map(|mask| folder.join(mask)),
            path: picture,
        });
    }
    Ok(collection)
}

fn cell(record: &StringRecord, column: Option<usize>) -> &str {
    column.and_then(|column| record.get(column)).unwrap_or_default()
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn is_file_stem(fold: &str) -> bool {
    fold.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

fn folder_name(picture: &Path) -> String {
    let name = picture.parent().and_then(Path::file_name);
    name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// The subfolder of a truth's folder is the group and the source of the pictures in it.
fn of_folder(folder: &Path) -> Result<Collection, ManifestError> {
    let mut collection = Collection::default();
    let mut has_labelled = false;
    for labelled in entries(folder)? {
        let name = labelled.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !labelled.is_dir() {
            continue;
        }
        let Some(truth) = Truth::of_label(&name) else {
            let mut pictures = Vec::new();
            pictures_below(&labelled, &mut pictures)?;
            *collection.left_out.entry(name).or_default() += pictures.len();
            continue;
        };
        has_labelled = true;
        let mut paths = Vec::new();
        pictures_below(&labelled, &mut paths)?;
        for path in paths {
            let below = path.strip_prefix(&labelled).unwrap_or(&path);
            let first = below.parent().and_then(|parent| parent.components().next());
            let first = first.map(|first| first.as_os_str().to_string_lossy().into_owned());
            let source = first.unwrap_or_else(|| name.clone());
            let (group, kind) = (source.clone(), String::new());
            let (fold, mask) = (None, None);
            collection.pictures.push(Picture { path, truth, group, source, kind, fold, mask });
        }
    }
    if !has_labelled {
        return Err(ManifestError::NoLabelledFolder { path: folder.into() });
    }
    Ok(collection)
}

fn pictures_below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), ManifestError> {
    for path in entries(folder)? {
        // A link to a folder is not followed: it may lead back here.
        if path.is_dir() {
            if !path.is_symlink() {
                pictures_below(&path, found)?;
            }
        } else if is_picture(&path) {
            found.push(path);
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, ManifestError> {
    let unreadable = |source| ManifestError::Unreadable { path: folder.into(), source };
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<_> = paths.collect::<Result<_, _>>().map_err(unreadable)?;
    paths.sort();
    Ok(paths)
}

fn is_picture(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(SNIFFED_BYTES).read_to_end(&mut start));
    read.is_ok() && sniff::is_supported(&start)
}
