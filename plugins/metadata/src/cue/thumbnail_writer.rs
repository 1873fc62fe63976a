// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who wrote the small picture in EXIF.
//!
//! **What it tests.** Whether the thumbnail has segments or quantisation tables that a program writes, where
//! EXIF names a camera.
//!
//! **Why it works.** A camera's thumbnail is a bare JPEG stream: Exif forbids application segments in it. Adobe's
//! programs put their own segment into the thumbnails that they make, programs on libjpeg a JFIF header.
//!
//! **When it does not apply.** There is no thumbnail, or a program kept the camera's. Tables alone rarely tell:
//! a third of the cameras write libjpeg's into thumbnails.
//!
//! **Constants and their source.** Of the thumbnails of 84 camera originals none has a segment of Adobe (upper
//! 95 % bound 4.3 %), one has a JFIF header; of 68 photographs from ordinary software 16 have the one and 25
//! the other, mostly the same files that name a program. Known tables: the list of [`writers`].
//!
//! **References.** Exif 3.0 §4.5.8; E. Kee, M. K. Johnson, H. Farid, *Digital Image Authentication from JPEG
//! Headers*, IEEE TIFS 2011.

use assay_plugin_api::finding::{Finding, Severity};
use assay_signal::jpeg::writers::{tables_of, Writers};
use assay_signal::jpeg::{ijg_quality, marker, JpegFile, TableKind};

use super::Cue;
use crate::account::{Account, Place};
use crate::judgement::Evidence;
use crate::writers;

/// What a thumbnail's own structure tells.
#[derive(Debug, Default, PartialEq, Eq)]
struct Facts {
    /// The program whose tables it has, and no camera's.
    program: Option<String>,
    /// IJG quality, where both tables are exactly libjpeg's.
    ijg_quality: Option<u8>,
    /// A segment that Adobe's programs write.
    has_adobe: bool,
    /// A JFIF header.
    has_jfif: bool,
}

fn read(account: &Account, list: &Writers) -> Option<Facts> {
    let thumbnail = account.exif.as_ref()?.thumbnail.as_deref()?;
    let file = JpegFile::parse(thumbnail).ok()?;
    let luma = ijg_quality(file.luma_dqt()?, TableKind::Luma);
    let chroma = file.chroma_dqt().map(|chroma| ijg_quality(chroma, TableKind::Chroma));
    let is_ijg = luma.exact && chroma.is_none_or(|chroma| chroma.exact);
    let has = |marker| file.segments_of(marker).next().is_some();
    Some(Facts {
        program: tables_of(&file).and_then(|tables| writers::program(list, &tables)),
        ijg_quality: is_ijg.then_some(luma.quality),
        has_adobe: has(marker::APP13) || file.adobe().is_some(),
        has_jfif: file.jfif().is_some(),
    })
}

/// The thumbnail's tables in words: a program's name, libjpeg with its quality, or `other`.
pub(crate) fn words(account: &Account, list: &Writers) -> Option<String> {
    let facts = read(account, list)?;
    let libjpeg = facts.ijg_quality.map(|quality| format!("IJG quality {quality}"));
    Some(facts.program.or(libjpeg).unwrap_or_else(|| "other".into()))
}

/// The cue of a thumbnail that no camera wrote; `names_program` is whether another cue names an editor.
pub(crate) fn cues(account: &Account, list: &Writers, names_program: bool) -> Vec<Cue> {
    let names_camera = account.statements.find(Place::Exif, "Make").is_some();
    let Some(facts) = read(account, list).filter(|_| names_camera) else { return Vec::new() };
    let by = match (&facts.program, facts.has_adobe, facts.has_jfif) {
        (_, true, _) => "a segment of Adobe's programs".to_owned(),
        (Some(program), ..) => format!("the quantisation tables of {program}"),
        (None, false, true) => "a JFIF header, as programs on libjpeg write it".to_owned(),
        (None, false, false) => return Vec::new(),
    };
    let is_editor = facts.has_adobe || facts.program.is_some();
    let (code, severity, evidence) = match (names_program, is_editor) {
        (true, true) => ("exif.thumbnail.editor", Severity::Info, Evidence::Nothing),
        (true, false) => ("exif.thumbnail.resaved", Severity::Info, Evidence::Nothing),
        (false, true) => ("exif.thumbnail.editor", Severity::Warning, Evidence::EditorTraces),
        (false, false) => ("exif.thumbnail.resaved", Severity::Notice, Evidence::ThumbnailResaved),
    };
    let text = format!("EXIF names a camera and its thumbnail has {by}.");
    let finding = Finding::new(code, severity, text)
        .value("program", facts.program)
        .value("quality", facts.ijg_quality.map(i64::from));
    vec![Cue::new(finding, evidence)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lib_tests::account_of;
    use crate::synth::{grey_jpeg, jpeg_with_exif, Exif};
    use assay_signal::jpeg::writers::{Writer, WriterKind};
    use assay_signal::jpeg::Segment;

    /// A thumbnail with this segment behind its start, and no other application segment.
    fn thumbnail(segment: Option<(u8, &[u8])>) -> Vec<u8> {
        let plain = grey_jpeg(4, 3, |column, row| (column * 20 + row * 30) as f64);
        let file = JpegFile::parse(&plain).unwrap();
        let is_bare = |s: &&Segment<'_>| !(marker::APP0..=marker::APP15).contains(&s.marker);
        let first = file.segments().iter().find(is_bare).unwrap().offset;
        let segment = segment.map_or(Vec::new(), |(code, payload)| {
            let length = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
            [&[0xff, code], length.as_slice(), payload].concat()
        });
        [&plain[..2], &segment, &plain[first..]].concat()
    }

    fn account(thumbnail: &[u8]) -> Account {
        account_of(&jpeg_with_exif(&Exif::camera().thumbnail(thumbnail)))
    }

    fn told(thumbnail: &[u8], names_program: bool) -> Option<(String, Evidence)> {
        let list = Writers::default();
        let cues = cues(&account(thumbnail), &list, names_program);
        cues.first().map(|cue| (cue.finding.code.to_string(), cue.evidence))
    }

    #[test]
    fn a_bare_thumbnail_is_a_cameras() {
        assert_eq!(told(&thumbnail(None), false), None);
        assert_eq!(told(b"\xff\xd8\xff nonsense", false), None);
    }

    #[test]
    fn a_segment_of_adobe_is_an_editors_trace_unless_the_editor_is_named() {
        let adobe = thumbnail(Some((0xee, b"Adobe\0\x64\0\0\0\0\x01")));
        let editor = |evidence| Some(("exif.thumbnail.editor".to_owned(), evidence));
        assert_eq!(told(&adobe, false), editor(Evidence::EditorTraces));
        assert_eq!(told(&adobe, true), editor(Evidence::Nothing));
        let resources = thumbnail(Some((0xed, b"Adobe_CM\0\x01")));
        assert_eq!(told(&resources, false), editor(Evidence::EditorTraces));
    }

    #[test]
    fn a_jfif_header_is_a_weak_sign() {
        let jfif = thumbnail(Some((0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")));
        let expected = ("exif.thumbnail.resaved".to_owned(), Evidence::ThumbnailResaved);
        assert_eq!(told(&jfif, false), Some(expected));
    }

    #[test]
    fn tables_of_a_program_are_told_unless_a_camera_writes_them_too() {
        let plain = thumbnail(None);
        let tables = tables_of(&JpegFile::parse(&plain).unwrap()).unwrap();
        let mut list = Writers::default();
        let row = |kind, name: &str| Writer { kind, name: name.into(), files: 3 };
        list.add(&tables, row(WriterKind::Program, "Paint"));
        let found = cues(&account(&plain), &list, false);
        assert!(found[0].finding.text.contains("tables of Paint"));
        assert_eq!(words(&account(&plain), &list).as_deref(), Some("Paint"));
        list.add(&tables, row(WriterKind::Camera, "Acme One"));
        assert!(cues(&account(&plain), &list, false).is_empty());
        assert_eq!(words(&account(&plain), &list).as_deref(), Some("IJG quality 85"));
    }
}
