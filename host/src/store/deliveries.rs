// SPDX-License-Identifier: MIT OR Apache-2.0
//! What receivers are told, and every attempt to tell them.

use jiff::Timestamp;

use super::engine::{sql, Connection, Row};
use super::{Store, StoreError};

/// Something that a receiver is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    /// Its name, `msg_…`, the same with every attempt.
    pub id: String,
    /// What it is about: `analysis.complete`.
    pub event: &'static str,
    /// Where to.
    pub url: String,
    /// Host and port of that.
    pub receiver: String,
    /// What is sent, byte for byte with every attempt.
    pub body: String,
    /// When, Unix milliseconds.
    pub next_at: i64,
}

/// A delivery that is to be tried now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDelivery {
    /// Its name.
    pub id: String,
    /// Whose it is.
    pub organisation: String,
    /// Where to.
    pub url: String,
    /// Host and port of that.
    pub receiver: String,
    /// What is sent.
    pub body: String,
    /// Attempts since it was last asked for.
    pub tries: u32,
    /// When it was to be tried, Unix milliseconds.
    pub due_at: i64,
}

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// When it began, Unix milliseconds.
    pub at: i64,
    /// The answer's status.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// How long it took, ms.
    pub latency_ms: i64,
    /// The start of the answer.
    pub answer: String,
}

/// What becomes of a delivery after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It arrived.
    Delivered,
    /// It is tried again, Unix milliseconds.
    Again(i64),
    /// It is kept and not tried any more.
    Abandoned,
}

/// A delivery as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its place in the order of acceptance.
    pub number: i64,
    /// Its name.
    pub id: String,
    /// What it is about.
    pub event: String,
    /// Where to.
    pub url: String,
    /// `pending`, `delivered` or `abandoned`.
    pub state: String,
    /// All attempts.
    pub attempts: u32,
    /// When it is tried next, Unix milliseconds; of no meaning unless pending.
    pub next_at: i64,
    /// When it was asked for, Unix seconds.
    pub created_at: i64,
}

/// Keeps a delivery, in the transaction of what it tells.
pub(super) async fn insert(
    connection: &mut Connection,
    organisation: &str,
    delivery: &NewDelivery,
) -> Result<(), StoreError> {
    sql("INSERT INTO deliveries (id, organisation, event, url, receiver, body, state, next_at, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, $8)")
    .bind(&delivery.id)
    .bind(organisation)
    .bind(delivery.event)
    .bind(&delivery.url)
    .bind(&delivery.receiver)
    .bind(&delivery.body)
    .bind(delivery.next_at)
    .bind(Timestamp::now().as_second())
    .execute(connection)
    .await?;
    Ok(())
}

/// The query for deliveries, with more behind it.
macro_rules! select {
    ($more:literal) => {
        concat!(
            "SELECT number, id, event, url, state, attempts, next_at, created_at FROM deliveries ",
            $more
        )
    };
}

impl Store {
    /// Keeps a delivery that belongs to nothing else.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_delivery(
        &self,
        organisation: &str,
        delivery: &NewDelivery,
    ) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        insert(&mut connection, organisation, delivery).await
    }

    /// Deliveries that are due at `now` (Unix milliseconds) and that no other host has, those first that are
    /// so for longest; none of those named in `except` and none to a receiver in `busy`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_deliveries(
        &self,
        host: &str,
        now: i64,
        except: &[String],
        busy: &[String],
        limit: u32,
    ) -> Result<Vec<DueDelivery>, StoreError> {
        let rows =
            sql("SELECT id, organisation, url, receiver, body, tries, next_at FROM deliveries \
             WHERE state = 'pending' AND next_at <= $1 AND (host IS NULL OR host = $2) \
             AND id NOT IN (SELECT value FROM json_each($3)) \
             AND receiver NOT IN (SELECT value FROM json_each($4)) ORDER BY next_at LIMIT $5")
            .bind(now)
            .bind(host)
            .bind(except)
            .bind(busy)
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
        let due = |row: &Row| -> Result<DueDelivery, sqlx::Error> {
            Ok(DueDelivery {
                id: row.try_get(0)?,
                organisation: row.try_get(1)?,
                url: row.try_get(2)?,
                receiver: row.try_get(3)?,
                body: row.try_get(4)?,
                tries: row.try_get(5)?,
                due_at: row.try_get(6)?,
            })
        };
        Ok(rows.iter().map(due).collect::<Result<_, _>>()?)
    }

    /// Takes up the next attempt of a delivery for a host; tells whether it has it now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_delivery(&self, id: &str, host: &str, now: i64) -> Result<bool, StoreError> {
        let query = sql("UPDATE deliveries SET host = $1 WHERE id = $2 AND state = 'pending' \
             AND next_at <= $3 AND (host IS NULL OR host = $1)");
        // A machine that fails makes the attempt again in any case.
        Ok(query.bind(host).bind(id).bind(now).execute(&self.light).await? > 0)
    }

    /// When the next delivery is due that is not yet at `now`, Unix milliseconds.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_delivery_at(&self, now: i64) -> Result<Option<i64>, StoreError> {
        let query =
            sql("SELECT MIN(next_at) FROM deliveries WHERE state = 'pending' AND next_at > $1");
        Ok(query.bind(now).fetch_one(&self.pool).await?.try_get(0)?)
    }

    /// How long the delivery that waits longest has been due at `now`, ms.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delivery_lag_ms(&self, now: i64) -> Result<i64, StoreError> {
        let query = "SELECT MIN(next_at) FROM deliveries WHERE state = 'pending'";
        let first: Option<i64> = sql(query).fetch_one(&self.pool).await?.try_get(0)?;
        Ok(first.map_or(0, |first| (now - first).max(0)))
    }

    /// Writes down a host's attempt and what becomes of the delivery, and tells whether the host still had
    /// it; else nothing is written. The attempt's number is the next one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_attempt(
        &self,
        id: &str,
        host: &str,
        attempt: &Attempt,
        next: Next,
    ) -> Result<bool, StoreError> {
        let (state, next_at) = match next {
            Next::Delivered => ("delivered", None),
            Next::Again(at) => ("pending", Some(at)),
            Next::Abandoned => ("abandoned", None),
        };
        let mut transaction = self.pool.write().await?;
        let row = sql(
            "UPDATE deliveries SET state = $1, next_at = COALESCE($2, next_at), tries = tries + 1, \
             attempts = attempts + 1, host = NULL WHERE id = $3 AND host = $4 RETURNING attempts",
        )
        .bind(state)
        .bind(next_at)
        .bind(id)
        .bind(host)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { return Ok(false) };
        sql("INSERT INTO attempts (delivery, number, at, status, error, latency_ms, answer) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(id)
        .bind(row.try_get::<i64>(0)?)
        .bind(attempt.at)
        .bind(attempt.status)
        .bind(&attempt.error)
        .bind(attempt.latency_ms)
        .bind(&attempt.answer)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// An organisation's deliveries, the newest first, before a place in the order of acceptance.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deliveries(
        &self,
        organisation: &str,
        state: Option<&str>,
        before: i64,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let query = sql(select!(
            "WHERE organisation = $1 AND ($2 IS NULL OR state = $2) AND number < $3 \
             ORDER BY number DESC LIMIT $4"
        ));
        let query = query.bind(organisation).bind(state).bind(before).bind(limit);
        query.fetch_all(&self.pool).await?.iter().map(from_row).collect()
    }

    /// One of an organisation's deliveries with its attempts, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delivery(
        &self,
        id: &str,
        organisation: &str,
    ) -> Result<Option<(Delivery, Vec<Attempt>)>, StoreError> {
        // One reading for both, so that an attempt that is recorded meanwhile is in both or in none.
        let mut transaction = self.pool.read().await?;
        let query = sql(select!("WHERE id = $1 AND organisation = $2"));
        let row = query.bind(id).bind(organisation).fetch_optional(&mut *transaction).await?;
        let Some(row) = row else { return Ok(None) };
        let attempts = sql("SELECT number, at, status, error, latency_ms, answer FROM attempts \
             WHERE delivery = $1 ORDER BY number");
        let attempts = attempts.bind(id).fetch_all(&mut *transaction).await?;
        let attempt = |row: &Row| -> Result<Attempt, sqlx::Error> {
            Ok(Attempt {
                number: row.try_get(0)?,
                at: row.try_get(1)?,
                status: row.try_get(2)?,
                error: row.try_get(3)?,
                latency_ms: row.try_get(4)?,
                answer: row.try_get(5)?,
            })
        };
        let attempts = attempts.iter().map(attempt).collect::<Result<_, _>>()?;
        Ok(Some((from_row(&row)?, attempts)))
    }

    /// Has an organisation's delivery tried again from the start of the schedule; tells whether there
    /// is such a delivery.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn redeliver(
        &self,
        id: &str,
        organisation: &str,
        now: i64,
        actor: &str,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.write_alone().await?;
        let query = sql("UPDATE deliveries SET state = 'pending', tries = 0, next_at = $1 \
             WHERE id = $2 AND organisation = $3");
        let query = query.bind(now).bind(id).bind(organisation);
        if query.execute(&mut *transaction).await? == 0 {
            return Ok(false);
        }
        super::audit::write(&mut transaction, actor, "webhook.redeliver", id, organisation).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

fn from_row(row: &Row) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        number: row.try_get(0)?,
        id: row.try_get(1)?,
        event: row.try_get(2)?,
        url: row.try_get(3)?,
        state: row.try_get(4)?,
        attempts: row.try_get(5)?,
        next_at: row.try_get(6)?,
        created_at: row.try_get(7)?,
    })
}
