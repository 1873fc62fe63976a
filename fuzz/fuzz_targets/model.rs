// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files of classifiers and attributions, and the logits of what was read; the first byte chooses.
#![no_main]

use assay_fuzz::signing::signed;
use assay_signal::attribution::{self, Attribution};
use assay_signal::model::{self, CompressionState, FeatureSet, Model};
use libfuzzer_sys::fuzz_target;

const SETS: [FeatureSet<'_>; 2] =
    [FeatureSet { name: "pair-v1", features: 2 }, FeatureSet { name: "one-v1", features: 1 }];
const FEATURES: [&[f32]; 2] = [&[0.5, -3.0], &[1e30]];

fuzz_target!(|data: &[u8]| {
    let Some((choice, content)) = data.split_first() else { return };
    if choice % 2 == 1 {
        let read = Attribution::read(&signed(&attribution::MAGIC, content), SETS);
        let Ok(attribution) = read else { return };
        let Some(logits) = attribution.logits(FEATURES) else { return };
        let _ = attribution.attribute(&logits);
        return;
    }
    let Ok(model) = Model::read(&signed(&model::MAGIC, content), &SETS) else { return };
    let Some(logit) = model.logit(&FEATURES) else { return };
    for state in CompressionState::ALL {
        let reference = model.reference(state);
        assert!((0.0..=1.0).contains(&reference.score(logit)));
        assert!((0.0..=1.0).contains(&reference.p_value(logit)));
    }
});
