// SPDX-License-Identifier: MIT OR Apache-2.0
//! Features of a small convolutional network, and the file that holds its weights.
//!
//! *What it is.* A [`Network`] is a chain of convolutions, depthwise convolutions and skips, such as
//! the first blocks of EfficientNet-Lite, with batch normalisation folded into weights and biases.
//! Some layers are *taps*: of each channel of their maps the mean and the standard deviation over
//! the samples are features. A crop goes through in whole numbers: maps and weights have 16 bits, sums
//! of products 32, sums of the features 64.
//!
//! *What it is not.* No training, no attention, no branches but skips, no dense layers: a
//! classifier of the features is a [`crate::model`].
//!
//! *Bits.* The features of a crop are the same bits whatever was computed before, beside it or in
//! which [`Scratch`], and on every processor, since sums of whole numbers have no order; there are no
//! threads inside. Features of the shipped network are up to 0.01 from those in real numbers.
//!
//! *Range.* Maps that are not held within 0 to 6 reach from -128 to 128 and stop there.
//!
//! # The file
//! Little endian, no padding; `plugins/training/network_file.py` writes it.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | [`MAGIC`] |
//! | u32 | [`VERSION`] |
//! | text | name of the network (u32 length of at most 4096, UTF-8) |
//! | text | what it was trained on, for a person |
//! | f32, f32 | mean `m` and scale `s`: the first layer gets `(level - m) * s` |
//! | u32 | layers, 1 to 256 |
//! | per layer | u8 kind (0 convolution, 1 depthwise); u8 kernel (1, 3, 5, 7); u8 stride (1, or 2 with a kernel above 1); u8 activation (0 none, 1 ReLU6); u8 tap (0, 1); u8 skip; u16 channels in; u16 channels out; f16 weights; f32 biases, one an output channel |
//! | 32 | SHA-256 of everything before |
//!
//! Weights of a convolution are in the order kernel row, kernel column, channel in, channel out;
//! those of a depthwise one kernel row, kernel column, channel. Maps are padded with zeros as
//! TensorFlow's "SAME" does: `ceil(n / stride)` outputs of `n` samples, and of an odd padding the
//! larger part at the end. A skip of `n > 0` adds the map of the `n`-th layer before, after the
//! activation. The first layer takes 1 to 6 channels, others up to 2048. Levels less the mean
//! and scaled reach from -4 to 4 and stop there.
//!
//! *References.* Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
//! Networks", ICML 2019; Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
//! CVPR 2018.

mod band;
mod convolution;
mod crop;
mod depthwise;
mod error;
mod fixed;
mod half;
mod lanes;
mod layer;
mod lowpass;
mod pooling;
mod product;
mod reader;
mod run;
#[cfg(test)]
mod tests;
mod window;

pub use crop::Crop;
pub use error::NetworkError;
pub use lanes::Instructions;
pub use lowpass::CELL;
pub use run::Scratch;

use layer::Layer;

/// First bytes of a network file.
pub const MAGIC: [u8; 8] = *b"ASSAYNET";
/// Version of the format that this crate reads.
pub const VERSION: u32 = 1;
/// Most channels of a crop.
pub const MOST_CHANNELS_IN: usize = 6;
/// Largest side of a crop, px.
pub const MOST_SIDE: usize = 512;

/// A network read from a file: crop in, features out.
#[derive(Clone, Debug)]
pub struct Network {
    name: String,
    trained_on: String,
    digest: [u8; 32],
    /// Mean and scale of the levels.
    levels: [f32; 2],
    channels: usize,
    layers: Vec<Layer>,
}

impl Network {
    /// Reads a network file.
    ///
    /// # Errors
    /// The first thing in the bytes that is not as the format says.
    pub fn read(bytes: &[u8]) -> Result<Self, NetworkError> {
        reader::read(bytes)
    }

    /// What the network is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the network was trained on, for a person.
    #[must_use]
    pub fn trained_on(&self) -> &str {
        &self.trained_on
    }

    /// SHA-256 of the file's content, the digest in its last 32 bytes.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Channels of the crops that it takes, 1 to [`MOST_CHANNELS_IN`].
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// How many features it gives, at least 2.
    #[must_use]
    pub fn features(&self) -> usize {
        self.layers.iter().filter(|layer| layer.tap).map(|layer| 2 * layer.channels).sum()
    }

    /// The features of a crop: for each tap, in the order of the layers, the mean of each channel
    /// and then the standard deviation of each (divided by samples - 1; 0 for a map of one sample).
    /// `None` when the crop has other channels than the network or a level that is not finite.
    #[must_use]
    pub fn features_of(&self, crop: &Crop, scratch: &mut Scratch) -> Option<Vec<f32>> {
        if crop.channels() != self.channels {
            return None;
        }
        let is_finite = crop.levels().iter().all(|level| level.is_finite());
        is_finite.then(|| scratch.run(&self.layers, crop, self.levels))
    }
}
