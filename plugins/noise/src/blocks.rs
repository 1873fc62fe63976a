// SPDX-License-Identifier: MIT OR Apache-2.0
//! What every cue reads: the picture cut into 16x16 px blocks, each with the moments of its
//! residual.
//!
//! # What it tests
//! Nothing by itself. It samples tiles that are spread evenly over the picture, at native
//! resolution and on the grid of 8 px, and measures each block once.
//!
//! # Why it works
//! The residual is each pixel minus the mean of its four neighbours: it cancels brightness and
//! gradients, and white noise of standard deviation `s` leaves `s * sqrt(1.25)` of it, which is
//! divided out again. A block is flat when the means of its sixteen 4x4 cells lie on a plane.
//!
//! # When it does not apply
//! Blocks with clipped samples, and blocks darker or brighter than a sensor records in a linear
//! way, are left out ([`Block::usable`]).
//!
//! # Constants and their source
//! Beside each constant; those without a paper were fixed before any measurement.

use assay_plugin_api::prelude::*;
use assay_signal::color::{channel_samples_from_rgb, luma_samples_from_rgb};
use assay_signal::residual::high_pass;
use assay_signal::spectrum::spread_tiles;
use assay_signal::Samples;

use crate::coarse::{self, Variances};

/// Side of a block, px: two JPEG blocks, so that every block meets the 8x8 grid alike.
pub const BLOCK_PX: usize = 16;
/// Side of a tile, px.
const TILE_PX: usize = 64;
/// Most tiles looked at: 0.4 MP, the share of a large picture that fits the time budget.
const MOST_TILES: usize = 96;
/// Largest share of clipped samples in a usable block: a few hot pixels or specks.
const MOST_CLIPPED: f32 = 0.02;
/// Variance of the four-neighbour residual of white noise of variance 1: `1 + 4 / 16`.
pub const RESIDUAL_GAIN: f32 = 1.25;
/// Block means between these count as unsaturated: the toe and the shoulder of a camera's tone
/// curve lie outside.
pub const LUMA_RANGE: std::ops::RangeInclusive<f32> = 12.0..=243.0;

/// Red, green, blue.
pub const CHANNELS: usize = 3;

/// One block and the moments of its residual.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Left edge in the picture, px.
    pub x: usize,
    /// Top edge in the picture, px.
    pub y: usize,
    /// Which tile it comes from.
    pub tile: usize,
    /// Mean luma, `0..=255`.
    pub mean: f32,
    /// Standard deviation of the means of its 4x4 cells around their plane: structure, hardly noise.
    pub texture: f32,
    /// Hardly any clipped sample, mean within the linear range.
    pub usable: bool,
    /// Noise standard deviation of luma by the residual.
    pub sigma: f32,
    /// Fourth moment of the luma residual over the squared variance; 3 for Gaussian noise.
    pub kurtosis: f32,
    /// Sums over the block of products of the luma residual with itself moved by 0, one pixel along
    /// an axis, one along both, two along an axis (mean of the directions).
    pub lags: [f32; 4],
    /// Covariance sums of the residuals: RR, GG, BB, RG, GB, RB.
    pub channels: [f32; 6],
    /// Mean of red, green and blue, `0..=255`.
    pub means: [f32; CHANNELS],
    /// Noise variances after averaging 2x2 and 4x4 px.
    pub coarse: Variances,
    /// For each channel, mean absolute residual at the four phases of the 2x2 mosaic: `(0, 0)`,
    /// `(1, 0)`, `(0, 1)`, `(1, 1)` in `(x, y)`.
    pub phases: [[f32; 4]; CHANNELS],
}

impl Block {
    /// Noise variance of red (0), green (1) or blue (2), squared 8-bit levels.
    #[must_use]
    pub fn channel_variance(&self, channel: usize) -> f32 {
        let sum = self.channels.get(channel).copied().unwrap_or(0.0);
        sum / (RESIDUAL_GAIN * (BLOCK_PX * BLOCK_PX) as f32)
    }
}

/// The blocks of a picture and how they were taken.
#[derive(Debug)]
pub struct Blocks {
    /// In raster order within each tile.
    pub all: Vec<Block>,
    /// Width of the picture, px.
    pub width: usize,
    /// Height of the picture, px.
    pub height: usize,
    /// Tiles looked at.
    pub tiles: usize,
    /// Side of a tile, px.
    pub tile_px: usize,
}

impl Blocks {
    /// Measures a picture.
    ///
    /// # Errors
    /// `NotApplicable` when a side is below 100 px; `Cancelled`.
    pub fn measure(evidence: &Evidence<'_>) -> Result<Self, NoScore> {
        let rgb = evidence.rgb()?;
        let shorter = rgb.width().min(rgb.height());
        if shorter < crate::SHORTEST_SIDE_PX {
            return Err(NoScore::not_applicable(format!(
                "The picture is {shorter} px on its shorter side; the noise test needs {} px.",
                crate::SHORTEST_SIDE_PX
            )));
        }
        let tile_px = TILE_PX.min(shorter / BLOCK_PX * BLOCK_PX);
        let corners = spread_tiles(rgb.width(), rgb.height(), tile_px, tile_px, MOST_TILES);
        let mut all = Vec::with_capacity(corners.len() * (tile_px / BLOCK_PX).pow(2));
        for (tile, &(x, y)) in corners.iter().enumerate() {
            evidence.check_cancelled()?;
            let from = &rgb.samples()[y * rgb.row_stride() + CHANNELS * x..];
            measure_tile(from, rgb.row_stride(), tile_px, (tile, x, y), &mut all);
        }
        Ok(Self { all, width: rgb.width(), height: rgb.height(), tiles: corners.len(), tile_px })
    }

    /// The unsaturated blocks.
    pub fn usable(&self) -> impl Iterator<Item = &Block> {
        self.all.iter().filter(|block| block.usable)
    }
}

fn measure_tile(
    rgb: &[u8],
    row_stride: usize,
    side: usize,
    (tile, tile_x, tile_y): (usize, usize, usize),
    blocks: &mut Vec<Block>,
) {
    let luma = luma_samples_from_rgb(rgb, side, side, row_stride);
    let residual = high_pass(&luma);
    let planes: [Samples; CHANNELS] = std::array::from_fn(|channel| {
        channel_samples_from_rgb(rgb, side, side, row_stride, channel)
    });
    let channels = planes.each_ref().map(high_pass);
    let mut coarse = coarse::of_tile(&luma, &planes).into_iter();
    for y in (0..side).step_by(BLOCK_PX) {
        for x in (0..side).step_by(BLOCK_PX) {
            let place = Place { x, y };
            let mut block = Block { x: tile_x + x, y: tile_y + y, tile, ..Block::default() };
            let rows = (y..y + BLOCK_PX).map(|row| row * row_stride + CHANNELS * x);
            let samples = rows.flat_map(|start| &rgb[start..][..CHANNELS * BLOCK_PX]);
            let clipped = samples.filter(|&&sample| sample == 0 || sample == 255).count() as f32;
            let unclipped = clipped <= MOST_CLIPPED * (CHANNELS * BLOCK_PX * BLOCK_PX) as f32;
            (block.mean, block.texture) = mean_and_texture(&luma, place);
            block.usable = unclipped && LUMA_RANGE.contains(&block.mean);
            block.lags = lags(&residual, place);
            let variance = block.lags[0] / (BLOCK_PX * BLOCK_PX) as f32;
            block.sigma = (variance / RESIDUAL_GAIN).sqrt();
            block.kurtosis = kurtosis(&residual, place, variance);
            block.channels = covariances(&channels, place);
            block.means = planes.each_ref().map(|plane| mean(plane, place));
            block.coarse = coarse.next().unwrap_or_default();
            for (phases, channel) in block.phases.iter_mut().zip(&channels) {
                *phases = phase_means(channel, place);
            }
            blocks.push(block);
        }
    }
}

/// Top left corner of a block within its tile, px.
#[derive(Clone, Copy)]
struct Place {
    x: usize,
    y: usize,
}

impl Place {
    /// The block's pixels in row `y` of the block.
    fn row(self, plane: &Samples, y: usize) -> &[f32] {
        let width = plane.ncols();
        let samples = plane.as_slice().unwrap_or_default();
        &samples[(self.y + y) * width + self.x..][..BLOCK_PX]
    }
}

fn mean(plane: &Samples, place: Place) -> f32 {
    let sum: f32 = (0..BLOCK_PX).map(|y| place.row(plane, y).iter().sum::<f32>()).sum();
    sum / (BLOCK_PX * BLOCK_PX) as f32
}

fn mean_and_texture(luma: &Samples, place: Place) -> (f32, f32) {
    const CELL: usize = 4;
    const CELLS: usize = BLOCK_PX / CELL;
    let mut cells = [[0.0_f32; CELLS]; CELLS];
    for y in 0..BLOCK_PX {
        let quads = place.row(luma, y).as_chunks::<CELL>().0;
        for (cell, quad) in cells[y / CELL].iter_mut().zip(quads) {
            *cell += quad.iter().sum::<f32>() / (CELL * CELL) as f32;
        }
    }
    // The plane through the cells is taken out: a gradient is not structure. Offsets from the centre
    // are -1.5, -0.5, 0.5, 1.5, their squares sum to 5 in each of the four rows or columns.
    let count = (CELLS * CELLS) as f32;
    let (mut sum, mut squares, mut across, mut down) = (0.0, 0.0, 0.0, 0.0);
    for (y, row) in cells.iter().enumerate() {
        for (x, &cell) in row.iter().enumerate() {
            sum += cell;
            across += cell * (x as f32 - 1.5);
            down += cell * (y as f32 - 1.5);
        }
    }
    let mean = sum / count;
    for &cell in cells.as_flattened() {
        squares += (cell - mean) * (cell - mean);
    }
    let plane = (across * across + down * down) / (5.0 * CELLS as f32);
    (mean, ((squares - plane).max(0.0) / count).sqrt())
}

fn lags(residual: &Samples, place: Place) -> [f32; 4] {
    const LAST: usize = BLOCK_PX - 1;
    let mut sums = [0.0_f32; 4];
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    for y in 0..BLOCK_PX {
        let row = place.row(residual, y);
        sums[0] += product(row, row);
        sums[1] += 0.5 * product(&row[..LAST], &row[1..]);
        sums[3] += 0.5 * product(&row[..LAST - 1], &row[2..]);
        if y + 1 < BLOCK_PX {
            let below = place.row(residual, y + 1);
            sums[1] += 0.5 * product(row, below);
            sums[2] +=
                0.5 * (product(&row[..LAST], &below[1..]) + product(&row[1..], &below[..LAST]));
        }
        if y + 2 < BLOCK_PX {
            sums[3] += 0.5 * product(row, place.row(residual, y + 2));
        }
    }
    sums
}

fn kurtosis(residual: &Samples, place: Place, variance: f32) -> f32 {
    let fourth: f32 =
        (0..BLOCK_PX).map(|y| place.row(residual, y).iter().map(|r| r.powi(4)).sum::<f32>()).sum();
    fourth / (BLOCK_PX * BLOCK_PX) as f32 / (variance * variance).max(1e-4)
}

fn covariances(channels: &[Samples; CHANNELS], place: Place) -> [f32; 6] {
    let mut sums = [0.0_f32; 6];
    for y in 0..BLOCK_PX {
        let [red, green, blue] = [0, 1, 2].map(|channel| place.row(&channels[channel], y));
        for ((&red, &green), &blue) in red.iter().zip(green).zip(blue) {
            sums[0] += red * red;
            sums[1] += green * green;
            sums[2] += blue * blue;
            sums[3] += red * green;
            sums[4] += green * blue;
            sums[5] += red * blue;
        }
    }
    sums
}

fn phase_means(channel: &Samples, place: Place) -> [f32; 4] {
    /// Residuals above this are edges, not interpolation error.
    const MOST: f32 = 20.0;
    let mut sums = [0.0_f32; 4];
    for y in 0..BLOCK_PX {
        let row = place.row(channel, y).as_chunks::<2>().0;
        let phase = 2 * (y % 2);
        for [even, odd] in row {
            sums[phase] += even.abs().min(MOST);
            sums[phase + 1] += odd.abs().min(MOST);
        }
    }
    sums.map(|sum| sum / (BLOCK_PX * BLOCK_PX / 4) as f32)
}
