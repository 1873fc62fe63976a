// SPDX-License-Identifier: MIT OR Apache-2.0
//! A picture as the network wants it: resized by the manifest's rule, cut, normalised.

use assay_plugin_api::prelude::{Evidence, NoScore, Rgb8};

use crate::manifest::{Channels, Input, Layout, Resize};
use crate::resample::{resize, Pixels};

/// The picture after its resize, and how much larger it became.
pub struct Prepared<'a> {
    pixels: Source<'a>,
    /// Columns and rows, px.
    pub size: (usize, usize),
    /// Its size over that of the stored picture, across and down.
    pub scale: (f64, f64),
}

enum Source<'a> {
    Stored(Rgb8<'a>),
    Resized(Pixels),
}

impl<'a> Prepared<'a> {
    /// Resizes a picture by a manifest's rule.
    ///
    /// # Errors
    /// `NotApplicable` where it is smaller than the input and nothing enlarges it; `Cancelled`.
    pub fn new(picture: Rgb8<'a>, input: &Input, evidence: &Evidence<'_>) -> Result<Self, NoScore> {
        let stored = (picture.width(), picture.height());
        let wanted = (input.width as usize, input.height as usize);
        let size = match input.resize {
            Resize::None => stored,
            Resize::Stretch => wanted,
            Resize::ShorterSide(side) => shortened(stored, side as usize),
        };
        if size.0 < wanted.0 || size.1 < wanted.1 {
            return Err(NoScore::not_applicable(format!(
                "The model examines {}x{} px at a time and the picture is smaller.",
                wanted.0, wanted.1
            )));
        }
        let scale = (size.0 as f64 / stored.0 as f64, size.1 as f64 / stored.1 as f64);
        let pixels = match size == stored {
            true => Source::Stored(picture),
            false => {
                let kernel = input.interpolation;
                Source::Resized(resize(&picture, size.0, size.1, kernel, evidence)?)
            }
        };
        Ok(Self { pixels, size, scale })
    }

    /// Where the middle of the picture is cut out [torchvision, `center_crop`: halves to even].
    #[must_use]
    pub fn centre(&self, input: &Input) -> (usize, usize) {
        let edge = |side: usize, cut: u32| {
            let spare = side.saturating_sub(cut as usize);
            (spare as f64 / 2.0).round_ties_even() as usize
        };
        (edge(self.size.0, input.width), edge(self.size.1, input.height))
    }

    /// The network's input cut out at a place that leaves room for it: normalised, in the manifest's order.
    #[must_use]
    pub fn cut(&self, (left, top): (usize, usize), input: &Input) -> Vec<f32> {
        let (width, height) = (input.width as usize, input.height as usize);
        let rows = (top..top + height).map(|y| {
            let samples = match &self.pixels {
                Source::Stored(picture) => picture.row(y),
                Source::Resized(pixels) => {
                    pixels.samples.get(y * pixels.width * 3..).unwrap_or_default()
                }
            };
            samples.get(left * 3..(left + width) * 3).unwrap_or_default()
        });
        let rows: Vec<&[u8]> = rows.collect();
        let order = match input.channels {
            Channels::Rgb => [0, 1, 2],
            Channels::Bgr => [2, 1, 0],
        };
        let normalised = |channel: usize, sample: u8| {
            let [low, high] = input.range;
            let value = low + f32::from(sample) / 255.0 * (high - low);
            (value - input.mean[channel]) / input.std[channel]
        };
        let pixels = || rows.iter().flat_map(|row| row.as_chunks::<3>().0);
        match input.layout {
            Layout::Nchw => (0..3)
                .flat_map(|to| pixels().map(move |pixel| normalised(to, pixel[order[to]])))
                .collect(),
            Layout::Nhwc => pixels()
                .flat_map(|pixel| (0..3).map(move |to| normalised(to, pixel[order[to]])))
                .collect(),
        }
    }
}

/// The size at which the shorter side has a length [torchvision, `Resize` of one number: the longer side
/// is cut to whole pixels].
fn shortened((width, height): (usize, usize), side: usize) -> (usize, usize) {
    match width <= height {
        true => (side, side * height / width),
        false => (side * width / height, side),
    }
}
