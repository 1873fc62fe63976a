// SPDX-License-Identifier: MIT OR Apache-2.0
//! The trust list: authorities whose certificates are believed. Configuration, with the public lists
//! as its default.
//!
//! **Constants and their source.** `trust/README.md`: the C2PA's trust list and its list of
//! time-stamping authorities, and the interim list that preceded them.

use crate::named_files::NamedFiles;

/// The C2PA's lists, then the interim one.
const SHIPPED: [&str; 3] = [
    include_str!("../../trust/c2pa-trust-list.pem"),
    include_str!("../../trust/c2pa-tsa-trust-list.pem"),
    include_str!("../../trust/interim-trust-list.pem"),
];
/// Value of the parameter for no list at all.
const NONE: &str = "none";
/// Start of a certificate in PEM.
const PEM_START: &str = "-----BEGIN CERTIFICATE-----";
/// Largest file of certificates, bytes.
const MAX_FILE_BYTES: u64 = 4 * 1024 * 1024;

/// Certificates of authorities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Anchors {
    /// Nobody is trusted.
    Nobody,
    /// A bundle in PEM.
    Bundle(String),
}

impl Anchors {
    /// The list that the parameter names: empty for the shipped lists, `none`, certificates in PEM,
    /// or the path of a file of them.
    ///
    /// # Errors
    /// When the file cannot be read or holds no certificate.
    pub(crate) fn read(parameter: &str, files: &mut NamedFiles) -> Result<Self, String> {
        if parameter.is_empty() {
            return Ok(Self::Bundle(SHIPPED.concat()));
        }
        if parameter == NONE {
            return Ok(Self::Nobody);
        }
        if parameter.contains(PEM_START) {
            return Ok(Self::Bundle(parameter.to_owned()));
        }
        let wrong = |what: String| format!("trust list {parameter}: {what}");
        let text = files.read("c2pa_trust_sha256", parameter, MAX_FILE_BYTES).map_err(wrong)?;
        if !text.contains(PEM_START) {
            return Err(wrong(format!("expected certificates in PEM ({PEM_START}), found none")));
        }
        Ok(Self::Bundle(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parameter: &str) -> Result<Anchors, String> {
        Anchors::read(parameter, &mut NamedFiles::default())
    }

    #[test]
    fn the_shipped_lists_are_the_default_and_can_be_left_out() {
        let Ok(Anchors::Bundle(shipped)) = read("") else { panic!("no list") };
        assert!(shipped.matches(PEM_START).count() > 50);
        assert_eq!(read("none"), Ok(Anchors::Nobody));
    }

    #[test]
    fn a_wrong_list_says_which_and_why() {
        let missing = read("/nowhere/list.pem").unwrap_err();
        assert!(missing.contains("/nowhere/list.pem"), "{missing}");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
        assert!(read(source).unwrap_err().contains("found none"));
    }
}
