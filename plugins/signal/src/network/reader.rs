// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reading a network file: every length is bounded, every layer checked against those before it,
//! nothing is trusted.

use sha2::{Digest, Sha256};

use super::convolution::Convolution;
use super::depthwise::Depthwise;
use super::fixed::Count;
use super::half;
use super::layer::{mark_whole, Activation, Layer, Operation};
use super::product::Matrix;
use super::window::Window;
use super::{Network, NetworkError, MAGIC, MOST_CHANNELS_IN, VERSION};
use crate::input::{checked, Input};

const DIGEST_BYTES: usize = 32;
/// Bounds on what a file may ask for; far above what is trained.
const MOST_LAYERS: usize = 256;
const MOST_CHANNELS: usize = 2_048;

pub(super) fn read(bytes: &[u8]) -> Result<Network, NetworkError> {
    let (content, digest) = bytes
        .split_last_chunk::<DIGEST_BYTES>()
        .filter(|(content, _)| content.starts_with(&MAGIC))
        .ok_or(NetworkError::Magic)?;
    let mut input = Input::after(MAGIC.len(), content);
    let version = u32::from_le_bytes(input.array("the version")?);
    if version != VERSION {
        return Err(NetworkError::Version { found: version, expected: VERSION });
    }
    if Sha256::digest(content).as_slice() != digest.as_slice() {
        return Err(NetworkError::Digest);
    }
    let name = input.text("the name")?;
    let trained_on = input.text("the training data")?;
    let levels = [input.number("input mean", 0)?, input.number("input scale", 0)?];
    let count = u32::from_le_bytes(input.array("the number of layers")?);
    let count = checked(
        "number of layers",
        0,
        count,
        |count| (1..=MOST_LAYERS).contains(&count),
        "1 to 256",
    )?;
    let mut reader = Reader { input, shapes: Vec::new(), count: Count::CROP };
    let mut layers = (0..count).map(|_| reader.layer()).collect::<Result<Vec<_>, _>>()?;
    mark_whole(&mut layers);
    if !layers.iter().any(|layer| layer.tap) {
        return Err(NetworkError::NoTap);
    }
    let channels = reader.shapes.first().map_or(0, |shape| shape.channels);
    match reader.input.left() {
        0 => Ok(Network { name, trained_on, digest: *digest, levels, channels, layers }),
        bytes => Err(NetworkError::Trailing { bytes }),
    }
}

/// The shape of a map, whatever the size of the crop.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Shape {
    channels: usize,
    /// How often the crop's size was halved.
    halvings: usize,
}

struct Reader<'a> {
    input: Input<'a>,
    /// The crop's, once known, then one a layer.
    shapes: Vec<Shape>,
    /// How what the next layer is given counts.
    count: Count,
}

impl Reader<'_> {
    fn layer(&mut self) -> Result<Layer, NetworkError> {
        let index = self.shapes.len().saturating_sub(1);
        let [kind, side, stride, activation, tap, skip] = self.input.array("a layer")?;
        let number = |what, found: u8, allowed: fn(usize) -> bool, expected| {
            checked(what, index, u32::from(found), allowed, expected)
        };
        let flag =
            |what, found| number(what, found, |flag| flag <= 1, "0 or 1").map(|flag| flag == 1);
        let is_depthwise = flag("kind of layer", kind)?;
        let is_side = |side| matches!(side, 1 | 3 | 5 | 7);
        let side = number("kernel of layer", side, is_side, "1, 3, 5 or 7")?;
        let is_stride = if side == 1 { |stride| stride == 1 } else { |n| matches!(n, 1 | 2) };
        let expected = "1, or 2 with a kernel above 1";
        let stride = number("stride of layer", stride, is_stride, expected)?;
        let is_active = flag("activation of layer", activation)?;
        let activation = if is_active { Activation::Relu6 } else { Activation::None };
        let tap = flag("tap of layer", tap)?;
        let [channels_in, channels] = self.channels(index, is_depthwise)?;
        let before = self.before(index, channels_in)?;
        let shape = Shape { channels, halvings: before.halvings + stride - 1 };
        let skip = self.skip(index, usize::from(skip), shape)?;
        self.shapes.push(shape);
        let is_held = skip.is_none() && activation == Activation::Relu6;
        let count = if is_held { Count::HELD } else { Count::FREE };
        let counts = [std::mem::replace(&mut self.count, count), count];
        let window = Window { side, stride };
        let operation = self.operation(counts, is_depthwise, window, [channels_in, channels])?;
        Ok(Layer { operation, window, channels, skip, activation, count, tap, whole: false })
    }

    /// Channels in and out.
    fn channels(&mut self, index: usize, is_depthwise: bool) -> Result<[usize; 2], NetworkError> {
        let (most, expected) = match self.shapes.is_empty() {
            true => (MOST_CHANNELS_IN, "1 to 6"),
            false => (MOST_CHANNELS, "1 to 2048"),
        };
        let mut number = |what, allowed: &dyn Fn(usize) -> bool, expected| {
            let found = u32::from(u16::from_le_bytes(self.input.array("a layer")?));
            checked(what, index, found, allowed, expected)
        };
        let is_count = |count| (1..=most).contains(&count);
        let channels_in = number("input channels of layer", &is_count, expected)?;
        let what = "output channels of layer";
        let channels = if is_depthwise {
            number(what, &|count| count == channels_in, "as many as its input channels")?
        } else {
            number(what, &|count| (1..=MOST_CHANNELS).contains(&count), "1 to 2048")?
        };
        Ok([channels_in, channels])
    }

    /// The shape of the map that a layer takes.
    fn before(&mut self, layer: usize, found: usize) -> Result<Shape, NetworkError> {
        match self.shapes.last() {
            Some(shape) if shape.channels == found => Ok(*shape),
            Some(shape) => Err(NetworkError::Channels { layer, found, expected: shape.channels }),
            None => {
                let crop = Shape { channels: found, halvings: 0 };
                self.shapes.push(crop);
                Ok(crop)
            }
        }
    }

    fn skip(&self, layer: usize, skip: usize, shape: Shape) -> Result<Option<usize>, NetworkError> {
        if skip == 0 {
            return Ok(None);
        }
        let added = layer.checked_sub(skip).and_then(|added| self.shapes.get(added + 1));
        match added {
            Some(added) if *added == shape => Ok(Some(skip)),
            _ => Err(NetworkError::Skip { layer, skip }),
        }
    }

    fn operation(
        &mut self,
        counts: [Count; 2],
        is_depthwise: bool,
        window: Window,
        [channels_in, channels]: [usize; 2],
    ) -> Result<Operation, NetworkError> {
        let seen = if is_depthwise { 1 } else { channels_in };
        let weights = window.side * window.side * seen * channels;
        let weights = half::numbers(&mut self.input, "weight", weights)?;
        let biases = (0..channels).map(|index| self.input.number("bias", index));
        let biases = biases.collect::<Result<Vec<_>, _>>()?;
        Ok(match (is_depthwise, window.side) {
            (true, _) => Operation::Depthwise(Depthwise::new(counts, window, &weights, &biases)),
            (false, 1) => Operation::Pointwise(Matrix::new(counts, &weights, &biases)),
            (false, _) => {
                Operation::Convolution(Convolution::new(counts, window, &weights, &biases))
            }
        })
    }
}
