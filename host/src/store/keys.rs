// SPDX-License-Identifier: MIT OR Apache-2.0
//! API keys: who may do what, from where, until when.

use std::sync::Arc;

use jiff::Timestamp;
use subtle::ConstantTimeEq as _;

use super::engine::{sql, Connection, Row};
use super::key_text::{digest, name_of, random_key};
use super::key_words::{Environment, Plan, Scope};
use super::{audit, Store, StoreError};

/// How long a rotated key or secret goes on unless told otherwise, s: a day.
pub const OVERLAP_SECONDS: u32 = 86_400;

/// What is asked of a new key.
#[derive(Clone, Debug)]
pub struct KeyRequest {
    /// The organisation; made if it is not there.
    pub organisation: String,
    /// Its plan; that of the organisation, or starter for a new one, if none is named.
    pub plan: Option<Plan>,
    /// What the key is used in.
    pub environment: Environment,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Paths that it may be used for; any if empty.
    pub endpoints: Vec<String>,
    /// CIDR ranges that it may be used from; any if empty.
    pub addresses: Vec<String>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

impl KeyRequest {
    /// A key of an organisation that may do so much, from everywhere and for ever.
    #[must_use]
    pub fn unrestricted(organisation: &str, scopes: Vec<Scope>) -> Self {
        Self {
            organisation: organisation.into(),
            plan: None,
            environment: Environment::Production,
            scopes,
            endpoints: Vec::new(),
            addresses: Vec::new(),
            expires_at: None,
        }
    }
}

/// A key that was just made. Its text cannot be had again, and is not to be printed by accident.
pub struct NewKey {
    /// Its name.
    pub id: String,
    /// The whole key.
    pub key: String,
    /// The organisation.
    pub organisation: String,
    /// The organisation's plan.
    pub plan: Plan,
}

/// A key as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its name: the key itself without what is secret.
    pub id: String,
    /// The organisation.
    pub organisation: Arc<str>,
    /// The organisation's plan.
    pub plan: Plan,
    /// What it is used in.
    pub environment: Environment,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Paths that it may be used for; any if empty.
    pub endpoints: Vec<String>,
    /// CIDR ranges that it may be used from; any if empty.
    pub addresses: Vec<String>,
    /// When it was made, Unix seconds.
    pub created_at: i64,
    /// When it ends, Unix seconds.
    pub expires_at: Option<i64>,
    /// When it was revoked, Unix seconds.
    pub revoked_at: Option<i64>,
    /// The key that it was rotated to.
    pub successor: Option<String>,
}

impl ApiKey {
    /// `active`, `expired` or `revoked` at a moment, Unix seconds.
    #[must_use]
    pub fn state(&self, now: i64) -> &'static str {
        if self.revoked_at.is_some() {
            "revoked"
        } else if self.expires_at.is_some_and(|end| end <= now) {
            "expired"
        } else {
            "active"
        }
    }
}

/// The query for keys, with more behind it.
macro_rules! select {
    ($more:literal) => {
        concat!(
            "SELECT k.id, k.organisation, o.plan, k.environment, k.scopes, k.endpoints, k.addresses, \
             k.created_at, k.expires_at, k.revoked_at, k.successor, k.digest \
             FROM api_keys k JOIN organisations o ON o.name = k.organisation ",
            $more
        )
    };
}

impl Store {
    /// Makes a key, and its organisation if that is not there.
    ///
    /// # Errors
    /// When the organisation has another plan than the one that was asked for, or the database fails.
    pub async fn create_key(
        &self,
        request: &KeyRequest,
        region: &str,
        actor: &str,
    ) -> Result<NewKey, StoreError> {
        let mut transaction = self.pool.write_alone().await?;
        let plan = organisation(&mut transaction, &request.organisation, request.plan).await?;
        let (id, key) = random_key(region)?;
        insert(&mut transaction, &id, &key, request).await?;
        audit::write(&mut transaction, actor, "key.create", &id, &request.organisation).await?;
        transaction.commit().await?;
        Ok(NewKey { id, key, organisation: request.organisation.clone(), plan })
    }

    /// The key of this text, if it is one of ours; whether it may still be used is the caller's
    /// question.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_key(&self, text: &str) -> Result<Option<Arc<ApiKey>>, StoreError> {
        let Some(id) = name_of(text) else { return Ok(None) };
        let digest = digest(text);
        let generation = self.generation.current();
        let known =
            generation.and_then(|now| self.known_keys.get(&digest).filter(|(_, of)| *of == now));
        if let Some((key, _)) = known {
            return Ok(Some(key));
        }
        let query = sql(select!("WHERE k.id = $1")).bind(id);
        let Some(row) = query.fetch_optional(&self.pool).await? else { return Ok(None) };
        let stored: Vec<u8> = row.try_get("digest")?;
        let is_equal = bool::from(stored.as_slice().ct_eq(&digest));
        if !is_equal {
            return Ok(None);
        }
        let key = Arc::new(from_row(&row)?);
        if let Some(generation) = generation {
            self.known_keys.insert(digest, (Arc::clone(&key), generation));
        }
        Ok(Some(key))
    }

    /// All keys, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let query = sql(select!("ORDER BY k.created_at, k.rowid"));
        query.fetch_all(&self.pool).await?.iter().map(from_row).collect()
    }

    /// Ends a key at once.
    ///
    /// # Errors
    /// When there is no such key or it has been revoked already, or the database fails.
    pub async fn revoke_key(&self, id: &str, actor: &str) -> Result<(), StoreError> {
        let now = Timestamp::now().as_second();
        let mut transaction = self.pool.write_alone().await?;
        let key = by_id(&mut transaction, id).await?;
        if key.revoked_at.is_some() {
            return Err(StoreError::KeyIsOver { id: id.into(), state: "revoked" });
        }
        sql("UPDATE api_keys SET revoked_at = $1 WHERE id = $2")
            .bind(now)
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        audit::write(&mut transaction, actor, "key.revoke", id, &key.organisation).await?;
        self.generation.advance().map_err(StoreError::Generation)?;
        transaction.commit().await?;
        self.generation.advance().map_err(StoreError::Generation)
    }

    /// Restricts a key to paths and address ranges, in the place of those that it was restricted to; any
    /// where a list is empty. It holds at once.
    ///
    /// # Errors
    /// When there is no such key or it is over, or the database fails.
    pub async fn restrict_key(
        &self,
        id: &str,
        endpoints: &[String],
        addresses: &[String],
        actor: &str,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.write_alone().await?;
        let key = in_force(&mut transaction, id, Timestamp::now().as_second()).await?;
        sql("UPDATE api_keys SET endpoints = $1, addresses = $2 WHERE id = $3")
            .bind(list(endpoints))
            .bind(list(addresses))
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        audit::write(&mut transaction, actor, "key.restrict", id, &key.organisation).await?;
        self.generation.advance().map_err(StoreError::Generation)?;
        transaction.commit().await?;
        self.generation.advance().map_err(StoreError::Generation)
    }

    /// Makes a key with the rights of another, which goes on for `overlap_seconds`.
    ///
    /// # Errors
    /// When there is no such key or it is over, or the database fails.
    pub async fn rotate_key(
        &self,
        id: &str,
        overlap_seconds: u32,
        region: &str,
        actor: &str,
    ) -> Result<NewKey, StoreError> {
        let now = Timestamp::now().as_second();
        let mut transaction = self.pool.write_alone().await?;
        let old = in_force(&mut transaction, id, now).await?;
        let request = KeyRequest {
            organisation: old.organisation.to_string(),
            plan: None,
            environment: old.environment,
            scopes: old.scopes,
            endpoints: old.endpoints,
            addresses: old.addresses,
            expires_at: old.expires_at.and_then(|end| Timestamp::from_second(end).ok()),
        };
        let (new_id, key) = random_key(region)?;
        insert(&mut transaction, &new_id, &key, &request).await?;
        let end = now + i64::from(overlap_seconds);
        let end = old.expires_at.map_or(end, |expires| expires.min(end));
        sql("UPDATE api_keys SET expires_at = $1, successor = $2 WHERE id = $3")
            .bind(end)
            .bind(&new_id)
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        audit::write(&mut transaction, actor, "key.rotate", id, &old.organisation).await?;
        self.generation.advance().map_err(StoreError::Generation)?;
        transaction.commit().await?;
        self.generation.advance().map_err(StoreError::Generation)?;
        Ok(NewKey { id: new_id, key, organisation: old.organisation.to_string(), plan: old.plan })
    }
}

/// The key of a name, which is neither expired nor revoked.
async fn in_force(connection: &mut Connection, id: &str, now: i64) -> Result<ApiKey, StoreError> {
    let key = by_id(connection, id).await?;
    match key.state(now) {
        "active" => Ok(key),
        state => Err(StoreError::KeyIsOver { id: id.into(), state }),
    }
}

/// The key of a name.
pub(super) async fn by_id(connection: &mut Connection, id: &str) -> Result<ApiKey, StoreError> {
    let query = sql(select!("WHERE k.id = $1")).bind(id);
    let row = query.fetch_optional(connection).await?;
    row.as_ref().map_or_else(|| Err(StoreError::NoSuchKey { id: id.into() }), from_row)
}

/// The plan of an organisation, which is made if it is not there.
async fn organisation(
    connection: &mut Connection,
    name: &str,
    asked: Option<Plan>,
) -> Result<Plan, StoreError> {
    let query = sql("SELECT plan FROM organisations WHERE name = $1").bind(name);
    if let Some(row) = query.fetch_optional(&mut *connection).await? {
        let has: Plan = row.try_get::<String>(0)?.parse()?;
        return match asked {
            Some(asked) if asked != has => {
                Err(StoreError::OtherPlan { name: name.into(), has, asked })
            }
            _ => Ok(has),
        };
    }
    let plan = asked.unwrap_or(Plan::Starter);
    sql("INSERT INTO organisations (name, plan, created_at) VALUES ($1, $2, $3)")
        .bind(name)
        .bind(plan.as_str())
        .bind(Timestamp::now().as_second())
        .execute(connection)
        .await?;
    Ok(plan)
}

async fn insert(
    connection: &mut Connection,
    id: &str,
    key: &str,
    request: &KeyRequest,
) -> Result<(), StoreError> {
    let scopes: Vec<_> = request.scopes.iter().map(|scope| scope.as_str()).collect();
    sql(
        "INSERT INTO api_keys (id, organisation, digest, environment, scopes, endpoints, addresses, \
         created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id)
    .bind(&request.organisation)
    .bind(digest(key).to_vec())
    .bind(request.environment.as_str())
    .bind(serde_json::json!(scopes).to_string())
    .bind(list(&request.endpoints))
    .bind(list(&request.addresses))
    .bind(Timestamp::now().as_second())
    .bind(request.expires_at.map(Timestamp::as_second))
    .execute(connection)
    .await?;
    Ok(())
}

fn list(texts: &[String]) -> String {
    serde_json::json!(texts).to_string()
}

fn from_row(row: &Row) -> Result<ApiKey, StoreError> {
    let texts = |column: &'static str| -> Result<Vec<String>, StoreError> {
        let json: String = row.try_get(column)?;
        serde_json::from_str(&json).map_err(|_| StoreError::Corrupt { what: column, value: json })
    };
    Ok(ApiKey {
        id: row.try_get("id")?,
        organisation: row.try_get::<String>("organisation")?.into(),
        plan: row.try_get::<String>("plan")?.parse()?,
        environment: row.try_get::<String>("environment")?.parse()?,
        scopes: texts("scopes")?.iter().map(|scope| scope.parse()).collect::<Result<_, _>>()?,
        endpoints: texts("endpoints")?,
        addresses: texts("addresses")?,
        created_at: row.try_get("created_at")?,
        expires_at: row.try_get("expires_at")?,
        revoked_at: row.try_get("revoked_at")?,
        successor: row.try_get("successor")?,
    })
}
