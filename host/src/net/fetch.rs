// SPDX-License-Identifier: MIT OR Apache-2.0
//! Fetches the picture that a client points at.

use std::time::Duration;

use reqwest::header::LOCATION;
use reqwest::{Method, Response};

use super::client::{Client, ClientError, Timeouts};
use super::guard::{Guard, Target, TargetError};

/// Redirects that are followed, each checked as the first URL was.
const MOST_REDIRECTS: usize = 3;

/// Fetches pictures within a limit of bytes and time.
#[derive(Clone, Debug)]
pub struct Fetcher {
    client: Client,
    limit: u64,
    total: Duration,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Nobody can be reached there, or may be: a client must not learn which.
    #[error(
        "the image cannot be fetched: no answer from there; the URL must be publicly accessible"
    )]
    Unreachable,
    /// It took too long.
    #[error("the image cannot be fetched: it did not arrive in time")]
    TimedOut,
    /// An answer that is not the picture.
    #[error("the image cannot be fetched: the answer has the status {status}, not 200")]
    Status {
        /// The answer's.
        status: u16,
    },
    /// Too many redirects.
    #[error("the image cannot be fetched: more than {MOST_REDIRECTS} redirects")]
    TooManyRedirects,
    /// A redirect that cannot be followed.
    #[error("the image cannot be fetched: a redirect cannot be followed: {0}")]
    Redirect(TargetError),
    /// Too many bytes.
    #[error("the image must be at most {limit} bytes; the one at the URL is larger")]
    TooLarge {
        /// Most bytes.
        limit: u64,
    },
}

impl Fetcher {
    /// Fetches at most `limit` bytes from where the guard permits.
    ///
    /// # Errors
    /// When the system's TLS roots cannot be read.
    pub fn new(guard: Guard, timeouts: Timeouts, limit: u64) -> Result<Self, ClientError> {
        Ok(Self { client: Client::new(guard, timeouts)?, limit, total: timeouts.total })
    }

    /// Whom it dials.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        self.client.guard()
    }

    /// The bytes at a URL, whatever they are called there.
    ///
    /// # Errors
    /// Why they cannot be had.
    pub async fn fetch(&self, target: &Target) -> Result<Vec<u8>, FetchError> {
        let fetched = tokio::time::timeout(self.total, self.follow(target.clone())).await;
        fetched.unwrap_or(Err(FetchError::TimedOut))
    }

    async fn follow(&self, mut target: Target) -> Result<Vec<u8>, FetchError> {
        for _ in 0..=MOST_REDIRECTS {
            let request = self.client.request(Method::GET, &target);
            let request = request.ok_or(FetchError::Unreachable)?;
            let response = request.send().await.map_err(|e| lost(&e))?;
            let status = response.status();
            if status.is_success() {
                return self.read(response).await;
            }
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            match location.filter(|_| status.is_redirection()) {
                Some(location) => target = target.join(location).map_err(FetchError::Redirect)?,
                None => return Err(FetchError::Status { status: status.as_u16() }),
            }
        }
        Err(FetchError::TooManyRedirects)
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, FetchError> {
        let too_large = FetchError::TooLarge { limit: self.limit };
        if response.content_length().is_some_and(|length| length > self.limit) {
            return Err(too_large);
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| lost(&e))? {
            if (bytes.len() + chunk.len()) as u64 > self.limit {
                return Err(too_large);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

fn lost(error: &reqwest::Error) -> FetchError {
    if error.is_timeout() && !error.is_connect() {
        FetchError::TimedOut
    } else {
        FetchError::Unreachable
    }
}
