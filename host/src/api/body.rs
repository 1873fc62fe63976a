// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading a request's body within a limit of bytes, and not slower than a pace.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use actix_web::web::{Bytes, BytesMut, Payload};
use actix_web::HttpRequest;
use futures_util::stream::{self, Stream, StreamExt as _};

use super::error::{ApiError, Code};

/// How slowly a body may come: some patience, and a second more for each so many bytes. Whoever sends
/// a byte now and then would otherwise hold a place for ever.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Before any byte has come.
    pub(super) patience: Duration,
    /// Bytes that earn a second.
    pub(super) bytes_per_second: u64,
}

impl Pace {
    /// How long the server waits in all for a body of which so much has come.
    fn until(self, received: u64) -> Duration {
        self.patience + Duration::from_secs(received / self.bytes_per_second.max(1))
    }
}

/// A body as it comes; more than `limit` bytes end it as an overflow, too slow a pace as a time-out.
pub(super) fn paced(
    payload: Payload,
    limit: usize,
    pace: Pace,
) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    let state = (payload, 0_usize, Duration::ZERO);
    let chunks = stream::unfold(Some(state), move |state| async move {
        let (mut payload, received, waited) = state?;
        let left = pace.until(received as u64).saturating_sub(waited);
        let begin = Instant::now();
        match tokio::time::timeout(left, payload.next()).await {
            Err(_) => Some((Err(PayloadError::Io(ErrorKind::TimedOut.into())), None)),
            Ok(None) => None,
            Ok(Some(Err(error))) => Some((Err(error), None)),
            Ok(Some(Ok(chunk))) => {
                let received = received.saturating_add(chunk.len());
                if received > limit {
                    return Some((Err(PayloadError::Overflow), None));
                }
                Some((Ok(chunk), Some((payload, received, waited + begin.elapsed()))))
            }
        }
    });
    // Whoever reads a form asks again behind the end.
    chunks.fuse()
}

/// What a body of at most `limit` bytes that broke off is answered with.
pub(super) fn broken(error: &PayloadError, limit: usize) -> ApiError {
    match error {
        PayloadError::Overflow => too_large(limit),
        PayloadError::Io(error) if error.kind() == ErrorKind::TimedOut => {
            let message = "The body came too slowly; send it faster or compress the image.";
            ApiError::new(Code::RequestTimeout, message)
        }
        other => ApiError::invalid(format!("The body broke off: {other}")),
    }
}

fn too_large(limit: usize) -> ApiError {
    let message = format!("The body must be at most {limit} bytes; compress the image.");
    ApiError::new(Code::FileSizeExceeded, message)
}

/// Most bytes for which room is made before they come.
const ROOM: usize = 64 << 10;

/// Reads a whole body of at most `limit` bytes; one that is announced to be longer is not waited for.
///
/// # Errors
/// `FILE_SIZE_EXCEEDED` past the limit, `REQUEST_TIMEOUT` when it comes too slowly, `INVALID_REQUEST`
/// for a compressed body or when the connection breaks.
pub(crate) async fn read(
    request: &HttpRequest,
    payload: Payload,
    limit: usize,
    pace: Pace,
) -> Result<Vec<u8>, ApiError> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(coding) = header(CONTENT_ENCODING).filter(|coding| *coding != "identity") {
        let message =
            format!("Content-Encoding {coding} is not supported; send the body as it is.");
        return Err(ApiError::invalid(message));
    }
    let announced = header(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    let announced = announced.map_or(0, |length| usize::try_from(length).unwrap_or(ROOM));
    let mut body = BytesMut::with_capacity(announced.min(ROOM));
    let mut chunks = std::pin::pin!(paced(payload, limit, pace));
    while let Some(chunk) = chunks.next().await {
        body.extend_from_slice(&chunk.map_err(|error| broken(&error, limit))?);
    }
    Ok(body.into())
}
