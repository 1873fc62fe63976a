// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers that were given again under other names.
//!
//! There may be tens of thousands a second, and the answers themselves are kept already: so only the
//! names are written down, those of an organisation's moment in one row, and nobody waits for that. A
//! process that is killed loses the names of its last moment, never an answer.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use super::engine::sql;
use super::{audit, Store, StoreError};

/// How long a moment is.
const MOMENT: Duration = Duration::from_millis(200);
/// Most names that wait to be written down; beyond it a database that has failed for long loses names.
const MOST_WAITING: usize = 200_000;
/// Characters of a request's name that say its moment: `req_` and the time but for its last 256 ms.
const MOMENT_CHARS: usize = 14;

/// An answer that was given again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// The request's name.
    pub request_id: String,
    /// Whose it is.
    pub organisation: Arc<str>,
    /// The name of the request whose result it is.
    pub first: Arc<str>,
    /// The client's own name for it.
    pub reference_id: Option<Arc<str>>,
}

/// The part of a request's name that says its moment.
pub(super) fn moment_of(request_id: &str) -> &str {
    request_id.get(..MOMENT_CHARS).unwrap_or(request_id)
}

type Names = HashMap<String, Repeat>;

/// Names that are not in the database yet.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Of this moment.
    fresh: Names,
    /// Those that are being written down: found here until they are found there.
    leaving: Arc<Names>,
}

impl Waiting {
    fn get(&self, request_id: &str) -> Option<&Repeat> {
        self.fresh.get(request_id).or_else(|| self.leaving.get(request_id))
    }
}

impl Store {
    /// Keeps a repeat; it can be found at once, and is written down in a moment.
    pub fn keep_repeat(&self, repeat: Repeat) {
        let mut waiting = self.waiting();
        if waiting.fresh.len() < MOST_WAITING {
            waiting.fresh.insert(repeat.request_id.clone(), repeat);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes repeats down until `stop` says so, and the last ones then.
    pub async fn write_repeats(self, mut stop: watch::Receiver<bool>) {
        loop {
            let is_over = *stop.borrow();
            if let Err(error) = self.write_waiting().await {
                tracing::error!(%error, "repeated answers cannot be written down");
            }
            if is_over {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(MOMENT) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// One transaction for all. What could not be written down is tried again with the next moment's.
    async fn write_waiting(&self) -> Result<(), StoreError> {
        let leaving = {
            let mut waiting = self.waiting();
            if waiting.leaving.is_empty() {
                let fresh = std::mem::take(&mut waiting.fresh);
                waiting.leaving = Arc::new(fresh);
            }
            Arc::clone(&waiting.leaving)
        };
        if leaving.is_empty() {
            return Ok(());
        }
        let mut moments: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for Repeat { request_id, organisation, first, reference_id } in leaving.values() {
            let moment = moment_of(request_id);
            let names = moments.entry((organisation, moment)).or_default();
            names.push((request_id, &**first, reference_id.as_deref()));
        }
        let now = Timestamp::now().as_second();
        let mut transaction = self.light.write_alone().await?;
        for ((organisation, moment), names) in moments {
            let (number, names) = (names.len(), serde_json::json!(names).to_string());
            let digest = audit::hex(&Sha256::digest(&names));
            let detail = serde_json::json!({ "answers": number, "names_sha256": digest });
            let act = "analysis.repeat";
            audit::write_analysis(&mut transaction, "server", act, moment, organisation, &detail)
                .await?;
            sql("INSERT INTO repeats (organisation, moment, names, finished_at) \
                 VALUES ($1, $2, $3, $4)")
            .bind(&**organisation)
            .bind(moment)
            .bind(names)
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        self.waiting().leaving = Arc::default();
        Ok(())
    }

    /// What an organisation's own request got again: the first request's name, and the client's own
    /// name for this one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn repeat(
        &self,
        request_id: &str,
        organisation: &str,
    ) -> Result<Option<(String, Option<String>)>, StoreError> {
        {
            let waiting = self.waiting();
            if let Some(found) = waiting.get(request_id) {
                let is_own = *found.organisation == *organisation;
                let reference_id = found.reference_id.as_deref().map(str::to_owned);
                return Ok(is_own.then(|| (found.first.to_string(), reference_id)));
            }
        }
        let query = sql("SELECT value ->> 1, value ->> 2 FROM repeats, json_each(names) \
             WHERE organisation = $1 AND moment = $2 AND value ->> 0 = $3");
        let query = query.bind(organisation).bind(moment_of(request_id)).bind(request_id);
        let row = query.fetch_optional(&self.pool).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some((row.try_get(0)?, row.try_get(1)?)))
    }
}
