// SPDX-License-Identifier: MIT OR Apache-2.0
//! A labelled collection on the command line: which one, and how its pictures are examined. What
//! `assay evaluate` shares with other commands that measure a collection.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::in_order::{cores, each_in_order, progress};
use super::{setup, CommandError};
use crate::analysis::{Analyser, Pool};
use crate::eval::cache::Cache;
use crate::eval::folds::Folds;
use crate::eval::manifest::Collection;
use crate::eval::run::{Evaluator, Examination};
use crate::eval::tiers::Tier;
use crate::image::DecodeLimits;
use crate::results::Results;

/// The cache's folder below the system's one for temporary files.
const CACHE: &str = "assay-evaluate";

/// Which collection is examined, and how.
#[derive(Args)]
pub(super) struct CollectionArguments {
    /// CSV manifest (path, label, group, source, kind, fold, mask) or folder with label-named
    /// subfolders
    #[arg(value_name = "DATASET")]
    dataset: PathBuf,
    /// Policy by name or file
    #[arg(long, default_value = "default", value_name = "NAME|FILE")]
    policy: String,
    /// What is done to the pictures of both classes first
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "clean,q90,q75,web,hard",
        value_name = "A,B"
    )]
    tiers: Vec<Tier>,
    /// Examine the pictures of each fold by the configuration DIR/FOLD.toml, whose detectors have not
    /// seen them
    #[arg(long, value_name = "DIR")]
    fold_configs: Option<PathBuf>,
    /// Where computed answers are kept [default: assay-evaluate below the system's temporary folder]
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Pictures examined at once [default: as many as cores]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
}

/// A collection and what became of its pictures.
pub(super) struct ExaminedCollection {
    /// The manifest or folder, as it was named.
    pub(super) name: String,
    /// The pictures.
    pub(super) collection: Collection,
    /// The detectors and the policy that examined them.
    pub(super) analyser: Analyser,
    /// The detectors of the folds; none without `--fold-configs`.
    pub(super) folds: Folds,
    /// What was refused before it was decoded.
    pub(super) limits: DecodeLimits,
    /// The tiers, each once, in the order asked for.
    pub(super) tiers: Vec<Tier>,
    /// In the collection's order.
    pub(super) examinations: Vec<Examination>,
}

impl ExaminedCollection {
    /// What is kept of it.
    pub(super) fn results(&self) -> Result<Results, CommandError> {
        let Self { name, collection, analyser, folds, tiers, examinations, .. } = self;
        Ok(Results::of(name, collection, analyser, folds, tiers, examinations)?)
    }
}

impl CollectionArguments {
    /// Examines every picture in the tiers that were asked for and in `more`.
    ///
    /// # Errors
    /// Configuration, policy, manifest or cache; what is wrong with a picture is in its examination.
    pub(super) fn examine(
        &self,
        config: Option<&Path>,
        more: Option<Tier>,
    ) -> Result<ExaminedCollection, CommandError> {
        let settings = setup::settings(config)?;
        let policy = Arc::new(setup::policy(&settings, &self.policy)?);
        let registry = setup::registry(&settings)?;
        let pool = Arc::new(Pool::new(settings.pool_threads)?);
        let analyser = Analyser::new(&registry, policy, pool)?;
        let collection = Collection::read(&self.dataset)?;
        let folds = self.fold_configs.as_ref();
        let folds = folds.map(|folder| Folds::load(folder, &collection, &settings, &analyser));
        let folds = folds.transpose()?.unwrap_or_default();
        let tiers = self.tiers(more);
        let cache = self.cache.clone().unwrap_or_else(|| std::env::temp_dir().join(CACHE));
        let cache = Cache::open(&cache)?;
        let limits = setup::limits(&settings);
        let evaluator = Evaluator::new(&analyser, &folds, limits, tiers.clone(), cache);
        let pictures = &collection.pictures;
        let threads = self.jobs.map_or_else(cores, usize::from).min(pictures.len());
        let progress = progress(pictures.len());
        let mut examinations = Vec::with_capacity(pictures.len());
        each_in_order(
            pictures,
            threads,
            |picture| Ok(evaluator.examine(picture)?),
            |examination: &Examination| {
                examinations.push(examination.clone());
                progress.inc(1);
                Ok(())
            },
        )?;
        progress.finish_and_clear();
        let name = self.dataset.display().to_string();
        Ok(ExaminedCollection { name, collection, analyser, folds, limits, tiers, examinations })
    }

    /// The words that say on a command line what is examined: without those that change nothing in
    /// the result, such as where the cache is.
    pub(super) fn words(&self) -> String {
        let tiers: Vec<_> = self.tiers(None).iter().map(|tier| tier.as_str()).collect();
        let (dataset, policy, tiers) = (self.dataset.display(), &self.policy, tiers.join(","));
        let held_out = self.fold_configs.as_ref();
        let held_out = held_out.map(|folder| format!(" --fold-configs {}", folder.display()));
        format!("{dataset} --policy {policy} --tiers {tiers}{}", held_out.unwrap_or_default())
    }

    /// The tiers, each once, in the order asked for; `more` last.
    fn tiers(&self, more: Option<Tier>) -> Vec<Tier> {
        let mut tiers = Vec::new();
        for tier in self.tiers.iter().copied().chain(more) {
            if !tiers.contains(&tier) {
                tiers.push(tier);
            }
        }
        tiers
    }
}
