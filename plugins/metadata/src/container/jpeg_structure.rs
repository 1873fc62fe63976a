// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a JPEG file is put together, which is the program's choice and not the picture's [ITU-T T.81].

use assay_signal::jpeg::{HuffmanSet, JpegFile};

/// Trailing bytes below which they are padding.
const LEAST_TRAILING: usize = 64;
/// Most segments whose order counts: those of a program's own making come first.
const MAX_ORDERED: usize = 64;

/// The structure of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Structure {
    /// Several scans, coarse to fine.
    pub is_progressive: bool,
    /// Chroma sampling, `4:2:0`.
    pub subsampling: &'static str,
    /// The Huffman tables are the standard's examples, not made for this picture.
    pub has_standard_huffman: bool,
    /// Names of the segments up to the first scan, repeated ones once: `APP0 DQT SOF0 DHT SOS`.
    pub order: String,
    /// Bytes after the image that are neither a further image nor a film that the maker is known to add.
    pub unexplained_trailing: usize,
}

impl Structure {
    /// Reads the structure; `None` without a frame.
    pub(super) fn read(file: &JpegFile<'_>, bytes: &[u8]) -> Option<Self> {
        let frame = file.frame().ok()?;
        let mut names: Vec<&str> = Vec::new();
        for segment in file.segments().iter().take(MAX_ORDERED) {
            let name = segment.name();
            if names.last() != Some(&name) {
                names.push(name);
            }
            if name == "SOS" {
                break;
            }
        }
        Some(Self {
            is_progressive: frame.is_progressive(),
            subsampling: frame.subsampling(),
            has_standard_huffman: file.huffman_set() == HuffmanSet::Standard,
            order: names.join(" "),
            unexplained_trailing: unexplained(file, bytes),
        })
    }

    /// The structure in one line, equal for files of one program and setting.
    pub(crate) fn words(&self) -> String {
        let process = if self.is_progressive { "progressive" } else { "sequential" };
        let tables = if self.has_standard_huffman { "standard" } else { "own" };
        format!("{process}, {}, {tables} Huffman tables, {}", self.subsampling, self.order)
    }
}

/// Bytes after the image and its further images that no maker's habit explains.
fn unexplained(file: &JpegFile<'_>, bytes: &[u8]) -> usize {
    let end_of_images = file.further_images().last().map(|span| span.offset + span.length);
    let Some(trailing) = file.trailing() else { return 0 };
    let start = end_of_images.unwrap_or(trailing.offset);
    let rest = bytes.get(start..).unwrap_or_default();
    let padding = rest.iter().take_while(|&&byte| byte == 0).count();
    let rest = rest.get(padding..).unwrap_or_default();
    // A film behind the picture (motion photo), and the directory that Samsung closes its files with.
    let is_film = rest.windows(4).take(8).any(|kind| kind == b"ftyp");
    let is_samsung = rest.ends_with(b"SEFT");
    if rest.len() < LEAST_TRAILING || is_film || is_samsung {
        return 0;
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::jpeg;

    fn structure(file: &[u8]) -> Structure {
        Structure::read(&JpegFile::parse(file).unwrap(), file).unwrap()
    }

    #[test]
    fn the_order_of_segments_is_told_up_to_the_scan() {
        let file = jpeg(&[(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"), (0xfe, b"a"), (0xfe, b"b")]);
        let structure = structure(&file);
        assert_eq!(structure.order, "APP0 COM DQT SOF0 SOS");
        assert!(structure.words().starts_with("sequential, "), "{}", structure.words());
    }

    #[test]
    fn what_follows_the_image_counts_unless_its_maker_adds_it() {
        let with = |tail: &[u8]| structure(&[&jpeg(&[]), tail].concat()).unexplained_trailing;
        assert_eq!(with(&[]), 0);
        assert_eq!(with(&[0; 500]), 0, "padding");
        assert_eq!(with(&[7; 500]), 500);
        assert_eq!(with(&jpeg(&[(0xfe, &[b'x'; 200])])), 0, "a second image");
        assert_eq!(with(&[b"\0\0\0\x18ftypmp42".as_slice(), &[1; 500]].concat()), 0, "a film");
        assert_eq!(with(&[&[3; 500], b"SEFT".as_slice()].concat()), 0, "a maker's directory");
    }
}
