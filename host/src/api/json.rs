// SPDX-License-Identifier: MIT OR Apache-2.0
//! JSON that a client sends: objects by name only, and `null` for what it leaves to us.
//!
//! A derived reader would take an array for an object, field by field in the order of the code, so that a
//! client's mistake would be read as something that nobody wrote.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};

use super::error::ApiError;

/// Reads a whole JSON text that must be an object.
///
/// # Errors
/// `INVALID_REQUEST` with line and column.
pub(super) fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let wrong = |e| ApiError::invalid(format!("The JSON cannot be read: {e}"));
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read: Object<T> = Object::deserialize(&mut reader).map_err(wrong)?;
    reader.end().map_err(wrong)?;
    Ok(read.0)
}

/// Reads a JSON text that may be missing or `null`, which stands for an object without fields.
///
/// # Errors
/// As [`from_json`].
pub(super) fn from_json_or_none<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let is_none = bytes.is_empty() || bytes.trim_ascii() == b"null";
    from_json(if is_none { b"{}" } else { bytes })
}

/// A value that is written as an object.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Reader<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        reader.deserialize_any(Reader(PhantomData)).map(Object)
    }
}

/// Reads a field that is an object, or `null` for its default.
pub(super) fn object<'de, T, D>(reader: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    let read: Option<Object<T>> = Option::deserialize(reader)?;
    Ok(read.map_or_else(T::default, |read| read.0))
}

/// Reads a list of objects.
pub(super) fn objects<'de, T, D>(reader: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let read: Vec<Object<T>> = Vec::deserialize(reader)?;
    Ok(read.into_iter().map(|read| read.0).collect())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Inner {
        number: u8,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Outer {
        #[serde(deserialize_with = "object")]
        inner: Inner,
        #[serde(deserialize_with = "objects")]
        list: Vec<Inner>,
    }

    #[test]
    fn objects_are_read_by_name_and_null_is_the_default() {
        let read: Outer =
            from_json(br#"{"inner": {"number": 1}, "list": [{"number": 2}, {}]}"#).unwrap();
        let list = vec![Inner { number: 2 }, Inner { number: 0 }];
        assert_eq!(read, Outer { inner: Inner { number: 1 }, list });
        assert_eq!(from_json::<Outer>(br#"{"inner": null}"#).unwrap(), Outer::default());
    }

    #[test]
    fn arrays_are_no_objects_wherever_they_stand() {
        for text in ["[]", "[{}]", r#"{"inner": [1]}"#, r#"{"list": [[1]]}"#] {
            let error = from_json::<Outer>(text.as_bytes()).unwrap_err();
            assert!(error.message.contains("expected an object"), "{text}: {}", error.message);
            assert!(error.message.contains("line 1"), "{text}: {}", error.message);
        }
        let error = from_json::<Outer>(b"{}\n x").unwrap_err();
        assert!(error.message.contains("trailing characters at line 2"), "{}", error.message);
    }
}
