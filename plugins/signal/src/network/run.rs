// SPDX-License-Identifier: MIT OR Apache-2.0
//! Running the layers over a crop, a few rows at a time.
//!
//! Between bottlenecks a network of this kind widens its maps sixfold. Made whole, such a map would go
//! out to memory and come back; made a strip at a time, it stays in the cache. So only some maps are
//! *whole* ([`mark_whole`](super::layer::mark_whole)). Each is made in strips, and a strip asks the
//! layers between it and the whole map before it for the rows that it sees. Every row of every map is
//! computed once, each value from the same terms, so strips change no bit of the result.

use std::ops::Range;

use super::band::Band;
use super::fixed::{freed, Count};
use super::lanes::nearest;
use super::layer::{Layer, Operation};
use super::pooling::Pool;
use super::window::Sight;
use super::{Crop, Instructions};

/// Values of the largest strip of a map, about; with what it is made from it fits the second-level
/// cache of today's processors (512 KiB and more).
const STRIP_VALUES: usize = 49_152;

/// Buffers that are kept between crops, about 4 MB for EfficientNet-Lite0 and crops of 256 px. One
/// serves any network and crops of any size, one at a time.
#[derive(Clone, Debug)]
pub struct Scratch {
    instructions: Instructions,
    strip_values: usize,
    /// The crop's, then one a layer.
    bands: Vec<Band>,
    /// One a layer; only those of taps are filled.
    pools: Vec<Pool>,
    patches: Vec<i16>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

impl Scratch {
    /// Buffers for the fastest instructions of this processor.
    #[must_use]
    pub fn new() -> Self {
        Self::with_strips(STRIP_VALUES)
    }

    /// Buffers for strips of about so many values.
    pub(super) fn with_strips(strip_values: usize) -> Self {
        Self {
            instructions: Instructions::detect(),
            strip_values,
            bands: Vec::new(),
            pools: Vec::new(),
            patches: Vec::new(),
        }
    }

    /// Buffers for these instructions, to compare with others.
    #[must_use]
    pub fn with(instructions: Instructions) -> Self {
        Self { instructions, ..Self::new() }
    }

    /// Runs the layers over a crop of their channels and returns the features of all taps.
    pub(super) fn run(
        &mut self,
        layers: &[Layer],
        crop: &Crop,
        [mean, scale]: [f32; 2],
    ) -> Vec<f32> {
        self.bands.resize_with(layers.len() + 1, Band::default);
        self.pools.resize_with(layers.len(), Pool::default);
        let sizes = sizes(layers, crop);
        let channels =
            std::iter::once(crop.channels()).chain(layers.iter().map(|layer| layer.channels));
        for ((band, channels), [_, width]) in self.bands.iter_mut().zip(channels).zip(&sizes) {
            band.restart(channels * width);
        }
        for (pool, layer) in self.pools.iter_mut().zip(layers) {
            pool.restart(layer.channels);
        }
        let input = self.bands[0].append(crop.height());
        for (value, level) in input.iter_mut().zip(crop.levels()) {
            let steps = (level - mean) * (scale * Count::CROP.steps);
            *value = nearest(steps.max(f32::from(i16::MIN)).min(f32::from(i16::MAX)));
        }
        Run { layers, sizes: &sizes, scratch: &mut *self }.whole_maps();
        let mut features = Vec::new();
        for (pool, layer) in self.pools.iter().zip(layers).filter(|(_, layer)| layer.tap) {
            pool.push_features(layer.count.steps, &mut features);
        }
        features
    }
}

/// Height and width of the crop and of each layer's map.
fn sizes(layers: &[Layer], crop: &Crop) -> Vec<[usize; 2]> {
    let mut size = [crop.height(), crop.width()];
    let mut sizes = vec![size];
    for layer in layers {
        size = size.map(|length| layer.window.output_length(length));
        sizes.push(size);
    }
    sizes
}

/// A crop on its way. The map of layer `i` is band `i + 1`, its input band `i`.
struct Run<'a> {
    layers: &'a [Layer],
    sizes: &'a [[usize; 2]],
    scratch: &'a mut Scratch,
}

impl Run<'_> {
    fn whole_maps(&mut self) {
        for index in 0..self.layers.len() {
            if self.layers[index].whole {
                let [height, _] = self.sizes[index + 1];
                let strip = self.strip(index);
                for start in (0..height).step_by(strip) {
                    self.produce(index, height.min(start + strip));
                }
            }
        }
    }

    /// Rows of a whole map that are made at a time, so that no strip on the way is too large.
    fn strip(&self, index: usize) -> usize {
        let values = |index: usize| self.layers[index].channels * self.sizes[index + 1][1];
        let (mut largest, mut rows, mut at) = (values(index), 1, index);
        while at > 0 && !self.layers[at - 1].whole {
            rows *= self.layers[at].window.stride;
            at -= 1;
            largest = largest.max(rows * values(at));
        }
        (self.scratch.strip_values / largest).max(1)
    }

    /// Makes the rows of a layer's map that are missing before row `end`.
    fn produce(&mut self, index: usize, end: usize) {
        let rows = self.scratch.bands[index + 1].end()..end;
        if rows.is_empty() {
            return;
        }
        if index > 0 && !self.layers[index - 1].whole {
            let [height, _] = self.sizes[index];
            let seen = self.layers[index].window.seen(rows.clone(), height);
            self.scratch.bands[index].discard_before(seen.start);
            self.produce(index - 1, seen.end);
        }
        self.compute(index, rows);
    }

    fn compute(&mut self, index: usize, rows: Range<usize>) {
        let layer = &self.layers[index];
        let ([height, width], [_, columns]) = (self.sizes[index], self.sizes[index + 1]);
        let Scratch { instructions, bands, pools, patches, .. } = &mut *self.scratch;
        let (before, rest) = bands.split_at_mut(index + 1);
        let ([.., input], [output, ..]) = (&*before, rest) else { return };
        let output = output.append(rows.len());
        let limits = layer.activation.limits(layer.count);
        let sight = |row: usize| {
            let (window, start) = layer.window.inside(row, height);
            let values = input.rows(start..start + window.len());
            Sight { values, first: window.start, width }
        };
        let lines = output.chunks_exact_mut(columns * layer.channels);
        match &layer.operation {
            Operation::Pointwise(matrix) => {
                matrix.multiply(*instructions, input.rows(rows.clone()), limits, output);
            }
            Operation::Convolution(convolution) => {
                for (row, line) in rows.clone().zip(lines) {
                    convolution.row(*instructions, sight(row), patches, limits, line);
                }
            }
            Operation::Depthwise(depthwise) => {
                for (row, line) in rows.clone().zip(lines) {
                    depthwise.row(*instructions, sight(row), limits, line);
                }
            }
        }
        let added = layer.skip.and_then(|skip| index.checked_sub(skip));
        if let Some((added, rows)) = added.map(|added| (added, before[added + 1].rows(rows))) {
            let is_held = self.layers[added].count == Count::HELD;
            for (value, &other) in output.iter_mut().zip(rows) {
                *value = value.saturating_add(if is_held { freed(other) } else { other });
            }
        }
        if layer.tap {
            pools[index].add(output);
        }
    }
}
