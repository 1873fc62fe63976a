// SPDX-License-Identifier: MIT OR Apache-2.0
//! Batches that are one claim: when all images are done the claim is due, and made once.

use serde_json::{json, Value};

use super::deliveries::{self, NewDelivery};
use super::engine::{sql, Connection, Row, Sql};
use super::jobs::{batch_standing, SERVER};
use super::queue::{Batch, BatchStanding, Hold};
use super::{audit, Store, StoreError};

/// The statement that takes a claim up, with how its row is locked.
macro_rules! take {
    ($lock:literal) => {
        concat!(
            "UPDATE batches SET claim_state = 'running', claim_host = $1, \
             claim_attempts = claim_attempts + 1 \
             WHERE batch_id = (SELECT batch_id FROM batches WHERE claim_state = 'due' \
             ORDER BY accepted_at LIMIT 1",
            $lock,
            ") RETURNING batch_id, organisation, claim_asked, claim_attempts"
        )
    };
}

/// Takes up the oldest claim that is due; on PostgreSQL one that nobody else is just taking up.
const TAKE: Sql = Sql::either(take!(""), take!(" FOR UPDATE SKIP LOCKED"));

/// A claim that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueClaim {
    /// The batch.
    pub batch_id: String,
    /// Whose it is.
    pub organisation: String,
    /// What is asked of it, JSON.
    pub asked: String,
    /// By whom it was taken up.
    pub hold: Hold,
}

/// One image of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimImage {
    /// The request's name.
    pub request_id: String,
    /// Whether it was examined.
    pub is_complete: bool,
    /// The verdict or the error, JSON.
    pub outcome: String,
    /// What it is recognised by; none where it failed, or an earlier version examined it.
    pub fingerprint: Option<Vec<u8>>,
}

/// Marks a batch's claim as due, in the transaction of its last image.
pub(super) async fn fall_due(
    connection: &mut Connection,
    batch_id: &str,
) -> Result<(), StoreError> {
    let query =
        "UPDATE batches SET claim_state = 'due' WHERE batch_id = $1 AND claim_state = 'open'";
    sql(query).bind(batch_id).execute(connection).await?;
    Ok(())
}

impl Store {
    /// Takes up a claim that is due for a host.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_claim(&self, host: &str) -> Result<Option<DueClaim>, StoreError> {
        let due = "SELECT 1 FROM batches WHERE claim_state = 'due' LIMIT 1";
        if sql(due).fetch_optional(&self.pool).await?.is_none() {
            return Ok(None);
        }
        let mut transaction = self.pool.write().await?;
        let row = sql(TAKE).bind(host).fetch_optional(&mut transaction).await?;
        transaction.commit().await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(DueClaim {
            batch_id: row.try_get(0)?,
            organisation: row.try_get(1)?,
            asked: row.try_get(2)?,
            hold: Hold { host: host.into(), attempts: row.try_get(3)? },
        }))
    }

    /// Gives a claim back that was taken up and not made, as if it had not been.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hand_back_claim(&self, batch_id: &str, hold: &Hold) -> Result<(), StoreError> {
        sql("UPDATE batches SET claim_state = 'due', claim_host = NULL, \
             claim_attempts = claim_attempts - 1 WHERE batch_id = $1 AND claim_state = 'running' \
             AND claim_host = $2 AND claim_attempts = $3")
        .bind(batch_id)
        .bind(&hold.host)
        .bind(hold.attempts)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The images of a claim in the order of acceptance.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_images(&self, batch_id: &str) -> Result<Vec<ClaimImage>, StoreError> {
        let rows = sql("SELECT j.request_id, j.state, j.outcome, f.body FROM jobs AS j \
             LEFT JOIN fingerprints AS f ON f.request_id = j.request_id \
             WHERE j.batch_id = $1 ORDER BY j.number");
        let rows = rows.bind(batch_id).fetch_all(&self.pool).await?;
        let image = |row: &Row| -> Result<ClaimImage, sqlx::Error> {
            Ok(ClaimImage {
                request_id: row.try_get(0)?,
                is_complete: row.try_get::<String>(1)? == "complete",
                outcome: row.try_get::<Option<String>>(2)?.unwrap_or_default(),
                fingerprint: row.try_get(3)?,
            })
        };
        Ok(rows.iter().map(image).collect::<Result<_, _>>()?)
    }

    /// Writes a claim down and tells the batch's receiver, both or neither and once; tells whether the claim
    /// was still held, else nothing is written.
    ///
    /// # Errors
    /// When the database fails; the claim is as it was then.
    pub async fn finish_claim(
        &self,
        due: &DueClaim,
        claim: &str,
        announce: impl FnOnce(&Batch, &BatchStanding) -> std::io::Result<Option<NewDelivery>> + Send,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.write_alone().await?;
        let made = sql("UPDATE batches SET claim_state = 'made', claim = $1, claim_host = NULL \
             WHERE batch_id = $2 AND claim_state = 'running' AND claim_host = $3 \
             AND claim_attempts = $4")
        .bind(claim)
        .bind(&due.batch_id)
        .bind(&due.hold.host)
        .bind(due.hold.attempts)
        .execute(&mut *transaction)
        .await?;
        if made == 0 {
            return Ok(false);
        }
        let read: Value = serde_json::from_str(claim).unwrap_or(Value::Null);
        let detail = json!({ "risk": read.get("risk"), "risk_level": read.get("risk_level") });
        let (act, id) = ("claim.complete", &due.batch_id);
        audit::write_analysis(&mut transaction, SERVER, act, id, &due.organisation, &detail)
            .await?;
        let (batch, standing) = batch_standing(&mut transaction, &due.batch_id, &due.organisation)
            .await?
            .ok_or_else(|| StoreError::Corrupt { what: "batch", value: due.batch_id.clone() })?;
        if let Some(delivery) = announce(&batch, &standing).map_err(StoreError::Random)? {
            deliveries::insert(&mut transaction, &due.organisation, &delivery).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }
}
