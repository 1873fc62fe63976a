// SPDX-License-Identifier: MIT OR Apache-2.0
//! Comparisons that say what was expected and what was found.

use std::fmt::Debug;

use serde_json::Value;

use crate::case::{Check, Problem};

/// Both must be equal.
pub(super) fn equal<T: PartialEq + Debug>(what: &str, expected: T, found: T) -> Check {
    holds(expected == found, || format!("{what}: expected {expected:?}, found {found:?}"))
}

/// The condition must hold.
pub(super) fn holds(condition: bool, message: impl FnOnce() -> String) -> Check {
    if condition {
        Ok(())
    } else {
        Err(Problem::failed(message()))
    }
}

/// Reads fields by JSON pointer.
pub(super) trait Fields {
    fn text(&self, pointer: &str) -> Result<&str, Problem>;
    fn number(&self, pointer: &str) -> Result<f64, Problem>;
    fn count(&self, pointer: &str) -> Result<u64, Problem>;
    fn flag(&self, pointer: &str) -> Result<bool, Problem>;
    fn list(&self, pointer: &str) -> Result<&[Value], Problem>;
    fn names(&self, pointer: &str) -> Result<Vec<&str>, Problem>;
}

fn field<'a, T>(
    value: &'a Value,
    pointer: &str,
    kind: &str,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Result<T, Problem> {
    let found = value.pointer(pointer);
    found.and_then(read).ok_or_else(|| {
        let found = found.map_or("nothing".into(), ToString::to_string);
        Problem::failed(format!("{pointer}: expected {kind}, found {found}"))
    })
}

impl Fields for Value {
    fn text(&self, pointer: &str) -> Result<&str, Problem> {
        field(self, pointer, "a text", Self::as_str)
    }
    fn number(&self, pointer: &str) -> Result<f64, Problem> {
        field(self, pointer, "a number", Self::as_f64)
    }
    fn count(&self, pointer: &str) -> Result<u64, Problem> {
        field(self, pointer, "a whole number", Self::as_u64)
    }
    fn flag(&self, pointer: &str) -> Result<bool, Problem> {
        field(self, pointer, "true or false", Self::as_bool)
    }
    fn list(&self, pointer: &str) -> Result<&[Value], Problem> {
        field(self, pointer, "a list", |value| value.as_array().map(Vec::as_slice))
    }
    fn names(&self, pointer: &str) -> Result<Vec<&str>, Problem> {
        field(self, pointer, "an object", |value| {
            value.as_object().map(|fields| fields.keys().map(String::as_str).collect())
        })
    }
}
