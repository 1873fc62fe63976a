// SPDX-License-Identifier: MIT OR Apache-2.0
//! What an archive holds: every file below a folder or a bucket's prefix, or what a manifest names.

use std::fs;
use std::path::{Path, PathBuf};

use futures_util::stream::StreamExt as _;

use crate::depot::{Depot, DepotError, Location, LocationError};

/// Largest manifest, bytes: a hundred million entries of some length.
const MOST_MANIFEST_BYTES: u64 = 16 << 30;

/// Where entries are from.
#[derive(Clone, Debug)]
pub enum Input {
    /// Every file below a folder, named by its path there.
    Folder(PathBuf),
    /// Every file below a bucket's prefix, named by its key there.
    Bucket(Depot),
    /// What a file names, one a line, or in a column of CSV.
    Manifest {
        /// What it says.
        text: Vec<u8>,
        /// The column of CSV; none for a file with one name a line.
        column: Option<String>,
        /// What relative names start at.
        base: Base,
    },
}

/// What relative names of a manifest start at: where the manifest is.
#[derive(Clone, Debug)]
pub enum Base {
    /// A folder.
    Folder(PathBuf),
    /// A bucket's prefix.
    Bucket(Depot),
}

/// Why it is not known what an archive holds.
#[derive(Debug, thiserror::Error)]
pub enum EntriesError {
    /// A file or folder cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A bucket cannot be read.
    #[error(transparent)]
    Depot(#[from] DepotError),
    /// The text names no place.
    #[error(transparent)]
    Location(#[from] LocationError),
    /// The manifest is no CSV.
    #[error("the manifest cannot be read: {0}")]
    Csv(#[from] csv::Error),
    /// It has no such column.
    #[error(
        "the manifest's first line has no column \"{0}\"; name the one with paths by --column"
    )]
    NoColumn(String),
    /// It is no text.
    #[error("line {0} of the manifest is not UTF-8; a picture is examined by `assay analyze`")]
    NoText(usize),
}

impl Input {
    /// Opens a folder, a bucket's prefix or a manifest: a file, or a URL that ends in `.csv` or `.txt`. A
    /// manifest whose name ends in `.csv` is CSV.
    ///
    /// # Errors
    /// When it is none, or a manifest cannot be read.
    pub async fn open(text: &str, column: &str) -> Result<Self, EntriesError> {
        let csv_column = text.ends_with(".csv").then(|| column.to_owned());
        if Location::is_url(text) {
            let is_manifest = text.ends_with(".csv") || text.ends_with(".txt");
            let split = text.rsplit_once('/').filter(|_| is_manifest);
            return Ok(match (Location::parse_here(text)?, split) {
                (Location::Folder(path), _) => Self::local(&path, csv_column)?,
                (_, Some((folder, name))) => {
                    let depot = Depot::open(Location::parse_here(folder)?)?;
                    let text = depot.get_within(name, MOST_MANIFEST_BYTES).await?;
                    Self::Manifest { text, column: csv_column, base: Base::Bucket(depot) }
                }
                (bucket, None) => Self::Bucket(Depot::open(bucket)?),
            });
        }
        Self::local(Path::new(text), csv_column)
    }

    fn local(path: &Path, column: Option<String>) -> Result<Self, EntriesError> {
        if path.is_dir() {
            return Ok(Self::Folder(path.into()));
        }
        let unreadable = |source| EntriesError::Unreadable { path: path.into(), source };
        let text = fs::read(path).map_err(unreadable)?;
        let base = Base::Folder(path.parent().map(Path::to_path_buf).unwrap_or_default());
        Ok(Self::Manifest { text, column, base })
    }

    /// Hands every entry's name to `take`, those of a manifest in its order.
    ///
    /// # Errors
    /// When not all of them can be told.
    pub async fn each(&self, mut take: impl FnMut(&str)) -> Result<(), EntriesError> {
        match self {
            Self::Folder(folder) => below(folder, "", &mut take),
            Self::Bucket(depot) => {
                let mut files = std::pin::pin!(depot.list());
                while let Some(file) = files.next().await {
                    take(&file?.name);
                }
                Ok(())
            }
            Self::Manifest { text, column: Some(column), .. } => of_csv(text, column, &mut take),
            Self::Manifest { text, column: None, .. } => of_lines(text, &mut take),
        }
    }
}

/// Files below a folder in the order of their paths; a link to a folder is not followed, it may lead back.
fn below(folder: &Path, prefix: &str, take: &mut impl FnMut(&str)) -> Result<(), EntriesError> {
    let unreadable = |source| EntriesError::Unreadable { path: folder.into(), source };
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let mut entries = entries.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        match entry.file_type().map_err(unreadable)?.is_dir() {
            true => below(&entry.path(), &format!("{name}/"), take)?,
            false if !entry.path().is_dir() => take(&name),
            false => {}
        }
    }
    Ok(())
}

fn of_csv(text: &[u8], column: &str, take: &mut impl FnMut(&str)) -> Result<(), EntriesError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
    let at = reader.headers()?.iter().position(|name| name == column);
    let at = at.ok_or_else(|| EntriesError::NoColumn(column.into()))?;
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        take(record.get(at).unwrap_or_default());
    }
    Ok(())
}

fn of_lines(text: &[u8], take: &mut impl FnMut(&str)) -> Result<(), EntriesError> {
    for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
        let line = std::str::from_utf8(line).map_err(|_| EntriesError::NoText(index + 1))?;
        let name = line.strip_suffix('\r').unwrap_or(line);
        if !name.is_empty() {
            take(name);
        }
    }
    Ok(())
}
