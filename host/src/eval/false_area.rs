// SPDX-License-Identifier: MIT OR Apache-2.0
//! How much of authentic pictures the detectors' heatmaps call altered. All of it is false, so that
//! no mask is needed; a heatmap is only as good against masks as it is cold here.

use std::collections::BTreeMap;

use assay_plugin_api::heatmap::Heatmap;
use serde::{Deserialize, Serialize};

use super::estimates::Average;
use super::interval::Share;
use super::manifest::{Picture, Truth};
use super::mask::THRESHOLD;
use super::record::{Answer, Examined};
use crate::analysis::cell_at;

/// The pixels of one authentic picture, and those that a heatmap calls altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalledArea {
    /// All pixels, at least 1.
    pub pixels: u64,
    /// Those whose heat is at least [`THRESHOLD`].
    pub called: u64,
}

/// One detector's heatmaps of authentic pictures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FalseAreas {
    /// The detector's model key.
    pub name: String,
    /// Authentic pictures that were examined, with a heatmap or without.
    pub n_authentic: usize,
    /// Over all that have a heatmap.
    pub all: FalseArea,
    /// By kind of authentic picture, as the manifest says.
    pub by_kind: BTreeMap<String, FalseArea>,
}

/// What is called altered of authentic pictures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FalseArea {
    /// Authentic pictures with a heatmap.
    pub n: usize,
    /// Share of a picture's pixels that is called altered, averaged over pictures, 0..=1; the
    /// interval resamples groups.
    pub area: Average,
    /// Pictures of which any pixel is called altered.
    pub touched: Share,
}

impl CalledArea {
    /// Counts the pixels of a `width` x `height` picture that its heatmap calls altered; `None` for a
    /// picture without pixels.
    #[must_use]
    pub fn of(heatmap: &Heatmap, width: u32, height: u32) -> Option<Self> {
        let (columns, rows) = (width as usize, height as usize);
        let mut called = 0;
        for y in 0..rows {
            let cells = (0..columns).map(|x| heatmap.values.get(cell_at(heatmap, x, y)));
            called += cells.flatten().filter(|&&heat| heat >= THRESHOLD).count() as u64;
        }
        let pixels = u64::from(width) * u64::from(height);
        (pixels > 0).then_some(Self { pixels, called })
    }

    /// The share of the pixels that is called altered, 0..=1.
    #[must_use]
    pub fn share(self) -> f64 {
        self.called as f64 / self.pixels as f64
    }
}

/// Measures every detector that drew a heatmap of an authentic picture, in the order of results.
#[must_use]
pub fn false_areas(rows: &[(&Picture, &Examined)]) -> Vec<FalseAreas> {
    let authentic: Vec<_> = rows.iter().filter(|(p, _)| p.truth == Truth::Authentic).collect();
    let Some((_, first)) = authentic.first() else { return Vec::new() };
    let of_detector = |(place, answer): (usize, &Answer)| {
        let mut kinds: BTreeMap<&str, Groups<'_>> = BTreeMap::new();
        let mut all = Groups::new();
        for (picture, examined) in &authentic {
            let area = examined.answers.get(place).and_then(|answer| answer.false_area);
            let Some(area) = area else { continue };
            for groups in [&mut all, kinds.entry(&picture.kind).or_default()] {
                groups.entry(&picture.group).or_default().push(area);
            }
        }
        let of_kind = |(kind, groups): (&str, Groups<'_>)| {
            let kind = if kind.is_empty() { "not stated" } else { kind }.to_owned();
            Some((kind, FalseArea::of(&groups)?))
        };
        Some(FalseAreas {
            name: answer.model_key.clone(),
            n_authentic: authentic.len(),
            all: FalseArea::of(&all)?,
            by_kind: kinds.into_iter().filter_map(of_kind).collect(),
        })
    };
    first.answers.iter().enumerate().filter_map(of_detector).collect()
}

/// Pictures by group.
type Groups<'a> = BTreeMap<&'a str, Vec<CalledArea>>;

impl FalseArea {
    /// Averages over the pictures of all groups; `None` if there are none.
    fn of(groups: &Groups<'_>) -> Option<Self> {
        let shares = |group: &Vec<CalledArea>| group.iter().map(|area| area.share()).collect();
        let pictures = || groups.values().flatten();
        let n = pictures().count();
        Some(Self {
            n,
            area: Average::of(&groups.values().map(shares).collect::<Vec<_>>())?,
            touched: Share::of(pictures().filter(|area| area.called > 0).count(), n)?,
        })
    }
}
