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
//! **Constants and their source.** [`EDITOR_TABLES`]: digests of the table pairs of files whose own
//! metadata names the editor, where no file that names a camera alone has the same pair.
//!
//! **References.** H. Farid, *Digital Image Ballistics from JPEG Quantization*, Dartmouth TR2006-583;
//! E. Kee, M. K. Johnson, H. Farid, *Digital Image Authentication from JPEG Headers*, IEEE TIFS 2011.

use assay_plugin_api::finding::{Finding, Severity};

use super::Cue;
use crate::account::{Account, Place};
use crate::judgement::Evidence;

/// First 64 bits of SHA-256 over the luma and the chroma table (natural order, two bytes a step, big
/// end first) and the program, from labelled files.
const EDITOR_TABLES: &[(&str, &str)] = &[
    ("c6ddde26c20092ba", "Adobe Photoshop"),
    ("a208817fe8bcd471", "Adobe Photoshop"),
    ("4e242637d1addbff", "Adobe Photoshop"),
    ("2e8545977f3dbd98", "Adobe Photoshop"),
    ("7407de994c1c6116", "Adobe Photoshop"),
    ("79f31646ca129937", "Adobe Photoshop"),
    ("48d15906866e183b", "Adobe Photoshop"),
    ("98e86bef276a76e2", "Adobe Photoshop"),
    ("537a05f1aaed5cda", "Adobe Photoshop"),
    ("ad9f99567799492c", "Adobe Photoshop"),
    ("e5e0864b870a2cc5", "Adobe Photoshop"),
    ("9b7200de3c8d73ed", "Adobe Photoshop"),
    ("83270147db630de8", "Adobe Photoshop"),
    ("c59b90211f639e46", "Adobe Photoshop"),
    ("9a22d2cac86da1a9", "Adobe Photoshop"),
    ("2bfdd66e5d7ab617", "Adobe Photoshop"),
    ("5c0f7bf4309c210b", "Adobe Photoshop"),
    ("20ca2092d00a5147", "Adobe Photoshop"),
    ("50a356928a153db1", "ACDSee"),
    ("b8f26a8ede7fc052", "ACDSee"),
    ("bd5cccbda888b748", "ACDSee"),
    ("e09cbe7053e49cc9", "ACDSee"),
];

/// The editor whose tables the file has.
pub(crate) fn editor_of_tables(account: &Account) -> Option<&'static str> {
    let digest = account.jpeg.as_ref()?.table_digest.as_deref()?;
    EDITOR_TABLES.iter().find(|(known, _)| *known == digest).map(|(_, program)| *program)
}

/// The tables in words: an editor's name, libjpeg with its quality, or `other`.
pub(crate) fn words(account: &Account) -> Option<String> {
    let jpeg = account.jpeg.as_ref()?;
    jpeg.table_digest.as_ref()?;
    let libjpeg = || jpeg.quality.filter(|_| jpeg.is_ijg).map(|q| format!("IJG quality {q}"));
    Some(editor_of_tables(account).map(str::to_owned).or_else(libjpeg).unwrap_or("other".into()))
}

/// The cue of the tables; `names_program` is whether another cue already names an editor.
pub(crate) fn cues(account: &Account, names_program: bool) -> Vec<Cue> {
    let names_camera = account.statements.find(Place::Exif, "Make").is_some();
    let digest = account.jpeg.as_ref().and_then(|jpeg| jpeg.table_digest.clone());
    if let Some(program) = editor_of_tables(account) {
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
    use crate::synth::{jpeg_with_exif, jpeg_with_step, Exif};

    fn with_tables(file: &[u8], digest: &str) -> Account {
        let mut account = account_of(file);
        account.jpeg =
            Some(JpegFacts { table_digest: Some(digest.into()), ..JpegFacts::default() });
        account
    }

    #[test]
    fn tables_of_an_editor_beside_a_cameras_name_are_told() {
        let account = with_tables(&jpeg_with_exif(&Exif::camera()), EDITOR_TABLES[0].0);
        let unnamed = cues(&account, false);
        assert_eq!(unnamed[0].finding.code.as_str(), "jpeg.tables.editor");
        assert_eq!(unnamed[0].evidence, Evidence::EditorTraces);
        assert_eq!(cues(&account, true)[0].evidence, Evidence::Nothing);
        assert_eq!(words(&account).as_deref(), Some("Adobe Photoshop"));
    }

    #[test]
    fn libjpeg_tables_are_a_notice_only_beside_a_cameras_name() {
        let exif = [b"Exif\0\0".as_slice(), &Exif::camera().block()].concat();
        let account = account_of(&jpeg_with_step(1, &[(0xe1, &exif)]));
        assert_eq!(cues(&account, false)[0].finding.code.as_str(), "jpeg.tables.mismatch");
        assert_eq!(words(&account).as_deref(), Some("IJG quality 100"));
        assert!(cues(&account_of(&jpeg_with_step(1, &[])), false).is_empty());
    }

    #[test]
    fn unknown_tables_say_nothing() {
        let account = account_of(&jpeg_with_exif(&Exif::camera()));
        assert!(cues(&account, false).is_empty());
        assert_eq!(words(&account).as_deref(), Some("other"));
    }

    #[test]
    fn digests_are_listed_once() {
        for (index, (digest, _)) in EDITOR_TABLES.iter().enumerate() {
            assert_eq!(digest.len(), 16);
            assert!(EDITOR_TABLES[..index].iter().all(|(other, _)| other != digest), "{digest}");
        }
    }
}
