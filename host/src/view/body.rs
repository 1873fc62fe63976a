// SPDX-License-Identifier: MIT OR Apache-2.0
//! The shapes of answers, as they are serialised and as the reference describes them.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// One image, examined.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Analysis)]
pub struct AnalysisBody {
    /// The request's name.
    pub request_id: String,
    /// The client's own name for it.
    pub reference_id: Option<String>,
    /// `complete`.
    #[schema(pattern = "^complete$")]
    pub status: &'static str,
    /// When the analysis ended, RFC 3339.
    pub processed_at: String,
    /// What the policy makes of it.
    pub verdict: VerdictBody,
    /// What each detector answered, by result key: `gan_detection`, `diffusion_detection`,
    /// `noise_analysis`, `metadata_analysis`, `frequency_analysis`, `splicing_detection`, and those of
    /// further detectors.
    #[schema(value_type = BTreeMap<String, ModelResultBody>)]
    pub model_results: Map<String, Value>,
    /// The picture's file.
    pub image_info: ImageInfoBody,
    /// From the request to the verdict, ms.
    pub processing_time_ms: u64,
    /// The input's path; on the command line only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The policy that was applied.
    pub policy: PolicyBody,
    /// What came of running detectors again on copies; where the policy asks for it and the verdict
    /// rests on detectors of pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stability: Option<StabilityBody>,
    /// Where in the picture; with `return_heatmap`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heatmap: Option<HeatmapBody>,
}

/// What the policy makes of an image.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Verdict)]
pub struct VerdictBody {
    /// `AUTHENTIC`, `AI_GENERATED`, `MANIPULATED` or `INCONCLUSIVE`.
    #[schema(pattern = "^(AUTHENTIC|AI_GENERATED|MANIPULATED|INCONCLUSIVE)$")]
    pub label: &'static str,
    /// How sure the label is, 0..=1.
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: f64,
    /// `LOW`, `MEDIUM` or `HIGH`.
    #[schema(pattern = "^(LOW|MEDIUM|HIGH)$")]
    pub risk_level: &'static str,
    /// The probability that the image is not authentic, 0..=1.
    #[schema(minimum = 0, maximum = 1)]
    pub risk: f64,
    /// The probability that a generator made it, 0..=1.
    #[schema(minimum = 0, maximum = 1)]
    pub p_ai_generated: f64,
    /// The probability that it was retouched, 0..=1.
    #[schema(minimum = 0, maximum = 1)]
    pub p_manipulated: f64,
    /// Why, the weightiest first.
    pub reasons: Vec<ReasonBody>,
}

/// One reason for a verdict.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reason)]
pub struct ReasonBody {
    /// A dotted code.
    pub code: String,
    /// A sentence.
    pub text: String,
    /// The detectors that it is from.
    pub detectors: Vec<String>,
}

/// What one detector answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelResult)]
pub struct ModelResultBody {
    /// How much it speaks for what the detector looks for, 0..=1; null without an answer.
    #[schema(minimum = 0, maximum = 1)]
    pub score: Option<f64>,
    /// `SYNTHETIC`, `MANIPULATED`, `SUSPICIOUS`, `AUTHENTIC` or `INCONCLUSIVE`.
    pub label: &'static str,
    /// One sentence.
    pub detail: String,
    /// What the detector tells besides: `exif_present`, `gps_present`, …; with `return_heatmap` also the
    /// pictures that it draws, as PNG: `spectrum_png_base64`.
    #[serde(flatten)]
    #[schema(value_type = BTreeMap<String, Value>)]
    pub attributes: Map<String, Value>,
    /// `complete`, `not_applicable`, `error` or `timeout`.
    pub status: &'static str,
    /// Single observations.
    pub findings: Vec<FindingBody>,
    /// The detector's version.
    pub version: String,
    /// SHA-256 of the detector's library, hexadecimal.
    pub digest: String,
    /// How long it took, ms.
    pub duration_ms: f64,
}

/// What came of running detectors again on copies of the picture.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Stability)]
pub struct StabilityBody {
    /// `stable`; `unstable`: a copy has another label, and the verdict is INCONCLUSIVE; or
    /// `not_checked`: no copy has another label, but not all have one.
    #[schema(pattern = "^(stable|unstable|not_checked)$")]
    pub status: &'static str,
    /// The label of the picture itself.
    #[schema(pattern = "^(AUTHENTIC|AI_GENERATED|MANIPULATED)$")]
    pub label: &'static str,
    /// Those that were run again, by model: they speak for the label, strongest first.
    pub detectors: Vec<String>,
    /// What each copy gives.
    pub copies: Vec<CopyBody>,
}

/// What one copy of the picture gives.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Copy)]
pub struct CopyBody {
    /// `recompressed`, or `resized`, which is saved again too.
    #[schema(pattern = "^(recompressed|resized)$")]
    pub copy: &'static str,
    /// Its label; null where it was not checked.
    pub label: Option<&'static str>,
    /// The probability that a generator made it, 0..=1.
    #[schema(minimum = 0, maximum = 1)]
    pub p_ai_generated: Option<f64>,
    /// The probability that it was retouched, 0..=1.
    #[schema(minimum = 0, maximum = 1)]
    pub p_manipulated: Option<f64>,
    /// What the copy is, and why it was not checked where that is so.
    pub detail: String,
    /// What the detectors answered on it, by result key.
    #[schema(value_type = BTreeMap<String, ModelResultBody>)]
    pub model_results: Map<String, Value>,
}

/// One observation of a detector.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub struct FindingBody {
    /// A dotted code.
    pub code: String,
    /// `info`, `notice`, `warning` or `decisive`.
    pub severity: &'static str,
    /// A sentence.
    pub text: String,
    /// Its numbers and words.
    #[schema(value_type = BTreeMap<String, Value>)]
    pub values: Map<String, Value>,
    /// Where in the picture.
    pub regions: Vec<RegionBody>,
}

/// A box in the stored picture, px.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Region)]
pub struct RegionBody {
    /// First column.
    pub x: u32,
    /// First row.
    pub y: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// A picture's file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImageInfo)]
pub struct ImageInfoBody {
    /// Columns as stored, px.
    pub width: u32,
    /// Rows as stored, px.
    pub height: u32,
    /// `JPEG`, `PNG`, `WEBP`, `HEIC`, `BMP` or `TIFF`.
    pub format: &'static str,
    /// Length, bytes.
    pub file_size_bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// A policy in an answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AppliedPolicy)]
pub struct PolicyBody {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its canonical form, hexadecimal.
    pub digest: String,
}

/// Where in the picture, as PNGs.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = Heatmap)]
pub struct HeatmapBody {
    /// File of the overlay; on the command line only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlay_path: Option<String>,
    /// File of the mask; on the command line only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask_path: Option<String>,
    /// The picture with the heat over it, base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlay_png_base64: Option<String>,
    /// The heat alone, 8-bit grey, 255 = most suspicious, base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask_png_base64: Option<String>,
    /// Columns of the mask and of the stored picture, px.
    pub width: u32,
    /// Their rows, px.
    pub height: u32,
    /// Side of the cells that the heat was told for, px.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell_px: Option<u32>,
    /// The boxes of the findings.
    pub regions: Vec<FoundRegionBody>,
}

/// A box in the stored picture, px, and what was found in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FoundRegion)]
pub struct FoundRegionBody {
    /// First column.
    pub x: u32,
    /// First row.
    pub y: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Largest heat in it, `0..=1`.
    pub score: f32,
    /// Codes of the findings that name it.
    pub findings: Vec<String>,
}

/// The guide's error object.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Failure)]
pub struct FailureBody {
    /// `INVALID_REQUEST`, `IMAGE_TOO_SMALL`, …
    pub code: String,
    /// What is wrong and what to do.
    pub message: String,
    /// The request's name.
    pub request_id: String,
}

/// The body of an error.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: FailureBody,
}

/// The same for clients that want problems (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// `about:blank`: the status says what kind it is.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: &'static str,
    /// The status.
    pub status: u16,
    /// What is wrong and what to do.
    pub detail: String,
    /// The guide's code.
    pub code: String,
    /// The request's name.
    pub request_id: String,
    /// The guide's object.
    pub error: FailureBody,
}
