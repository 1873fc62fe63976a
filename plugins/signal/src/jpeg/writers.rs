// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which cameras and programs write which quantisation tables: a list that anyone can read and extend.
//!
//! Every encoder has tables of its own and keeps them for years; some are shared. A list says of a pair of
//! tables by whom it was seen, in how many files.
//!
//! # The text
//! One line a pair of tables and a writer, columns by tabs; lines that begin with `#` and blank lines are
//! for people:
//!
//! | column | what |
//! |---|---|
//! | tables | first 16 hexadecimal digits of [`table_digest`] of luma and chroma |
//! | kind | `camera` or `program` |
//! | files | in how many files it was seen, at least 1 |
//! | name | at most [`MOST_NAME_CHARS`] characters |
//!
//! # References
//! H. Farid, *Digital Image Ballistics from JPEG Quantization*, Dartmouth TR2006-583; E. Kee,
//! M. K. Johnson, H. Farid, *Digital Image Authentication from JPEG Headers*, IEEE TIFS 2011.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{table_digest, JpegFile};

/// Hexadecimal digits of a pair of tables: 64 bits.
pub const DIGEST_CHARS: usize = 16;
/// Longest name, characters.
pub const MOST_NAME_CHARS: usize = 120;
/// Most lines of a list.
const MOST_LINES: usize = 100_000;

/// What wrote a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WriterKind {
    /// A camera or phone.
    Camera,
    /// A program.
    Program,
}

impl WriterKind {
    fn word(self) -> &'static str {
        match self {
            Self::Camera => "camera",
            Self::Program => "program",
        }
    }
}

/// Someone who writes a pair of tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// Camera or program.
    pub kind: WriterKind,
    /// Its name.
    pub name: String,
    /// In how many files it was seen, at least 1.
    pub files: u32,
}

/// Why a list was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct WritersError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// A list of writers by their tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writers(BTreeMap<String, BTreeMap<(WriterKind, String), u32>>);

/// The name under which a list has a file's tables; `None` without tables.
#[must_use]
pub fn tables_of(file: &JpegFile<'_>) -> Option<String> {
    let tables: Vec<_> =
        [Some(file.luma_dqt()?), file.chroma_dqt()].into_iter().flatten().collect();
    let mut digest = table_digest(&tables);
    digest.truncate(DIGEST_CHARS);
    Some(digest)
}

impl Writers {
    /// Reads a list.
    ///
    /// # Errors
    /// The first line that is not as the format says.
    pub fn read(text: &str) -> Result<Self, WritersError> {
        let mut writers = Self::default();
        for (index, line) in text.lines().enumerate() {
            let wrong = |reason: String| WritersError { line: index + 1, reason };
            if index >= MOST_LINES {
                return Err(wrong(format!("more than {MOST_LINES} lines")));
            }
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let (tables, writer) = row(line).map_err(wrong)?;
            writers.add(&tables, writer);
        }
        Ok(writers)
    }

    /// Adds a writer, or to its number of files.
    pub fn add(&mut self, tables: &str, writer: Writer) {
        let known = self.0.entry(tables.to_owned()).or_default();
        let files = known.entry((writer.kind, writer.name)).or_default();
        *files = files.saturating_add(writer.files);
    }

    /// Adds all writers of another list.
    pub fn extend(&mut self, other: &Self) {
        for (tables, writers) in &other.0 {
            for ((kind, name), files) in writers {
                self.add(tables, Writer { kind: *kind, name: name.clone(), files: *files });
            }
        }
    }

    /// Who was seen with these tables, most files first.
    #[must_use]
    pub fn of(&self, tables: &str) -> Vec<Writer> {
        let known = self.0.get(tables).into_iter().flatten();
        let mut writers: Vec<_> = known
            .map(|((kind, name), files)| Writer { kind: *kind, name: name.clone(), files: *files })
            .collect();
        writers.sort_by(|a, b| b.files.cmp(&a.files).then_with(|| a.name.cmp(&b.name)));
        writers
    }

    /// Pairs of tables in the list.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The list as a text, sorted; [`Self::read`] gives it back.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::from("# tables\tkind\tfiles\tname\n");
        for (tables, writers) in &self.0 {
            for ((kind, name), files) in writers {
                let _ = writeln!(text, "{tables}\t{}\t{files}\t{name}", kind.word());
            }
        }
        text
    }
}

/// A name as a list can hold it: one line, no tabs, not too long; `None` where nothing is left.
#[must_use]
pub fn listed_name(name: &str) -> Option<String> {
    let words: Vec<_> = name.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let name: String = words.join(" ").chars().take(MOST_NAME_CHARS).collect();
    let name = name.trim_end().to_owned();
    (!name.is_empty()).then_some(name)
}

fn row(line: &str) -> Result<(String, Writer), String> {
    let columns: Vec<_> = line.split('\t').collect();
    let [tables, kind, files, name] = columns.as_slice() else {
        return Err(format!(
            "{} columns; 4 are wanted, separated by tabs: tables, kind, files, name",
            columns.len()
        ));
    };
    let is_digest = tables.len() == DIGEST_CHARS
        && tables.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
    if !is_digest {
        return Err(format!("tables `{tables}` are not {DIGEST_CHARS} hexadecimal digits"));
    }
    let kind = [WriterKind::Camera, WriterKind::Program].into_iter().find(|k| k.word() == *kind);
    let kind = kind.ok_or_else(|| "the kind must be `camera` or `program`".to_owned())?;
    let files = files.parse().ok().filter(|&files| files > 0);
    let files = files.ok_or_else(|| "the number of files must be at least 1".to_owned())?;
    let name = listed_name(name).ok_or_else(|| "the name is empty".to_owned())?;
    Ok(((*tables).to_owned(), Writer { kind, name, files }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const A: &str = "00000000000000aa";

    fn writer(kind: WriterKind, name: &str, files: u32) -> Writer {
        Writer { kind, name: name.into(), files }
    }

    #[test]
    fn writers_of_a_pair_of_tables_come_most_seen_first() {
        let text = format!("# a list\n\n{A}\tcamera\t2\tAcme One\n{A}\tprogram\t5\tPaint\n");
        let mut writers = Writers::read(&text).unwrap();
        writers.add(A, writer(WriterKind::Camera, "Acme One", 1));
        assert_eq!(
            writers.of(A),
            [writer(WriterKind::Program, "Paint", 5), writer(WriterKind::Camera, "Acme One", 3)]
        );
        assert!(writers.of("00000000000000ab").is_empty());
    }

    #[test]
    fn a_wrong_line_is_named() {
        for (line, part) in [
            ("abc", "1 columns; 4 are wanted"),
            ("xyz\tcamera\t1\tAcme", "not 16 hexadecimal digits"),
            ("00000000000000aa\tphone\t1\tAcme", "`camera` or `program`"),
            ("00000000000000aa\tcamera\t0\tAcme", "at least 1"),
            ("00000000000000aa\tcamera\t1\t ", "name is empty"),
        ] {
            let error = Writers::read(&format!("# head\n{line}")).unwrap_err().to_string();
            assert!(error.starts_with("line 2: ") && error.contains(part), "{error}");
        }
    }

    proptest! {
        #[test]
        fn a_list_is_read_as_it_was_written(
            rows in proptest::collection::vec((0_u64..9, any::<bool>(), 1_u32..99, ".{0,150}"), 0..20),
        ) {
            let mut writers = Writers::default();
            for (tables, is_camera, files, name) in rows {
                let kind = if is_camera { WriterKind::Camera } else { WriterKind::Program };
                if let Some(name) = listed_name(&name) {
                    writers.add(&format!("{tables:016x}"), Writer { kind, name, files });
                }
            }
            prop_assert_eq!(Writers::read(&writers.to_text()), Ok(writers));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,300}") {
            let _ = Writers::read(&text);
        }
    }
}
