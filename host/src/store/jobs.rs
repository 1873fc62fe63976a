// SPDX-License-Identifier: MIT OR Apache-2.0
//! The queue in the database, and what can be read of it.

use jiff::Timestamp;
use serde_json::{json, Value};

use super::deliveries::{self, NewDelivery};
use super::engine::{sql, Connection, Row, Sql};
use super::first_answers;
use super::notices::{self, Notice};
use super::queue::{
    Batch, BatchItem, BatchStanding, Hold, Job, JobEnd, JobQueue, JobStanding, NewJob, NewJobs,
};
use super::turns::Turns;
use super::{audit, claims, usage, Store, StoreError};

/// The statement that takes a job up, with how its row is locked.
macro_rules! take {
    ($lock:literal) => {
        concat!(
            "UPDATE jobs SET state = 'running', host = $1, attempts = attempts + 1 WHERE number = \
             (SELECT number FROM jobs WHERE state = 'queued' ORDER BY turn, number LIMIT 1",
            $lock,
            ") RETURNING request_id, organisation, batch_id, reference_id, webhook_url, task, attempts"
        )
    };
}

/// Takes up the next job; on PostgreSQL one that nobody else is just taking up.
const TAKE: Sql = Sql::either(take!(""), take!(" FOR UPDATE SKIP LOCKED"));

/// Who does jobs.
pub(super) const SERVER: &str = "server";

impl JobQueue for Store {
    async fn accept_jobs(&self, new: &NewJobs<'_>) -> Result<(), StoreError> {
        let NewJobs { actor, organisation, batch, jobs, charge, answer } = *new;
        let now = Timestamp::now().as_second();
        let mut transaction = self.pool.write_alone().await?;
        if let Some(charge) = charge {
            usage::take(&mut transaction, organisation, charge).await?;
        }
        if let Some(batch) = batch {
            sql("INSERT INTO batches (batch_id, organisation, reference_id, webhook_url, total, \
                 accepted_at, claim_asked, claim_state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .bind(&batch.batch_id)
            .bind(organisation)
            .bind(&batch.reference_id)
            .bind(&batch.webhook_url)
            .bind(i64::try_from(jobs.len()).unwrap_or(i64::MAX))
            .bind(now)
            .bind(&batch.claim_asked)
            .bind(batch.claim_asked.as_ref().map(|_| "open"))
            .execute(&mut *transaction)
            .await?;
        }
        let mut turns = Turns::begin(&mut transaction, organisation, batch.is_some()).await?;
        for job in jobs {
            sql(
                "INSERT INTO jobs (request_id, organisation, batch_id, reference_id, webhook_url, \
                 task, state, accepted_at, turn, step) \
                 VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, $8, $9)",
            )
            .bind(&job.request_id)
            .bind(organisation)
            .bind(batch.map(|batch| &batch.batch_id))
            .bind(&job.reference_id)
            .bind(&job.webhook_url)
            .bind(&job.task)
            .bind(now)
            .bind(turns.take())
            .bind(turns.step)
            .execute(&mut *transaction)
            .await?;
        }
        accepted(&mut transaction, actor, organisation, batch, jobs).await?;
        if let Some(answer) = answer {
            first_answers::insert(&mut transaction, organisation, answer, now).await?;
        }
        notices::tell(&mut transaction, Notice::Work).await?;
        Ok(transaction.commit().await?)
    }

    async fn take_job(&self, host: &str) -> Result<Option<Job>, StoreError> {
        // A statement alone gives its row before it is committed, and nobody would see that this fails.
        let mut transaction = self.pool.write().await?;
        let row = sql(TAKE).bind(host).fetch_optional(&mut transaction).await?;
        transaction.commit().await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Job {
            request_id: row.try_get(0)?,
            organisation: row.try_get(1)?,
            batch_id: row.try_get(2)?,
            reference_id: row.try_get(3)?,
            webhook_url: row.try_get(4)?,
            task: row.try_get(5)?,
            hold: Hold { host: host.into(), attempts: row.try_get(6)? },
        }))
    }

    async fn hand_back_job(&self, request_id: &str, hold: &Hold) -> Result<(), StoreError> {
        sql("UPDATE jobs SET state = 'queued', host = NULL, attempts = attempts - 1 \
             WHERE request_id = $1 AND state = 'running' AND host = $2 AND attempts = $3")
        .bind(request_id)
        .bind(&hold.host)
        .bind(hold.attempts)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn finish_job(
        &self,
        job: &Job,
        end: &JobEnd,
        announce: Option<NewDelivery>,
        announce_batch: impl FnOnce(&Batch, &BatchStanding) -> std::io::Result<Option<NewDelivery>>
            + Send,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.write_alone().await?;
        let place: Option<i64> = match &job.batch_id {
            Some(batch) => {
                let query = "SELECT COALESCE(MAX(finished), 0) + 1 FROM jobs WHERE batch_id = $1";
                Some(sql(query).bind(batch).fetch_one(&mut *transaction).await?.try_get(0)?)
            }
            None => None,
        };
        let state = if end.body.is_some() { "complete" } else { "failed" };
        let updated =
            sql("UPDATE jobs SET state = $1, finished = $2, label = $3, outcome = $4, task = '', \
             host = NULL WHERE request_id = $5 AND state = 'running' AND host = $6 AND attempts = $7")
            .bind(state)
            .bind(place)
            .bind(&end.label)
            .bind(&end.outcome)
            .bind(&job.request_id)
            .bind(&job.hold.host)
            .bind(job.hold.attempts)
            .execute(&mut *transaction)
            .await?;
        if updated == 0 {
            return Ok(false);
        }
        if end.is_refunded {
            usage::refund(&mut transaction, &job.request_id).await?;
        }
        if let Some(body) = &end.body {
            super::analyses::insert(
                &mut transaction,
                SERVER,
                &job.request_id,
                &job.organisation,
                super::Kept {
                    body,
                    localisation: end.localisation.as_deref(),
                    derivation: end.derivation.as_deref(),
                    fingerprint: end.fingerprint.as_deref(),
                },
            )
            .await?;
        } else {
            failed(&mut transaction, job, &end.outcome).await?;
        }
        if let Some(delivery) = announce {
            deliveries::insert(&mut transaction, &job.organisation, &delivery).await?;
        }
        if let Some(id) = &job.batch_id {
            let (batch, standing) = batch_standing(&mut transaction, id, &job.organisation)
                .await?
                .ok_or_else(|| StoreError::Corrupt { what: "batch", value: id.clone() })?;
            let is_over = standing.completed + standing.failed >= standing.total;
            if is_over && batch.claim_asked.is_some() {
                claims::fall_due(&mut transaction, id).await?;
                notices::tell(&mut transaction, Notice::Work).await?;
            } else if is_over {
                let told = announce_batch(&batch, &standing).map_err(StoreError::Random)?;
                if let Some(delivery) = told {
                    deliveries::insert(&mut transaction, &job.organisation, &delivery).await?;
                }
            }
        }
        transaction.commit().await?;
        Ok(true)
    }

    async fn jobs_to_do(&self) -> Result<u64, StoreError> {
        let query = "SELECT COUNT(*) FROM jobs WHERE state IN ('queued', 'running')";
        count(sql(query).fetch_one(&self.pool).await?.try_get(0)?)
    }

    async fn jobs_beside(&self, organisation: &str) -> Result<(u64, u64), StoreError> {
        let query = sql("SELECT COUNT(*), COUNT(*) FILTER (WHERE organisation = $1) FROM jobs \
             WHERE state IN ('queued', 'running')");
        let row = query.bind(organisation).fetch_one(&self.pool).await?;
        Ok((count(row.try_get(0)?)?, count(row.try_get(1)?)?))
    }

    async fn is_to_do(&self, request_id: &str) -> Result<bool, StoreError> {
        let query = "SELECT 1 FROM jobs WHERE request_id = $1 AND state IN ('queued', 'running')";
        Ok(sql(query).bind(request_id).fetch_optional(&self.pool).await?.is_some())
    }
}

impl Store {
    /// How far an organisation's own job is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn job(
        &self,
        request_id: &str,
        organisation: &str,
    ) -> Result<Option<JobStanding>, StoreError> {
        let query = sql("SELECT reference_id, state, outcome FROM jobs \
             WHERE request_id = $1 AND organisation = $2");
        let row = query.bind(request_id).bind(organisation).fetch_optional(&self.pool).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(JobStanding {
            reference_id: row.try_get(0)?,
            state: row.try_get(1)?,
            outcome: row.try_get(2)?,
        }))
    }

    /// How far an organisation's own batch is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn batch(
        &self,
        batch_id: &str,
        organisation: &str,
    ) -> Result<Option<BatchStanding>, StoreError> {
        let mut transaction = self.pool.read().await?;
        let found = batch_standing(&mut transaction, batch_id, organisation).await?;
        Ok(found.map(|(_, standing)| standing))
    }

    /// Those of a batch's images that are done, behind a place in the order of completion.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn batch_items(
        &self,
        batch_id: &str,
        behind: i64,
        limit: u32,
    ) -> Result<Vec<BatchItem>, StoreError> {
        let rows = sql("SELECT finished, request_id, reference_id, state, outcome FROM jobs \
             WHERE batch_id = $1 AND finished > $2 ORDER BY finished LIMIT $3");
        let rows = rows.bind(batch_id).bind(behind).bind(limit).fetch_all(&self.pool).await?;
        let item = |row: &Row| -> Result<BatchItem, sqlx::Error> {
            Ok(BatchItem {
                place: row.try_get(0)?,
                request_id: row.try_get(1)?,
                reference_id: row.try_get(2)?,
                state: row.try_get(3)?,
                outcome: row.try_get(4)?,
            })
        };
        Ok(rows.iter().map(item).collect::<Result<_, _>>()?)
    }
}

/// Logs what was accepted: a batch as one, or each image.
async fn accepted(
    connection: &mut Connection,
    actor: &str,
    organisation: &str,
    batch: Option<&Batch>,
    jobs: &[NewJob],
) -> Result<(), StoreError> {
    if let Some(Batch { batch_id, .. }) = batch {
        let detail = json!({ "images": jobs.len() });
        let act = "batch.accept";
        return audit::write_analysis(connection, actor, act, batch_id, organisation, &detail)
            .await;
    }
    for NewJob { request_id, .. } in jobs {
        let (act, detail) = ("analysis.accept", json!({}));
        audit::write_analysis(connection, actor, act, request_id, organisation, &detail).await?;
    }
    Ok(())
}

/// Logs an image that could not be examined, with the error's code.
async fn failed(connection: &mut Connection, job: &Job, outcome: &str) -> Result<(), StoreError> {
    let outcome: Value = serde_json::from_str(outcome).unwrap_or(Value::Null);
    let code = outcome.get("code").and_then(Value::as_str).unwrap_or_default();
    audit::write_failure(connection, SERVER, &job.request_id, &job.organisation, code).await
}

pub(super) async fn batch_standing(
    connection: &mut Connection,
    batch_id: &str,
    organisation: &str,
) -> Result<Option<(Batch, BatchStanding)>, StoreError> {
    let row = sql("SELECT reference_id, webhook_url, total, claim_asked, claim FROM batches \
         WHERE batch_id = $1 AND organisation = $2")
    .bind(batch_id)
    .bind(organisation)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let reference_id: Option<String> = row.try_get(0)?;
    let webhook_url = row.try_get(1)?;
    let claim_asked: Option<String> = row.try_get(3)?;
    let claim: Option<String> = row.try_get(4)?;
    let mut standing = BatchStanding {
        reference_id: reference_id.clone(),
        total: count(row.try_get(2)?)?,
        is_without_claim: claim_asked.is_some() && claim.is_none(),
        claim,
        ..BatchStanding::default()
    };
    let rows = sql(
        "SELECT state, label, COUNT(*) FROM jobs WHERE batch_id = $1 AND finished IS NOT NULL \
         GROUP BY state, label ORDER BY state, label",
    )
    .bind(batch_id)
    .fetch_all(connection)
    .await?;
    for row in rows {
        let number = count(row.try_get(2)?)?;
        match row.try_get::<Option<String>>(1)? {
            Some(label) => {
                standing.completed += number;
                standing.labels.push((label, number));
            }
            None => standing.failed += number,
        }
    }
    Ok(Some((
        Batch { batch_id: batch_id.into(), reference_id, webhook_url, claim_asked },
        standing,
    )))
}

fn count(number: i64) -> Result<u64, StoreError> {
    let corrupt = |_| StoreError::Corrupt { what: "count", value: number.to_string() };
    u64::try_from(number).map_err(corrupt)
}
