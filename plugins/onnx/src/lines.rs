// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is wrong in a manifest, with the line that it stands on.

use std::ops::{Range, RangeInclusive};

use toml::Spanned;

use crate::manifest::FILE;

/// A manifest that cannot be used: file, line, what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ManifestError(String);

impl ManifestError {
    /// A fault that says itself where it is, or is nowhere.
    pub(crate) fn whole(message: &str) -> Self {
        Self(format!("{FILE}: {message}"))
    }
}

/// The text that places are counted in.
pub(crate) struct Lines<'t>(pub(crate) &'t str);

impl Lines<'_> {
    /// A fault at bytes of the text.
    pub(crate) fn fault(&self, span: Range<usize>, message: &str) -> ManifestError {
        let before = self.0.get(..span.start).unwrap_or_default();
        ManifestError(format!("{FILE}:{}: {message}", before.matches('\n').count() + 1))
    }

    /// A number, if it is within a range.
    ///
    /// # Errors
    /// When it is not.
    pub(crate) fn within(
        &self,
        key: &str,
        value: &Spanned<u32>,
        range: RangeInclusive<u32>,
    ) -> Result<u32, ManifestError> {
        let found = *value.get_ref();
        if range.contains(&found) {
            return Ok(found);
        }
        let (from, to) = range.into_inner();
        let message = format!("`{key}` must be within {from}..={to}, found {found}");
        Err(self.fault(value.span(), &message))
    }

    /// Numbers, if all are finite and allowed; the usual ones where none are given.
    ///
    /// # Errors
    /// When one is not.
    pub(crate) fn finite<const N: usize>(
        &self,
        key: &str,
        value: Option<&Spanned<[f32; N]>>,
        usual: [f32; N],
        allowed: impl Fn(f32) -> bool,
    ) -> Result<[f32; N], ManifestError> {
        let Some(value) = value else { return Ok(usual) };
        let found = *value.get_ref();
        if found.iter().all(|&number| number.is_finite() && allowed(number)) {
            return Ok(found);
        }
        let message =
            format!("`{key}` must hold {N} finite numbers that make sense, found {found:?}");
        Err(self.fault(value.span(), &message))
    }
}
