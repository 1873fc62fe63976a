// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading an attribution file: every length is bounded, every number checked, nothing is trusted.

use sha2::{Digest, Sha256};

use super::{Attribution, AttributionError, Family, MAGIC, VERSION};
use crate::input::{Input, InputError};
use crate::model::FeatureSet;

const DIGEST_BYTES: usize = 32;
/// Bounds on what a file may ask for; far above what is trained.
const MOST_FEATURES: usize = 4_096;
const MOST_FAMILIES: usize = 64;

pub(super) fn read(
    bytes: &[u8],
    sets: [FeatureSet<'_>; 2],
) -> Result<Attribution, AttributionError> {
    let (content, digest) = bytes
        .split_last_chunk::<DIGEST_BYTES>()
        .filter(|(content, _)| content.starts_with(&MAGIC))
        .ok_or(AttributionError::Magic)?;
    let mut input = Input::after(MAGIC.len(), content);
    let version = u32::from_le_bytes(input.array("the version")?);
    if version != VERSION {
        return Err(AttributionError::Version { found: version, expected: VERSION });
    }
    if Sha256::digest(content).as_slice() != digest.as_slice() {
        return Err(AttributionError::Digest);
    }
    let trained_on = input.text("the training data")?;
    let names = [input.text("a feature set")?, input.text("a feature set")?];
    let features = input.count("features", MOST_FEATURES)?;
    let expected = sets.iter().map(|set| set.features).sum();
    if names != sets.map(|set| set.name.to_owned()) || features != expected {
        let [first, second] = sets.map(|set| set.name);
        return Err(AttributionError::Features {
            found: format!("{features} features of {}", names.join(" and ")),
            expected: format!("{expected} features of {first} and {second}"),
        });
    }
    let least_probability = input.real("the least probability")?;
    if !(least_probability > 0.0 && least_probability < 1.0) {
        let (found, expected) = (least_probability, "above 0 and below 1");
        let what = "the least probability";
        return Err(InputError::Number { what, index: 0, found, expected }.into());
    }
    let clip = input.positive("clip", 0)?;
    let means = input.numbers("mean", features)?;
    let deviations = (0..features).map(|index| input.positive("deviation", index));
    let deviations = deviations.collect::<Result<Vec<_>, _>>()?;
    let count = input.count("families", MOST_FAMILIES)?;
    if count < 2 {
        let (found, expected) = (count as f64, "at least 2");
        return Err(InputError::Number { what: "families", index: 0, found, expected }.into());
    }
    let families = (0..count).map(|_| family(&mut input, features)).collect::<Result<_, _>>()?;
    match input.left() {
        0 => Ok(Attribution {
            trained_on,
            least_probability,
            clip,
            columns: means.into_iter().zip(deviations).collect(),
            families,
        }),
        bytes => Err(AttributionError::Trailing { bytes }),
    }
}

fn family(input: &mut Input<'_>, features: usize) -> Result<Family, InputError> {
    let name = input.text("a family")?;
    let [is_nameable] = input.array("a family")?;
    Ok(Family {
        name,
        is_nameable: is_nameable == 1,
        weights: input.numbers("weight", features)?,
        bias: input.number("bias", 0)?,
    })
}
