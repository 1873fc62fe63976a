// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a client submits: one image and what to do with it, as JSON or as a form.

use std::borrow::Cow;

use actix_multipart::{Multipart, MultipartError};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Payload;
use actix_web::HttpRequest;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::DecodePaddingMode;
use base64::{alphabet, Engine as _};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{self, Pace};
use super::error::{ApiError, Code};
use super::jobs::{ClaimOrder, Order, Source};
use super::json::{from_json, object};
use crate::net::{Guard, Target};

/// Base64 of the standard alphabet; whether it is padded does not matter.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Bytes of JSON beside the image.
const BESIDE_THE_IMAGE: usize = 64 << 10;
/// Most parts of a form beside several images.
const MOST_PARTS: usize = 8;
/// Longest reference, bytes.
const LONGEST_REFERENCE: usize = 256;

/// One image and what to do with it.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) source: Source,
    pub(super) order: Order,
    /// Where to tell that it is done; then nobody waits for it.
    pub(super) webhook: Option<Target>,
}

/// What bounds a submission.
#[derive(Clone, Copy)]
pub(crate) struct Bounds<'a> {
    /// Largest image, bytes.
    pub(super) image_bytes: u64,
    /// Where webhooks may go.
    pub(super) guard: &'a Guard,
    /// How slowly it may come.
    pub(super) pace: Pace,
}

/// One image and what to do with it; either `image_url` or `image_base64`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = Submission)]
pub(super) struct Document {
    /// Publicly accessible URL of the image.
    image_url: Option<String>,
    /// The image in base64; a `data:` prefix is stripped.
    image_base64: Option<String>,
    #[serde(deserialize_with = "object")]
    options: Options,
    /// The client's own name for the request.
    #[schema(max_length = 256)]
    reference_id: Option<String>,
    #[serde(deserialize_with = "object")]
    context: Context,
}

/// The same as a form.
#[derive(ToSchema)]
#[allow(dead_code)] // the shape of a form, which is read part by part
pub(super) struct Form {
    /// The image's file.
    #[schema(value_type = String, format = Binary)]
    image: Vec<u8>,
    /// JSON.
    options: Option<Options>,
    /// The client's own name for the request.
    reference_id: Option<String>,
    /// JSON.
    context: Option<Context>,
}

impl Bounds<'_> {
    /// Largest image, bytes.
    pub(super) fn image(&self) -> usize {
        usize::try_from(self.image_bytes).unwrap_or(usize::MAX)
    }

    /// Largest form, bytes: the image, and each field's value, head and boundary.
    fn form(&self) -> usize {
        self.image().saturating_add(MOST_PARTS * 2 * BESIDE_THE_IMAGE)
    }

    /// Largest JSON body, bytes: base64 takes four bytes for three.
    pub(super) fn json(&self) -> usize {
        self.image().div_ceil(3).saturating_mul(4).saturating_add(BESIDE_THE_IMAGE)
    }
}

/// The content type of a request, without its parameters.
pub(super) fn content_type(request: &HttpRequest) -> &str {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.unwrap_or_default().split(';').next().unwrap_or_default().trim()
}

/// What to do with an image.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Options {
    /// Detectors to run, or `all`.
    #[schema(min_items = 1)]
    models: Vec<String>,
    /// Whether the metadata detector may run.
    metadata_analysis: bool,
    /// Whether drawings of what was localised are part of the answer.
    return_heatmap: bool,
    /// Where to tell the verdict; then the answer is 202.
    webhook_url: Option<String>,
    /// One of `/v1/policies`.
    policy: Option<String>,
    /// Whether the images of a batch are one claim and are compared with each other.
    claim: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            models: vec!["all".into()],
            metadata_analysis: true,
            return_heatmap: false,
            webhook_url: None,
            policy: None,
            claim: false,
        }
    }
}

/// What is said about an image.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Context {
    /// When it is said to have been taken, RFC 3339 date or time.
    pub(super) claimed_at: Option<String>,
}

impl Submission {
    /// Reads a request's form.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for what cannot be read, `FILE_SIZE_EXCEEDED` for what is too large.
    pub(super) async fn read_form(
        request: &HttpRequest,
        payload: Payload,
        bounds: Bounds<'_>,
    ) -> Result<Self, ApiError> {
        let (mut image, mut document) = (None, Document::default());
        let take = |part: Part| {
            let Part { name, value, .. } = part;
            let name = name.as_str();
            let json = |error: ApiError| {
                ApiError::invalid(format!("The field `{name}`: {}", error.message))
            };
            match name {
                "image" => image = Some(value),
                "options" => document.options = from_json(&value).map_err(json)?,
                "context" => document.context = from_json(&value).map_err(json)?,
                "reference_id" => document.reference_id = Some(text(name, value)?),
                other => {
                    return Err(ApiError::invalid(format!(
                        "unknown field \"{other}\"; known: image, options, context, reference_id"
                    )));
                }
            }
            Ok(())
        };
        read_parts(request, payload, bounds, Images::One, take).await?;
        let image = image.ok_or_else(|| ApiError::invalid("the form has no field `image`"))?;
        Self::of(document, Source::Bytes(image), bounds.guard)
    }

    /// Reads a JSON body.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for what cannot be read, `FILE_SIZE_EXCEEDED` for what is too large.
    pub(super) fn read_json(bytes: &[u8], bounds: Bounds<'_>) -> Result<Self, ApiError> {
        let document: Document = from_json(bytes)?;
        let (url, text) = (document.image_url.as_deref(), document.image_base64.as_deref());
        let source = source(url, text, bounds.image())??;
        Self::of(document, source, bounds.guard)
    }

    fn of(document: Document, source: Source, guard: &Guard) -> Result<Self, ApiError> {
        let Document { mut options, reference_id, context, .. } = document;
        if options.claim {
            let message =
                "options.claim needs POST /v1/analyze/batch: a claim is made of several images";
            return Err(ApiError::invalid(message));
        }
        let webhook = options.webhook_url.take();
        let webhook = webhook.map(|url| webhook_target("options.webhook_url", &url, guard));
        let order = options.order(reference_id, context)?;
        Ok(Self { source, order, webhook: webhook.transpose()? })
    }
}

/// One field of a form.
pub(crate) struct Part {
    pub(crate) name: String,
    /// What the file is called where it comes from.
    pub(crate) file_name: Option<String>,
    pub(crate) value: Vec<u8>,
}

/// How many fields `image` a form may have.
#[derive(Clone, Copy)]
pub(crate) enum Images {
    One,
    /// At most so many, of so many bytes together.
    Several {
        most: usize,
        bytes: usize,
    },
}

/// Reads a form part by part and gives each to `take`, in their order.
///
/// # Errors
/// `INVALID_REQUEST` for what cannot be read, `FILE_SIZE_EXCEEDED` for what is too large, and what `take`
/// refuses.
pub(crate) async fn read_parts(
    request: &HttpRequest,
    payload: Payload,
    bounds: Bounds<'_>,
    images: Images,
    mut take: impl FnMut(Part) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let (most_parts, limit) = match images {
        Images::One => (MOST_PARTS, bounds.form()),
        Images::Several { most, bytes } => (MOST_PARTS.saturating_add(most), bytes),
    };
    let payload = body::paced(payload, limit, bounds.pace);
    let mut form = Multipart::new(request.headers(), payload);
    let broken = |error| match error {
        MultipartError::Payload(error) => body::broken(&error, limit),
        error => ApiError::invalid(format!("The form cannot be read: {error}")),
    };
    let mut read: Vec<String> = Vec::new();
    while let Some(field) = form.next().await {
        let mut field = field.map_err(broken)?;
        if read.len() == most_parts {
            return Err(ApiError::invalid(format!("expected at most {most_parts} form fields")));
        }
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.content_disposition().and_then(|about| about.get_filename());
        let file_name = file_name.map(str::to_owned);
        let most = if name == "image" { bounds.image() } else { BESIDE_THE_IMAGE };
        let mut value = Vec::new();
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(broken)?;
            if value.len() + chunk.len() > most {
                let message = format!("The field `{name}` must be at most {most} bytes.");
                return Err(ApiError::new(Code::FileSizeExceeded, message));
            }
            value.extend_from_slice(&chunk);
        }
        let is_repeatable = name == "image" && matches!(images, Images::Several { .. });
        if read.contains(&name) && !is_repeatable {
            return Err(ApiError::invalid(format!("the form has two fields `{name}`")));
        }
        read.push(name.clone());
        take(Part { name, file_name, value })?;
    }
    Ok(())
}

/// The text of a form's field.
///
/// # Errors
/// `INVALID_REQUEST` for what is no UTF-8.
pub(crate) fn text(name: &str, value: Vec<u8>) -> Result<String, ApiError> {
    String::from_utf8(value).map_err(|_| ApiError::invalid(format!("{name} is no UTF-8")))
}

/// The claim that the images are which a person hands over together.
pub(crate) fn claim_of_person(policy: Option<String>) -> Option<ClaimOrder> {
    Options { policy, claim: true, ..Options::default() }.claim_order()
}

/// What a person asks who hands over an image: all detectors, and what they draw by themselves.
///
/// # Errors
/// `INVALID_REQUEST` for a reference that is too long or a time that is none.
pub(crate) fn order_of_person(
    policy: Option<String>,
    reference_id: Option<String>,
    claimed_at: Option<String>,
) -> Result<Order, ApiError> {
    let options = Options { policy, ..Options::default() };
    let order = options.order(reference_id, Context { claimed_at })?;
    Ok(Order { return_drawings: true, ..order })
}

impl Options {
    /// What is asked about an image.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for a reference that is too long or a time that is none.
    pub(super) fn order(
        &self,
        reference_id: Option<String>,
        context: Context,
    ) -> Result<Order, ApiError> {
        check_reference("reference_id", reference_id.as_deref())?;
        let order = Order {
            models: self.models.clone(),
            metadata_analysis: self.metadata_analysis,
            return_heatmap: self.return_heatmap,
            return_drawings: false,
            policy: self.policy.clone(),
            claimed_at: context.claimed_at,
            reference_id,
        };
        order.request()?;
        Ok(order)
    }

    /// What is asked of the claim that the images are, if they are one.
    pub(super) fn claim_order(&self) -> Option<ClaimOrder> {
        self.claim.then(|| ClaimOrder { policy: self.policy.clone() })
    }

    /// Whether a webhook is asked for here.
    pub(super) fn has_webhook(&self) -> bool {
        self.webhook_url.is_some()
    }
}

/// Checks a client's own name for something.
///
/// # Errors
/// `INVALID_REQUEST` for one that is too long or holds U+0000, which PostgreSQL has no text for.
pub(crate) fn check_reference(field: &str, reference: Option<&str>) -> Result<(), ApiError> {
    if reference.is_some_and(|id| id.contains('\0')) {
        return Err(ApiError::invalid(format!("{field} must not hold the character U+0000")));
    }
    if reference.is_some_and(|id| id.len() > LONGEST_REFERENCE) {
        let message = format!("{field} must be at most {LONGEST_REFERENCE} bytes");
        return Err(ApiError::invalid(message));
    }
    Ok(())
}

/// Where a webhook goes.
///
/// # Errors
/// `INVALID_REQUEST` for what is no web address, or one that may not be dialled.
pub(super) fn webhook_target(field: &str, url: &str, guard: &Guard) -> Result<Target, ApiError> {
    let target = Target::parse(url).map_err(|e| ApiError::invalid(format!("{field}: {e}")))?;
    if !guard.permits_target(&target) {
        let message = format!("{field}: the address must be publicly accessible");
        return Err(ApiError::invalid(message));
    }
    Ok(target)
}

/// The image of two fields of which one must be there. The outer error is the request's, the inner one
/// the image's own.
pub(super) fn source(
    url: Option<&str>,
    text: Option<&str>,
    limit: usize,
) -> Result<Result<Source, ApiError>, ApiError> {
    match (url, text) {
        (None, Some(text)) => Ok(decoded(text, limit).map(Source::Bytes)),
        (Some(url), None) => Ok(Target::parse(url)
            .map(Source::Url)
            .map_err(|e| ApiError::invalid(format!("image_url: {e}")))),
        _ => Err(ApiError::invalid("expected either image_url or image_base64")),
    }
}

/// The bytes of a base64 text, with or without a `data:` prefix, line breaks and padding.
fn decoded(text: &str, limit: usize) -> Result<Vec<u8>, ApiError> {
    let is_data = text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
    let coded = if is_data { text.split_once(',').map_or("", |(_, coded)| coded) } else { text };
    let mut coded = Cow::Borrowed(coded.trim());
    if coded.contains(['\n', '\r']) {
        coded.to_mut().retain(|c| !matches!(c, '\n' | '\r'));
    }
    let digits = coded.trim_end_matches('=').len();
    let length = digits / 4 * 3 + (digits % 4) * 3 / 4;
    if length > limit {
        let message = format!("The image must be at most {limit} bytes, found {length}.");
        return Err(ApiError::new(Code::FileSizeExceeded, message));
    }
    BASE64.decode(&*coded).map_err(|e| ApiError::invalid(format!("image_base64: {e}")))
}
