// SPDX-License-Identifier: MIT OR Apache-2.0
//! How well the detectors' heatmaps find the altered part: each picture's F1, intersection over
//! union, correlation and AUC of its pixels, averaged, so that a large picture counts no more than a
//! small one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::estimates::Average;
use super::manifest::Picture;
use super::mask::MaskCounts;
use super::record::Examined;

/// One detector's heatmaps against the masks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Localised {
    /// The detector's model key.
    pub name: String,
    /// Pictures with a usable mask.
    pub n_masks: usize,
    /// Over all pictures that have a mask and a heatmap; intervals resample groups.
    pub all: Located,
    /// By group; intervals resample pictures.
    pub by_group: BTreeMap<String, Located>,
}

/// Averages over pictures, each 0..=1, but MCC -1..=1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Located {
    /// Pictures with a mask and a heatmap.
    pub n: usize,
    /// F1 of the pixels at a heat of 0.5.
    pub f1: Average,
    /// Highest F1 of any threshold, chosen for each picture with its mask known: no detector can
    /// reach it by itself.
    pub best_f1: Average,
    /// Intersection over union at a heat of 0.5.
    pub iou: Average,
    /// Pictures of `n` that are not altered throughout: only these have an MCC and an AUC.
    pub n_partly: usize,
    /// Matthews's correlation at a heat of 0.5.
    pub mcc: Option<Average>,
    /// Probability that an altered pixel is hotter than an untouched one of the same picture.
    pub pixel_auc: Option<Average>,
}

/// Measures every detector that drew a heatmap of a picture with a mask, in the order of results.
#[must_use]
pub fn localised(rows: &[(&Picture, &Examined)]) -> Vec<Localised> {
    let masked: Vec<_> = rows.iter().filter(|(_, e)| e.mask == Some(Ok(()))).collect();
    let Some((_, first)) = masked.first() else { return Vec::new() };
    let of_detector = |(place, answer): (usize, &super::record::Answer)| {
        let mut groups: BTreeMap<&str, Vec<MaskCounts>> = BTreeMap::new();
        for (picture, examined) in &masked {
            if let Some(counts) = examined.answers.get(place).and_then(|answer| answer.located) {
                groups.entry(&picture.group).or_default().push(counts);
            }
        }
        let whole: Vec<_> = groups.values().cloned().collect();
        let of_group = |(group, counts): (&str, Vec<MaskCounts>)| {
            let single: Vec<_> = counts.into_iter().map(|counts| vec![counts]).collect();
            Some((group.to_owned(), Located::of(&single)?))
        };
        Some(Localised {
            name: answer.model_key.clone(),
            n_masks: masked.len(),
            all: Located::of(&whole)?,
            by_group: groups.into_iter().filter_map(of_group).collect(),
        })
    };
    first.answers.iter().enumerate().filter_map(of_detector).collect()
}

impl Located {
    /// Averages over the pictures of all groups; `None` if there are none.
    fn of(groups: &[Vec<MaskCounts>]) -> Option<Self> {
        let average = |number: fn(&MaskCounts) -> Option<f64>| {
            let groups = groups.iter().map(|group| group.iter().filter_map(number).collect());
            // A group without such a picture is not drawn.
            let groups: Vec<Vec<f64>> = groups.filter(|group: &Vec<_>| !group.is_empty()).collect();
            Average::of(&groups)
        };
        let is_partly = |counts: &&MaskCounts| counts.untouched > 0;
        Some(Self {
            n: groups.iter().map(Vec::len).sum(),
            f1: average(|counts| Some(counts.fixed.f1(counts.altered)))?,
            best_f1: average(|counts| Some(counts.best.f1(counts.altered)))?,
            iou: average(|counts| Some(counts.fixed.iou(counts.altered)))?,
            n_partly: groups.iter().flatten().filter(is_partly).count(),
            mcc: average(MaskCounts::mcc),
            pixel_auc: average(MaskCounts::pixel_auc),
        })
    }
}
