// SPDX-License-Identifier: MIT OR Apache-2.0
//! The policies that requests may name, each with its detectors made.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::ApiError;
use crate::analysis::{Analyser, AnalyserError, Pool};
use crate::plugin::Registry;
use crate::policy::Policy;

/// Analysers by the names of their policies.
pub struct Policies {
    default: Arc<Analyser>,
    by_name: BTreeMap<String, Arc<Analyser>>,
}

impl Policies {
    /// Makes the detectors of each policy; `default` is the one that is taken where none is named.
    ///
    /// # Errors
    /// When a policy names what the detectors do not have, or a detector refuses its parameters.
    pub fn new(
        registry: &Registry,
        pool: &Arc<Pool>,
        default: Policy,
        others: impl IntoIterator<Item = Policy>,
    ) -> Result<Self, AnalyserError> {
        let make = |policy: Policy| {
            Analyser::new(registry, Arc::new(policy), Arc::clone(pool)).map(Arc::new)
        };
        let mut by_name = BTreeMap::new();
        for policy in others {
            by_name.insert(policy.name.clone(), make(policy)?);
        }
        let default = make(default)?;
        by_name.insert(default.policy().name.clone(), Arc::clone(&default));
        Ok(Self { default, by_name })
    }

    /// The one that is taken where none is named.
    #[must_use]
    pub fn default(&self) -> &Arc<Analyser> {
        &self.default
    }

    /// All of them, by name.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Analyser>> {
        self.by_name.values()
    }

    /// The one of this name, or the default without a name.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for an unknown name.
    pub(super) fn choose(&self, name: Option<&str>) -> Result<&Arc<Analyser>, ApiError> {
        let Some(name) = name else { return Ok(&self.default) };
        self.by_name.get(name).ok_or_else(|| {
            let known: Vec<_> = self.by_name.keys().map(String::as_str).collect();
            let message = format!("unknown policy \"{name}\"; known: {}", known.join(", "));
            ApiError::invalid(message)
        })
    }
}
