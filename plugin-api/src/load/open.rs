// SPDX-License-Identifier: MIT OR Apache-2.0
//! Opening checked bytes with the dynamic linker and comparing memory layouts.

#![allow(unsafe_code)] // the plugin boundary: running a library's initialisers, reading its header

use std::mem::ManuallyDrop;
use std::path::Path;

use abi_stable::library::{AbiHeaderRef, LibraryError, ROOT_MODULE_LOADER_NAME_WITH_NUL};
use libloading::Library;

use super::LoadError;
use crate::abi::PluginModuleRef;

/// Opens the library whose file is `bytes` and returns its module.
///
/// # Errors
/// When the linker refuses, when the module's symbol is missing, or when a layout differs.
pub(super) fn module(path: &Path, bytes: &[u8]) -> Result<PluginModuleRef, LoadError> {
    // Never closed: detectors made from it, their vtables and statics live as long as the process.
    let library = ManuallyDrop::new(open(path, bytes)?);
    let symbol = ROOT_MODULE_LOADER_NAME_WITH_NUL.trim_end_matches('\0');
    // SAFETY: a library that carries the contract mark exports under this name the static
    // `AbiHeader` that `#[export_root_module]` wrote; `upgrade` checks its magic and ABI version
    // before anything else of it is read.
    let header = unsafe { library.get::<AbiHeaderRef>(symbol) };
    let header = header
        .map_err(|_| LoadError::NotAPlugin { path: path.into(), symbol: symbol.to_owned() })?;
    let module = (*header).upgrade().and_then(|header| header.init_root_module());
    module.map_err(|error| layout_error(path, &error))
}

/// Opens the very bytes that were checked, under a name that the linker has never seen.
#[cfg(target_os = "linux")]
fn open(path: &Path, bytes: &[u8]) -> Result<Library, LoadError> {
    use std::io::Write as _;
    use std::os::fd::AsRawFd as _;

    let failed = |message: String| LoadError::Open { path: path.into(), message };
    let memory = memfd::MemfdOptions::default().close_on_exec(true).create("assay-plugin");
    let memory = memory.map_err(|e| failed(format!("no memory file: {e}")))?;
    let mut file = memory.into_file();
    file.write_all(bytes).map_err(|e| failed(format!("copying into memory: {e}")))?;
    let name = format!("/proc/self/fd/{}", file.as_raw_fd());
    // SAFETY: opening runs the library's initialisers, which is what loading a plugin means; the
    // file's structure was checked, so that the linker maps no page that the file does not back.
    let library = unsafe { Library::new(&name) };
    // The linker tells libraries apart by name, so the descriptor's number must never be reused.
    std::mem::forget(file);
    library.map_err(|e| failed(without_name(&e, &name)))
}

#[cfg(not(target_os = "linux"))]
fn open(path: &Path, _bytes: &[u8]) -> Result<Library, LoadError> {
    let failed = |message: String| LoadError::Open { path: path.into(), message };
    let absolute = std::fs::canonicalize(path).map_err(|e| failed(e.to_string()))?;
    // SAFETY: opening runs the library's initialisers, which is what loading a plugin means.
    let library = unsafe { Library::new(absolute) };
    library.map_err(|e| failed(without_name(&e, "")))
}

/// The linker's message with its causes, without the memory file's name and NUL bytes.
fn without_name(error: &dyn std::error::Error, name: &str) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.replace(&format!("{name}: "), "").replace('\0', "")
}

/// Keeps the first difference of a report that can have thousands of lines.
fn layout_error(path: &Path, error: &LibraryError) -> LoadError {
    let full = error.to_string().replace('\0', "");
    let starts = ["Error:", "Expected:", "Found:"];
    let lines: Vec<_> = full.lines().map(str::trim).collect();
    let picked = starts.iter().filter_map(|start| {
        let at = lines.iter().position(|line| line.starts_with(start))?;
        let inline = lines[at].len() > start.len();
        let next = lines.get(at + 1).copied().unwrap_or_default();
        Some(if inline { lines[at].to_owned() } else { format!("{} {next}", lines[at]) })
    });
    let picked: Vec<_> = picked.collect();
    let difference = if picked.is_empty() {
        lines.iter().filter(|line| !line.is_empty()).take(3).copied().collect::<Vec<_>>().join(" ")
    } else {
        picked.join("; ")
    };
    LoadError::WrongLayout { path: path.into(), difference, full }
}
