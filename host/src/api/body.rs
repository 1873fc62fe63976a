// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading a request's body within a limit.

use actix_web::web::{BytesMut, Payload};
use futures_util::StreamExt as _;

use super::error::{ApiError, Code};

/// Reads a whole body of at most `limit` bytes.
///
/// # Errors
/// `FILE_SIZE_EXCEEDED` past the limit, `INVALID_REQUEST` when the connection breaks.
pub(super) async fn read(mut payload: Payload, limit: usize) -> Result<Vec<u8>, ApiError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|e| ApiError::invalid(format!("The body broke off: {e}")))?;
        if body.len() + chunk.len() > limit {
            let message = format!("The body must be at most {limit} bytes; compress the image.");
            return Err(ApiError::new(Code::FileSizeExceeded, message));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}
