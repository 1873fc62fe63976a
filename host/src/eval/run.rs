// SPDX-License-Identifier: MIT OR Apache-2.0
//! One picture of a collection through the tiers and the detectors.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::cache::{detector_key, Cache};
use super::false_area::CalledArea;
use super::folds::Folds;
use super::manifest::{Picture, Truth};
use super::mask::{Mask, MaskCounts, MaskError};
use super::record::{Examined, Facts};
use super::stored::Said;
use super::tiers::Tier;
use crate::analysis::outcome::{DetectorOutcome, Outcome};
use crate::analysis::{Analyser, AnalysisRequest, Models};
use crate::image::evidence::ImageEvidence;
use crate::image::DecodeLimits;

/// The detectors of a policy, those of its folds, the tiers, and what was computed before.
pub struct Evaluator<'a> {
    main: Ensemble<'a>,
    folds: BTreeMap<&'a str, Ensemble<'a>>,
    limits: DecodeLimits,
    tiers: Vec<Tier>,
    cache: Cache,
}

/// The detectors that examine a picture.
struct Ensemble<'a> {
    analyser: &'a Analyser,
    /// Their names in the cache, in the order of results.
    keys: Vec<String>,
}

/// One picture in every tier, or why a tier has none.
#[derive(Clone, Debug)]
pub struct Examination {
    /// SHA-256 of the file, hexadecimal; none if it cannot be read.
    pub sha256: Option<String>,
    /// In the order of the evaluator's tiers.
    pub tiers: Vec<Result<Examined, String>>,
    /// What each detector answered, by model key, in the same order; nothing where there is no tier.
    pub said: Vec<BTreeMap<String, Said>>,
}

/// A file and what is done to it.
struct TierFile<'a> {
    bytes: &'a [u8],
    sha256: &'a str,
    tier: Tier,
    /// Whether it is an authentic picture as collected, so that all heat is false.
    is_untouched: bool,
}

/// A picture as one tier has it, and what each detector said of it, by its key in results.
type InTier = (Examined, BTreeMap<String, Said>);

/// What one detector said, and what its heatmap gave.
struct Known {
    outcome: Outcome,
    /// Against the mask.
    located: Option<MaskCounts>,
    /// On an authentic picture.
    false_area: Option<CalledArea>,
}

impl<'a> Ensemble<'a> {
    fn of(analyser: &'a Analyser) -> Self {
        let key = |identity: &DetectorOutcome| {
            let parameters = analyser.policy().detector(&identity.model_key).attributes();
            detector_key(&identity.digest, &format!("{parameters:?}"))
        };
        Self { analyser, keys: analyser.identities().map(key).collect() }
    }
}

impl<'a> Evaluator<'a> {
    /// Examines pictures in `tiers`: those of a fold in `folds` by its detectors, all others by
    /// those of `analyser`.
    #[must_use]
    pub fn new(
        analyser: &'a Analyser,
        folds: &'a Folds,
        limits: DecodeLimits,
        tiers: Vec<Tier>,
        cache: Cache,
    ) -> Self {
        let of_fold = |(name, fold)| {
            let fold: &super::folds::Fold = fold;
            (name, Ensemble::of(&fold.analyser))
        };
        let folds = folds.iter().map(of_fold).collect();
        Self { main: Ensemble::of(analyser), folds, limits, tiers, cache }
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
                let (tiers, said) = (vec![failed; self.tiers.len()], Vec::new());
                return Ok(Examination { sha256: None, tiers, said });
            }
        };
        let sha256 = hex(&Sha256::digest(&bytes));
        let own = picture.fold.as_deref().and_then(|fold| self.folds.get(fold));
        let ensemble = own.unwrap_or(&self.main);
        let has_clean = self.tiers.contains(&Tier::Clean);
        let mask = picture.mask.as_ref().filter(|_| has_clean).map(|path| {
            let named = |error: MaskError| format!("mask {}: {error}", path.display());
            Mask::read(path, &self.limits).map_err(named)
        });
        let of_tier = |&tier: &Tier| {
            let mask = mask.as_ref().filter(|_| tier == Tier::Clean);
            let is_untouched = tier == Tier::Clean && picture.truth == Truth::Authentic;
            let file = TierFile { bytes: &bytes, sha256: &sha256, tier, is_untouched };
            self.in_tier(ensemble, &file, mask)
        };
        let found = self.tiers.iter().map(of_tier).collect::<std::io::Result<Vec<_>>>()?;
        let split = |one: Result<_, String>| match one {
            Ok((examined, said)) => (Ok(examined), said),
            Err(why) => (Err(why), BTreeMap::new()),
        };
        let (tiers, said) = found.into_iter().map(split).unzip();
        Ok(Examination { sha256: Some(sha256), tiers, said })
    }

    fn in_tier(
        &self,
        ensemble: &Ensemble<'_>,
        file: &TierFile<'_>,
        mask: Option<&Result<Mask, String>>,
    ) -> std::io::Result<Result<InTier, String>> {
        let facts = self.cache.facts(file.sha256, file.tier);
        let usable = mask.and_then(|mask| mask.as_ref().ok());
        // A mask that is known not to fit need not be compared with.
        let usable =
            usable.filter(|mask| facts.as_ref().is_none_or(|f| mask.check_size(f).is_ok()));
        let known = |key: &String| self.known(file, key, usable);
        let mut answers: Vec<_> = ensemble.keys.iter().map(known).collect();
        let facts = match facts {
            Some(facts) if answers.iter().all(Option::is_some) => facts,
            _ => match self.compute(ensemble, file, usable, &mut answers)? {
                Ok(facts) => facts,
                Err(message) => return Ok(Err(message)),
            },
        };
        let (outcomes, heat): (Vec<_>, Vec<_>) = ensemble
            .analyser
            .identities()
            .zip(answers)
            .filter_map(|(identity, answer)| {
                let Known { outcome, located, false_area } = answer?;
                Some((DetectorOutcome { outcome, ..identity.clone() }, (located, false_area)))
            })
            .unzip();
        let mut examined = Examined::of(facts, &outcomes, ensemble.analyser.policy());
        for (answer, heat) in examined.answers.iter_mut().zip(heat) {
            (answer.located, answer.false_area) = heat;
        }
        examined.mask = mask.map(|mask| match mask {
            Ok(mask) => mask.check_size(&examined.facts).map_err(|error| format!("mask {error}")),
            Err(message) => Err(message.clone()),
        });
        let said = outcomes.iter().map(|one| (one.model_key.clone(), Said::of(&one.outcome)));
        Ok(Ok((examined, said.collect())))
    }

    /// What the cache has of a detector: all that is needed, or nothing.
    fn known(&self, file: &TierFile<'_>, key: &str, mask: Option<&Mask>) -> Option<Known> {
        let outcome = self.cache.outcome(file.sha256, file.tier, key)?;
        let located = match (mask, &outcome) {
            (Some(mask), Outcome::Scored(_)) => {
                self.cache.located(file.sha256, key, mask.digest())?
            }
            _ => None,
        };
        let false_area = match &outcome {
            Outcome::Scored(_) if file.is_untouched => self.cache.false_area(file.sha256, key)?,
            _ => None,
        };
        Some(Known { outcome, located, false_area })
    }

    /// Fills in the answers that are missing and writes them down.
    fn compute(
        &self,
        ensemble: &Ensemble<'_>,
        file: &TierFile<'_>,
        mask: Option<&Mask>,
        answers: &mut [Option<Known>],
    ) -> std::io::Result<Result<Facts, String>> {
        let &TierFile { bytes, sha256, tier, .. } = file;
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
        let models = ensemble.analyser.models();
        let missing = models.iter().zip(&*answers).filter(|(_, answer)| answer.is_none());
        let missing: Vec<_> = missing.map(|(&model, _)| model.to_owned()).collect();
        if missing.is_empty() {
            return Ok(Ok(facts));
        }
        let request = AnalysisRequest { models: Models::Named(missing), ..Default::default() };
        let found = match ensemble.analyser.outcomes(&image, &request) {
            Ok(found) => found,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let mask = mask.filter(|mask| mask.check_size(&facts).is_ok());
        for found in found {
            let slots = models.iter().zip(&ensemble.keys).zip(&mut *answers);
            for ((&model, key), slot) in slots {
                if model == found.model_key {
                    self.cache.put_outcome(sha256, tier, key, &found.outcome)?;
                    let outcome = found.outcome.clone();
                    let located = self.locate(file, key, mask, &outcome)?;
                    let false_area = self.false_area(file, key, &facts, &outcome)?;
                    *slot = Some(Known { outcome, located, false_area });
                }
            }
        }
        Ok(Ok(facts))
    }

    /// Compares a detector's heatmap with the mask and writes down what came of it.
    fn locate(
        &self,
        file: &TierFile<'_>,
        key: &str,
        mask: Option<&Mask>,
        outcome: &Outcome,
    ) -> std::io::Result<Option<MaskCounts>> {
        let (Some(mask), Outcome::Scored(report)) = (mask, outcome) else { return Ok(None) };
        let located = report.heatmap.as_ref().into_option().map(|map| mask.counts(map));
        self.cache.put_located(file.sha256, key, mask.digest(), located)?;
        Ok(located)
    }

    /// Counts what a detector's heatmap calls altered of an authentic picture and writes it down.
    fn false_area(
        &self,
        file: &TierFile<'_>,
        key: &str,
        facts: &Facts,
        outcome: &Outcome,
    ) -> std::io::Result<Option<CalledArea>> {
        let Outcome::Scored(report) = outcome else { return Ok(None) };
        if !file.is_untouched {
            return Ok(None);
        }
        let heatmap = report.heatmap.as_ref().into_option();
        let area = heatmap.and_then(|map| CalledArea::of(map, facts.width, facts.height));
        self.cache.put_false_area(file.sha256, key, area)?;
        Ok(area)
    }
}

/// The file's bytes; one more than `limit` at most, so that decoding sees the excess.
pub(super) fn read(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
