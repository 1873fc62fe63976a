// SPDX-License-Identifier: MIT OR Apache-2.0
//! The size that EXIF gives.
//!
//! **What it tests.** Whether the picture has the width and height that the camera wrote.
//!
//! **Why it works.** Programs that crop or scale often leave EXIF's fields as they were.
//!
//! **When it does not apply.** A lossless crop or rotation keeps EXIF too, and some cameras write
//! the sensor's size: a notice, no more. Width and height exchanged are a rotation.
//!
//! **Constants and their source.** None.
//!
//! **References.** Exif 3.0 §4.6.6.2, PixelXDimension and PixelYDimension.

use assay_plugin_api::finding::{Finding, Severity};

use super::Cue;
use crate::account::Account;
use crate::judgement::Evidence;

/// The cue of a size that differs.
pub(crate) fn cues(account: &Account) -> Vec<Cue> {
    let written = account.exif.as_ref().and_then(|exif| exif.size);
    let (Some((width, height)), Some(written)) = (account.size, written) else {
        return Vec::new();
    };
    if written == (width, height) || written == (height, width) {
        return Vec::new();
    }
    let text = format!(
        "EXIF gives {}x{} px, the picture has {width}x{height} px: cropped or scaled.",
        written.0, written.1
    );
    let finding = Finding::new("exif.inconsistent.dimensions", Severity::Notice, text)
        .value("exif_width", written.0)
        .value("exif_height", written.1)
        .value("width", width)
        .value("height", height);
    vec![Cue::new(finding, Evidence::SizeDiffers)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lib_tests::account_of;
    use crate::synth::{jpeg_with_exif, Exif};

    fn differs(width: u32, height: u32) -> bool {
        let exif = Exif::camera().sub_long(0xa002, width).sub_long(0xa003, height);
        !cues(&account_of(&jpeg_with_exif(&exif))).is_empty()
    }

    #[test]
    fn a_crop_is_noticed_and_a_rotation_is_not() {
        assert!(differs(4_000, 3_000));
        assert!(!differs(64, 48) && !differs(48, 64));
    }

    #[test]
    fn a_size_of_zero_is_no_size() {
        assert!(!differs(0, 0));
    }
}
