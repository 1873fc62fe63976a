// SPDX-License-Identifier: MIT OR Apache-2.0
//! Quantisation tables against the account.
//!
//! **What it tests.** Whether the tables are those of an editor, or of the free encoder libjpeg
//! where the file names a camera.
//!
//! **Why it works.** Every encoder has tables of its own and keeps them for years; a file saved
//! again has the last program's tables, whatever its EXIF says.
//!
//! **When it does not apply.** Many phones and some cameras use libjpeg's tables: beside a camera's
//! name they are a weak hint only. Tables that are not listed say nothing.
//!
//! **Constants and their source.** The list of [`writers`]: pairs of tables of files whose own metadata
//! names the program or the camera. A pair that a camera writes too speaks for no program.
//!
//! **References.** H. Farid, *Digital Image Ballistics from JPEG Quantization*, Dartmouth TR2006-583;
//! E. Kee, M. K. Johnson, H. Farid, *Digital Image Authentication from JPEG Headers*, IEEE TIFS 2011.

use assay_plugin_api::finding::{Finding, Severity};

use assay_signal::jpeg::writers::Writers;

use super::Cue;
use crate::account::{Account, Place};
use crate::judgement::Evidence;
use crate::writers;

/// The program whose tables the file has, and no camera's.
pub(crate) fn program_of_tables(account: &Account, list: &Writers) -> Option<String> {
    writers::program(list, account.jpeg.as_ref()?.table_digest.as_deref()?)
}

/// Who is known to write the file's tables: `Canon PowerShot S30 or 2 others`.
pub(crate) fn writer(account: &Account, list: &Writers) -> Option<String> {
    writers::best(list, account.jpeg.as_ref()?.table_digest.as_deref()?)
}

/// The tables in words: an editor's name, libjpeg with its quality, or `other`.
pub(crate) fn words(account: &Account, list: &Writers) -> Option<String> {
    let jpeg = account.jpeg.as_ref()?;
    jpeg.table_digest.as_ref()?;
    let libjpeg = || jpeg.quality.filter(|_| jpeg.is_ijg).map(|q| format!("IJG quality {q}"));
    Some(program_of_tables(account, list).or_else(libjpeg).unwrap_or_else(|| "other".into()))
}

/// The cue of the tables; `names_program` is whether another cue already names an editor.
pub(crate) fn cues(account: &Account, list: &Writers, names_program: bool) -> Vec<Cue> {
    let names_camera = account.statements.find(Place::Exif, "Make").is_some();
    let digest = account.jpeg.as_ref().and_then(|jpeg| jpeg.table_digest.clone());
    if let Some(program) = program_of_tables(account, list) {
        let severity = if names_program { Severity::Info } else { Severity::Warning };
        let unnamed = if names_program { "" } else { ", which the metadata do not name" };
        let text = format!("The quantisation tables are those of {program}{unnamed}.");
        let finding = Finding::new("jpeg.tables.editor", severity, text)
            .value("program", program)
            .value("digest", digest);
        let evidence = if names_program { Evidence::Nothing } else { Evidence::EditorTraces };
        return vec![Cue::new(finding, evidence)];
    }
    let Some(jpeg) = account.jpeg.as_ref().filter(|jpeg| jpeg.is_ijg) else { return Vec::new() };
    if !names_camera || names_program {
        return Vec::new();
    }
    let text = "EXIF names a camera and the quantisation tables are those of the encoder libjpeg; \
                many phones use it too.";
    let finding = Finding::new("jpeg.tables.mismatch", Severity::Notice, text)
        .value("quality", jpeg.quality.map(i64::from));
    vec![Cue::new(finding, Evidence::LibraryTables)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::JpegFacts;
    use crate::lib_tests::account_of;
    use crate::named_files::NamedFiles;
    use crate::synth::{jpeg_with_exif, jpeg_with_step, Exif};

    const PHOTOSHOP: &str = "c6ddde26c20092ba";

    fn list() -> Writers {
        writers::read("", &mut NamedFiles::default()).unwrap()
    }

    fn with_tables(file: &[u8], digest: &str) -> Account {
        let mut account = account_of(file);
        account.jpeg =
            Some(JpegFacts { table_digest: Some(digest.into()), ..JpegFacts::default() });
        account
    }

    #[test]
    fn tables_of_an_editor_beside_a_cameras_name_are_told() {
        let account = with_tables(&jpeg_with_exif(&Exif::camera()), PHOTOSHOP);
        let unnamed = cues(&account, &list(), false);
        assert_eq!(unnamed[0].finding.code.as_str(), "jpeg.tables.editor");
        assert_eq!(unnamed[0].evidence, Evidence::EditorTraces);
        assert_eq!(cues(&account, &list(), true)[0].evidence, Evidence::Nothing);
        assert_eq!(words(&account, &list()).as_deref(), Some("Adobe Photoshop"));
    }

    #[test]
    fn libjpeg_tables_are_a_notice_only_beside_a_cameras_name() {
        let exif = [b"Exif\0\0".as_slice(), &Exif::camera().block()].concat();
        let account = account_of(&jpeg_with_step(1, &[(0xe1, &exif)]));
        assert_eq!(cues(&account, &list(), false)[0].finding.code.as_str(), "jpeg.tables.mismatch");
        assert_eq!(words(&account, &list()).as_deref(), Some("IJG quality 100"));
        assert!(cues(&account_of(&jpeg_with_step(1, &[])), &list(), false).is_empty());
    }

    #[test]
    fn unknown_tables_say_nothing() {
        let account = account_of(&jpeg_with_exif(&Exif::camera()));
        assert!(cues(&account, &list(), false).is_empty());
        assert_eq!(words(&account, &list()).as_deref(), Some("other"));
    }
}
