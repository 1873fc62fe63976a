// SPDX-License-Identifier: MIT OR Apache-2.0
//! What bodies that were read before ask for, so that one that comes again needs no reading: a digest of
//! the whole body leads to the key of its kept answer.

use std::sync::Arc;

use super::cache::CacheKey;

/// Bodies that are remembered.
const MOST: u64 = 20_000;

/// What a body asks for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) cache_key: CacheKey,
    pub(super) reference_id: Option<Arc<str>>,
    /// The reading of the policies that the key is of.
    generation: u64,
}

/// What bodies ask for, by organisation and digest.
#[derive(Debug)]
pub struct Memo(moka::sync::Cache<[u8; 32], Asked>);

impl Default for Memo {
    fn default() -> Self {
        Self(moka::sync::Cache::new(MOST))
    }
}

impl Memo {
    /// The digest of an organisation's body. The body comes first: its chunks of 1 kB are hashed several at once
    /// only from where the hash begins.
    pub(super) fn digest(organisation: &str, body: &[u8]) -> [u8; 32] {
        let mut hash = blake3::Hasher::new();
        hash.update(body);
        hash.update(organisation.as_bytes());
        hash.update(&(organisation.len() as u64).to_le_bytes());
        hash.finalize().into()
    }

    /// What a body asks for, if that is known under this reading of the policies.
    pub(super) fn find(&self, digest: &[u8; 32], generation: u64) -> Option<Asked> {
        self.0.get(digest).filter(|asked| asked.generation == generation)
    }

    /// Remembers what a body asks for.
    pub(super) fn keep(
        &self,
        digest: [u8; 32],
        generation: u64,
        cache_key: CacheKey,
        reference_id: Option<Arc<str>>,
    ) {
        self.0.insert(digest, Asked { cache_key, reference_id, generation });
    }
}
