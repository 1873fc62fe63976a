// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lists a page at a time: `limit` and an opaque `cursor`.

use actix_web::{web, HttpRequest};
use serde::Deserialize;

use super::error::ApiError;

/// What is asked of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// Most entries.
    pub(super) limit: u32,
    /// The place of the last entry of the page before.
    pub(super) behind: Option<i64>,
    /// Only entries in this state.
    pub(super) state: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    limit: Option<u32>,
    cursor: Option<String>,
    state: Option<String>,
}

impl Page {
    /// Reads a request's query; `most` entries at most, and unless asked for otherwise.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for anything else.
    pub(super) fn of(request: &HttpRequest, most: u32) -> Result<Self, ApiError> {
        let query = web::Query::<Query>::from_query(request.query_string());
        let query = query.map_err(|e| ApiError::invalid(format!("The query: {e}")))?.into_inner();
        let limit = query.limit.unwrap_or(most);
        if !(1..=most).contains(&limit) {
            return Err(ApiError::invalid(format!("limit must be within 1..={most}")));
        }
        let behind = query.cursor.map(|text| place(&text)).transpose()?;
        Ok(Self { limit, behind, state: query.state })
    }
}

/// The place that a cursor tells.
///
/// # Errors
/// `INVALID_REQUEST` for a text that is none.
pub(crate) fn place(cursor: &str) -> Result<i64, ApiError> {
    let place = cursor.strip_prefix('c').and_then(|digits| digits.parse().ok());
    place.ok_or_else(|| ApiError::invalid("cursor must be a next_cursor of this list"))
}

/// The cursor of the page behind a place.
pub(crate) fn cursor(place: i64) -> String {
    format!("c{place}")
}
