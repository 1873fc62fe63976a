// SPDX-License-Identifier: MIT OR Apache-2.0
//! One run of the detectors for identical requests: those that come later get the first answer, and
//! those that come meanwhile wait for it, whichever host they come to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

use super::host_turns::{HostTurn, HostTurns};
use super::jobs::Question;
use crate::analysis::{AnalysisRequest, Models};
use crate::store::{KeptResult, Store, StoreError};

/// Most memory of answers that are kept beside the store, bytes.
const MEMORY_BYTES: u64 = 128 << 20;

/// Everything that an answer depends on, as a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct CacheKey([u8; 32]);

impl CacheKey {
    /// Image, organisation, models, options that change the result, policy and detectors. Each part
    /// is preceded by its length, so that no two lists of parts read alike.
    pub(super) fn of(question: &Question, request: &AnalysisRequest) -> Self {
        let mut models = match &request.models {
            Models::All => vec!["all"],
            Models::Named(names) => names.iter().map(String::as_str).collect(),
        };
        models.sort_unstable();
        models.dedup();
        let models = models.join(",");
        let order = &question.order;
        let drawn = u8::from(order.return_heatmap) | u8::from(order.return_drawings) << 1;
        let flags = [u8::from(request.metadata_analysis), drawn];
        let claimed_at = request.claimed_at.as_ref().map_or("", |time| time.as_str());
        let digests = question.analyser.identities().map(|identity| identity.digest.as_bytes());
        let mut parts: Vec<&[u8]> = vec![
            &question.image,
            question.organisation.as_bytes(),
            models.as_bytes(),
            &flags,
            claimed_at.as_bytes(),
            question.analyser.policy().digest().as_bytes(),
        ];
        parts.extend(digests);
        Self(digest(&parts))
    }

    /// That of an organisation's idempotency key: no answer is kept under it, but only one request at
    /// a time works on it.
    pub(super) fn of_idempotency(organisation: &str, key: &str) -> Self {
        Self(digest(&[b"idempotency", organisation.as_bytes(), key.as_bytes()]))
    }
}

/// Of parts, each preceded by its length.
pub(super) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Answers by what they depend on.
#[derive(Debug)]
pub struct Cache {
    /// How long an answer is kept, s; 0 keeps none.
    seconds: u32,
    turns: Mutex<HashMap<CacheKey, Arc<Turn<()>>>>,
    /// Turns among all hosts, which one takes that has its turn here.
    among_hosts: Arc<HostTurns>,
    /// Answers that were asked for lately, each with when it was kept, Unix seconds.
    recent: moka::sync::Cache<CacheKey, (Arc<KeptResult>, i64)>,
}

/// The right to be the only one who works on a key.
pub(super) struct Flight<'a> {
    cache: &'a Cache,
    key: CacheKey,
    /// Given up before the map is looked at.
    turn: Option<OwnedMutexGuard<()>>,
    /// That among all hosts; held, and given back when this is dropped.
    _among_hosts: Option<HostTurn>,
}

impl Cache {
    /// Keeps answers for so many seconds; 0 keeps none, and identical requests run one by one.
    #[must_use]
    pub fn new(seconds: u32, among_hosts: Arc<HostTurns>) -> Self {
        let weight = |_: &CacheKey, (kept, _): &(Arc<KeptResult>, i64)| {
            let beside = [&kept.localisation, &kept.fingerprint].into_iter().flatten();
            let derivation = kept.derivation.as_ref().map_or(0, String::len);
            let bytes = kept.rest.len() + beside.map(Vec::len).sum::<usize>() + derivation;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let recent = moka::sync::Cache::builder().max_capacity(MEMORY_BYTES).weigher(weight);
        Self { seconds, turns: Mutex::default(), among_hosts, recent: recent.build() }
    }

    /// Waits until nobody else works on the key.
    ///
    /// # Errors
    /// When the database fails that tells what other hosts do.
    pub(super) async fn enter(
        &self,
        key: CacheKey,
        store: &Store,
    ) -> Result<Flight<'_>, StoreError> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(turns.entry(key).or_default())
        };
        // Made before it is waited for: who stops waiting leaves nothing behind.
        let mut flight = Flight { cache: self, key, turn: None, _among_hosts: None };
        flight.turn = Some(turn.lock_owned().await);
        flight._among_hosts = self.among_hosts.take(store, key.0).await?;
        Ok(flight)
    }

    /// The answer that is kept, if it is young enough.
    pub(super) async fn find(
        &self,
        key: &CacheKey,
        store: &Store,
    ) -> Result<Option<Arc<KeptResult>>, StoreError> {
        if self.seconds == 0 {
            return Ok(None);
        }
        let oldest = self.oldest(Timestamp::now().as_second());
        if let Some((kept, _)) = self.recent.get(key).filter(|(_, at)| *at > oldest) {
            return Ok(Some(kept));
        }
        let Some((kept, at)) = store.result(&key.0, oldest).await? else { return Ok(None) };
        let kept = Arc::new(kept);
        self.recent.insert(*key, (Arc::clone(&kept), at));
        Ok(Some(kept))
    }

    /// Keeps an answer for those who come later.
    pub(super) async fn keep(
        &self,
        key: CacheKey,
        store: &Store,
        result: Arc<KeptResult>,
    ) -> Result<(), StoreError> {
        if self.seconds > 0 {
            let now = Timestamp::now().as_second();
            store.keep_result(&key.0, &result, now, self.oldest(now)).await?;
            self.recent.insert(key, (result, now));
        }
        Ok(())
    }

    fn oldest(&self, now: i64) -> i64 {
        now - i64::from(self.seconds)
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.turn = None;
        let mut turns = self.cache.turns.lock().unwrap_or_else(PoisonError::into_inner);
        // One reference is the map's own: nobody waits.
        if turns.get(&self.key).is_some_and(|turn| Arc::strong_count(turn) == 1) {
            turns.remove(&self.key);
        }
    }
}
