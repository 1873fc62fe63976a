// SPDX-License-Identifier: MIT OR Apache-2.0
//! An input that could not be analysed, as the guide's error body.

use serde_json::{json, Value};

use super::RequestId;

/// An input that could not be analysed.
#[derive(Clone, Debug)]
pub struct ErrorView {
    /// The request.
    pub request_id: RequestId,
    /// The input's path or name.
    pub source: String,
    /// One of the guide's codes: `IMAGE_CORRUPT`.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

impl ErrorView {
    /// The guide's error body and the input's name.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "error": {
                "code": self.code,
                "message": self.message,
                "request_id": self.request_id.to_string(),
            },
            "source": self.source,
            "status": "failed",
        })
    }
}
