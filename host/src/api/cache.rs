// SPDX-License-Identifier: MIT OR Apache-2.0
//! One run of the detectors for identical requests: those that come later get the first answer, and
//! those that come meanwhile wait for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

use super::submission::Submission;
use crate::analysis::{Analyser, Models};
use crate::store::{Store, StoreError};

/// Everything that an answer depends on, as a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct CacheKey([u8; 32]);

impl CacheKey {
    /// Image, organisation, models, options that change the result, policy and detectors. Each part
    /// is preceded by its length, so that no two lists of parts read alike.
    pub(super) fn of(submission: &Submission, organisation: &str, analyser: &Analyser) -> Self {
        let request = &submission.request;
        let mut models = match &request.models {
            Models::All => vec!["all"],
            Models::Named(names) => names.iter().map(String::as_str).collect(),
        };
        models.sort_unstable();
        models.dedup();
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(&submission.image);
        part(organisation.as_bytes());
        part(models.join(",").as_bytes());
        part(&[u8::from(request.metadata_analysis), u8::from(submission.return_heatmap)]);
        part(request.claimed_at.as_ref().map_or("", |time| time.as_str()).as_bytes());
        part(analyser.policy().digest().as_bytes());
        for identity in analyser.identities() {
            part(identity.digest.as_bytes());
        }
        Self(hash.finalize().into())
    }

    /// What a whole request asks: this, under the client's own name for it.
    pub(super) fn with_reference(&self, reference_id: Option<&str>) -> [u8; 32] {
        let mut hash = Sha256::new_with_prefix(self.0);
        hash.update([u8::from(reference_id.is_some())]);
        hash.update(reference_id.unwrap_or_default());
        hash.finalize().into()
    }
}

/// Answers by what they depend on.
#[derive(Debug)]
pub struct Cache {
    /// How long an answer is kept, s; 0 keeps none.
    seconds: u32,
    turns: Mutex<HashMap<CacheKey, Arc<Turn<()>>>>,
}

/// The right to be the only one who works on a key.
pub(super) struct Flight<'a> {
    cache: &'a Cache,
    key: CacheKey,
    /// Given up before the map is looked at.
    turn: Option<OwnedMutexGuard<()>>,
}

impl Cache {
    /// Keeps answers for so many seconds; 0 keeps none, and identical requests run one by one.
    #[must_use]
    pub fn new(seconds: u32) -> Self {
        Self { seconds, turns: Mutex::default() }
    }

    /// Waits until nobody else works on the key.
    pub(super) async fn enter(&self, key: CacheKey) -> Flight<'_> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(turns.entry(key).or_default())
        };
        Flight { cache: self, key, turn: Some(turn.lock_owned().await) }
    }
}

impl Flight<'_> {
    /// The answer that is kept, if it is young enough.
    pub(super) async fn find(&self, store: &Store) -> Result<Option<String>, StoreError> {
        if self.cache.seconds == 0 {
            return Ok(None);
        }
        store.result(&self.key.0, self.oldest(Timestamp::now().as_second())).await
    }

    /// Keeps the answer for those who come later.
    pub(super) async fn keep(&self, store: &Store, body: &str) -> Result<(), StoreError> {
        if self.cache.seconds == 0 {
            return Ok(());
        }
        let now = Timestamp::now().as_second();
        store.keep_result(&self.key.0, body, now, self.oldest(now)).await
    }

    fn oldest(&self, now: i64) -> i64 {
        now - i64::from(self.cache.seconds)
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
