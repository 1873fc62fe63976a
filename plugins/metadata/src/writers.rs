// SPDX-License-Identifier: MIT OR Apache-2.0
//! The list of who writes which quantisation tables: the shipped one and, if a policy names one, an
//! operator's, made by `assay camera learn`.

use assay_signal::jpeg::writers::{Writer, WriterKind, Writers};

use crate::named_files::NamedFiles;

/// Largest list that is read, bytes.
const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;
/// The shipped list: cameras by `assay camera learn` on photographs as their cameras saved them, programs
/// from files whose own metadata names them.
const SHIPPED: &str = include_str!("../writers.tsv");

/// The shipped list with that of a file, if one is named.
///
/// # Errors
/// The file cannot be read, is too long, or has a line that is no row.
pub(crate) fn read(path: &str, files: &mut NamedFiles) -> Result<Writers, String> {
    let mut writers = Writers::read(SHIPPED).map_err(|error| format!("shipped list: {error}"))?;
    if path.is_empty() {
        return Ok(writers);
    }
    let wrong = |error: &dyn std::fmt::Display| format!("writers {path}: {error}");
    let read = files.read("jpeg_writers_sha256", path, MAX_FILE_BYTES);
    let text = read.map_err(|error| wrong(&error))?;
    writers.extend(&Writers::read(&text).map_err(|error| wrong(&error))?);
    Ok(writers)
}

/// The program that writes these tables, where no camera is known to.
pub(crate) fn program(writers: &Writers, tables: &str) -> Option<String> {
    let all = writers.of(tables);
    let is_cameras = all.iter().any(|writer| writer.kind == WriterKind::Camera);
    (!is_cameras).then(|| all.into_iter().next()).flatten().map(|writer| writer.name)
}

/// The writer that was seen most with these tables, and how many others were.
pub(crate) fn best(writers: &Writers, tables: &str) -> Option<String> {
    let mut all = writers.of(tables).into_iter();
    let Writer { name, .. } = all.next()?;
    Some(match all.len() {
        0 => name,
        1 => format!("{name} or 1 other"),
        others => format!("{name} or {others} others"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: &str = "00000000000000aa";

    #[test]
    fn the_shipped_list_reads_and_its_programs_are_no_cameras() {
        let writers = read("", &mut NamedFiles::default()).unwrap();
        assert!(writers.len() > 40, "{}", writers.len());
        assert_eq!(program(&writers, "c6ddde26c20092ba").as_deref(), Some("Adobe Photoshop"));
    }

    #[test]
    fn an_operators_list_is_added() {
        let folder = std::env::temp_dir().join(format!("assay-writers-{}", std::process::id()));
        std::fs::write(&folder, format!("{TABLES}\tcamera\t2\tAcme One\n")).unwrap();
        let writers = read(folder.to_str().unwrap(), &mut NamedFiles::default()).unwrap();
        std::fs::remove_file(&folder).unwrap();
        assert_eq!(best(&writers, TABLES).as_deref(), Some("Acme One"));
        assert_eq!(program(&writers, TABLES), None);
    }

    #[test]
    fn a_list_that_cannot_be_read_says_why() {
        let error = read("/nowhere/list.tsv", &mut NamedFiles::default()).unwrap_err();
        assert!(error.starts_with("writers /nowhere/list.tsv: "), "{error}");
    }

    #[test]
    fn a_camera_with_a_programs_tables_takes_the_programs_name_away() {
        let mut writers = Writers::default();
        let row = |kind, name: &str, files| Writer { kind, name: name.into(), files };
        writers.add(TABLES, row(WriterKind::Program, "Paint", 9));
        assert_eq!(program(&writers, TABLES).as_deref(), Some("Paint"));
        writers.add(TABLES, row(WriterKind::Camera, "Acme One", 1));
        assert_eq!(program(&writers, TABLES), None);
        assert_eq!(best(&writers, TABLES).as_deref(), Some("Paint or 1 other"));
    }
}
