// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finished analyses, as they were answered.

use jiff::Timestamp;

use super::engine::{sql, Connection, Row};
use super::{audit, fingerprints, first_answers, usage, Charge, Remembered, Store, StoreError};

/// What is kept of an analysis beside its name.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// The answer.
    pub body: &'a str,
    /// Where in the picture, packed.
    pub localisation: Option<&'a [u8]>,
    /// What the verdict was made from, JSON.
    pub derivation: Option<&'a str>,
    /// What the picture is recognised by.
    pub fingerprint: Option<&'a [u8]>,
}

/// An answer that somebody waited for, and what becomes so with it.
#[derive(Clone, Copy, Debug)]
pub struct NewAnalysis<'a> {
    /// Who asked: a key.
    pub actor: &'a str,
    /// The request's name.
    pub request_id: &'a str,
    /// Whose it is.
    pub organisation: &'a str,
    /// The answer and what goes with it.
    pub kept: Kept<'a>,
    /// What the organisation's day is charged with for it.
    pub charge: Option<Charge>,
    /// The answer once more, if it is to be given to who sends the request again.
    pub answer: Option<&'a Remembered<'a>>,
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
        "INSERT INTO analyses (request_id, organisation, finished_at, body, localised, derivation) \
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

/// Where in the picture, of a row that has it in one of two columns: as text since earlier versions, or packed.
pub(super) fn localisation(
    row: &Row,
    text: usize,
    packed: usize,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let kept: Option<Vec<u8>> = row.try_get(packed)?;
    Ok(kept.or(row.try_get::<Option<String>>(text)?.map(String::into_bytes)))
}

impl Store {
    /// Keeps an answer with all that goes with it.
    ///
    /// # Errors
    /// Where the day has no image left, another host has answered the same request, or the database fails;
    /// nothing is kept or charged then.
    pub async fn keep_analysis(&self, new: &NewAnalysis<'_>) -> Result<(), StoreError> {
        let NewAnalysis { actor, request_id, organisation, kept, charge, answer } = *new;
        let mut transaction = self.pool.write_alone().await?;
        if let Some(charge) = charge {
            usage::take(&mut transaction, organisation, charge).await?;
        }
        insert(&mut transaction, actor, request_id, organisation, kept).await?;
        if let Some(answer) = answer {
            let now = Timestamp::now().as_second();
            first_answers::insert(&mut transaction, organisation, answer, now).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Logs that the image of a request by `actor` could not be examined, with the error's code, and charges
    /// it where it is to be.
    ///
    /// # Errors
    /// Where the day has no image left, or the database fails; nothing is logged or charged then.
    pub async fn keep_failure(
        &self,
        actor: &str,
        request_id: &str,
        organisation: &str,
        code: &str,
        charge: Option<Charge>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.pool.write_alone().await?;
        if let Some(charge) = charge {
            usage::take(&mut transaction, organisation, charge).await?;
        }
        audit::write_failure(&mut transaction, actor, request_id, organisation, code).await?;
        Ok(transaction.commit().await?)
    }

    /// Where in the picture an organisation's own request found something, packed; JSON for those of earlier
    /// versions.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn localisation(
        &self,
        request_id: &str,
        organisation: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let query =
            sql("SELECT localisation, localised FROM analyses WHERE request_id = $1 AND organisation = $2");
        let row = query.bind(request_id).bind(organisation).fetch_optional(&self.pool).await?;
        Ok(row.map(|row| localisation(&row, 0, 1)).transpose()?.flatten())
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
