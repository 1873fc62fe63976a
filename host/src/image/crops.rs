// SPDX-License-Identifier: MIT OR Apache-2.0
//! What several detectors read of the same crops, computed once: see [`assay_signal::traces::lent`].

use std::sync::{LazyLock, OnceLock};

use assay_signal::traces::crops::MOST_CROPS;
use assay_signal::traces::{Picture, TraceExtractor};

static EXTRACTOR: LazyLock<TraceExtractor> = LazyLock::new(TraceExtractor::new);

/// The trace features of the first crops that were asked for, as many as a detector may read.
#[derive(Debug, Default)]
pub(super) struct CropTraces([OnceLock<OfCrop>; MOST_CROPS]);

#[derive(Debug)]
struct OfCrop {
    place: (usize, usize),
    /// None where no crop lies there.
    features: OnceLock<Option<Vec<f32>>>,
}

impl CropTraces {
    /// Those of the crop whose top left pixel is `place`; computed by the first call, and others wait for
    /// it. `None` where no crop lies there, and of a crop beyond the first.
    pub(super) fn at(&self, place: (usize, usize), picture: &Picture<'_>) -> Option<&[f32]> {
        let of_place = |slot: &OnceLock<OfCrop>| {
            slot.get_or_init(|| OfCrop { place, features: OnceLock::new() }).place == place
        };
        let of_crop = self.0.iter().find(|slot| of_place(slot))?.get()?;
        let (x, y) = place;
        let features = of_crop.features.get_or_init(|| EXTRACTOR.features(picture, x, y));
        features.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_of_a_crop_are_those_that_a_detector_computes_and_stay_where_they_are() {
        let samples: Vec<u8> =
            (0..300 * 280 * 3).map(|i: u32| (i.wrapping_mul(i) / 7 % 251) as u8).collect();
        let picture = Picture::new(&samples, 300, 280, 900).unwrap();
        let traces = CropTraces::default();
        let first = traces.at((8, 16), &picture).unwrap();
        assert_eq!(Some(first), TraceExtractor::new().features(&picture, 8, 16).as_deref());
        assert_eq!(traces.at((80, 16), &picture), None);
        assert!(std::ptr::eq(first, traces.at((8, 16), &picture).unwrap()));
    }

    #[test]
    fn crops_beyond_the_first_are_left_to_the_detector() {
        let samples = vec![0; 256 * 256 * 3];
        let picture = Picture::new(&samples, 256, 256, 768).unwrap();
        let traces = CropTraces::default();
        for x in 1..=MOST_CROPS {
            assert_eq!(traces.at((x, 0), &picture), None);
        }
        assert_eq!(traces.at((0, 0), &picture), None);
    }
}
