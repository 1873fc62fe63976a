// SPDX-License-Identifier: MIT OR Apache-2.0
//! What rows are made by and of: one output holds rows of one identity.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::{Analyser, AnalysisRequest};
use crate::image::decode::REVISION;

/// What rows are made by and of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Version of the program.
    pub assay_version: String,
    /// Revision of the decoders.
    pub decoder_revision: u32,
    /// Name of the policy.
    pub policy: String,
    /// SHA-256 of the policy, hexadecimal.
    pub policy_digest: String,
    /// SHA-256 of each detector's library that is run, by its key in results.
    pub detectors: BTreeMap<String, String>,
    /// Where the entries are from, as it was given.
    pub input: String,
}

impl Identity {
    /// What an analyser makes of the entries of an input.
    ///
    /// # Errors
    /// When the request names detectors that are not there.
    pub fn of(
        analyser: &Analyser,
        request: &AnalysisRequest,
        input: &str,
    ) -> Result<Self, crate::analysis::RequestError> {
        let chosen = request.choose(&analyser.models())?;
        let known: Vec<_> = analyser.identities().collect();
        let chosen = chosen.into_iter().filter_map(|index| known.get(index));
        let policy = analyser.policy();
        Ok(Self {
            assay_version: env!("CARGO_PKG_VERSION").into(),
            decoder_revision: REVISION,
            policy: policy.name.clone(),
            policy_digest: policy.digest().into(),
            detectors: chosen.map(|d| (d.result_key.clone(), d.digest.clone())).collect(),
            input: input.into(),
        })
    }

    /// What is not the same, in words: what `other` has, what is here.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let mut compare = |what: &str, theirs: &str, ours: &str| {
            if theirs != ours {
                found.push(format!("{what} {theirs} there, {ours} here"));
            }
        };
        compare("version", &other.assay_version, &self.assay_version);
        let revisions = (other.decoder_revision.to_string(), self.decoder_revision.to_string());
        compare("decoder revision", &revisions.0, &revisions.1);
        compare("policy", &other.policy, &self.policy);
        compare("policy digest", &other.policy_digest, &self.policy_digest);
        compare("input", &other.input, &self.input);
        let keys = other.detectors.keys().chain(self.detectors.keys());
        let keys: std::collections::BTreeSet<_> = keys.collect();
        for key in keys {
            let digest = |of: &Self| of.detectors.get(key).cloned().unwrap_or("none".into());
            compare(key, &digest(other), &digest(self));
        }
        found
    }
}
