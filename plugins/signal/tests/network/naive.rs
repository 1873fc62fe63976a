// SPDX-License-Identifier: MIT OR Apache-2.0
//! The features as their definition says, one output at a time: in real numbers, and in the steps in
//! which the network counts.

use assay_signal::network::Crop;

use super::file::Layer;

struct Map {
    height: i64,
    width: i64,
    channels: usize,
    values: Vec<f64>,
}

impl Map {
    /// 0 outside.
    fn at(&self, y: i64, x: i64, channel: usize) -> f64 {
        let inside = (0..self.height).contains(&y) && (0..self.width).contains(&x);
        let place = (y * self.width + x) * self.channels as i64 + channel as i64;
        if inside {
            self.values[place as usize]
        } else {
            0.0
        }
    }
}

/// Outputs and zeros before the first sample, of TensorFlow's "SAME".
fn same(length: i64, kernel: i64, stride: i64) -> (i64, i64) {
    let outputs = (length + stride - 1) / stride;
    (outputs, ((outputs - 1) * stride + kernel - length).max(0) / 2)
}

/// The map of a layer; `end` is what becomes of the sum of an output.
fn apply(layer: &Layer, biases: &[f64], input: &Map, end: impl Fn(usize, f64) -> f64) -> Map {
    let (kernel, stride) = (layer.kernel as i64, layer.stride as i64);
    let (height, above) = same(input.height, kernel, stride);
    let (width, left) = same(input.width, kernel, stride);
    let mut values = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        for (output, &bias) in biases.iter().enumerate() {
            let mut sum = bias;
            for (i, j) in (0..kernel).flat_map(|i| (0..kernel).map(move |j| (i, j))) {
                let (row, column) = (y * stride - above + i, x * stride - left + j);
                let tap = (i * kernel + j) as usize;
                if layer.depthwise {
                    let weight = layer.weights[tap * layer.outputs + output];
                    sum += f64::from(weight) * input.at(row, column, output);
                } else {
                    for channel in 0..layer.inputs {
                        let place = (tap * layer.inputs + channel) * layer.outputs + output;
                        sum += f64::from(layer.weights[place]) * input.at(row, column, channel);
                    }
                }
            }
            values.push(end(output, sum));
        }
    }
    Map { height, width, channels: layer.outputs, values }
}

pub(crate) fn features(layers: &[Layer], crop: &Crop, mean: f64, scale: f64) -> Vec<f64> {
    let mut maps = vec![Map {
        height: crop.height() as i64,
        width: crop.width() as i64,
        channels: crop.channels(),
        values: crop.levels().iter().map(|&level| (f64::from(level) - mean) * scale).collect(),
    }];
    let mut features = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        let biases: Vec<f64> = layer.biases.iter().map(|&bias| f64::from(bias)).collect();
        let end = |_, sum: f64| if layer.relu6 { sum.clamp(0.0, 6.0) } else { sum };
        let mut map = apply(layer, &biases, &maps[index], end);
        if layer.skip > 0 {
            let added = &maps[index + 1 - layer.skip];
            map.values.iter_mut().zip(&added.values).for_each(|(value, added)| *value += added);
        }
        if layer.tap {
            let of = |c: usize| map.values.iter().skip(c).step_by(map.channels);
            let samples = (map.height * map.width) as f64;
            let means: Vec<f64> = (0..map.channels).map(|c| of(c).sum::<f64>() / samples).collect();
            features.extend(&means);
            features.extend(means.iter().enumerate().map(|(c, mean)| {
                let squares: f64 = of(c).map(|value| (value - mean).powi(2)).sum();
                (squares / (samples - 1.0).max(1.0)).sqrt()
            }));
        }
        maps.push(map);
    }
    features
}

/// Steps in 1 of a map, and the farthest that it reaches, steps.
#[derive(Clone, Copy, PartialEq)]
struct Count(f64, f64);

const CROP: Count = Count(8192.0, 32_768.0);
const HELD: Count = Count(1024.0, 6144.0);
const FREE: Count = Count(256.0, 32_768.0);

/// A layer with whole weights, its whole biases, and what each output's sums are multiplied with.
fn counted(layer: &Layer, from: Count, to: Count) -> (Layer, Vec<f64>, Vec<f32>) {
    let (mut whole, mut biases, mut factors) = (layer.clone(), Vec::new(), Vec::new());
    for output in 0..layer.outputs {
        let weights = whole.weights.iter_mut().skip(output).step_by(layer.outputs);
        let weights: Vec<&mut f32> = weights.collect();
        let magnitudes = || weights.iter().map(|weight| f64::from(weight.abs()));
        let bias = f64::from(layer.biases[output]) * from.0;
        let most = from.1 * magnitudes().sum::<f64>() + bias.abs();
        let room = f64::from(i32::MAX) - 1.0 - from.1 * weights.len() as f64 / 2.0;
        let step = (most / room).max(magnitudes().fold(0.0, f64::max) / 32_767.0);
        let step = if step > 0.0 { step } else { 1.0 };
        weights.into_iter().for_each(|weight| *weight = (f64::from(*weight) / step).round() as f32);
        biases.push((bias / step).round());
        factors.push((step * to.0 / from.0) as f32);
    }
    (whole, biases, factors)
}

/// The features to the last bit, by whole numbers in `f64`.
pub(crate) fn counted_features(layers: &[Layer], crop: &Crop, mean: f32, scale: f32) -> Vec<f32> {
    let held = |value: f64| value.clamp(-32_768.0, 32_767.0);
    let steps = |level: &f32| f64::from((level - mean) * (scale * 8192.0)).round_ties_even();
    let crop = Map {
        height: crop.height() as i64,
        width: crop.width() as i64,
        channels: crop.channels(),
        values: crop.levels().iter().map(|level| held(steps(level))).collect(),
    };
    let mut maps = vec![(crop, CROP)];
    let mut features = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        let (input, from) = &maps[index];
        let to = if layer.relu6 && layer.skip == 0 { HELD } else { FREE };
        let (whole, biases, factors) = counted(layer, *from, to);
        let (least, largest) = if layer.relu6 { (0.0, 6.0 * to.0) } else { (-32_768.0, 32_767.0) };
        let end = |output: usize, sum: f64| {
            f64::from(sum as f32 * factors[output]).clamp(least, largest).round_ties_even()
        };
        let mut map = apply(&whole, &biases, input, end);
        if layer.skip > 0 {
            let (added, count) = &maps[index + 1 - layer.skip];
            let quarter =
                |value: f64| if *count == HELD { (value / 4.0 + 0.5).floor() } else { value };
            let values = map.values.iter_mut().zip(&added.values);
            values.for_each(|(value, &added)| *value = held(*value + quarter(added)));
        }
        if layer.tap {
            let of = |c: usize| map.values.iter().skip(c).step_by(map.channels);
            let samples = (map.height * map.width) as f64;
            let sums: Vec<f64> = (0..map.channels).map(|c| of(c).sum()).collect();
            features.extend(sums.iter().map(|sum| (sum / samples / to.0) as f32));
            features.extend(sums.iter().enumerate().map(|(c, sum)| {
                let squares: f64 = of(c).map(|value| value * value).sum();
                let deviations = (squares - sum * sum / samples).max(0.0);
                ((deviations / (samples - 1.0).max(1.0)).sqrt() / to.0) as f32
            }));
        }
        maps.push((map, to));
    }
    features
}
