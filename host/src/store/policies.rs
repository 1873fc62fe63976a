// SPDX-License-Identifier: MIT OR Apache-2.0
//! Policies that are in force on every host, as texts. Each change has a turn, by which hosts see that
//! theirs are not those any more.

use serde_json::json;

use super::engine::{sql, Connection};
use super::notices::{self, Notice};
use super::{audit, Store, StoreError};

/// A policy that is kept in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPolicy {
    /// Its name.
    pub name: String,
    /// Its text, TOML.
    pub text: String,
    /// Digest of what it said when it was put, with what it extended.
    pub digest: String,
    /// When it was put, Unix seconds.
    pub put_at: i64,
}

impl Store {
    /// Puts a policy into force on every host, in the place of one of its name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_policy(&self, policy: &KeptPolicy, actor: &str) -> Result<(), StoreError> {
        let KeptPolicy { name, text, digest, put_at } = policy;
        let mut transaction = self.pool.write_alone().await?;
        sql("INSERT INTO policies (name, text, digest, put_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (name) DO UPDATE SET text = excluded.text, digest = excluded.digest, \
             put_at = excluded.put_at")
        .bind(name)
        .bind(text)
        .bind(digest)
        .bind(*put_at)
        .execute(&mut transaction)
        .await?;
        changed(&mut transaction, actor, "policy.put", name, digest).await?;
        Ok(transaction.commit().await?)
    }

    /// Takes a policy out of force; tells whether there was one of this name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn withdraw_policy(&self, name: &str, actor: &str) -> Result<bool, StoreError> {
        let mut transaction = self.pool.write_alone().await?;
        let query = sql("DELETE FROM policies WHERE name = $1 RETURNING digest");
        let Some(row) = query.bind(name).fetch_optional(&mut transaction).await? else {
            return Ok(false);
        };
        let digest: String = row.try_get(0)?;
        changed(&mut transaction, actor, "policy.withdraw", name, &digest).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The policies in force, by name, and whose turn that is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kept_policies(&self) -> Result<(i64, Vec<KeptPolicy>), StoreError> {
        let mut transaction = self.pool.read().await?;
        let turn = sql("SELECT turn FROM policy_turn").fetch_one(&mut transaction).await?;
        let query = sql("SELECT name, text, digest, put_at FROM policies ORDER BY name");
        let rows = query.fetch_all(&mut transaction).await?;
        let kept = rows.iter().map(|row| {
            Ok(KeptPolicy {
                name: row.try_get(0)?,
                text: row.try_get(1)?,
                digest: row.try_get(2)?,
                put_at: row.try_get(3)?,
            })
        });
        Ok((turn.try_get(0)?, kept.collect::<Result<_, sqlx::Error>>()?))
    }

    /// Whose turn it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn policy_turn(&self) -> Result<i64, StoreError> {
        Ok(sql("SELECT turn FROM policy_turn").fetch_one(&self.pool).await?.try_get(0)?)
    }
}

/// Writes a change down and gives it its turn, in its transaction.
async fn changed(
    connection: &mut Connection,
    actor: &str,
    act: &str,
    name: &str,
    digest: &str,
) -> Result<(), StoreError> {
    sql("UPDATE policy_turn SET turn = turn + 1").execute(&mut *connection).await?;
    let detail = json!({ "digest": digest });
    audit::write_of_all(connection, actor, act, name, &detail).await?;
    notices::tell(connection, Notice::Policies).await?;
    tracing::info!(actor, act, name, digest, "audit");
    Ok(())
}
