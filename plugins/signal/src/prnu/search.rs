// SPDX-License-Identifier: MIT OR Apache-2.0
//! Looking for a camera's fingerprint in a picture: as it was taken, cropped, or resized.
//!
//! # What it tests
//! Where in the camera's frame, and at which scale, the picture fits best, and how often a foreign
//! picture would fit as well.
//!
//! # Why it works
//! The pattern belongs to the pixel grid. A picture of the frame's size is compared at the frame's
//! origin and one that is smaller at every place in it; one that is larger along an axis is cut to
//! its middle there. A picture whose sides are to the frame's as a resized one's would be is compared
//! with the fingerprint resized so. Half of the false alarms that are allowed go to the place where
//! an untouched picture or a centred crop fits, half to all other places, in equal parts for each size
//! of the frame: a resized picture has few places, and does not pay for those of a crop.
//!
//! # When it does not apply
//! Pictures that were turned, mirrored, warped, enlarged, or cropped *and* resized by an unknown
//! factor are not found; [`Search::scales`] takes factors that are known.
//!
//! # Constants and their source
//! [`LEAST_SCALE`], [`SLACK_PX`]: set before any measurement.
//!
//! # References
//! Goljan, Fridrich, "Camera identification from cropped and scaled images", SPIE 6819, 2008.

use super::correlation::{Correlations, Peak};
use super::resample::resampled;
use super::significance::log10_false_alarms;
use crate::Samples;

/// Factors below this leave too little of a pattern to look for.
pub const LEAST_SCALE: f64 = 0.1;
/// Factors this near to 1 are 1.
const SAME_SCALE: f64 = 1e-3;
/// Shifts beyond the frame that are tried for resized pictures, px: programs round differently.
const SLACK_PX: isize = 2;
/// Shares of the allowed false alarms: one for the usual place, one for everything else.
const SHARES: f64 = 2.0;

/// What is looked for and how far.
#[derive(Clone, Debug)]
pub struct Search {
    /// Cameras that a picture is compared with in all; each of them is a try.
    pub cameras: usize,
    /// Factors by which the picture may have been resized after it was cropped, beside those that
    /// its size suggests; those outside [`LEAST_SCALE`]`..1` are left out.
    pub scales: Vec<f64>,
    /// Expected false alarms for all cameras together, `log10`: a fit this good ends the search.
    pub log10_enough: f64,
}

/// Where a picture lies in a camera's frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Column, in pixels of the picture, of the resized frame on which the picture begins.
    pub x: isize,
    /// The same of rows.
    pub y: isize,
    /// Columns of the frame after resizing, px.
    pub frame_width: usize,
    /// Rows of it, px.
    pub frame_height: usize,
    /// Factor by which the frame was resized.
    pub scale: f64,
}

/// How well a picture fits a fingerprint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Where.
    pub place: Place,
    /// Peak-to-correlation energy there.
    pub pce: f64,
    /// Expected number of false alarms, `log10`, with every try counted.
    pub log10_false_alarms: f64,
}

/// A size to which the frame is brought.
#[derive(Clone, Copy)]
struct Frame {
    width: usize,
    height: usize,
    scale: f64,
    slack: isize,
}

impl Frame {
    /// Columns and rows that picture and frame have in common.
    fn common(&self, picture: &Samples) -> (usize, usize) {
        let (rows, columns) = picture.dim();
        (columns.min(self.width), rows.min(self.height))
    }

    /// Shifts that are tried.
    fn shifts(&self, picture: &Samples) -> [std::ops::RangeInclusive<isize>; 2] {
        let (width, height) = self.common(picture);
        let free = |frame: usize, side: usize| (frame - side) as isize + self.slack;
        [-self.slack..=free(self.width, width), -self.slack..=free(self.height, height)]
    }

    fn tries(&self, picture: &Samples) -> f64 {
        self.shifts(picture).map(|range| (range.end() - range.start() + 1) as f64).iter().product()
    }
}

impl Search {
    /// Compares a picture with a camera's fingerprint; `None` when either is empty.
    ///
    /// `picture` is its weighted and cleaned residual; `pattern` makes the fingerprint, each time it
    /// is asked, so that it need not be held while its correlations are.
    #[must_use]
    pub fn best_fit(&self, picture: &Samples, pattern: impl Fn() -> Samples) -> Option<Fit> {
        let (height, width) = pattern().dim();
        if picture.is_empty() || width == 0 || height == 0 {
            return None;
        }
        let frames = self.frames(picture, (width, height));
        let sizes = frames.len() as f64;
        let cameras = self.cameras.max(1) as f64;
        let mut best: Option<Fit> = None;
        for frame in frames {
            let plane = if frame.scale == 1.0 {
                pattern()
            } else {
                resampled(&pattern(), frame.width, frame.height)
            };
            let (columns, rows) = frame.common(picture);
            let cut = (picture.ncols() - columns) / 2;
            let cut = (cut, (picture.nrows() - rows) / 2);
            let middle;
            let part = if (rows, columns) == picture.dim() {
                picture
            } else {
                let range = ndarray::s![cut.1..cut.1 + rows, cut.0..cut.0 + columns];
                middle = picture.slice(range).to_owned();
                &middle
            };
            let correlations = Correlations::new(part, plane);
            let centre =
                (((frame.width - columns) / 2) as isize, ((frame.height - rows) / 2) as isize);
            let [across, down] = frame.shifts(picture);
            let usual = (frame.scale == 1.0).then(|| {
                let pce = correlations.pce(centre.0, centre.1);
                (Peak { x: centre.0, y: centre.1, pce }, SHARES * cameras)
            });
            let tries = SHARES * cameras * sizes * frame.tries(picture);
            let searched = (correlations.peak(across, down), tries);
            for (peak, tries) in usual.into_iter().chain([searched]) {
                let place = Place {
                    x: peak.x - cut.0 as isize,
                    y: peak.y - cut.1 as isize,
                    frame_width: frame.width,
                    frame_height: frame.height,
                    scale: frame.scale,
                };
                let log10_false_alarms = log10_false_alarms(peak.pce, tries);
                let fit = Fit { place, pce: peak.pce, log10_false_alarms };
                let is_better = |best: &Fit| {
                    (fit.log10_false_alarms, -fit.pce) < (best.log10_false_alarms, -best.pce)
                };
                if best.as_ref().is_none_or(is_better) {
                    best = Some(fit);
                }
            }
            if best.is_some_and(|fit| fit.log10_false_alarms <= self.log10_enough) {
                break;
            }
        }
        best
    }

    /// The frame as it is, then resized, each size once.
    fn frames(&self, picture: &Samples, (width, height): (usize, usize)) -> Vec<Frame> {
        let mut frames = vec![Frame { width, height, scale: 1.0, slack: 0 }];
        let ratios =
            [picture.ncols() as f64 / width as f64, picture.nrows() as f64 / height as f64];
        for scale in ratios.into_iter().chain(self.scales.iter().copied()) {
            if !(LEAST_SCALE..1.0 - SAME_SCALE).contains(&scale) {
                continue;
            }
            let fitted = |side: usize, wanted: usize| {
                let side = side as f64 * scale;
                // A picture's side is the frame's but for rounding.
                if (side - wanted as f64).abs() <= 1.0 {
                    wanted
                } else {
                    (side.round() as usize).max(1)
                }
            };
            let (width, height) = (fitted(width, picture.ncols()), fitted(height, picture.nrows()));
            if frames.iter().all(|frame| (frame.width, frame.height) != (width, height)) {
                frames.push(Frame { width, height, scale, slack: SLACK_PX });
            }
        }
        frames
    }
}

/// Returns the fingerprint on the grid of a picture of `width` x `height` that lies at `place`; 0
/// where the picture is outside the frame.
#[must_use]
pub fn aligned(fingerprint: &Samples, place: &Place, width: usize, height: usize) -> Samples {
    let resized;
    let plane = if place.scale == 1.0 {
        fingerprint
    } else {
        resized = resampled(fingerprint, place.frame_width, place.frame_height);
        &resized
    };
    let mut output = Samples::zeros((height, width));
    for (y, mut row) in output.outer_iter_mut().enumerate() {
        let Some(from) = usize::try_from(y as isize + place.y).ok().filter(|y| *y < plane.nrows())
        else {
            continue;
        };
        for (x, to) in row.iter_mut().enumerate() {
            let at = usize::try_from(x as isize + place.x).ok();
            *to = at.and_then(|x| plane.get((from, x))).copied().unwrap_or(0.0);
        }
    }
    output
}
