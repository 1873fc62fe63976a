// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writing the pictures that show where.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use image::ImageFormat;

use super::CommandError;
use crate::analysis::outcome::{DetectorOutcome, Outcome};
use crate::analysis::Localisation;
use crate::image::evidence::ImageEvidence;
use crate::view::{bytes_of, name_of, Heatmap, Pictures};

/// Digits of the picture's digest in the names of its drawings.
const DIGEST_DIGITS: usize = 12;

/// Writes overlay and mask into `folder` and returns their paths. The names are made of the
/// picture's own name and the start of its digest, so that two pictures of one name stay apart.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn write(
    folder: &Path,
    source: &str,
    image: &ImageEvidence,
    found: &Localisation,
) -> Result<Heatmap, CommandError> {
    let (width, height) = (image.width(), image.height());
    let path = |what: &str| path_of(folder, source, image, what);
    let (overlay_path, mask_path) = (path("overlay"), path("mask"));
    let save = |picture: &image::DynamicImage, path: &Path| {
        picture.save_with_format(path, ImageFormat::Png).map_err(|e| failed(path, &e))
    };
    let overlay = found.overlay(width, height, image.rgb(), image.orientation());
    let overlay = overlay.ok_or_else(|| failed(&overlay_path, &"no pixels to draw on"))?;
    save(&overlay.into(), &overlay_path)?;
    save(&found.mask(width, height).into(), &mask_path)?;
    Ok(Heatmap::Files {
        overlay_path: overlay_path.display().to_string(),
        mask_path: mask_path.display().to_string(),
    })
}

/// Writes the pictures that detectors drew into `folder`, beside overlay and mask and named like them. What
/// is no PNG is left out.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn write_pictures(
    folder: &Path,
    source: &str,
    image: &ImageEvidence,
    outcomes: &[DetectorOutcome],
) -> Result<Pictures, CommandError> {
    let mut paths = BTreeMap::new();
    for outcome in outcomes {
        let Outcome::Scored(report) = &outcome.outcome else { continue };
        for attribute in &report.attributes {
            let (Some(name), Some(bytes)) = (name_of(attribute), bytes_of(attribute)) else {
                continue;
            };
            let path = path_of(folder, source, image, &format!("{}.{name}", outcome.model_key));
            std::fs::write(&path, bytes).map_err(|e| failed(&path, &e))?;
            let key = (outcome.result_key.clone(), name.to_owned());
            paths.insert(key, path.display().to_string());
        }
    }
    Ok(Pictures::Files(paths))
}

fn path_of(folder: &Path, source: &str, image: &ImageEvidence, what: &str) -> PathBuf {
    let stem = Path::new(source).file_stem().and_then(|stem| stem.to_str()).unwrap_or("stdin");
    let info = image.info();
    let digest = info.sha256.get(..DIGEST_DIGITS).unwrap_or_default();
    folder.join(format!("{stem}-{digest}.{what}.png"))
}

fn failed(path: &Path, e: &dyn std::fmt::Display) -> String {
    format!("{}: {e}", path.display())
}
