// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which model file a detector's library carries: the shipped one, or one that was trained without
//! the pictures on which the library will be measured.
//!
//! A part of the build scripts of gan and diffusion, which take it in by its path. The file is copied
//! to `OUT_DIR/weights.bin`; its content beyond the mark is checked by the reader in
//! `assay_signal::model` when a detector is made.

use std::path::{Path, PathBuf};

/// The shipped model, below the plugin's folder.
const SHIPPED: &str = "data/weights.bin";
/// The first bytes of a model file.
const MARK: &[u8] = b"ASSAYMDL";

/// Copies the model file that the environment's `variable` names, else the shipped one. A file that
/// cannot be used ends the build with a message.
pub(crate) fn embed(variable: &str) {
    println!("cargo::rerun-if-env-changed={variable}");
    if let Err(message) = copy(variable) {
        println!("cargo::error={message}");
    }
}

fn copy(variable: &str) -> Result<(), String> {
    let path = chosen(variable)?;
    println!("cargo::rerun-if-changed={}", path.display());
    let named = |problem: String| format!("{variable}: model file {}: {problem}", path.display());
    let bytes = std::fs::read(&path).map_err(|error| named(error.to_string()))?;
    if !bytes.starts_with(MARK) {
        return Err(named(
            "does not start with ASSAYMDL; write it with plugins/training/ship.py".into(),
        ));
    }
    let out = folder("OUT_DIR")?.join("weights.bin");
    std::fs::write(&out, bytes).map_err(|error| format!("{}: {error}", out.display()))
}

/// The file to carry. A relative path would start at the plugin's folder, where nobody expects it.
fn chosen(variable: &str) -> Result<PathBuf, String> {
    match std::env::var_os(variable).filter(|path| !path.is_empty()) {
        None => Ok(folder("CARGO_MANIFEST_DIR")?.join(SHIPPED)),
        Some(path) if Path::new(&path).is_absolute() => Ok(path.into()),
        Some(path) => {
            let path = Path::new(&path).display();
            Err(format!(
                "{variable}: {path} is a relative path; give an absolute one ($PWD/{path})"
            ))
        }
    }
}

fn folder(variable: &str) -> Result<PathBuf, String> {
    let unset = || format!("{variable} is not set; build with cargo");
    std::env::var_os(variable).map(PathBuf::from).ok_or_else(unset)
}
