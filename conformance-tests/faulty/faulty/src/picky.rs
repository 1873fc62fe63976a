// SPDX-License-Identifier: MIT OR Apache-2.0
//! Kinds of pictures that a behaviour cannot do with.

use assay_plugin_api::prelude::*;

/// Whether `behaviour` fails on a picture.
pub(crate) fn dislikes(behaviour: &str, luma: &Luma8<'_>) -> bool {
    let (width, height) = (luma.width(), luma.height());
    let first = luma.row(0);
    // Brightness from pixel to pixel of the first row.
    let steps = || first.windows(2).map(|pair| u64::from(pair[0].abs_diff(pair[1])));
    match behaviour {
        "dislikes_photos" => width == 384 && height == 288,
        "dislikes_tiny" => width < 18 && height < 18,
        "dislikes_thin" => width.min(height) < 10 && width.max(height) == 1_000,
        "dislikes_odd" => width % 2 == 1 && height % 2 == 1,
        "dislikes_flat" => luma.rows().flatten().all(|sample| *sample == first[0]),
        "dislikes_noise" => width == 256 && steps().sum::<u64>() > 256 * 30,
        "dislikes_stripes" => width == 256 && steps().all(|step| step == 255),
        "dislikes_huge" => width * height > 40_000_000,
        _ => false,
    }
}
