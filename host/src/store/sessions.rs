// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who is signed in at the dashboard: sessions by the digests of their tokens.

use super::engine::sql;
use super::{audit, keys, ApiKey, Store, StoreError};

/// Until when a session must have been made and used to be in force, Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionAge {
    /// Made behind that.
    pub made_after: i64,
    /// Last used behind that.
    pub used_after: i64,
}

/// A session that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The key that it was begun with, as it is now; whether that may still be used is the caller's
    /// question.
    pub key: ApiKey,
    /// When it was last used, Unix seconds.
    pub used_at: i64,
}

impl Store {
    /// Begins a session of a key at `now`, and drops those that are not in force any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_session(
        &self,
        digest: &[u8],
        key: &ApiKey,
        now: i64,
        age: SessionAge,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.write_alone().await?;
        sql("DELETE FROM sessions WHERE made_at <= $1 OR used_at <= $2")
            .bind(age.made_after)
            .bind(age.used_after)
            .execute(&mut *transaction)
            .await?;
        sql("INSERT INTO sessions (digest, key_id, made_at, used_at) VALUES ($1, $2, $3, $3)")
            .bind(digest)
            .bind(&key.id)
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        let (id, organisation) = (&key.id, &key.organisation);
        audit::write(&mut transaction, id, "session.begin", id, organisation).await?;
        Ok(transaction.commit().await?)
    }

    /// The session of a token's digest, if it is in force.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(
        &self,
        digest: &[u8],
        age: SessionAge,
    ) -> Result<Option<Session>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let query = sql("SELECT key_id, used_at FROM sessions \
             WHERE digest = $1 AND made_at > $2 AND used_at > $3");
        let query = query.bind(digest).bind(age.made_after).bind(age.used_after);
        let Some(row) = query.fetch_optional(&mut connection).await? else { return Ok(None) };
        let key = keys::by_id(&mut connection, &row.try_get::<String>(0)?).await?;
        Ok(Some(Session { key, used_at: row.try_get(1)? }))
    }

    /// Notes that a session was used at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_session(&self, digest: &[u8], now: i64) -> Result<(), StoreError> {
        sql("UPDATE sessions SET used_at = $1 WHERE digest = $2")
            .bind(now)
            .bind(digest)
            .execute(&self.light)
            .await?;
        Ok(())
    }

    /// Ends a session of a key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_session(&self, digest: &[u8], key: &ApiKey) -> Result<(), StoreError> {
        let mut transaction = self.pool.write_alone().await?;
        let query = sql("DELETE FROM sessions WHERE digest = $1").bind(digest);
        if query.execute(&mut *transaction).await? > 0 {
            let (id, organisation) = (&key.id, &key.organisation);
            audit::write(&mut transaction, id, "session.end", id, organisation).await?;
        }
        Ok(transaction.commit().await?)
    }
}
