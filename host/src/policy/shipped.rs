// SPDX-License-Identifier: MIT OR Apache-2.0
//! The policies that the binary carries, so that it works without any file beside it.

/// Name and text of each shipped policy, by name.
pub const SHIPPED: [(&str, &str); 4] = [
    ("content-moderation", include_str!("../../../config/policies/content-moderation.toml")),
    ("default", include_str!("../../../config/policies/default.toml")),
    ("insurance-claims", include_str!("../../../config/policies/insurance-claims.toml")),
    ("kyc", include_str!("../../../config/policies/kyc.toml")),
];

/// The text of a shipped policy.
#[must_use]
pub fn shipped(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The names of the shipped policies, sorted.
#[must_use]
pub fn names() -> Vec<&'static str> {
    SHIPPED.iter().map(|(name, _)| *name).collect()
}
