// SPDX-License-Identifier: MIT OR Apache-2.0
//! Content Credentials: the C2PA manifest store of a file, read and validated. No other part of the
//! detector knows the library that does it.
//!
//! **What it tests.** Three things that are kept apart. *Integrity*: the picture's hash and those of
//! the assertions are the ones that were signed. *Signature*: the claim was signed by the holder of
//! the certificate's key. *Trust*: the certificate leads to an authority of the trust list.
//!
//! **Why it works.** A changed byte of the picture changes its hash; a changed assertion changes
//! the claim; a changed claim has no valid signature.
//!
//! **When it does not apply.** Whoever has a certificate can sign any statement about any picture:
//! *valid* is not *trusted*, and *trusted* is not *true*. Nothing is fetched: neither a manifest
//! that lies elsewhere nor whether a certificate was revoked. A certificate without a time stamp is
//! judged by today's date.
//!
//! **Constants and their source.** Limits in [`guard`]; lists of authorities in [`trust`].
//!
//! **References.** C2PA Technical Specification 2.2, §§13–15.

mod chain;
mod guard;
mod origin;
mod read;
mod trust;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use origin::{Edits, Origin};
pub(crate) use read::Validator;
pub(crate) use trust::Anchors;

/// What the whole of a store is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Intact, and signed with a certificate of the trust list.
    Trusted,
    /// Intact, and signed by somebody whom the trust list does not know.
    Valid,
    /// The picture is not the one that was signed.
    ContentChanged,
    /// The statements are not the ones that were signed, or a part of them is missing.
    CredentialsChanged,
    /// Intact; the certificate was not valid when it signed, as far as a time is known.
    Expired,
    /// Intact; the certificate was revoked.
    Revoked,
    /// Intact; the certificate is not one that may sign Content Credentials.
    SignerInvalid,
    /// Intact itself; the credentials of a picture that it was made from are not.
    IngredientInvalid,
    /// Intact; it breaks another rule of the specification.
    Nonconforming,
    /// Whether it is intact cannot be told.
    Invalid,
}

impl State {
    /// The word of the attribute `c2pa_state`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::Valid => "valid",
            Self::ContentChanged => "content_changed",
            Self::CredentialsChanged => "credentials_changed",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::SignerInvalid => "signer_invalid",
            Self::IngredientInvalid => "ingredient_invalid",
            Self::Nonconforming => "nonconforming",
            Self::Invalid => "invalid",
        }
    }

    /// Whether picture and statements are those that were signed.
    pub(crate) fn is_intact(self) -> bool {
        !matches!(self, Self::ContentChanged | Self::CredentialsChanged | Self::Invalid)
    }
}

/// What a store says, and whether it may say so. Texts are cleaned for a person.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Credentials {
    /// What it is worth.
    pub state: State,
    /// Codes of the specification by which the active manifest failed, then those of ingredients.
    pub failures: Vec<String>,
    /// Organisation to whom the signer's certificate was issued.
    pub issuer: Option<String>,
    /// Time of the signature by a time-stamping authority, RFC 3339.
    pub signed_at: Option<String>,
    /// Program that wrote the active manifest.
    pub generator: Option<String>,
    /// Actions of the active manifest and of those that it continues, oldest last, each once.
    pub actions: Vec<String>,
    /// How the picture came to be.
    pub origin: Origin,
    /// Manifests in the store.
    pub manifests: usize,
    /// The manifests as a tree, JSON.
    pub chain: String,
}

/// What became of reading a store.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reading {
    /// It was read.
    Read(Box<Credentials>),
    /// It could not be read or was not; why, for a person.
    Refused(String),
}
