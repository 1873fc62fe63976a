// SPDX-License-Identifier: MIT OR Apache-2.0
//! `GET /v1/analyses/{request_id}`: an answer, once more.

use actix_web::http::header::ContentType;
use actix_web::{web, HttpRequest, HttpResponse};

use crate::api::auth::authorise;
use crate::api::error::{ApiError, Code};
use crate::api::Shared;
use crate::store::Scope;

/// Of the key's own organisation only: whether another has it is nobody's business.
pub(super) async fn show(
    shared: web::Data<Shared>,
    request: HttpRequest,
    request_id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let key = authorise(&shared, &request, Scope::Read).await?;
    let body = shared.store.analysis(&request_id, &key.organisation).await?;
    let body = body.ok_or_else(|| {
        let message = "There is no analysis of this name; names start with req_.";
        ApiError::new(Code::NotFound, message)
    })?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(body))
}
