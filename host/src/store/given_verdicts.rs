// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every verdict that was given with what it was made from, page by page, for those who hold the data
//! directory.

use super::engine::{sql, Row};
use super::{Store, StoreError};

/// A verdict that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenVerdict {
    /// The request.
    pub request_id: String,
    /// The client's own name for it.
    pub reference_id: Option<String>,
    /// Whose it is.
    pub organisation: String,
    /// The label; empty where the stored answer has none.
    pub label: String,
    /// The risk level; empty where the stored answer has none.
    pub risk_level: String,
    /// What it was made from, JSON.
    pub derivation: String,
}

impl Store {
    /// Those finished at `since` (Unix seconds) or later whose request is behind `behind`, in the order of
    /// requests, `most` of them; earlier versions kept no derivation, and what has none is not among them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn given_verdicts(
        &self,
        since: i64,
        behind: &str,
        most: u32,
    ) -> Result<Vec<GivenVerdict>, StoreError> {
        let rows = sql("SELECT request_id, reference_id, organisation, coalesce(label, ''), \
             coalesce(risk_level, ''), derivation FROM analyses \
             WHERE derivation IS NOT NULL AND finished_at >= $1 AND request_id > $2 \
             ORDER BY request_id LIMIT $3");
        let rows = rows.bind(since).bind(behind).bind(most).fetch_all(&self.pool).await?;
        let given = |row: &Row| -> Result<GivenVerdict, sqlx::Error> {
            Ok(GivenVerdict {
                request_id: row.try_get(0)?,
                reference_id: row.try_get(1)?,
                organisation: row.try_get(2)?,
                label: row.try_get(3)?,
                risk_level: row.try_get(4)?,
                derivation: row.try_get(5)?,
            })
        };
        Ok(rows.iter().map(given).collect::<Result<_, _>>()?)
    }
}
