// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finished analyses, as they were answered.

use jiff::Timestamp;

use super::engine::{sql, Connection};
use super::{audit, fingerprints, Store, StoreError};

/// What is kept of an analysis beside its name.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// The answer.
    pub body: &'a str,
    /// Where in the picture, JSON.
    pub localisation: Option<&'a str>,
    /// What the verdict was made from, JSON.
    pub derivation: Option<&'a str>,
    /// What the picture is recognised by.
    pub fingerprint: Option<&'a [u8]>,
}

/// Keeps an answer and logs it, in the transaction of what it belongs to.
pub(super) async fn insert(
    connection: &mut Connection,
    actor: &str,
    request_id: &str,
    organisation: &str,
    kept: Kept<'_>,
) -> Result<(), StoreError> {
    sql(
        "INSERT INTO analyses (request_id, organisation, finished_at, body, localisation, derivation) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(request_id)
    .bind(organisation)
    .bind(Timestamp::now().as_second())
    .bind(kept.body)
    .bind(kept.localisation)
    .bind(kept.derivation)
    .execute(&mut *connection)
    .await?;
    if let Some(fingerprint) = kept.fingerprint {
        fingerprints::insert(connection, request_id, organisation, fingerprint).await?;
    }
    let detail = audit::answer_detail(kept.body);
    let act = audit::COMPLETE;
    audit::write_analysis(connection, actor, act, request_id, organisation, &detail).await
}

impl Store {
    /// Keeps an answer that `actor` asked for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_analysis(
        &self,
        actor: &str,
        request_id: &str,
        organisation: &str,
        kept: Kept<'_>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.write_alone().await?;
        insert(&mut transaction, actor, request_id, organisation, kept).await?;
        Ok(transaction.commit().await?)
    }

    /// Logs that the image of a request by `actor` could not be examined, with the error's code.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_failure(
        &self,
        actor: &str,
        request_id: &str,
        organisation: &str,
        code: &str,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.write_alone().await?;
        audit::write_failure(&mut transaction, actor, request_id, organisation, code).await?;
        Ok(transaction.commit().await?)
    }

    /// Where in the picture an organisation's own request found something, JSON.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn localisation(
        &self,
        request_id: &str,
        organisation: &str,
    ) -> Result<Option<String>, StoreError> {
        let query =
            sql("SELECT localisation FROM analyses WHERE request_id = $1 AND organisation = $2");
        let row = query.bind(request_id).bind(organisation).fetch_optional(&self.pool).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?.flatten())
    }

    /// The answer of an organisation's own request.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn analysis(
        &self,
        request_id: &str,
        organisation: &str,
    ) -> Result<Option<String>, StoreError> {
        let query = sql("SELECT body FROM analyses WHERE request_id = $1 AND organisation = $2");
        let row = query.bind(request_id).bind(organisation).fetch_optional(&self.pool).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }
}
