// SPDX-License-Identifier: MIT OR Apache-2.0
//! From an entry's bytes to its row, on the way of every other picture.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::{json, Map, Value};
use sha2::{Digest as _, Sha256};

use super::columns::{Columns, Row};
use super::fetch::Got;
use crate::analysis::{Analyser, AnalysisRequest, RequestError};
use crate::image::DecodeError;
use crate::view::{AnalysisView, Pictures, RequestId};
use crate::worker::Decoder;

/// The code of an entry that cannot be read, as `assay analyze` has it.
const UNREADABLE: &str = "INVALID_REQUEST";

/// Examines entries.
pub struct Examiner {
    analyser: Analyser,
    request: AnalysisRequest,
    decoder: Decoder,
    columns: Columns,
}

/// What ends a run: not the fault of one picture.
pub(super) type Fatal = String;

impl Examiner {
    /// An examiner.
    ///
    /// # Errors
    /// When the request names detectors that are not there.
    pub fn new(
        analyser: Analyser,
        request: AnalysisRequest,
        decoder: Decoder,
    ) -> Result<Self, RequestError> {
        request.choose(&analyser.models())?;
        let keys: Vec<_> = analyser.identities().map(|d| d.result_key.as_str()).collect();
        let columns = Columns::of(&keys);
        Ok(Self { analyser, request, decoder, columns })
    }

    /// What examines.
    #[must_use]
    pub fn analyser(&self) -> &Analyser {
        &self.analyser
    }

    /// What is asked of every picture.
    #[must_use]
    pub fn request(&self) -> &AnalysisRequest {
        &self.request
    }

    /// What rows consist of.
    #[must_use]
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Largest file that is examined, bytes.
    pub(super) fn limit(&self) -> u64 {
        self.decoder.limits().max_file_bytes
    }

    /// The row of an entry.
    ///
    /// # Errors
    /// When nothing can be examined.
    pub(super) fn examine(&self, source: &str, got: Got) -> Result<Row, Fatal> {
        let start = Instant::now();
        let bytes = match got {
            Got::Bytes(bytes) => bytes,
            Got::Nothing(why) => {
                return Ok(self.failed(source, None, UNREADABLE, format!("cannot be read: {why}")));
            }
        };
        let is_whole = bytes.len() as u64 <= self.limit();
        let about = is_whole.then(|| {
            let sha256: String =
                Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
            json!({ "file_size_bytes": bytes.len(), "sha256": sha256 })
        });
        let image = match self.decoder.read(bytes, self.analyser.foresees(&self.request)) {
            Ok(image) => Arc::new(image),
            Err(error @ DecodeError::NoDecoder { .. }) => return Err(error.to_string()),
            Err(error) => return Ok(self.failed(source, about, error.code(), error.to_string())),
        };
        let analysis = self.analyser.analyse(&image, &self.request).map_err(|e| e.to_string())?;
        let processed_at = Timestamp::now();
        let view = AnalysisView {
            request_id: RequestId::random().map_err(|e| e.to_string())?,
            reference_id: None,
            source: Some(source),
            processed_at,
            processing_time_ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
            heatmap: None,
            pictures: Pictures::LeftOut,
            analysis: &analysis,
            policy: self.analyser.policy(),
        };
        let mut answer = view.to_json();
        let findings = findings(&answer);
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("findings".into(), findings);
        }
        Ok(self.row(answer, processed_at))
    }

    fn failed(&self, source: &str, about: Option<Value>, code: &str, message: String) -> Row {
        let answer = json!({
            "source": source,
            "status": "failed",
            "image_info": about,
            "error": { "code": code, "message": message },
        });
        self.row(answer, Timestamp::now())
    }

    /// The row of an answer, with what every row has.
    fn row(&self, mut answer: Value, at: Timestamp) -> Row {
        let policy = self.analyser.policy();
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("processed_at_ms".into(), at.as_millisecond().into());
            answer.insert("assay_version".into(), env!("CARGO_PKG_VERSION").into());
            answer.insert(
                "policy".into(),
                json!({ "name": policy.name, "version": policy.version, "digest": policy.digest() }),
            );
        }
        self.columns.row(&answer)
    }
}

/// The findings of all detectors, each with its detector's key.
fn findings(answer: &Value) -> Value {
    let results = answer.get("model_results").and_then(Value::as_object);
    let each = results.into_iter().flatten().flat_map(|(key, result)| {
        let findings = result.get("findings").and_then(Value::as_array);
        findings.into_iter().flatten().map(|finding| {
            let mut named = Map::from_iter([("detector".to_owned(), Value::from(key.as_str()))]);
            named.extend(finding.as_object().cloned().unwrap_or_default());
            Value::Object(named)
        })
    });
    each.collect()
}
