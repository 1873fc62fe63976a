// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads a table key by key; whatever was not asked for is an unknown key.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use super::fault::{Fault, Faults};
use super::{Content, Entry, Node, Place, Table};

/// Collects what is wrong, so that a person sees all of it at once.
#[derive(Default)]
pub struct Collector(RefCell<Vec<Fault>>);

impl Collector {
    /// Keeps a fault.
    pub fn push(&self, fault: Fault) {
        self.0.borrow_mut().push(fault);
    }

    /// Whether no fault was kept so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// The value, unless a fault was kept.
    ///
    /// # Errors
    /// All faults kept.
    pub fn finish<T>(self, value: T) -> Result<T, Faults> {
        Faults::new(self.0.into_inner()).map_or(Ok(value), Err)
    }
}

/// Reads one table.
pub struct Reader<'a> {
    table: &'a Table,
    /// Where the table itself is written.
    place: &'a Place,
    /// Dotted path of the table for messages; empty for the root.
    path: String,
    asked: Vec<&'static str>,
    collector: &'a Collector,
}

static EMPTY: Table = Table::new();

impl<'a> Reader<'a> {
    /// Starts with the root of a document.
    #[must_use]
    pub fn root(node: &'a Node, collector: &'a Collector) -> Self {
        let table = node.as_table().unwrap_or(&EMPTY);
        Self { table, place: &node.place, path: String::new(), asked: Vec::new(), collector }
    }

    /// Starts with the value of `path`; a value that is no table is a fault and reads as none.
    #[must_use]
    pub fn new(node: &'a Node, path: &str, collector: &'a Collector) -> Option<Self> {
        let Some(table) = node.as_table() else {
            let message = format!("`{path}` must be a table, found {}", node.describe());
            collector.push(Fault::new(node.place.clone(), message));
            return None;
        };
        let path = path.to_owned();
        Some(Self { table, place: &node.place, path, asked: Vec::new(), collector })
    }

    /// The dotted path of a key of this table.
    #[must_use]
    pub fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// The entry of a key, which is known from now on.
    pub fn entry(&mut self, key: &'static str) -> Option<&'a Entry> {
        self.asked.push(key);
        self.table.get(key)
    }

    /// The value of a key.
    pub fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// A table below this one.
    pub fn table(&mut self, key: &'static str) -> Option<Self> {
        let path = self.path_of(key);
        self.node(key).and_then(|node| Self::new(node, &path, self.collector))
    }

    /// The entries of a table below this one whose keys are free: detectors, weights.
    pub fn entries(&mut self, key: &'static str) -> Vec<(&'a str, &'a Entry)> {
        let table = self.table(key).map(|reader| reader.table);
        table.into_iter().flatten().map(|(name, entry)| (name.as_str(), entry)).collect()
    }

    /// The values of an array; one that is no array is a fault and reads as empty.
    pub fn array(&mut self, key: &'static str) -> &'a [Node] {
        match self.node(key) {
            None => &[],
            Some(Node { content: Content::Array(nodes), .. }) => nodes,
            Some(node) => {
                self.wrong(key, node, "an array");
                &[]
            }
        }
    }

    /// A text.
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        let node = self.node(key)?;
        let text = node.as_text().map(str::to_owned);
        text.or_else(|| self.refused(key, node, "a text"))
    }

    /// A text that must be there and not be blank.
    pub fn required_text(&mut self, key: &'static str) -> String {
        match self.text(key) {
            Some(text) if !text.trim().is_empty() => return text,
            Some(_) => self.fault(key, format!("`{}` must not be empty", self.path_of(key))),
            None if self.table.contains_key(key) => {}
            None => self.missing(key, "a text"),
        }
        String::new()
    }

    /// One of some words.
    pub fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let node = self.node(key)?;
        let found = node.as_text().and_then(|text| words.iter().find(|(word, _)| *word == text));
        found.map(|(_, value)| *value).or_else(|| {
            let names: Vec<_> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            self.refused(key, node, &format!("one of {}", names.join(", ")))
        })
    }

    /// True or false.
    pub fn flag(&mut self, key: &'static str) -> Option<bool> {
        let node = self.node(key)?;
        match node.content {
            Content::Bool(flag) => Some(flag),
            _ => self.refused(key, node, "true or false"),
        }
    }

    /// A finite number within a range; a whole number is accepted too.
    pub fn number(&mut self, key: &'static str, range: RangeInclusive<f64>) -> Option<f64> {
        let node = self.node(key)?;
        number_of(node).filter(|number| range.contains(number)).or_else(|| {
            let (from, to) = range.into_inner();
            self.refused(key, node, &format!("a number within {from}..={to}"))
        })
    }

    /// A whole number within a range.
    pub fn whole(&mut self, key: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        let node = self.node(key)?;
        let number = match node.content {
            Content::Int(number) => u64::try_from(number).ok(),
            _ => None,
        };
        number.filter(|number| range.contains(number)).or_else(|| {
            let (from, to) = range.into_inner();
            self.refused(key, node, &format!("a whole number within {from}..={to}"))
        })
    }

    /// Keeps a fault at the value of a key, or at the table where the key is missing.
    pub fn fault(&self, key: &str, message: impl Into<String>) {
        let place = self.table.get(key).map_or(self.place, |entry| &entry.node.place);
        self.collector.push(Fault::new(place.clone(), message));
    }

    /// Keeps the fault of a key that must be there and is not.
    pub fn missing(&self, key: &str, expected: &str) {
        let message = format!("`{}` is missing, it must be {expected}", self.path_of(key));
        self.collector.push(Fault::new(self.place.clone(), message));
    }

    /// Keeps the fault of a wrong value.
    pub fn wrong(&self, key: &str, node: &Node, expected: &str) {
        let path = self.path_of(key);
        let message = format!("`{path}` must be {expected}, found {}", node.describe());
        self.collector.push(Fault::new(node.place.clone(), message));
    }

    fn refused<T>(&self, key: &str, node: &Node, expected: &str) -> Option<T> {
        self.wrong(key, node, expected);
        None
    }

    /// Whether the table has the key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Keeps a fault for each key that was not asked for.
    pub fn finish(mut self) {
        self.asked.sort_unstable();
        self.asked.dedup();
        for (key, entry) in self.table {
            if !self.asked.contains(&key.as_str()) {
                let within = match self.path.as_str() {
                    "" => String::new(),
                    path => format!(" in `{path}`"),
                };
                let place = entry.key.clone();
                self.collector.push(Fault::unknown_name(place, "key", key, &within, &self.asked));
            }
        }
    }
}

/// The finite number that a node holds.
#[must_use]
pub fn number_of(node: &Node) -> Option<f64> {
    match node.content {
        Content::Int(number) => Some(number as f64),
        Content::Real(number) => number.is_finite().then_some(number),
        _ => None,
    }
}
