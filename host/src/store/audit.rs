// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who did what, and which analyses were made: a log that only grows, in which each entry holds the hash
//! of the one before ([`super::chain`]).
//!
//! Names, labels and digests stand in it; no key's secret, no picture and nothing of a picture's metadata.

use jiff::Timestamp;
use serde_json::{json, Value};
use sha2::{Digest as _, Sha256};

use super::chain::{Broken, Chain, Hash, LogEntry, VERSION};
use super::engine::{sql, Connection, Row};
use super::{Store, StoreError};

/// An image was examined, and its answer is stored under the entry's subject.
pub(super) const COMPLETE: &str = "analysis.complete";
/// An image could not be examined.
const FAILED: &str = "analysis.failed";

/// Entries that are read at once.
const PAGE: i64 = 1_000;

/// What an entry is about, beside its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Act<'a> {
    pub(super) kind: Kind,
    pub(super) actor: &'a str,
    pub(super) act: &'a str,
    pub(super) subject: &'a str,
    pub(super) organisation: Option<&'a str>,
}

/// Whether somebody changed something, or an image was examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Administration,
    Analysis,
}

/// One administrative act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place in the log.
    pub number: i64,
    /// When, Unix seconds.
    pub at: i64,
    /// Who: `cli`, or a key's name.
    pub actor: String,
    /// What: `key.create`, `key.rotate`, `key.revoke`, `key.restrict`, `webhook.secret.rotate`, `webhook.redeliver`,
    /// `session.begin`, `session.end`.
    pub act: String,
    /// On what: a key's or a delivery's name, or an organisation.
    pub subject: String,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Administration => "administration",
            Self::Analysis => "analysis",
        }
    }
}

/// Writes an administrative act, in its own transaction.
pub(super) async fn write(
    connection: &mut Connection,
    actor: &str,
    act: &str,
    subject: &str,
    organisation: &str,
) -> Result<(), StoreError> {
    let kind = Kind::Administration;
    let entry = Act { kind, actor, act, subject, organisation: Some(organisation) };
    append(connection, entry, &json!({})).await?;
    tracing::info!(actor, act, subject, organisation, "audit");
    Ok(())
}

/// Writes an analysis that concerns images, in its own transaction.
pub(super) async fn write_analysis(
    connection: &mut Connection,
    actor: &str,
    act: &str,
    subject: &str,
    organisation: &str,
    detail: &Value,
) -> Result<(), StoreError> {
    let kind = Kind::Analysis;
    let entry = Act { kind, actor, act, subject, organisation: Some(organisation) };
    append(connection, entry, detail).await
}

/// Writes that an image could not be examined, with the error's code, in its own transaction.
pub(super) async fn write_failure(
    connection: &mut Connection,
    actor: &str,
    request_id: &str,
    organisation: &str,
    code: &str,
) -> Result<(), StoreError> {
    let detail = json!({ "code": code });
    write_analysis(connection, actor, FAILED, request_id, organisation, &detail).await
}

/// What the log tells of an answer: digests of picture and answer, the label, the policy.
pub(super) fn answer_detail(body: &str) -> Value {
    #[derive(serde::Deserialize)]
    struct Answer {
        verdict: Verdict,
        image_info: Image,
        policy: Policy,
    }
    #[derive(serde::Deserialize)]
    struct Verdict {
        label: String,
    }
    #[derive(serde::Deserialize)]
    struct Image {
        sha256: String,
    }
    #[derive(serde::Deserialize)]
    struct Policy {
        digest: String,
    }
    let digest = hex(&Sha256::digest(body));
    match serde_json::from_str::<Answer>(body) {
        Ok(Answer { verdict, image_info, policy }) => json!({
            "image_sha256": image_info.sha256,
            "label": verdict.label,
            "policy_digest": policy.digest,
            "answer_sha256": digest,
        }),
        Err(_) => json!({ "answer_sha256": digest }),
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The same of an act that is no one organisation's.
pub(super) async fn write_of_all(
    connection: &mut Connection,
    actor: &str,
    act: &str,
    subject: &str,
    detail: &Value,
) -> Result<(), StoreError> {
    let entry = Act { kind: Kind::Administration, actor, act, subject, organisation: None };
    append(connection, entry, detail).await
}

/// Writes an entry behind the last one. The transaction must be one that writes from its start, so that
/// nobody else adds an entry in between.
async fn append(
    connection: &mut Connection,
    act: Act<'_>,
    detail: &Value,
) -> Result<(), StoreError> {
    append_at(connection, act, detail, Timestamp::now().as_second()).await
}

async fn append_at(
    connection: &mut Connection,
    act: Act<'_>,
    detail: &Value,
    at: i64,
) -> Result<(), StoreError> {
    let last = sql("SELECT number, hash FROM audit_log ORDER BY number DESC LIMIT 1")
        .fetch_optional(&mut *connection)
        .await?;
    let last = last.map(|row| Ok::<_, sqlx::Error>((row.try_get(0)?, row.try_get(1)?)));
    let chain = Chain::behind(last.transpose()?).ok_or_else(|| StoreError::Corrupt {
        what: "hash",
        value: "the last one of the audit log".into(),
    })?;
    let (number, previous) = chain.next();
    let mut entry = LogEntry {
        number,
        version: VERSION,
        at,
        kind: act.kind.as_str().into(),
        actor: act.actor.into(),
        act: act.act.into(),
        subject: act.subject.into(),
        organisation: act.organisation.map(Into::into),
        detail: detail.to_string(),
        previous: previous.to_vec(),
        hash: Vec::new(),
    };
    entry.hash = entry.digest().to_vec();
    sql(
        "INSERT INTO audit_log (number, version, at, kind, actor, act, subject, organisation, detail, \
         previous, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(entry.number)
    .bind(entry.version)
    .bind(entry.at)
    .bind(entry.kind)
    .bind(entry.actor)
    .bind(entry.act)
    .bind(entry.subject)
    .bind(entry.organisation)
    .bind(entry.detail)
    .bind(entry.previous)
    .bind(entry.hash)
    .execute(connection)
    .await?;
    Ok(())
}

impl Store {
    /// Takes the acts of earlier versions over into the log, in their order. What was done to them
    /// before is not found: they are sealed from now on.
    pub(super) async fn adopt_acts(&self) -> Result<(), StoreError> {
        let query = "SELECT 1 FROM audit LIMIT 1";
        if sql(query).fetch_optional(&self.pool).await?.is_none() {
            return Ok(());
        }
        let mut transaction = self.pool.write_alone().await?;
        let query = "SELECT at, actor, act, subject, organisation FROM audit ORDER BY rowid";
        for row in sql(query).fetch_all(&mut *transaction).await? {
            let text = |index: usize| row.try_get::<String>(index);
            let (actor, act, subject) = (text(1)?, text(2)?, text(3)?);
            let organisation: Option<String> = row.try_get(4)?;
            let act = Act {
                kind: Kind::Administration,
                actor: &actor,
                act: &act,
                subject: &subject,
                organisation: organisation.as_deref(),
            };
            let detail = json!({ "adopted": true });
            append_at(&mut transaction, act, &detail, row.try_get(0)?).await?;
        }
        sql("DELETE FROM audit").execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Administrative acts, the newest first, before a place in the log; those about one organisation,
    /// or all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(
        &self,
        organisation: Option<&str>,
        before: i64,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = sql(
            "SELECT number, at, actor, act, subject FROM audit_log WHERE kind = 'administration' \
             AND ($1 IS NULL OR organisation = $1) AND number < $2 ORDER BY number DESC LIMIT $3",
        );
        let rows = rows.bind(organisation).bind(before).bind(limit).fetch_all(&self.pool).await?;
        let entry = |row: &Row| -> Result<AuditEntry, sqlx::Error> {
            Ok(AuditEntry {
                number: row.try_get(0)?,
                at: row.try_get(1)?,
                actor: row.try_get(2)?,
                act: row.try_get(3)?,
                subject: row.try_get(4)?,
            })
        };
        Ok(rows.iter().map(entry).collect::<Result<_, _>>()?)
    }

    /// Every entry of the log behind a place, at most a thousand, with the answer that it tells of where
    /// that is stored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn log_behind(
        &self,
        number: i64,
    ) -> Result<Vec<(LogEntry, Option<String>)>, StoreError> {
        let rows = sql(
            "SELECT number, version, at, kind, actor, act, subject, log.organisation, detail, previous, \
             hash, body FROM audit_log log LEFT JOIN analyses ON act = $3 \
             AND request_id = subject WHERE number > $1 ORDER BY number LIMIT $2",
        );
        let rows = rows.bind(number).bind(PAGE).bind(COMPLETE).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(entry).collect::<Result<_, _>>()?)
    }

    /// Follows the whole log, in which the noted head must come if one is given: how many entries it
    /// has and the hash of the last one, or the first thing that is wrong with it. Entries that are
    /// written meanwhile are followed too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn verify_log(
        &self,
        noted: Option<Hash>,
    ) -> Result<Result<(i64, Hash), Broken>, StoreError> {
        let mut chain = Chain::new(noted);
        let mut last = i64::MIN;
        loop {
            let page = self.log_behind(last).await?;
            for (entry, answer) in &page {
                last = entry.number;
                if let Err(broken) = check(&mut chain, entry, answer.as_deref()) {
                    return Ok(Err(broken));
                }
            }
            if page.is_empty() {
                return Ok(chain.finish());
            }
        }
    }
}

fn check(chain: &mut Chain, entry: &LogEntry, answer: Option<&str>) -> Result<(), Broken> {
    chain.add(entry)?;
    if entry.act != COMPLETE {
        return Ok(());
    }
    let (number, subject) = (entry.number, entry.subject.clone());
    let Some(answer) = answer else { return Err(Broken::Missing { number, subject }) };
    let detail: Value = serde_json::from_str(&entry.detail).unwrap_or(Value::Null);
    let told = detail.get("answer_sha256").and_then(Value::as_str);
    if told.is_some_and(|told| told == hex(&Sha256::digest(answer))) {
        return Ok(());
    }
    Err(Broken::Answer { number, subject })
}

fn entry(row: &Row) -> Result<(LogEntry, Option<String>), sqlx::Error> {
    let entry = LogEntry {
        number: row.try_get(0)?,
        version: row.try_get(1)?,
        at: row.try_get(2)?,
        kind: row.try_get(3)?,
        actor: row.try_get(4)?,
        act: row.try_get(5)?,
        subject: row.try_get(6)?,
        organisation: row.try_get(7)?,
        detail: row.try_get(8)?,
        previous: row.try_get(9)?,
        hash: row.try_get(10)?,
    };
    Ok((entry, row.try_get(11)?))
}
