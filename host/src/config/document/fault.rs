// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is wrong in a document, shown the way a person finds it fastest: file, line, column, the
//! line itself with a caret, what was expected, the nearest known name.

use std::fmt;

use super::Place;

/// Similarity from which a known name is worth suggesting, 0..=1 (normalised Damerau-Levenshtein):
/// two slips in a word of five letters still count as that word.
const SUGGESTION_SIMILARITY: f64 = 0.6;

/// Widest part of a source line that is shown, characters.
const MAX_SHOWN_CHARACTERS: usize = 160;

/// Most faults that are shown; a person mends these before the rest.
const MAX_SHOWN_FAULTS: usize = 20;

/// One thing that is wrong in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What is wrong and what was expected.
    pub message: String,
    /// What to do: the nearest known name, the known names.
    pub hint: Option<String>,
}

impl Fault {
    /// A fault at a place.
    #[must_use]
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Self { place, message: message.into(), hint: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// A name that is none of the known ones; `within` ends the message: ` in `detectors.gan``.
    #[must_use]
    pub fn unknown_name(
        place: Place,
        what: &str,
        name: &str,
        within: &str,
        known: &[&str],
    ) -> Self {
        let name: String = name.chars().take(64).collect();
        Self::new(place, format!("unknown {what} `{name}`{within}")).hint(known_names(&name, known))
    }

    /// Line of the fault, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.before().matches('\n').count() + 1
    }

    /// Column of the fault in characters, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.before().rsplit('\n').next().unwrap_or_default().chars().count() + 1
    }

    /// The text before the fault, cut at a character.
    fn before(&self) -> &str {
        let text = &self.place.source.text;
        let mut end = self.place.span.start.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.get(..end).unwrap_or_default()
    }

    /// Characters to underline, at least one, at most to the end of the line.
    fn underlined(&self, line: &str) -> usize {
        let text = &self.place.source.text;
        let marked = text.get(self.place.span.clone()).unwrap_or_default();
        let marked = marked.lines().next().unwrap_or_default().chars().count();
        let left = line.chars().count().saturating_sub(self.column() - 1);
        marked.min(left).max(1)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = &self.place.source;
        let (line, column) = (self.line(), self.column());
        write!(f, "{}:{line}:{column}: {}", source.name, self.message)?;
        let shown = source.text.lines().nth(line - 1).unwrap_or_default();
        if !shown.trim().is_empty() && column <= MAX_SHOWN_CHARACTERS {
            let blank = |c: char| if c.is_control() { ' ' } else { c };
            let shown: String = shown.chars().take(MAX_SHOWN_CHARACTERS).map(blank).collect();
            let margin = " ".repeat(line.to_string().len());
            let caret = "^".repeat(self.underlined(&shown));
            let indent = " ".repeat(column - 1);
            write!(f, "\n{margin} |\n{line} | {shown}\n{margin} | {indent}{caret}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

/// `did you mean `gan`? known: diffusion, gan`, or only the list where nothing is near.
#[must_use]
pub fn known_names(name: &str, known: &[&str]) -> String {
    let list = known.join(", ");
    match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`? Known: {list}"),
        None if known.is_empty() => "none is known here".into(),
        None => format!("known: {list}"),
    }
}

/// The known name that `name` most likely stands for.
#[must_use]
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let similarity = |k: &str| strsim::normalized_damerau_levenshtein(&lower, k);
    let best = known.iter().max_by(|a, b| similarity(a).total_cmp(&similarity(b)))?;
    (similarity(best) >= SUGGESTION_SIMILARITY).then_some(best)
}

/// All that is wrong in a document, at least one fault, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// The faults in the order of the file; `None` when there are none.
    #[must_use]
    pub fn new(mut faults: Vec<Fault>) -> Option<Self> {
        faults.sort_by(|a, b| {
            let key = |f: &Fault| (f.place.source.name.clone(), f.place.span.start);
            key(a).cmp(&key(b))
        });
        (!faults.is_empty()).then_some(Self(faults))
    }

    /// The faults.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Faults {
    type Item = &'a Fault;
    type IntoIter = std::slice::Iter<'a, Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.0.iter().take(MAX_SHOWN_FAULTS).enumerate() {
            if i > 0 {
                f.write_str("\n\n")?;
            }
            fault.fmt(f)?;
        }
        match self.0.len().saturating_sub(MAX_SHOWN_FAULTS) {
            0 => Ok(()),
            more => write!(f, "\n\nand {more} more"),
        }
    }
}

impl std::error::Error for Faults {}
