// SPDX-License-Identifier: MIT OR Apache-2.0
//! Stored analyses with all that is kept beside the answer: an organisation's own, and, for those who hold
//! the data directory, whoever's they are.

use super::analyses::localisation;
use super::engine::{sql, Row};
use super::repeats::moment_of;
use super::{Store, StoreError};

/// An analysis as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnalysis {
    /// The name of the request that it was made for.
    pub request_id: String,
    /// The answer.
    pub body: String,
    /// What its verdict was made from, JSON; none for those of earlier versions.
    pub derivation: Option<String>,
    /// Where in the picture something was found, packed; JSON for those of earlier versions.
    pub localisation: Option<Vec<u8>>,
}

impl Store {
    /// The analysis that an organisation's own request was the first to get.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn own_analysis(
        &self,
        request_id: &str,
        organisation: &str,
    ) -> Result<Option<StoredAnalysis>, StoreError> {
        let query =
            sql("SELECT request_id, body, derivation, localisation, localised FROM analyses \
             WHERE request_id = $1 AND organisation = $2");
        let query = query.bind(request_id).bind(organisation);
        query.fetch_optional(&self.pool).await?.map(|row| read(&row)).transpose()
    }

    /// The analysis of a request; of one that got an answer again, that answer's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stored_analysis(
        &self,
        request_id: &str,
    ) -> Result<Option<StoredAnalysis>, StoreError> {
        let query = sql(
            "SELECT request_id, body, derivation, localisation, localised FROM analyses WHERE request_id IN \
             (SELECT $1 UNION ALL SELECT value ->> 1 FROM repeats, json_each(names) \
             WHERE moment = $2 AND value ->> 0 = $1)",
        );
        let query = query.bind(request_id).bind(moment_of(request_id));
        query.fetch_optional(&self.pool).await?.map(|row| read(&row)).transpose()
    }
}

fn read(row: &Row) -> Result<StoredAnalysis, StoreError> {
    Ok(StoredAnalysis {
        request_id: row.try_get(0)?,
        body: row.try_get(1)?,
        derivation: row.try_get(2)?,
        localisation: localisation(row, 3, 4)?,
    })
}
