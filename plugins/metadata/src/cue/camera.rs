// SPDX-License-Identifier: MIT OR Apache-2.0
//! The camera that the file names.
//!
//! **What it tests.** Whether there is EXIF; whether it is that of a camera: maker, model, capture
//! time, exposure or the maker's own block; whether maker, model and firmware belong together.
//!
//! **Why it works.** A camera writes all of them. Few programs that make pictures take the trouble.
//!
//! **When it does not apply.** EXIF can be copied from any photograph. Its absence is weak evidence:
//! most platforms strip it from photographs, and none where the file shows such a passage.
//!
//! **Constants and their source.** [`MAKERS_OF_MODELS`] and [`MAKERS_OF_FIRMWARE`]: naming rules that
//! the makers keep, seen in labelled camera files.
//!
//! **References.** Exif 3.0 §4.6; E. Kee, M. K. Johnson, H. Farid, IEEE TIFS 2011.

use assay_plugin_api::finding::{Finding, Severity};

use super::claimed::taken_at;
use super::{times, Cue};
use crate::account::{Account, Place};
use crate::judgement::Evidence;
use crate::text::shown;

/// Starts of model names, lower case, and a word of the only maker that uses them.
const MAKERS_OF_MODELS: &[(&str, &str)] = &[
    ("iphone", "apple"),
    ("ipad", "apple"),
    ("ipod", "apple"),
    ("canon ", "canon"),
    ("nikon ", "nikon"),
    ("sm-", "samsung"),
    ("pixel ", "google"),
    ("dsc-", "sony"),
    ("ilce-", "sony"),
    ("dslr-a", "sony"),
    ("finepix", "fuji"),
    ("pentax ", "pentax"),
    ("dmc-", "panasonic"),
    ("powershot", "canon"),
    ("coolpix", "nikon"),
];
/// Makers that sell another maker's models under the same names.
const SHARED_NAMES: &[(&str, &str)] =
    &[("dmc-", "leica"), ("pentax ", "ricoh"), ("pentax ", "asahi")];
/// Starts of firmware names, lower case, and a word of their maker.
const MAKERS_OF_FIRMWARE: &[(&str, &str)] =
    &[("digital camera finepix", "fuji"), ("hdr+ ", "google"), ("digital camera x", "fuji")];

/// Cues of the camera; `program` is the strongest evidence that another program wrote the file.
pub(crate) fn cues(account: &Account, others: &[Cue]) -> Vec<Cue> {
    let Some(exif) = &account.exif else {
        let finding = Finding::new("exif.absent", Severity::Notice, "No EXIF data present.");
        let is_explained = others.iter().any(|cue| cue.evidence == Evidence::Passage);
        let evidence = if is_explained { Evidence::Nothing } else { Evidence::ExifAbsent };
        return vec![Cue::new(finding, evidence)];
    };
    let mut cues = Vec::new();
    if exif.gps {
        let text = "EXIF holds coordinates of the place.";
        let finding = Finding::new("exif.gps.present", Severity::Info, text);
        cues.push(Cue::new(finding, Evidence::Nothing));
    }
    let Some(name) = name(account) else { return cues };
    if let Some(cue) = contradiction(account) {
        cues.push(cue);
        return cues;
    }
    let has = |wanted: &[Evidence]| others.iter().any(|cue| wanted.contains(&cue.evidence));
    if others.iter().any(|cue| cue.evidence.is_declared_ai())
        || has(&[Evidence::Editor, Evidence::Developer, Evidence::EditorTraces])
        || has(&[Evidence::TimesContradict, Evidence::DeclaredCreated])
        || has(&[Evidence::ThumbnailDiffers])
        || has(&[Evidence::CredentialsBroken, Evidence::DeclaredUnbound])
    {
        return cues;
    }
    // Early cameras write no exposure; their three times are those of one moment.
    let is_capture =
        exif.capture_fields > 0 || exif.maker_note || times::are_of_one_moment(account);
    let is_whole = is_capture && taken_at(account).is_some();
    let is_untouched =
        !has(&[Evidence::Resaver, Evidence::ModifiedLater, Evidence::ClaimContradicted])
            && !has(&[Evidence::ShotContradicts, Evidence::PlaceContradicts])
            && !has(&[Evidence::PicturesMissing, Evidence::ProfileOfProgram]);
    if is_whole && is_untouched {
        let but = if has(&[Evidence::SizeDiffers]) { " but the picture's size" } else { "" };
        let text =
            format!("EXIF of {name} is present and nothing in the file{but} contradicts it.");
        let finding = Finding::new("camera.exif.consistent", Severity::Info, text)
            .value("camera", name)
            .value("maker_note", exif.maker_note);
        cues.push(Cue::new(finding, Evidence::CameraConsistent));
    } else {
        let text = format!("EXIF names the camera {name}.");
        let finding = Finding::new("camera.exif.named", Severity::Info, text).value("camera", name);
        cues.push(Cue::new(finding, Evidence::CameraNamed));
    }
    cues
}

/// Maker and model in one name, without repeating the maker.
fn name(account: &Account) -> Option<String> {
    let make = account.statements.find(Place::Exif, "Make")?;
    let model = account.statements.find(Place::Exif, "Model")?;
    let first_word = make.split_whitespace().next().unwrap_or_default().to_lowercase();
    let repeats = model.to_lowercase().starts_with(&first_word);
    Some(shown(&if repeats { model.to_owned() } else { format!("{make} {model}") }))
}

/// The cue of a maker that does not make the model or the firmware.
fn contradiction(account: &Account) -> Option<Cue> {
    let field = |key| account.statements.find(Place::Exif, key).map(str::to_lowercase);
    let (make, model) = (field("Make")?, field("Model")?);
    let software = field("Software").unwrap_or_default();
    let foreign = |text: &str, rows: &[(&str, &'static str)]| {
        let row = rows.iter().find(|(start, maker)| {
            let is_shared = |row: &(&str, &str)| row.0 == *start && make.contains(row.1);
            text.starts_with(start) && !make.contains(maker) && !SHARED_NAMES.iter().any(is_shared)
        });
        row.map(|(_, maker)| *maker)
    };
    let by_model = foreign(&model, MAKERS_OF_MODELS).map(|maker| ("model", &model, maker));
    let by_firmware =
        || foreign(&software, MAKERS_OF_FIRMWARE).map(|maker| ("firmware", &software, maker));
    let (what, value, maker) = by_model.or_else(by_firmware)?;
    let text = format!(
        "EXIF names the maker \"{}\" beside the {what} \"{}\" of {maker}.",
        shown(&make),
        shown(value)
    );
    let finding = Finding::new("exif.inconsistent.camera", Severity::Warning, text);
    Some(Cue::new(finding, Evidence::CameraContradicts))
}

/// Maker and model, normalised, with a short digest of lens and serial numbers where there are any:
/// `canon/canon-eos-350d#5f2a9c01`. Equal for pictures of one camera and lens.
///
/// The digest is FNV-1a of 64 bits, folded to 32: short enough that serial numbers cannot be told
/// from it, long enough to compare the pictures of one request.
pub(crate) fn fingerprint(account: &Account) -> Option<String> {
    let field = |key| account.statements.find(Place::Exif, key);
    let (make, model) = (field("Make"), field("Model"));
    make.or(model)?;
    let mut text = format!(
        "{}/{}",
        normalised(make.unwrap_or("unknown")),
        normalised(model.unwrap_or("unknown"))
    );
    let parts = ["LensModel", "LensSerialNumber", "BodySerialNumber"].map(field);
    if parts.iter().any(Option::is_some) {
        let joined = parts.map(Option::unwrap_or_default).join("\n");
        let digest = joined
            .bytes()
            .fold(FNV_OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME));
        let folded = (digest >> 32 ^ digest) & u64::from(u32::MAX);
        text = format!("{text}#{folded:08x}");
    }
    Some(text)
}

/// Offset basis [draft-eastlake-fnv, FNV-1a 64].
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
/// Prime [draft-eastlake-fnv, FNV-1a 64].
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// Lower case letters and digits, anything else one hyphen.
fn normalised(text: &str) -> String {
    let lower = shown(text).to_lowercase();
    let words: Vec<_> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("-")
}

#[cfg(test)]
mod tests;
