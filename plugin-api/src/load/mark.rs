// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading a library's structure and contract mark without running any of its code.

use std::path::Path;

use object::read::{ExportTarget, NameOrOrdinal};
use object::{Architecture, Object, ObjectKind, ObjectSection, ObjectSegment};

use super::{is_compatible, LoadError};
use crate::abi::{CONTRACT_MARK_LEN, CONTRACT_MARK_PREFIX, CONTRACT_MARK_SYMBOL};

/// Bytes of magic numbers shown for a file of unknown kind.
const SHOWN_BYTES: usize = 4;

/// The contract version in the mark of the library `bytes`.
///
/// # Errors
/// When it is no dynamic library for this machine, when its end is missing (opening it would fault
/// on memory that the file does not back), when it has no mark, or one of another major version.
pub(super) fn contract_version(path: &Path, bytes: &[u8]) -> Result<String, LoadError> {
    let file = object::File::parse(bytes).map_err(|_| unparsable(path, bytes))?;
    check_whole(path, &file, bytes.len() as u64)?;
    if file.kind() != ObjectKind::Dynamic {
        let found = format!("an object file of kind {:?}", file.kind());
        return Err(LoadError::NotALibrary { path: path.into(), found });
    }
    if !is_this_machine(file.architecture()) {
        let found = format!("a library for {:?}", file.architecture());
        return Err(LoadError::NotALibrary { path: path.into(), found });
    }
    let not_a_plugin =
        || LoadError::NotAPlugin { path: path.into(), symbol: CONTRACT_MARK_SYMBOL.into() };
    let found = mark(&file).ok_or_else(not_a_plugin)?;
    if !is_compatible(&found) {
        return Err(LoadError::WrongVersion { path: path.into(), found });
    }
    Ok(found)
}

fn unparsable(path: &Path, bytes: &[u8]) -> LoadError {
    let is_library = bytes.starts_with(b"\x7fELF") || bytes.starts_with(b"\xcf\xfa\xed\xfe");
    if is_library {
        let found = bytes.len() as u64;
        return LoadError::CutShort { path: path.into(), expected: header_extent(bytes), found };
    }
    let found = if bytes.is_empty() {
        "an empty file".to_owned()
    } else {
        let start: Vec<_> = bytes.iter().take(SHOWN_BYTES).map(|b| format!("{b:02x}")).collect();
        format!("a file that starts with the bytes {}", start.join(" "))
    };
    LoadError::NotALibrary { path: path.into(), found }
}

/// The end of a 64-bit little-endian ELF file's section headers, or one byte more than there is.
fn header_extent(bytes: &[u8]) -> u64 {
    let number = |at: usize, length: usize| -> Option<u64> {
        let field = bytes.get(at..at.checked_add(length)?)?;
        Some(field.iter().rev().fold(0, |sum, &byte| (sum << 8) | u64::from(byte)))
    };
    // e_shoff at 0x28, e_shentsize at 0x3A, e_shnum at 0x3C [System V ABI, ELF-64 object file format].
    let extent = || number(0x28, 8)?.checked_add(number(0x3a, 2)? * number(0x3c, 2)?);
    extent().unwrap_or(0).max(bytes.len() as u64 + 1)
}

fn check_whole(path: &Path, file: &object::File<'_>, found: u64) -> Result<(), LoadError> {
    let segments = file.segments().map(|segment| segment.file_range());
    let sections = file.sections().filter_map(|section| section.file_range());
    let ends = segments.chain(sections).map(|(offset, size)| offset.saturating_add(size));
    let expected = ends.max().unwrap_or(0);
    if expected > found {
        return Err(LoadError::CutShort { path: path.into(), expected, found });
    }
    Ok(())
}

fn is_this_machine(architecture: Architecture) -> bool {
    match std::env::consts::ARCH {
        "x86_64" => architecture == Architecture::X86_64,
        "aarch64" => architecture == Architecture::Aarch64,
        _ => true,
    }
}

/// The version in the mark, or `None` without a well-formed mark.
fn mark(file: &object::File<'_>) -> Option<String> {
    let address = file.exports().ok()?.flatten().find_map(|export| {
        let NameOrOrdinal::Name(name) = export.name() else { return None };
        let is_mark = name.strip_prefix(b"_").unwrap_or(name) == CONTRACT_MARK_SYMBOL.as_bytes();
        match export.target() {
            ExportTarget::Address { address } if is_mark => Some(address),
            _ => None,
        }
    })?;
    let data = file
        .sections()
        .find_map(|section| section.data_range(address, CONTRACT_MARK_LEN as u64).ok().flatten())?;
    let text = std::str::from_utf8(data).ok()?.trim_end_matches('\0');
    let version = text.strip_prefix(CONTRACT_MARK_PREFIX)?;
    let is_version = version.split('.').count() == 3
        && version.split('.').all(|part| part.parse::<u32>().is_ok());
    is_version.then(|| version.to_owned())
}
