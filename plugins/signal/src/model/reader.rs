// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading a model file: every length is bounded, every number checked, nothing is trusted.

use sha2::{Digest, Sha256};

use super::linear::{Column, Linear};
use super::part::Part;
use super::trees::{Split, Tree, Trees};
use super::{CompressionState, FeatureSet, Model, ModelError, Reference, MAGIC, VERSION};
use crate::calibration::Calibration;
use crate::input::Input;

const DIGEST_BYTES: usize = 32;
/// Bounds on what a file may ask for; far above what is trained.
const MOST_PARTS: usize = 16;
const MOST_FEATURES: usize = 4_096;
const MOST_TREES: usize = 4_096;
const MOST_KNOTS: usize = 1_024;
const MOST_AUTHENTIC: usize = 65_536;

pub(super) fn read(bytes: &[u8], sets: &[FeatureSet<'_>]) -> Result<Model, ModelError> {
    let (content, digest) = bytes
        .split_last_chunk::<DIGEST_BYTES>()
        .filter(|(content, _)| content.starts_with(&MAGIC))
        .ok_or(ModelError::Magic)?;
    let mut input = Input::after(MAGIC.len(), content);
    let version = u32::from_le_bytes(input.array("the version")?);
    if version != VERSION {
        return Err(ModelError::Version { found: version, expected: VERSION });
    }
    if Sha256::digest(content).as_slice() != digest.as_slice() {
        return Err(ModelError::Digest);
    }
    let trained_on = input.text("the training data")?;
    let count = input.count("parts", MOST_PARTS)?;
    if count != sets.len() {
        let found = format!("{count} parts");
        return Err(ModelError::Features { found, expected: format!("{} parts", sets.len()) });
    }
    let parts = sets.iter().map(|&set| part(&mut input, set)).collect::<Result<_, _>>()?;
    // A small array whose elements can fail; `CompressionState::ALL` gives their order.
    let [lossless, high, low] = CompressionState::ALL.map(|_| reference(&mut input));
    let references = [lossless?, high?, low?];
    match input.left() {
        0 => Ok(Model { trained_on, digest: *digest, parts, references }),
        bytes => Err(ModelError::Trailing { bytes }),
    }
}

fn part(input: &mut Input<'_>, set: FeatureSet<'_>) -> Result<Part, ModelError> {
    let FeatureSet { name, features } = set;
    let found_name = input.text("a feature set")?;
    let found = input.count("features", MOST_FEATURES)?;
    if (found_name.as_str(), found) != (name, features) {
        return Err(ModelError::Features {
            found: format!("{found} features of {found_name}"),
            expected: format!("{features} features of {name}"),
        });
    }
    let linear = linear(input, features)?;
    let shares = [input.number("share", 0)?, input.number("share", 1)?];
    Ok(Part { linear, shares, trees: trees(input, features)? })
}

fn linear(input: &mut Input<'_>, features: usize) -> Result<Linear, ModelError> {
    let clip = input.positive("clip", 0)?;
    let means = input.numbers("mean", features)?;
    let deviations = (0..features).map(|i| input.positive("deviation", i));
    let deviations = deviations.collect::<Result<Vec<_>, _>>()?;
    let weights = input.numbers("weight", features)?;
    let columns = means.into_iter().zip(deviations).zip(weights);
    let columns = columns.map(|((mean, deviation), weight)| Column { mean, deviation, weight });
    Ok(Linear { columns: columns.collect(), clip, bias: input.number("bias", 0)? })
}

fn trees(input: &mut Input<'_>, features: usize) -> Result<Trees, ModelError> {
    let count = input.count("trees", MOST_TREES)?;
    (0..count).map(|index| tree(input, index, features)).collect::<Result<_, _>>().map(Trees)
}

fn tree(input: &mut Input<'_>, index: usize, features: usize) -> Result<Tree, ModelError> {
    let count = usize::from(u16::from_le_bytes(input.array("a tree")?));
    let mut splits = Vec::new();
    for place in 0..count {
        let feature = u16::from_le_bytes(input.array("a split")?);
        if usize::from(feature) >= features {
            let (found, expected) = (f64::from(feature), "below the number of features");
            return Err(ModelError::Number { what: "split feature", index, found, expected });
        }
        let threshold = input.number("threshold", place)?;
        let children = [input.array("a split")?, input.array("a split")?].map(i16::from_le_bytes);
        for child in children {
            let is_split = |at: usize| at > place && at < count;
            let leaf = usize::try_from(-1 - i32::from(child));
            let is_leaf = leaf.is_ok_and(|leaf| leaf <= count);
            if !is_leaf && !usize::try_from(child).is_ok_and(is_split) {
                return Err(ModelError::Child { tree: index, split: place, child });
            }
        }
        splits.push(Split { feature, threshold, children });
    }
    Ok(Tree { splits, leaves: input.numbers("leaf", count + 1)? })
}

fn reference(input: &mut Input<'_>) -> Result<Reference, ModelError> {
    let [kind] = input.array("a calibration")?;
    let calibration = match kind {
        0 => {
            let [slope, offset, low, high] = [(); 4].map(|()| input.real("a calibration"));
            Calibration::logistic_within(slope?, offset?, low?, high?)?
        }
        1 => {
            let count = input.count("knots", MOST_KNOTS)?;
            let knot = |_| Ok((input.real("a calibration")?, input.real("a calibration")?));
            Calibration::isotonic((0..count).map(knot).collect::<Result<_, ModelError>>()?)?
        }
        other => {
            let (found, expected) = (f64::from(other), "0 or 1");
            return Err(ModelError::Number { what: "calibration", index: 0, found, expected });
        }
    };
    let count = input.count("authentic pictures", MOST_AUTHENTIC)?;
    let authentic = input.numbers("authentic logit", count)?;
    if let Some(index) = authentic.windows(2).position(|pair| pair[0] > pair[1]) {
        let found = f64::from(authentic[index + 1]);
        let expected = "at least the one before";
        return Err(ModelError::Number {
            what: "authentic logit",
            index: index + 1,
            found,
            expected,
        });
    }
    Ok(Reference { calibration, authentic })
}
