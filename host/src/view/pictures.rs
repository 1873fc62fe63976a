// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pictures that detectors hand over beside their numbers.
//!
//! The contract has no place for them, and it is frozen: a picture is a text attribute whose name ends
//! in `_png_base64`, and so at most 64 kB. It is large and seldom wanted, so an answer holds it only
//! where pictures are asked for; the command line writes it to a file instead, and names that.

use std::collections::BTreeMap;

use assay_plugin_api::report::{Attribute, Value};
use base64::prelude::{Engine as _, BASE64_STANDARD};

/// Ending of the attribute's name.
const ENDING: &str = "_png_base64";
/// Ending of the name under which its file is named.
const FILE_ENDING: &str = "_path";
/// What a PNG starts with [RFC 2083, 12.11].
const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// What becomes of the pictures in an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Pictures {
    /// They are left out.
    #[default]
    LeftOut,
    /// They are in the answer, base64.
    Inline,
    /// They are in files: paths by result key and name.
    Files(BTreeMap<(String, String), String>),
}

/// The name of the picture that an attribute holds: `spectrum` of `spectrum_png_base64`.
#[must_use]
pub fn name_of(attribute: &Attribute) -> Option<&str> {
    attribute.name.as_str().strip_suffix(ENDING).filter(|name| !name.is_empty())
}

/// The picture's file; `None` for what is no PNG.
#[must_use]
pub fn bytes_of(attribute: &Attribute) -> Option<Vec<u8>> {
    let Value::Text(text) = &attribute.value else { return None };
    BASE64_STANDARD.decode(text.as_bytes()).ok().filter(|bytes| bytes.starts_with(&SIGNATURE))
}

impl Pictures {
    /// What an answer holds of the picture `name` of a detector: a field and its text.
    pub(super) fn field(
        &self,
        result_key: &str,
        name: &str,
        attribute: &Attribute,
    ) -> Option<(String, String)> {
        match self {
            Self::LeftOut => None,
            Self::Inline => {
                let Value::Text(text) = &attribute.value else { return None };
                bytes_of(attribute)?;
                Some((attribute.name.to_string(), text.to_string()))
            }
            Self::Files(paths) => {
                let path = paths.get(&(result_key.to_owned(), name.to_owned()))?;
                Some((format!("{name}{FILE_ENDING}"), path.clone()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_png_under_the_ending_is_a_picture() {
        let png = BASE64_STANDARD.encode([SIGNATURE.as_slice(), b"rest"].concat());
        let picture = Attribute::new("spectrum_png_base64", png.as_str());
        assert_eq!(name_of(&picture), Some("spectrum"));
        let field = Pictures::Inline.field("frequency_analysis", "spectrum", &picture);
        assert_eq!(field, Some(("spectrum_png_base64".into(), png.clone())));
        assert_eq!(Pictures::LeftOut.field("frequency_analysis", "spectrum", &picture), None);
        assert_eq!(name_of(&Attribute::new("_png_base64", png.as_str())), None);
        assert_eq!(name_of(&Attribute::new("spectrum", png.as_str())), None);
        for bad in ["%%", "aGVsbG8="] {
            let bad = Attribute::new("spectrum_png_base64", bad);
            assert_eq!(bytes_of(&bad), None);
            assert_eq!(Pictures::Inline.field("frequency_analysis", "spectrum", &bad), None);
        }
    }

    #[test]
    fn a_written_picture_is_named_by_its_path() {
        let picture = Attribute::new("spectrum_png_base64", "x");
        let key = ("frequency_analysis".to_owned(), "spectrum".to_owned());
        let files = Pictures::Files(BTreeMap::from([(key, "a/b.png".to_owned())]));
        let field = files.field("frequency_analysis", "spectrum", &picture);
        assert_eq!(field, Some(("spectrum_path".into(), "a/b.png".into())));
        assert_eq!(files.field("other", "spectrum", &picture), None);
    }
}
