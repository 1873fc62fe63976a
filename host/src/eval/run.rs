// SPDX-License-Identifier: MIT OR Apache-2.0
//! One picture of a collection through the tiers and the detectors.

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::cache::{detector_key, Cache};
use super::manifest::Picture;
use super::record::{Examined, Facts};
use super::tiers::Tier;
use crate::analysis::outcome::{DetectorOutcome, Outcome};
use crate::analysis::{Analyser, AnalysisRequest, Models};
use crate::image::evidence::ImageEvidence;
use crate::image::DecodeLimits;

/// The detectors of a policy, the tiers, and what was computed before.
pub struct Evaluator<'a> {
    analyser: &'a Analyser,
    limits: DecodeLimits,
    tiers: Vec<Tier>,
    cache: Cache,
    /// Names of the detectors in the cache, in the order of results.
    keys: Vec<String>,
}

/// One picture in every tier, or why a tier has none.
#[derive(Clone, Debug)]
pub struct Examination {
    /// In the order of the evaluator's tiers.
    pub tiers: Vec<Result<Examined, String>>,
}

impl<'a> Evaluator<'a> {
    /// Examines pictures in `tiers`.
    #[must_use]
    pub fn new(
        analyser: &'a Analyser,
        limits: DecodeLimits,
        tiers: Vec<Tier>,
        cache: Cache,
    ) -> Self {
        let key = |identity: &DetectorOutcome| {
            let parameters = analyser.policy().detector(&identity.model_key).attributes();
            detector_key(&identity.digest, &format!("{parameters:?}"))
        };
        let keys = analyser.identities().map(key).collect();
        Self { analyser, limits, tiers, cache, keys }
    }

    /// Examines one picture in every tier. What is wrong with the picture is part of the result.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn examine(&self, picture: &Picture) -> std::io::Result<Examination> {
        let bytes = match read(&picture.path, self.limits.max_file_bytes) {
            Ok(bytes) => bytes,
            Err(error) => {
                let failed = Err(format!("cannot be read: {error}"));
                return Ok(Examination { tiers: vec![failed; self.tiers.len()] });
            }
        };
        let sha256 = hex(&Sha256::digest(&bytes));
        let of_tier = |&tier| self.in_tier(&bytes, &sha256, tier);
        let tiers = self.tiers.iter().map(of_tier).collect::<Result<_, _>>()?;
        Ok(Examination { tiers })
    }

    fn in_tier(
        &self,
        bytes: &[u8],
        sha256: &str,
        tier: Tier,
    ) -> std::io::Result<Result<Examined, String>> {
        let cached = |key: &String| self.cache.outcome(sha256, tier, key);
        let mut outcomes: Vec<_> = self.keys.iter().map(cached).collect();
        let facts = match self.cache.facts(sha256, tier) {
            Some(facts) if outcomes.iter().all(Option::is_some) => facts,
            _ => match self.compute(bytes, sha256, tier, &mut outcomes)? {
                Ok(facts) => facts,
                Err(message) => return Ok(Err(message)),
            },
        };
        let identities = self.analyser.identities().zip(outcomes);
        let outcome = |(identity, outcome): (&DetectorOutcome, Option<Outcome>)| {
            outcome.map(|outcome| DetectorOutcome { outcome, ..identity.clone() })
        };
        let outcomes: Vec<_> = identities.filter_map(outcome).collect();
        Ok(Ok(Examined::of(facts, &outcomes, self.analyser.policy())))
    }

    /// Fills in the outcomes that are missing and writes them down.
    fn compute(
        &self,
        bytes: &[u8],
        sha256: &str,
        tier: Tier,
        outcomes: &mut [Option<Outcome>],
    ) -> std::io::Result<Result<Facts, String>> {
        let degraded = match tier.apply(bytes, sha256, &self.limits) {
            Ok(degraded) => degraded,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let image = match ImageEvidence::from_bytes(degraded, &self.limits) {
            Ok(image) => Arc::new(image),
            Err(error) => return Ok(Err(error.to_string())),
        };
        let facts = Facts::of(&image);
        self.cache.put_facts(sha256, tier, &facts)?;
        let models = self.analyser.models();
        let missing = models.iter().zip(&*outcomes).filter(|(_, outcome)| outcome.is_none());
        let missing: Vec<_> = missing.map(|(&model, _)| model.to_owned()).collect();
        if missing.is_empty() {
            return Ok(Ok(facts));
        }
        let request = AnalysisRequest { models: Models::Named(missing), ..Default::default() };
        let analysis = match self.analyser.analyse(&image, &request) {
            Ok(analysis) => analysis,
            Err(error) => return Ok(Err(error.to_string())),
        };
        for found in analysis.outcomes {
            let slots = models.iter().zip(&self.keys).zip(&mut *outcomes);
            for ((&model, key), slot) in slots {
                if model == found.model_key {
                    self.cache.put_outcome(sha256, tier, key, &found.outcome)?;
                    *slot = Some(found.outcome.clone());
                }
            }
        }
        Ok(Ok(facts))
    }
}

/// The file's bytes; one more than `limit` at most, so that decoding sees the excess.
fn read(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
