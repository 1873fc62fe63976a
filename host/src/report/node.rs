// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading JSON of unknown origin: whatever is not what it should be is not there.

use serde_json::Value;

use super::text::{shown, SENTENCE, SHORT};

/// A place in a document, where something may stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'a>(Option<&'a Value>);

impl<'a> Node<'a> {
    pub(super) fn new(value: &'a Value) -> Self {
        Self(Some(value))
    }

    /// The field of this name.
    pub(super) fn at(self, name: &str) -> Self {
        Self(self.0.and_then(|value| value.get(name)))
    }

    pub(super) fn value(self) -> Option<&'a Value> {
        self.0
    }

    /// A name or a code, safe to show; empty where there is none.
    pub(super) fn word(self) -> String {
        self.optional_word().unwrap_or_default()
    }

    pub(super) fn optional_word(self) -> Option<String> {
        Some(shown(self.0?.as_str()?, SHORT))
    }

    /// A sentence, safe to show; empty where there is none.
    pub(super) fn sentence(self) -> String {
        let text = self.0.and_then(Value::as_str).unwrap_or_default();
        shown(text, SENTENCE)
    }

    /// A finite number.
    pub(super) fn number(self) -> Option<f64> {
        self.0?.as_f64().filter(|number| number.is_finite())
    }

    /// A number within 0..=1.
    pub(super) fn share(self) -> Option<f64> {
        self.number().filter(|number| (0.0..=1.0).contains(number))
    }

    pub(super) fn whole(self) -> Option<u64> {
        self.0?.as_u64()
    }

    pub(super) fn pixels(self) -> Option<u32> {
        u32::try_from(self.whole()?).ok()
    }

    pub(super) fn flag(self) -> Option<bool> {
        self.0?.as_bool()
    }

    /// The entries of a list, `most` at most.
    pub(super) fn items(self, most: usize) -> impl Iterator<Item = Self> {
        let items = self.0.and_then(Value::as_array).into_iter().flatten();
        items.take(most).map(|item| Self(Some(item)))
    }

    /// The fields of an object, `most` at most.
    pub(super) fn fields(self, most: usize) -> impl Iterator<Item = (&'a str, Self)> {
        let fields = self.0.and_then(Value::as_object).into_iter().flatten();
        fields.take(most).map(|(name, value)| (name.as_str(), Self(Some(value))))
    }

    /// The texts of a list.
    pub(super) fn words(self, most: usize) -> Vec<String> {
        self.items(most).filter_map(Node::optional_word).collect()
    }
}
