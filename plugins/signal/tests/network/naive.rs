// SPDX-License-Identifier: MIT OR Apache-2.0
//! The features as their definition says, in `f64`, one output at a time.

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

fn apply(layer: &Layer, input: &Map) -> Map {
    let (kernel, stride) = (layer.kernel as i64, layer.stride as i64);
    let (height, above) = same(input.height, kernel, stride);
    let (width, left) = same(input.width, kernel, stride);
    let mut values = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        for output in 0..layer.outputs {
            let mut sum = f64::from(layer.biases[output]);
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
            values.push(if layer.relu6 { sum.clamp(0.0, 6.0) } else { sum });
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
        let mut map = apply(layer, &maps[index]);
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
