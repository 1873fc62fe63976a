// SPDX-License-Identifier: MIT OR Apache-2.0
//! What an organisation's verdicts were made from, to make them again under another policy.

use super::engine::{sql, Row};
use super::{Store, StoreError};

/// What a verdict was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDerivation {
    /// The request.
    pub request_id: String,
    /// The client's own name for it.
    pub reference_id: Option<String>,
    /// The derivation, JSON.
    pub derivation: String,
}

impl Store {
    /// Those of an organisation's newest analyses, the newest first; earlier versions kept none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn derivations(
        &self,
        organisation: &str,
        most: u32,
    ) -> Result<Vec<StoredDerivation>, StoreError> {
        let rows = sql("SELECT request_id, reference_id, derivation FROM analyses \
             WHERE organisation = $1 AND derivation IS NOT NULL \
             ORDER BY finished_at DESC, request_id DESC LIMIT $2");
        let rows = rows.bind(organisation).bind(most).fetch_all(&self.pool).await?;
        let stored = |row: &Row| -> Result<StoredDerivation, sqlx::Error> {
            Ok(StoredDerivation {
                request_id: row.try_get(0)?,
                reference_id: row.try_get(1)?,
                derivation: row.try_get(2)?,
            })
        };
        Ok(rows.iter().map(stored).collect::<Result<_, _>>()?)
    }
}
