// SPDX-License-Identifier: MIT OR Apache-2.0
//! The policies that requests may name, each with its detectors made; read anew, with the libraries that
//! are other files than before, when a file changes, when those of the database change, or the process is
//! told to (SIGHUP).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use tokio::signal::unix::{signal, Signal, SignalKind};
use tokio::sync::{watch, Notify};

use super::error::ApiError;
use super::kept_policies::{KeptFolder, KeptFolderError};
use crate::analysis::{Analyser, AnalyserError, Pool};
use crate::config::{Plans, Settings};
use crate::plugin::{files_of, LoadedDetector, Registry, RegistryError};
use crate::policy::{catalogue, Policy, PolicyError};
use crate::store::{KeptPolicy, Store, StoreError};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// After so many looks those of the database that could not be used are tried again: what was missing may
/// be there by now.
const LOOKS_BEHIND: u32 = 10;

/// Where policies come from.
#[derive(Clone, Debug)]
pub struct PolicySources {
    /// The one that is taken where none is named: a name or a file.
    pub default: String,
    /// Where those of the database are laid as files.
    pub kept: PathBuf,
    /// Folders in which policies are looked for after these and before the shipped ones.
    pub search: Vec<PathBuf>,
    /// What organisations may use.
    pub plans: Plans,
}

/// Analysers by the names of their policies.
pub struct Policies {
    settings: Settings,
    registry: RwLock<Registry>,
    pool: Arc<Pool>,
    sources: PolicySources,
    set: RwLock<Arc<PolicySet>>,
    /// Those of the database that are in force here.
    kept: RwLock<Kept>,
    /// One at a time reads them anew.
    renewal: tokio::sync::Mutex<()>,
    /// Why those of the database that should be in force are not.
    behind: RwLock<Option<(i64, String)>>,
    /// Told when those of the database may have changed.
    news: Notify,
    /// How often they were read anew.
    generation: AtomicU64,
}

/// The policies of the database, as of a turn.
struct Kept {
    turn: i64,
    folder: Arc<KeptFolder>,
}

/// One reading of all policies.
pub(crate) struct PolicySet {
    default: Arc<Analyser>,
    by_name: BTreeMap<String, Arc<Analyser>>,
}

/// Why policies cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PoliciesError {
    /// A folder cannot be read.
    #[error("policies cannot be looked for: {0}")]
    Search(#[from] std::io::Error),
    /// One is wrong.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// One does not fit the detectors.
    #[error(transparent)]
    Analyser(#[from] AnalyserError),
    /// A detector cannot be had.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Those of the database cannot be laid into a folder.
    #[error(transparent)]
    Kept(#[from] KeptFolderError),
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Reading them broke off.
    #[error("reading the policies broke off: {0}")]
    BrokenOff(#[from] tokio::task::JoinError),
    /// An organisation is to use one that is not there.
    #[error("organisation `{organisation}` is to use the policy `{name}`, which is not there")]
    Unknown {
        /// The organisation.
        organisation: String,
        /// The policy.
        name: String,
    },
}

impl Policies {
    /// Opens the detectors of `settings`, reads all policies, with those of the database and their turn, and
    /// makes the detectors of each.
    ///
    /// # Errors
    /// When a detector cannot be had, or a policy is wrong, names what the detectors do not have, or a
    /// detector refuses its parameters.
    pub fn new(
        settings: Settings,
        pool: Arc<Pool>,
        sources: PolicySources,
        (turn, kept): (i64, &[KeptPolicy]),
    ) -> Result<Self, PoliciesError> {
        let registry = Registry::load(&settings)?;
        let folder = Arc::new(KeptFolder::of(&sources.kept, &turn.to_string(), kept)?);
        let set = PolicySet::read(&registry, &pool, &sources, &folder)?;
        Ok(Self {
            settings,
            registry: RwLock::new(registry),
            pool,
            sources,
            set: RwLock::new(Arc::new(set)),
            kept: RwLock::new(Kept { turn, folder }),
            renewal: tokio::sync::Mutex::new(()),
            behind: RwLock::new(None),
            news: Notify::new(),
            generation: AtomicU64::new(0),
        })
    }

    /// Reads them anew whenever a file or those of the database have changed, until `stop` says so. Requests
    /// under way go on with what they have, so that each is by one version of everything; where something is
    /// wrong, all stay as they were.
    pub async fn watch(self: Arc<Self>, store: Store, mut stop: watch::Receiver<bool>) {
        let (mut seen, mut looks) = (self.fingerprint(), 0);
        // Without the signal the files are still looked at.
        let mut hangup = signal(SignalKind::hangup()).ok();
        while !*stop.borrow() {
            let is_told = tokio::select! {
                () = tokio::time::sleep(LOOK) => false,
                () = told(&mut hangup) => true,
                () = self.news.notified() => false,
                _ = stop.changed() => return,
            };
            let found = self.fingerprint();
            if found != seen || is_told {
                seen = found;
                self.renew(None).await;
            }
            looks = if self.is_behind() { looks + 1 } else { 0 };
            match store.policy_turn().await {
                Ok(turn) if looks >= LOOKS_BEHIND => {
                    looks = 0;
                    self.renew(Some((&store, turn))).await;
                }
                Ok(turn) => self.catch_up(&store, turn).await,
                Err(error) => tracing::warn!(%error, "whether policies changed is not known"),
            }
        }
    }

    /// Has it looked at once whether those of the database have changed.
    pub fn look(&self) {
        self.news.notify_one();
    }

    /// Has those of the database in force that are of this turn, unless they were tried in vain.
    pub(super) async fn catch_up(self: &Arc<Self>, store: &Store, turn: i64) {
        let is_done = |this: &Self| {
            let tried = this.behind.read().unwrap_or_else(PoisonError::into_inner);
            this.turn() == turn || tried.as_ref().is_some_and(|(tried, _)| *tried == turn)
        };
        if !is_done(self) {
            self.renew(Some((store, turn))).await;
        }
    }

    /// Reads all anew, and those of the database if they are of an earlier turn than the one that is wanted.
    async fn renew(self: &Arc<Self>, wanted: Option<(&Store, i64)>) {
        let _alone = self.renewal.lock().await;
        if wanted.is_some_and(|(_, turn)| turn == self.turn()) {
            return;
        }
        let done = self.try_renewing(wanted.map(|(store, _)| store)).await;
        let mut behind = self.behind.write().unwrap_or_else(PoisonError::into_inner);
        match done {
            Ok(()) => {
                *behind = None;
                tracing::info!("policies and detectors were read anew");
            }
            Err(error) => {
                metrics::counter!("assay_policy_reload_failures_total").increment(1);
                tracing::error!(%error, "what changed is refused, all stays as it was");
                if let Some((_, turn)) = wanted {
                    *behind = Some((turn, error.to_string()));
                }
            }
        }
    }

    async fn try_renewing(self: &Arc<Self>, store: Option<&Store>) -> Result<(), PoliciesError> {
        let kept = match store {
            Some(store) => Some(store.kept_policies().await?),
            None => None,
        };
        let this = Arc::clone(self);
        tokio::task::spawn_blocking(move || this.reload(kept)).await?
    }

    fn reload(&self, kept: Option<(i64, Vec<KeptPolicy>)>) -> Result<(), PoliciesError> {
        let present = self.registry.read().unwrap_or_else(PoisonError::into_inner).clone();
        let registry = present.renewed(&self.settings)?;
        let kept = match kept {
            Some((turn, kept)) => {
                let folder = KeptFolder::of(&self.sources.kept, &turn.to_string(), &kept)?;
                Kept { turn, folder: Arc::new(folder) }
            }
            None => Kept { turn: self.turn(), folder: self.folder() },
        };
        let set = PolicySet::read(&registry, &self.pool, &self.sources, &kept.folder)?;
        for (before, now) in present.detectors().iter().zip(registry.detectors()) {
            if before.plugin.digest() != now.plugin.digest() {
                let (model, version) = (&now.model_key, &now.descriptor().version);
                tracing::info!(%model, %version, digest = now.plugin.digest(), "in service");
            }
        }
        *self.registry.write().unwrap_or_else(PoisonError::into_inner) = registry;
        *self.set.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = kept;
        self.generation.fetch_add(1, Ordering::AcqRel);
        metrics::counter!("assay_policy_reloads_total").increment(1);
        Ok(())
    }

    /// The turn of those of the database that are in force here.
    fn turn(&self) -> i64 {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).turn
    }

    fn folder(&self) -> Arc<KeptFolder> {
        Arc::clone(&self.kept.read().unwrap_or_else(PoisonError::into_inner).folder)
    }

    /// Whether those of the database that should be in force are not.
    pub(super) fn is_behind(&self) -> bool {
        self.behind.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Every file that a policy or a detector may come from, with its length and time.
    fn fingerprint(&self) -> Vec<(PathBuf, u64, Option<SystemTime>)> {
        let folders =
            self.sources.search.iter().filter_map(|folder| std::fs::read_dir(folder).ok());
        let mut paths: Vec<_> = folders.flatten().flatten().map(|entry| entry.path()).collect();
        paths.push(PathBuf::from(&self.sources.default));
        let slots = self.settings.plugins.iter();
        paths.extend(slots.flat_map(|slot| files_of(slot, &self.settings.plugin_search)));
        paths.sort();
        let stat = |path: PathBuf| {
            let metadata = std::fs::metadata(&path).ok()?;
            Some((path, metadata.len(), metadata.modified().ok()))
        };
        paths.into_iter().filter_map(stat).collect()
    }

    /// Which reading is in force; asked for before the reading itself, it is never later than that.
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// The detectors in service, in the order of results.
    pub(crate) fn detectors(&self) -> Vec<Arc<LoadedDetector>> {
        self.registry.read().unwrap_or_else(PoisonError::into_inner).detectors().to_vec()
    }

    /// The policy of this digest, if it is among those in force.
    pub(crate) fn of_digest(&self, digest: &str) -> Option<Arc<Analyser>> {
        let set = self.set();
        let found = set.by_name.values().find(|analyser| analyser.policy().digest() == digest);
        found.map(Arc::clone)
    }

    /// Names of the policies that an organisation may use, its default first.
    pub(crate) fn names_for(&self, organisation: &str) -> Vec<String> {
        let (own, known) = self.allowed(&self.set(), organisation);
        let own = own.policy().name.clone();
        let known = known.iter().map(|analyser| analyser.policy().name.clone());
        let others: Vec<_> = known.filter(|name| *name != own).collect();
        std::iter::once(own).chain(others).collect()
    }

    /// The reading in force.
    pub(crate) fn set(&self) -> Arc<PolicySet> {
        Arc::clone(&self.set.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The one of this name if the organisation may use it, or the organisation's default without a
    /// name.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for an unknown name.
    pub(crate) fn choose_for(
        &self,
        organisation: &str,
        name: Option<&str>,
    ) -> Result<Arc<Analyser>, ApiError> {
        let set = self.set();
        let (own, known) = self.allowed(&set, organisation);
        let Some(name) = name else { return Ok(own) };
        let found = known.iter().find(|analyser| analyser.policy().name == name);
        found.map(Arc::clone).ok_or_else(|| {
            let known: Vec<_> = known.iter().map(|a| a.policy().name.as_str()).collect();
            let message = format!("unknown policy \"{name}\"; known: {}", known.join(", "));
            ApiError::invalid(message)
        })
    }

    /// Reads the text of a policy, which may extend any that is here.
    ///
    /// # Errors
    /// Everything that is wrong in it.
    pub(crate) fn parse(&self, text: &str) -> Result<Policy, PolicyError> {
        Policy::parse_in(text, "policy.toml", &self.sources.with(&self.folder()))
    }

    /// An organisation's default and all that it may name, by name.
    pub(crate) fn allowed(
        &self,
        set: &PolicySet,
        organisation: &str,
    ) -> (Arc<Analyser>, Vec<Arc<Analyser>>) {
        let choice = self.sources.plans.policies_of(organisation);
        let own = choice.default.as_ref().and_then(|name| set.by_name.get(name));
        let own = Arc::clone(own.unwrap_or(&set.default));
        let own_name = own.policy().name.clone();
        let is_allowed = |name: &String| {
            *name == own_name || choice.allowed.as_ref().is_none_or(|names| names.contains(name))
        };
        let known = set.by_name.iter().filter(|(name, _)| is_allowed(name));
        let known = known.map(|(_, analyser)| Arc::clone(analyser)).collect();
        (own, known)
    }
}

/// Waits until the process is told to read everything anew.
async fn told(hangup: &mut Option<Signal>) {
    match hangup {
        Some(hangup) => drop(hangup.recv().await),
        None => std::future::pending().await,
    }
}

impl PolicySources {
    /// All folders in which policies are looked for.
    fn with(&self, kept: &KeptFolder) -> Vec<PathBuf> {
        [kept.path().to_owned()].into_iter().chain(self.search.iter().cloned()).collect()
    }
}

impl PolicySet {
    fn read(
        registry: &Registry,
        pool: &Arc<Pool>,
        sources: &PolicySources,
        kept: &KeptFolder,
    ) -> Result<Self, PoliciesError> {
        let search = sources.with(kept);
        let make = |name: &str| -> Result<Arc<Analyser>, PoliciesError> {
            let policy = Arc::new(Policy::load(name, &search)?);
            Ok(Arc::new(Analyser::new(registry, policy, Arc::clone(pool))?))
        };
        let default = make(&sources.default)?;
        let mut by_name = BTreeMap::new();
        for name in catalogue::available(&search)? {
            let analyser = make(&name)?;
            by_name.insert(analyser.policy().name.clone(), analyser);
        }
        by_name.insert(default.policy().name.clone(), Arc::clone(&default));
        for (organisation, name) in sources.plans.named_policies() {
            if !by_name.contains_key(name) {
                let (organisation, name) = (organisation.to_owned(), name.to_owned());
                return Err(PoliciesError::Unknown { organisation, name });
            }
        }
        Ok(Self { default, by_name })
    }

    /// The one that is taken where none is named.
    pub(crate) fn default(&self) -> &Arc<Analyser> {
        &self.default
    }
}
