// SPDX-License-Identifier: MIT OR Apache-2.0
//! The columns of the table and their values: those of every picture, and four of every detector.

use serde_json::{Map, Value};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8.
    Text,
    /// A double.
    Real,
    /// A signed number of 64 bits.
    Whole,
    /// A moment, ms since 1970 UTC.
    Moment,
}

/// A value; none is null.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// UTF-8.
    Text(Option<String>),
    /// A double.
    Real(Option<f64>),
    /// A signed number of 64 bits.
    Whole(Option<i64>),
}

/// The values of one entry, in the columns' order.
pub type Row = Vec<Cell>;

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Where its value stands in an entry's answer, as a JSON pointer.
    pointer: String,
}

/// All columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns(Vec<Column>);

/// Columns before the detectors': name, what it holds, where its value stands.
const LEADING: [(&str, Kind, &str); 19] = [
    (SOURCE, Kind::Text, "/source"),
    ("status", Kind::Text, "/status"),
    ("label", Kind::Text, "/verdict/label"),
    ("risk_level", Kind::Text, "/verdict/risk_level"),
    ("risk", Kind::Real, "/verdict/risk"),
    ("confidence", Kind::Real, "/verdict/confidence"),
    ("p_ai_generated", Kind::Real, "/verdict/p_ai_generated"),
    ("p_manipulated", Kind::Real, "/verdict/p_manipulated"),
    ("reasons", Kind::Text, "/verdict/reasons"),
    ("findings", Kind::Text, "/findings"),
    ("width", Kind::Whole, "/image_info/width"),
    ("height", Kind::Whole, "/image_info/height"),
    ("format", Kind::Text, "/image_info/format"),
    ("file_size_bytes", Kind::Whole, "/image_info/file_size_bytes"),
    ("sha256", Kind::Text, "/image_info/sha256"),
    ("error_code", Kind::Text, "/error/code"),
    ("error_message", Kind::Text, "/error/message"),
    ("processed_at", Kind::Moment, "/processed_at_ms"),
    ("processing_time_ms", Kind::Whole, "/processing_time_ms"),
];

/// Columns after the detectors'.
const TRAILING: [(&str, Kind, &str); 4] = [
    ("policy", Kind::Text, "/policy/name"),
    ("policy_version", Kind::Text, "/policy/version"),
    ("policy_digest", Kind::Text, "/policy/digest"),
    ("assay_version", Kind::Text, "/assay_version"),
];

/// Columns of each detector, behind its key.
const OF_EACH: [(&str, Kind); 4] =
    [("status", Kind::Text), ("score", Kind::Real), ("label", Kind::Text), ("digest", Kind::Text)];

/// The column that names the entry.
pub(super) const SOURCE: &str = "source";

impl Columns {
    /// The columns where detectors of these keys are run.
    #[must_use]
    pub fn of(result_keys: &[&str]) -> Self {
        let fixed = |&(name, kind, pointer): &(&str, Kind, &str)| Column {
            name: name.into(),
            kind,
            pointer: pointer.into(),
        };
        let of_detector = result_keys.iter().flat_map(|key| {
            OF_EACH.map(|(name, kind)| Column {
                name: format!("{key}_{name}"),
                kind,
                pointer: format!("/model_results/{key}/{name}"),
            })
        });
        let leading = LEADING.iter().map(fixed);
        Self(leading.chain(of_detector).chain(TRAILING.iter().map(fixed)).collect())
    }

    /// One after the other.
    #[must_use]
    pub fn list(&self) -> &[Column] {
        &self.0
    }

    /// The values of an answer.
    #[must_use]
    pub fn row(&self, answer: &Value) -> Row {
        self.0.iter().map(|column| column.value(answer)).collect()
    }

    /// A row as a JSON object.
    #[must_use]
    pub fn json(&self, row: &[Cell]) -> Value {
        let named = self.0.iter().zip(row);
        let named = named.map(|(column, cell)| (column.name.clone(), cell.json()));
        Value::Object(named.collect::<Map<_, _>>())
    }
}

impl Column {
    fn value(&self, answer: &Value) -> Cell {
        let value = answer.pointer(&self.pointer).filter(|value| !value.is_null());
        match self.kind {
            Kind::Text => Cell::Text(value.map(|value| match value {
                Value::String(text) => text.clone(),
                list => list.to_string(),
            })),
            Kind::Real => Cell::Real(value.and_then(Value::as_f64)),
            Kind::Whole | Kind::Moment => Cell::Whole(value.and_then(Value::as_i64)),
        }
    }
}

impl Cell {
    fn json(&self) -> Value {
        match self {
            Self::Text(text) => text.as_deref().map_or(Value::Null, Value::from),
            Self::Real(number) => number.map_or(Value::Null, Value::from),
            Self::Whole(number) => number.map_or(Value::Null, Value::from),
        }
    }
}
