// SPDX-License-Identifier: MIT OR Apache-2.0
//! The shape of a claim, as it is kept, serialised and described in the reference.

use serde::Serialize;
use utoipa::ToSchema;

/// Pictures, examined as one claim.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Claim)]
pub struct ClaimBody {
    /// The probability that something is wrong with the claim, 0..=1: that of the riskiest image, raised by what
    /// was found between them.
    #[schema(minimum = 0, maximum = 1)]
    pub risk: f64,
    /// `LOW`, `MEDIUM` or `HIGH`, by the policy's bands.
    #[schema(pattern = "^(LOW|MEDIUM|HIGH)$")]
    pub risk_level: &'static str,
    /// The risk of the riskiest image, 0..=1.
    #[schema(minimum = 0, maximum = 1)]
    pub highest_image_risk: f64,
    /// What was found, the weightiest first.
    pub reasons: Vec<ClaimReasonBody>,
    /// Pictures that are the same, or of one scene.
    pub duplicates: Vec<DuplicateBody>,
    /// Further pairs of one scene that are left out of the list.
    pub duplicates_left_out: u64,
    /// The cameras that took the pictures, as far as files and sensors tell.
    pub cameras: Vec<CameraBody>,
    /// When the pictures were taken.
    pub times: TimesBody,
    /// Where they were taken.
    pub places: PlacesBody,
    /// Images that were compared; of those that failed, or were examined by an earlier version, nothing is known.
    pub images_compared: u64,
}

/// One reason for a claim's risk.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ClaimReason)]
pub struct ClaimReasonBody {
    /// A dotted code.
    pub code: &'static str,
    /// A sentence.
    pub text: String,
    /// What it adds to the log-odds, before all together are bounded; 0 for a note.
    pub weight: f64,
    /// The images that it is about, by request.
    pub images: Vec<String>,
}

/// Two pictures that are the same, or of one scene.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Duplicate)]
pub struct DuplicateBody {
    /// The image of this claim, by request.
    pub image: String,
    /// The other one.
    pub other: String,
    /// Whether the other one was submitted earlier and not in this claim.
    pub is_earlier: bool,
    /// `same_file`, `same_picture` or `same_scene`.
    #[schema(pattern = "^(same_file|same_picture|same_scene)$")]
    pub kind: &'static str,
    /// What was done: `resized`, `cropped`, `mirrored`, `turned`.
    pub changes: Vec<&'static str>,
    /// How the other one lies in the image.
    pub transformation: TransformationBody,
    /// Share of the image that is in the other one, 0..=1.
    #[schema(minimum = 0, maximum = 1)]
    pub overlap: f64,
    /// Share of the other one that is in the image, 0..=1.
    #[schema(minimum = 0, maximum = 1)]
    pub overlap_of_other: f64,
    /// Share of the corners in what both have in common which fit, 0..=1.
    #[schema(minimum = 0, maximum = 1)]
    pub score: f64,
}

/// How one picture lies in another.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Transformation)]
pub struct TransformationBody {
    /// Length in the other over length in the image.
    pub scale: f64,
    /// Clockwise turn from the image to the other, degrees.
    pub turn_degrees: f64,
    /// Whether it is mirrored, left to right before the turn.
    pub mirrored: bool,
}

/// A camera of a claim.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ClaimCamera)]
pub struct CameraBody {
    /// Its maker, as the files say.
    pub make: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// Whether its serial number is known; the number is not kept.
    pub serial_known: bool,
    /// The enrolled camera whose sensor pattern its pictures have.
    pub enrolled: Option<String>,
    /// Ways in which its files are put together.
    pub structures: u64,
    /// Programs that wrote its files.
    pub software: Vec<String>,
    /// Its images, by request.
    pub images: Vec<String>,
}

/// When the pictures of a claim were taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = ClaimTimes)]
pub struct TimesBody {
    /// Images with a time.
    pub known: u64,
    /// The first day.
    pub first: Option<String>,
    /// The last day.
    pub last: Option<String>,
    /// Days that certainly lie between the first and the last.
    pub span_days: Option<f64>,
}

/// Where the pictures of a claim were taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = ClaimPlaces)]
pub struct PlacesBody {
    /// Images with a place.
    pub known: u64,
    /// Largest distance between two, km.
    pub farthest_km: Option<f64>,
    /// Degrees north and east of each, rounded to a hundredth; where the policy lets the metadata detector
    /// disclose positions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub positions: Option<Vec<PositionBody>>,
}

/// Where one image was taken.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ClaimPosition)]
pub struct PositionBody {
    /// The image, by request.
    pub image: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}
