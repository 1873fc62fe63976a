// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading a request's body within a limit.

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use actix_web::web::{BytesMut, Payload};
use actix_web::HttpRequest;
use futures_util::StreamExt as _;

use super::error::{ApiError, Code};

/// Reads a whole body of at most `limit` bytes; one that is announced to be longer is not waited for.
///
/// # Errors
/// `FILE_SIZE_EXCEEDED` past the limit, `INVALID_REQUEST` for a compressed body or when the connection
/// breaks.
pub(super) async fn read(
    request: &HttpRequest,
    mut payload: Payload,
    limit: usize,
) -> Result<Vec<u8>, ApiError> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(coding) = header(CONTENT_ENCODING).filter(|coding| *coding != "identity") {
        let message =
            format!("Content-Encoding {coding} is not supported; send the body as it is.");
        return Err(ApiError::invalid(message));
    }
    let too_large = || {
        let message = format!("The body must be at most {limit} bytes; compress the image.");
        ApiError::new(Code::FileSizeExceeded, message)
    };
    let announced = header(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|e| ApiError::invalid(format!("The body broke off: {e}")))?;
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}
