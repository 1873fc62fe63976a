// SPDX-License-Identifier: MIT OR Apache-2.0
//! The words of keys: what an organisation pays for, what a key is used in and what it may do.

use std::fmt;
use std::str::FromStr;

use super::StoreError;

/// Defines an enum of words that are stored and shown as they are.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal, $($(#[$of:meta])* $variant:ident = $word:literal),+) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$of])* $variant),+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = StoreError;

            fn from_str(text: &str) -> Result<Self, StoreError> {
                let known = Self::ALL.iter().find(|word| word.as_str() == text).copied();
                known.ok_or_else(|| StoreError::Corrupt { what: $what, value: text.into() })
            }
        }
    };
}

words! {
    /// What an organisation pays for: its rate limits and batch sizes.
    Plan, "plan",
    /// The smallest.
    Starter = "starter",
    /// The middle one.
    Growth = "growth",
    /// By agreement.
    Enterprise = "enterprise"
}

words! {
    /// What a key is used in.
    Environment, "environment",
    /// Somebody's own machine.
    Development = "development",
    /// A trial of what comes next.
    Staging = "staging",
    /// The real thing.
    Production = "production"
}

words! {
    /// What a key may do.
    Scope, "scope",
    /// Submit pictures.
    Analyze = "analyze",
    /// Read results, detectors, policies, usage.
    Read = "read",
    /// Administrate keys and webhooks.
    Admin = "admin"
}
