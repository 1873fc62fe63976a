// SPDX-License-Identifier: MIT OR Apache-2.0
//! The files of a program: which one is run, which are part of it and make its digest, which it may read.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::config::Script;
use crate::worker::detector::ApartError;

/// Most files that are part of a program.
const MAX_FILES: usize = 4096;
/// Most bytes of them all: as large as a library may be.
const MAX_BYTES: u64 = 512 << 20;
/// Folders below a folder that are looked into.
const MAX_DEPTH: usize = 16;
/// What Python leaves behind when it may write; no part of a program.
const PYTHON_CACHE: &str = "__pycache__";

/// The files of a program.
pub(super) struct Files {
    /// What is run.
    pub(super) program: PathBuf,
    /// What it consists of, in the order of their names: the arguments that are files, and `files`; the
    /// program itself where there are none.
    pub(super) parts: Vec<PathBuf>,
    /// The first of those as they are written.
    first: PathBuf,
    folder: PathBuf,
}

impl Files {
    /// Looks the files of a program up.
    ///
    /// # Errors
    /// When the program or a file of it is not there.
    pub(super) fn of(script: &Script) -> Result<Self, ApartError> {
        let program = program(script)?;
        let arguments = script.command.iter().skip(1).map(|word| script.folder.join(word));
        let named: Vec<PathBuf> =
            arguments.filter(|path| path.is_file()).chain(script.files.iter().cloned()).collect();
        let first = named.first().unwrap_or(&program).clone();
        let mut parts = Vec::new();
        for path in &named {
            collect(path, &mut parts, MAX_DEPTH)?;
        }
        if named.is_empty() {
            parts.push(program.clone());
        }
        parts.sort();
        parts.dedup();
        Ok(Self { program, parts, first, folder: script.folder.clone() })
    }

    /// The file that names it.
    pub(super) fn path(&self) -> &Path {
        &self.first
    }

    /// SHA-256 of the one file, or, of several, of lines as `sha256sum` writes them, names from the
    /// configuration's folder.
    ///
    /// # Errors
    /// When a file cannot be read, or all are too large.
    pub(super) fn digest(&self) -> Result<String, ApartError> {
        let mut left = MAX_BYTES;
        let mut digest = |path: &PathBuf| {
            let bytes = read(path, left)?;
            left -= bytes.len() as u64;
            Ok(hexadecimal(&Sha256::digest(&bytes)))
        };
        if let [path] = self.parts.as_slice() {
            return digest(path);
        }
        let mut list = Sha256::new();
        for path in &self.parts {
            let name = path.strip_prefix(&self.folder).unwrap_or(path);
            list.update(format!("{}  {}\n", digest(path)?, name.display()));
        }
        Ok(hexadecimal(&list.finalize()))
    }

    /// What it may read: itself, what its interpreter consists of, and what the configuration names.
    pub(super) fn readable(&self, script: &Script) -> Vec<String> {
        let real = self.program.canonicalize().unwrap_or_else(|_| self.program.clone());
        let own = [self.program.clone(), real];
        let beside = own.iter().filter_map(|program| program.parent()?.parent());
        let beside = beside.flat_map(|prefix| {
            // An interpreter's libraries, and what makes a folder a virtual environment of Python's.
            ["lib", "lib64", "pyvenv.cfg"].map(|name| prefix.join(name))
        });
        let named = script.files.iter().chain(&script.readable).chain(&self.parts).cloned();
        let all = own.iter().cloned().chain(beside).chain(named);
        all.map(|path| path.display().to_string()).collect()
    }

    /// Folders whose names it may read: an interpreter looks there for what stands beside a script.
    pub(super) fn listable(&self) -> Vec<String> {
        let folders: BTreeSet<_> = self.parts.iter().filter_map(|path| path.parent()).collect();
        folders.into_iter().map(|folder| folder.display().to_string()).collect()
    }
}

/// The program that a command names: a path from the configuration's folder, or a name that a folder of
/// `PATH` has.
fn program(script: &Script) -> Result<PathBuf, ApartError> {
    let name = script.command.first().map_or("", String::as_str);
    let refused = |message: String| Err(ApartError::Refused { message });
    let found = match name.contains('/') {
        true => Some(script.folder.join(name)).filter(|path| path.is_file()),
        false => std::env::var_os("PATH").and_then(|folders| {
            std::env::split_paths(&folders).map(|f| f.join(name)).find(|path| path.is_file())
        }),
    };
    let Some(program) = found else {
        return refused(format!("`command`: there is no program {name}"));
    };
    let mut start = [0; 2];
    let is_text = std::fs::File::open(&program)
        .and_then(|mut file| file.read_exact(&mut start))
        .is_ok_and(|()| &start == b"#!");
    if is_text {
        return refused(format!(
            "`command`: {} is a script itself; begin with the program that runs it, which \
             for Python is what `python3 -c 'import sys; print(sys.executable)'` prints",
            program.display()
        ));
    }
    Ok(program)
}

/// Adds a file, or all files below a folder.
fn collect(path: &Path, parts: &mut Vec<PathBuf>, depth: usize) -> Result<(), ApartError> {
    let unreadable = |error: std::io::Error| ApartError::Refused {
        message: format!("{}: cannot be read: {error}", path.display()),
    };
    if !path.metadata().map_err(unreadable)?.is_dir() {
        parts.push(path.into());
        return match parts.len() > MAX_FILES {
            true => Err(too_large(path)),
            false => Ok(()),
        };
    }
    if depth == 0 {
        return Err(too_large(path));
    }
    for entry in path.read_dir().map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.file_name() != PYTHON_CACHE {
            collect(&entry.path(), parts, depth - 1)?;
        }
    }
    Ok(())
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>, ApartError> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path)
        .and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes));
    read.map_err(|error| ApartError::Refused {
        message: format!("{}: cannot be read: {error}", path.display()),
    })?;
    if bytes.len() as u64 > most {
        return Err(too_large(path));
    }
    Ok(bytes)
}

fn too_large(path: &Path) -> ApartError {
    let message = format!(
        "{}: a detector has at most {MAX_FILES} files of {} MiB in all; name in `readable` what is \
         no part of it",
        path.display(),
        MAX_BYTES >> 20
    );
    ApartError::Refused { message }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
