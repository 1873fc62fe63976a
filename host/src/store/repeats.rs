// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers that were given again under other names.
//!
//! There may be tens of thousands a second, and the answers themselves are kept already: so only the
//! names are written down, those of a moment in one transaction, and nobody waits for that. A process
//! that is killed loses the names of its last moment, never an answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use sqlx::Row as _;
use tokio::sync::watch;

use super::{Store, StoreError};

/// How long a moment is.
const MOMENT: Duration = Duration::from_millis(200);
/// Most names that wait to be written down; beyond it a database that has failed for long loses names.
const MOST_WAITING: usize = 200_000;

/// An answer that was given again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repeat {
    /// The request's name.
    pub request_id: String,
    /// Whose it is.
    pub organisation: String,
    /// The name of the request whose result it is.
    pub first: Arc<str>,
    /// The client's own name for it.
    pub reference_id: Option<String>,
}

/// Names that wait to be written down.
#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<HashMap<String, Repeat>>);

impl Store {
    /// Keeps a repeat; it can be found at once, and is written down in a moment.
    pub fn keep_repeat(&self, repeat: Repeat) {
        let mut waiting = self.waiting.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST_WAITING {
            waiting.insert(repeat.request_id.clone(), repeat);
        }
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

    /// One statement for all: the rows travel as one JSON text. They can be found in memory until they
    /// can be found in the database.
    async fn write_waiting(&self) -> Result<(), StoreError> {
        let repeats: Vec<Repeat> = {
            let waiting = self.waiting.0.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.values().cloned().collect()
        };
        if repeats.is_empty() {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO repeats (request_id, organisation, first, reference_id, finished_at) \
             SELECT value ->> 'request_id', value ->> 'organisation', value ->> 'first', \
             value ->> 'reference_id', $1 FROM json_each($2) WHERE true \
             ON CONFLICT (request_id) DO NOTHING",
        )
        .bind(Timestamp::now().as_second())
        .bind(serde_json::json!(repeats).to_string())
        .execute(&self.light)
        .await?;
        let mut waiting = self.waiting.0.lock().unwrap_or_else(PoisonError::into_inner);
        for repeat in &repeats {
            waiting.remove(&repeat.request_id);
        }
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
            let waiting = self.waiting.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(found) = waiting.get(request_id) {
                let is_own = found.organisation == organisation;
                return Ok(is_own.then(|| (found.first.to_string(), found.reference_id.clone())));
            }
        }
        let query = sqlx::query(
            "SELECT first, reference_id FROM repeats WHERE request_id = $1 AND organisation = $2",
        );
        let row = query.bind(request_id).bind(organisation).fetch_optional(&self.pool).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some((row.try_get(0)?, row.try_get(1)?)))
    }
}
