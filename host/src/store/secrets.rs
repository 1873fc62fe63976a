// SPDX-License-Identifier: MIT OR Apache-2.0
//! What webhooks are signed with: `whsec_` and 32 random bytes in base64, as Standard Webhooks has it.

use base64::prelude::{Engine as _, BASE64_STANDARD};
use jiff::Timestamp;

use super::engine::{sql, Connection};
use super::{audit, Store, StoreError};

/// Random bytes of a secret; Standard Webhooks asks for 24 to 64.
const BYTES: usize = 32;

/// An organisation's secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecrets {
    /// The one that signs.
    pub secret: String,
    /// The one before it, while it signs too.
    pub previous: Option<String>,
}

impl Store {
    /// An organisation's secrets; one is made if there is none yet.
    ///
    /// # Errors
    /// When there is no such organisation, or the database fails.
    pub async fn webhook_secrets(&self, organisation: &str) -> Result<WebhookSecrets, StoreError> {
        let mut connection = self.pool.acquire().await?;
        if let Some(found) = find(&mut connection, organisation).await? {
            return Ok(found);
        }
        let mut transaction = self.pool.write_alone().await?;
        if let Some(found) = find(&mut transaction, organisation).await? {
            return Ok(found);
        }
        let known = sql("SELECT 1 FROM organisations WHERE name = $1").bind(organisation);
        if known.fetch_optional(&mut *transaction).await?.is_none() {
            return Err(StoreError::NoSuchOrganisation { name: organisation.into() });
        }
        let secret = random()?;
        sql("INSERT INTO webhook_secrets (organisation, secret) VALUES ($1, $2)")
            .bind(organisation)
            .bind(&secret)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(WebhookSecrets { secret, previous: None })
    }

    /// Makes a new secret; the one before it goes on for `overlap_seconds`.
    ///
    /// # Errors
    /// When there is no such organisation, or the database fails.
    pub async fn rotate_webhook_secret(
        &self,
        organisation: &str,
        overlap_seconds: u32,
        actor: &str,
    ) -> Result<WebhookSecrets, StoreError> {
        let before = self.webhook_secrets(organisation).await?;
        let secret = random()?;
        let until = Timestamp::now().as_second() + i64::from(overlap_seconds);
        let mut transaction = self.pool.write_alone().await?;
        sql("UPDATE webhook_secrets SET previous = secret, previous_until = $1, secret = $2 \
             WHERE organisation = $3")
        .bind(until)
        .bind(&secret)
        .bind(organisation)
        .execute(&mut *transaction)
        .await?;
        audit::write(&mut transaction, actor, "webhook.secret.rotate", organisation, organisation)
            .await?;
        transaction.commit().await?;
        Ok(WebhookSecrets { secret, previous: Some(before.secret) })
    }
}

async fn find(
    connection: &mut Connection,
    organisation: &str,
) -> Result<Option<WebhookSecrets>, StoreError> {
    let row =
        sql("SELECT secret, CASE WHEN previous_until > $1 THEN previous END FROM webhook_secrets \
         WHERE organisation = $2")
        .bind(Timestamp::now().as_second())
        .bind(organisation)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(WebhookSecrets { secret: row.try_get(0)?, previous: row.try_get(1)? }))
}

fn random() -> Result<String, StoreError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|e| StoreError::Random(std::io::Error::other(e)))?;
    Ok(format!("whsec_{}", BASE64_STANDARD.encode(bytes)))
}
