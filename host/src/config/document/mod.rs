// SPDX-License-Identifier: MIT OR Apache-2.0
//! A TOML document whose every key and value knows its place in the file, so that a fault that is
//! found late (a parameter that only the loaded plugin knows) still points at its line.

pub mod fault;
pub mod names;
pub mod overlay;
pub mod reader;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read as _;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};
use toml::Spanned;

use fault::Fault;

/// Longest configuration or policy file that is read, bytes.
pub const MAX_DOCUMENT_BYTES: usize = 1 << 18;

/// Longest line of one, bytes: the parser's time grows with the square of a dotted key's length.
pub const MAX_LINE_BYTES: usize = 1 << 12;

/// A text with the name that error messages give it.
#[derive(PartialEq, Eq)]
pub struct Source {
    /// Path or name for a person.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").field(&self.name).finish()
    }
}

/// Where a key or a value is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub source: Arc<Source>,
    /// Bytes of its text.
    pub span: Range<usize>,
}

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where the value is written.
    pub place: Place,
    /// The value.
    pub content: Content,
}

/// A TOML value.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A real number; TOML allows `nan` and `inf`.
    Real(f64),
    /// True or false.
    Bool(bool),
    /// A date or time, as written.
    Date(String),
    /// Values in order.
    Array(Vec<Node>),
    /// Values by key.
    Table(Table),
}

/// Values by key, in the order of the keys.
pub type Table = BTreeMap<String, Entry>;

/// A key's place and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Where the key is written.
    pub key: Place,
    /// The value.
    pub node: Node,
}

impl Node {
    /// Parses a TOML document into its root table.
    ///
    /// # Errors
    /// The first place that is not TOML, or a text of more than [`MAX_DOCUMENT_BYTES`] or with a line
    /// of more than [`MAX_LINE_BYTES`].
    pub fn parse(text: &str, name: &str) -> Result<Self, Fault> {
        let source = Arc::new(Source { name: name.into(), text: text.into() });
        let fault = |span: Range<usize>, message: String| {
            Fault::new(Place { source: Arc::clone(&source), span }, message)
        };
        if text.len() > MAX_DOCUMENT_BYTES {
            let message =
                format!("must be at most {MAX_DOCUMENT_BYTES} bytes, found {}", text.len());
            return Err(fault(0..0, message));
        }
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            if line.len() > MAX_LINE_BYTES {
                let message = format!("a line must be at most {MAX_LINE_BYTES} bytes");
                return Err(fault(start..start, message));
            }
            start += line.len();
        }
        let root = DeTable::parse(text)
            .map_err(|e| fault(e.span().unwrap_or(0..0), format!("not TOML: {}", e.message())))?;
        let place = Place { source: Arc::clone(&source), span: 0..0 };
        Ok(Self { place, content: Content::Table(table_of(root.get_ref(), &source)?) })
    }

    /// The table, where the value is one.
    #[must_use]
    pub fn as_table(&self) -> Option<&Table> {
        match &self.content {
            Content::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The text, where the value is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value with its type, for error messages: `the text "abc"`.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.content {
            Content::Text(text) => {
                let short: String = text.chars().take(64).collect();
                format!("the text \"{short}\"")
            }
            Content::Int(number) => number.to_string(),
            Content::Real(number) => number.to_string(),
            Content::Bool(flag) => flag.to_string(),
            Content::Date(date) => format!("the date {date}"),
            Content::Array(_) => "an array".into(),
            Content::Table(_) => "a table".into(),
        }
    }
}

/// Reads a document's file, at most one byte more than [`MAX_DOCUMENT_BYTES`], so that
/// [`Node::parse`] sees a longer one to be too long.
///
/// # Errors
/// When the file cannot be read or is not UTF-8.
pub fn read_text(path: &Path) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_DOCUMENT_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    // A file that is too long may be cut inside a character: its length is the fault to tell.
    String::from_utf8(bytes).or_else(|error| match error.as_bytes().len() > MAX_DOCUMENT_BYTES {
        true => Ok(" ".repeat(MAX_DOCUMENT_BYTES + 1)),
        false => Err(std::io::Error::new(std::io::ErrorKind::InvalidData, error)),
    })
}

fn table_of(table: &DeTable<'_>, source: &Arc<Source>) -> Result<Table, Fault> {
    let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let name: &std::borrow::Cow<'_, str> = key.get_ref();
        let place = Place { source: Arc::clone(source), span: key.span() };
        Ok((name.to_string(), Entry { key: place, node: node_of(value, source)? }))
    };
    table.iter().map(entry).collect()
}

fn node_of(value: &Spanned<DeValue<'_>>, source: &Arc<Source>) -> Result<Node, Fault> {
    let place = Place { source: Arc::clone(source), span: value.span() };
    let content = match value.get_ref() {
        DeValue::String(text) => Content::Text(text.to_string()),
        DeValue::Boolean(flag) => Content::Bool(*flag),
        DeValue::Datetime(date) => Content::Date(date.to_string()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Content::Int(number),
            Err(_) => return Err(Fault::new(place, "must fit into 64 bits")),
        },
        DeValue::Float(number) => match number.as_str().parse() {
            Ok(number) => Content::Real(number),
            Err(_) => return Err(Fault::new(place, "must be a number")),
        },
        DeValue::Array(values) => {
            Content::Array(values.iter().map(|v| node_of(v, source)).collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => Content::Table(table_of(table, source)?),
    };
    Ok(Node { place, content })
}
