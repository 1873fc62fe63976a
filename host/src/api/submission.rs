// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a client submits: one image and what to do with it, as JSON or as a form.

use actix_multipart::Multipart;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Payload;
use actix_web::HttpRequest;
use base64::prelude::{Engine as _, BASE64_STANDARD};
use futures_util::StreamExt as _;
use serde::Deserialize;

use super::body;
use super::error::{ApiError, Code};
use crate::analysis::{AnalysisRequest, Models};

/// Bytes of JSON beside the image.
const BESIDE_THE_IMAGE: usize = 64 << 10;
/// Most parts of a form.
const MOST_PARTS: usize = 8;
/// Longest reference, bytes.
const LONGEST_REFERENCE: usize = 256;

/// One image and what to do with it.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) image: Vec<u8>,
    pub(super) request: AnalysisRequest,
    pub(super) reference_id: Option<String>,
    pub(super) return_heatmap: bool,
    pub(super) policy: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Document {
    image_url: Option<String>,
    image_base64: Option<String>,
    options: Options,
    reference_id: Option<String>,
    context: Context,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    models: Vec<String>,
    metadata_analysis: bool,
    return_heatmap: bool,
    webhook_url: Option<String>,
    policy: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            models: vec!["all".into()],
            metadata_analysis: true,
            return_heatmap: false,
            webhook_url: None,
            policy: None,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Context {
    claimed_at: Option<String>,
}

impl Submission {
    /// Reads a request's body; the image has at most `limit` bytes.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for what cannot be read, `FILE_SIZE_EXCEEDED` for what is too large.
    pub(super) async fn read(
        request: &HttpRequest,
        payload: Payload,
        limit: u64,
    ) -> Result<Self, ApiError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        match kind {
            "application/json" => Self::from_json(&body::read(payload, coded(limit)).await?, limit),
            "multipart/form-data" => {
                let form = Multipart::new(request.headers(), payload);
                Self::from_form(form, limit).await
            }
            other => Err(ApiError::invalid(format!(
                "expected the content type application/json or multipart/form-data, found \"{other}\""
            ))),
        }
    }

    fn from_json(bytes: &[u8], limit: usize) -> Result<Self, ApiError> {
        let document: Document = serde_json::from_slice(bytes)
            .map_err(|e| ApiError::invalid(format!("The JSON cannot be read: {e}")))?;
        let image = match (&document.image_url, &document.image_base64) {
            (None, Some(text)) => decoded(text, limit)?,
            (Some(_), None) => {
                let message = "image_url is not supported by this version; send image_base64";
                return Err(ApiError::invalid(message));
            }
            _ => return Err(ApiError::invalid("expected either image_url or image_base64")),
        };
        Self::of(document, image)
    }

    async fn from_form(mut form: Multipart, limit: usize) -> Result<Self, ApiError> {
        let broken = |e| ApiError::invalid(format!("The form cannot be read: {e}"));
        let (mut image, mut document) = (None, Document::default());
        let mut parts = 0;
        while let Some(field) = form.next().await {
            let mut field = field.map_err(broken)?;
            parts += 1;
            if parts > MOST_PARTS {
                return Err(ApiError::invalid(format!(
                    "expected at most {MOST_PARTS} form fields"
                )));
            }
            let name = field.name().unwrap_or_default().to_owned();
            let most = if name == "image" { limit } else { BESIDE_THE_IMAGE };
            let mut value = Vec::new();
            while let Some(chunk) = field.next().await {
                let chunk = chunk.map_err(broken)?;
                if value.len() + chunk.len() > most {
                    let message = format!("The field `{name}` must be at most {most} bytes.");
                    return Err(ApiError::new(Code::FileSizeExceeded, message));
                }
                value.extend_from_slice(&chunk);
            }
            let json = |e| ApiError::invalid(format!("The field `{name}` cannot be read: {e}"));
            match name.as_str() {
                "image" => image = Some(value),
                "options" => document.options = serde_json::from_slice(&value).map_err(json)?,
                "context" => document.context = serde_json::from_slice(&value).map_err(json)?,
                "reference_id" => {
                    let text = String::from_utf8(value);
                    let text = text.map_err(|_| ApiError::invalid("reference_id is no UTF-8"))?;
                    document.reference_id = Some(text);
                }
                other => {
                    return Err(ApiError::invalid(format!(
                        "unknown field \"{other}\"; known: image, options, context, reference_id"
                    )));
                }
            }
        }
        let image = image.ok_or_else(|| ApiError::invalid("the form has no field `image`"))?;
        Self::of(document, image)
    }

    fn of(document: Document, image: Vec<u8>) -> Result<Self, ApiError> {
        let Document { options, reference_id, context, .. } = document;
        if options.webhook_url.is_some() {
            let message = "options.webhook_url is not supported by this version; leave it out";
            return Err(ApiError::invalid(message));
        }
        if reference_id.as_ref().is_some_and(|id| id.len() > LONGEST_REFERENCE) {
            let message = format!("reference_id must be at most {LONGEST_REFERENCE} bytes");
            return Err(ApiError::invalid(message));
        }
        let claimed_at = context.claimed_at.map(|text| text.parse()).transpose();
        let claimed_at =
            claimed_at.map_err(|e| ApiError::invalid(format!("context.claimed_at: {e}")))?;
        let request = AnalysisRequest {
            models: Models::Named(options.models.clone()),
            metadata_analysis: options.metadata_analysis,
            claimed_at,
        };
        let Options { return_heatmap, policy, .. } = options;
        Ok(Self { image, request, reference_id, return_heatmap, policy })
    }
}

/// Bytes of a JSON body around an image of `limit` bytes: base64 takes four for three.
fn coded(limit: usize) -> usize {
    limit.div_ceil(3).saturating_mul(4).saturating_add(BESIDE_THE_IMAGE)
}

/// The bytes of a base64 text, with or without a `data:` prefix.
fn decoded(text: &str, limit: usize) -> Result<Vec<u8>, ApiError> {
    let is_data = text.starts_with("data:");
    let coded = if is_data { text.split_once(',').map_or("", |(_, coded)| coded) } else { text };
    let bytes = BASE64_STANDARD.decode(coded.trim());
    let bytes = bytes.map_err(|e| ApiError::invalid(format!("image_base64: {e}")))?;
    if bytes.len() > limit {
        let message = format!("The image must be at most {limit} bytes, found {}.", bytes.len());
        return Err(ApiError::new(Code::FileSizeExceeded, message));
    }
    Ok(bytes)
}
