// SPDX-License-Identifier: MIT OR Apache-2.0
//! An organisation's finished analyses, found by what somebody knows of them.

use super::engine::{sql, Row, Sql};
use super::{Store, StoreError};

/// What is known of the analyses that are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The name of the request, the digest of the picture, or how the client's own name begins.
    pub text: Option<String>,
    /// The verdict.
    pub label: Option<String>,
    /// `LOW`, `MEDIUM` or `HIGH`.
    pub risk_level: Option<String>,
    /// Finished then or later, Unix seconds.
    pub from: Option<i64>,
    /// Finished before that, Unix seconds.
    pub until: Option<i64>,
}

/// Where a list goes on: behind the last analysis of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// When that was finished, Unix seconds.
    pub finished_at: i64,
    /// Its name.
    pub request_id: String,
}

/// A finished analysis in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundAnalysis {
    /// The name of the request.
    pub request_id: String,
    /// When it was finished, Unix seconds.
    pub finished_at: i64,
    /// The client's own name for it.
    pub reference_id: Option<String>,
    /// The verdict; none where the stored answer has none.
    pub label: Option<String>,
    /// The verdict's risk level.
    pub risk_level: Option<String>,
    /// The verdict's risk.
    pub risk: Option<f64>,
    /// The picture's digest, hexadecimal.
    pub sha256: Option<String>,
}

/// The query, with a condition in it.
macro_rules! select {
    ($condition:literal, $risk:literal) => {
        concat!(
            "SELECT request_id, finished_at, reference_id, label, risk_level, sha256, ",
            $risk,
            " FROM analyses WHERE ",
            $condition,
            " AND ($3 IS NULL OR label = $3) AND ($4 IS NULL OR risk_level = $4) \
             AND finished_at >= $5 AND finished_at < $6 \
             AND (finished_at, request_id) < ($7, $8) \
             ORDER BY finished_at DESC, request_id DESC LIMIT $9"
        )
    };
}

/// The query in the words of each engine for the risk, which is no column.
macro_rules! either {
    ($condition:literal) => {
        Sql::either(
            select!(
                $condition,
                "CAST(CASE WHEN json_valid(body) THEN body ->> '$.verdict.risk' END AS REAL)"
            ),
            select!($condition, "json_text(body, 'verdict', 'risk')::float8"),
        )
    };
}

const ALL: Sql = either!("organisation = $1");
/// Each of the three ways by its own index; joining nothing to the organisation keeps SQLite from going
/// through all of the organisation's in the outer query.
const NAMED: Sql = either!(
    "organisation || '' = $1 AND request_id IN (SELECT request_id FROM analyses WHERE request_id = $2 \
     UNION ALL SELECT request_id FROM analyses WHERE organisation = $1 AND sha256 = lower($2) \
     UNION ALL SELECT request_id FROM analyses WHERE organisation = $1 \
     AND reference_id >= $2 AND reference_id < $2 || $10)"
);
/// The last character, behind every text that begins in the same way.
const LAST: &str = "\u{10ffff}";

impl Store {
    /// An organisation's finished analyses that are as wanted, the newest first. Answers that were given
    /// again are not among them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search(
        &self,
        organisation: &str,
        wanted: &Wanted,
        behind: Option<&Behind>,
        limit: u32,
    ) -> Result<Vec<FoundAnalysis>, StoreError> {
        let query = sql(if wanted.text.is_some() { NAMED } else { ALL });
        let rows = query
            .bind(organisation)
            .bind(&wanted.text)
            .bind(&wanted.label)
            .bind(&wanted.risk_level)
            .bind(wanted.from.unwrap_or(i64::MIN))
            .bind(wanted.until.unwrap_or(i64::MAX))
            .bind(behind.map_or(i64::MAX, |behind| behind.finished_at))
            .bind(behind.map_or("", |behind| behind.request_id.as_str()))
            .bind(limit)
            .bind(LAST)
            .fetch_all(&self.pool)
            .await?;
        let found = |row: &Row| -> Result<FoundAnalysis, sqlx::Error> {
            Ok(FoundAnalysis {
                request_id: row.try_get(0)?,
                finished_at: row.try_get(1)?,
                reference_id: row.try_get(2)?,
                label: row.try_get(3)?,
                risk_level: row.try_get(4)?,
                sha256: row.try_get(5)?,
                risk: row.try_get(6)?,
            })
        };
        Ok(rows.iter().map(found).collect::<Result<_, _>>()?)
    }
}
