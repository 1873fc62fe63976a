// SPDX-License-Identifier: MIT OR Apache-2.0
//! Everything that a request can fail with: one row a code, with its status.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::ResponseError;

use super::rate_limit::day_is_over;
use crate::analysis::RequestError;
use crate::depot::DepotError;
use crate::image::DecodeError;
use crate::net::FetchError;
use crate::store::StoreError;

/// When it may be tried again where no picture can be decoded, s.
const NO_DECODER_S: u64 = 5;

/// Defines the codes.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:ident;)+) => {
        /// A code of the guide or of ours, with its status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $name),+ }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word in the body.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The code of a word.
            #[must_use]
            pub fn named(word: &str) -> Option<Self> {
                match word { $($code => Some(Self::$name),)+ _ => None }
            }

            /// The status that goes with it.
            #[must_use]
            pub fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),+ }
            }
        }
    };
}

codes! {
    /// The request does not say what to do, or says it wrongly.
    InvalidRequest = "INVALID_REQUEST", BAD_REQUEST;
    /// No key, or none that may be used.
    InvalidApiKey = "INVALID_API_KEY", UNAUTHORIZED;
    /// The key may not do this, or not from here.
    Forbidden = "FORBIDDEN", FORBIDDEN;
    /// Nothing is there.
    NotFound = "NOT_FOUND", NOT_FOUND;
    /// The path takes other methods.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", METHOD_NOT_ALLOWED;
    /// The file, or the request around it, is too large.
    FileSizeExceeded = "FILE_SIZE_EXCEEDED", PAYLOAD_TOO_LARGE;
    /// Not a picture of a supported format.
    UnsupportedFormat = "UNSUPPORTED_FORMAT", UNPROCESSABLE_ENTITY;
    /// A side is too short.
    ImageTooSmall = "IMAGE_TOO_SMALL", UNPROCESSABLE_ENTITY;
    /// The content contradicts its own format.
    ImageCorrupt = "IMAGE_CORRUPT", UNPROCESSABLE_ENTITY;
    /// The image cannot be fetched from where the request says.
    UrlUnreachable = "URL_UNREACHABLE", UNPROCESSABLE_ENTITY;
    /// More images than the plan allows in a batch.
    BatchTooLarge = "BATCH_TOO_LARGE", PAYLOAD_TOO_LARGE;
    /// The key is at home in another region.
    WrongRegion = "WRONG_REGION", MISDIRECTED_REQUEST;
    /// Too much is waiting already.
    Overloaded = "OVERLOADED", SERVICE_UNAVAILABLE;
    /// The key for sending a request again was used for another one.
    IdempotencyConflict = "IDEMPOTENCY_CONFLICT", UNPROCESSABLE_ENTITY;
    /// Too many requests in this minute.
    RateLimitExceeded = "RATE_LIMIT_EXCEEDED", TOO_MANY_REQUESTS;
    /// Too many images today.
    QuotaExceeded = "QUOTA_EXCEEDED", TOO_MANY_REQUESTS;
    /// The body came too slowly.
    RequestTimeout = "REQUEST_TIMEOUT", REQUEST_TIMEOUT;
    /// The database or the disk fails for the time being.
    Storage = "STORAGE_UNAVAILABLE", SERVICE_UNAVAILABLE;
    /// Our fault.
    Internal = "INTERNAL_ERROR", INTERNAL_SERVER_ERROR;
}

impl Code {
    /// Whether it tells what became of an image, not of a request about one.
    #[must_use]
    pub fn is_of_image(self) -> bool {
        matches!(
            self,
            Self::FileSizeExceeded
                | Self::UnsupportedFormat
                | Self::ImageTooSmall
                | Self::ImageCorrupt
                | Self::UrlUnreachable
                | Self::Internal
        )
    }
}

/// When a client may come again whose request could not be kept, s.
const STORAGE_SECONDS: u64 = 10;

/// Why a request failed.
#[derive(Clone, Debug)]
pub struct ApiError {
    /// The code.
    pub code: Code,
    /// What is wrong and what to do. Nothing internal.
    pub message: String,
    /// When it may be tried again, s from now.
    pub retry_after: Option<u64>,
    /// Base URL of the region that is asked rightly.
    pub elsewhere: Option<String>,
    /// Methods that the path takes.
    pub allow: Option<&'static str>,
}

impl ApiError {
    /// An error with a message of its own.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after: None, elsewhere: None, allow: None }
    }

    /// Says when it may be tried again, s from now.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Names the base URL of the region that is asked rightly.
    #[must_use]
    pub fn elsewhere(mut self, url: &str) -> Self {
        self.elsewhere = Some(url.into());
        self
    }

    /// Names the methods that the path takes.
    #[must_use]
    pub fn allow(mut self, methods: &'static str) -> Self {
        self.allow = Some(methods);
        self
    }

    /// A request that is wrong.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidRequest, message)
    }

    /// The database or the disk fails for the time being.
    #[must_use]
    pub fn storage() -> Self {
        let message = "Nothing can be kept for the time being; try again later.";
        Self::new(Code::Storage, message).retry_after(STORAGE_SECONDS)
    }

    /// Says why, for an operator.
    #[must_use]
    pub fn because(mut self, why: &str) -> Self {
        self.message = format!("{} ({why})", self.message);
        self
    }

    /// Images cannot be kept for the time being.
    #[must_use]
    pub fn depot(error: &DepotError) -> Self {
        tracing::error!(%error, "images cannot be kept");
        Self::storage()
    }

    /// The image of an accepted job cannot be had, for the time being or at all.
    #[must_use]
    pub fn image_of_a_job(error: &DepotError) -> Self {
        match error.is_missing() {
            true => Self::internal(error),
            false => Self::depot(error),
        }
    }

    /// A fault of ours; what it was is for the log, not for the caller.
    #[must_use]
    pub fn internal(what: &dyn fmt::Display) -> Self {
        tracing::error!(error = %what, "internal error");
        Self::new(Code::Internal, "The request could not be processed; try again later.")
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

/// The body is written by [`super::envelope`], which knows the request's name.
impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }
}

impl From<DecodeError> for ApiError {
    fn from(error: DecodeError) -> Self {
        let code = match &error {
            DecodeError::UnsupportedFormat { .. } | DecodeError::UnsupportedFeature { .. } => {
                Code::UnsupportedFormat
            }
            DecodeError::TooSmall { .. } => Code::ImageTooSmall,
            DecodeError::FileTooLarge { .. }
            | DecodeError::TooManyPixels { .. }
            | DecodeError::TooMuchMemory { .. } => Code::FileSizeExceeded,
            DecodeError::Empty | DecodeError::Corrupt { .. } | DecodeError::Unfinished { .. } => {
                Code::ImageCorrupt
            }
            DecodeError::NoDecoder { .. } => {
                tracing::error!(%error, "a picture was not decoded");
                return Self::new(
                    Code::Overloaded,
                    "No picture can be decoded now; try again later.",
                )
                .retry_after(NO_DECODER_S);
            }
        };
        Self::new(code, error.to_string())
    }
}

impl From<FetchError> for ApiError {
    fn from(error: FetchError) -> Self {
        let code = match &error {
            FetchError::TooLarge { .. } => Code::FileSizeExceeded,
            _ => Code::UrlUnreachable,
        };
        Self::new(code, error.to_string())
    }
}

impl From<RequestError> for ApiError {
    fn from(error: RequestError) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if let StoreError::DayIsOver { limit } = error {
            return day_is_over(limit);
        }
        if matches!(error, StoreError::AnsweredBefore) {
            let message =
                "Another host answered the request meanwhile; send it again for its answer.";
            return Self::new(Code::Overloaded, message).retry_after(1);
        }
        if error.trouble().is_some() {
            tracing::error!(%error, "the database fails");
            return Self::storage();
        }
        Self::internal(&error)
    }
}

#[cfg(test)]
mod tests {
    use crate::image::Format;

    use super::*;

    #[test]
    fn decode_errors_have_the_code_that_they_have_on_the_command_line() {
        let errors = [
            DecodeError::Empty,
            DecodeError::TooSmall { width: 1, height: 2, min_side: 100 },
            DecodeError::FileTooLarge { bytes: 2, limit: 1 },
            DecodeError::UnsupportedFormat { found: "GIF".into() },
            DecodeError::Corrupt { format: Format::Png, reason: "cut".into() },
        ];
        for error in errors {
            let code = error.code();
            assert_eq!(ApiError::from(error).code.as_str(), code);
        }
    }
}
