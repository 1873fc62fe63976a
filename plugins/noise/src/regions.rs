// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where the picture has less noise than the rest of it at equal brightness and structure.
//!
//! # What it tests
//! Blocks of 8x8 px over the whole picture are sorted by brightness into groups, and of each group the
//! flatter part is kept. What brightness and structure explain of a block's noise is taken out by a
//! robust regression, once among the blocks of its group and once among all; the less quiet of the
//! two is what counts. Cells whose mean is below that of the other cells by more than their spread are
//! joined into regions; a region is drawn when so low a mean would be a false alarm in fewer than
//! 10^[`LOG10_FALSE_ALARMS`] pictures under the null model.
//!
//! # Why it works
//! One exposure of one sensor has one noise curve. What comes from another picture, a painter or a
//! smoothing brush often has less noise than that curve. *More* noise is not looked for: fine texture
//! cannot be told from it (on authentic pictures it stands out more often than on forged ones).
//!
//! # When it does not apply
//! Few comparable cells, or a region that is half of them: nothing is drawn. Objects make cells depend
//! on each other, which the normal law of independent cells does not allow for; hence the strict
//! level. Strong JPEG takes the noise of whole areas.
//!
//! # Constants and their source
//! Beside each. The shares, the size of a cell, the two regressions and the level were chosen on the
//! authentic and forged pictures of the model card.
//!
//! # References
//! Gardella, Musé, Morel, Colom, "Noisesniffer", IWBF 2021 (flat blocks by brightness);
//! Mahdian, Saic, "Using noise inconsistencies for blind image forensics", Image and Vision
//! Computing 2009.

use assay_plugin_api::plane::Luma8;
use assay_plugin_api::prelude::*;
use assay_signal::morphology::{connected_components, Mask};
use assay_signal::stats::nfa::log10_chi_square_tail;
use assay_signal::stats::robust::{mad_sigma, median, quantile};

use crate::blocks::{LUMA_RANGE, RESIDUAL_GAIN};
use crate::level::SIGMA_FLOOR;

/// Side of a block, px: a block of JPEG.
const BLOCK_PX: usize = 8;
/// Side of the parts of a block whose means say how structured it is, px.
const PART_PX: usize = 4;
/// Pixels up to which blocks touch; in larger pictures as many are left out as keeps their number.
const DENSE_PIXELS: usize = 1_500_000;
/// Groups of brightness.
const GROUPS: usize = 8;
/// Share of a group that is kept, the flattest.
const KEPT_SHARE: f64 = 0.7;
/// Largest standard deviation between the parts of a kept block, 8-bit levels.
const MOST_TEXTURE: f32 = 8.0;
/// Terms of the regression.
const TERMS: usize = 3;
/// Fewest blocks for a regression.
const FEWEST_BLOCKS: usize = 8;
/// Cells along the shorter side.
const CELLS_ALONG: usize = 8;
/// Share of a cell's blocks that must be kept for a mean.
const LEAST_KEPT: f64 = 0.2;
/// Fewest cells to compare.
const FEWEST_CELLS: usize = 12;
/// Least spread of the cells' means, `ln sigma`: the estimate's own.
const LEAST_SPREAD: f32 = 0.05;
/// Deviations by which a cell is below the others to be looked at.
const STANDS_OUT: f32 = 2.5;
/// Decimal logarithm of the false alarms under the null model from which a region is drawn.
pub const LOG10_FALSE_ALARMS: f64 = -8.0;
/// Heat of a region at that level, and twice beyond it.
const HEATS: (f32, f32) = (0.6, 1.0);

/// A connected part with less noise.
#[derive(Clone, Debug, PartialEq)]
pub struct QuietRegion {
    /// Expected number of such regions under the null model, log10.
    pub log10_nfa: f64,
    /// Box around its cells.
    pub region: Region,
    /// Its noise over that of the other cells, as explained by brightness and structure.
    pub ratio: f64,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Regions {
    /// The regions, in raster order.
    pub quiet: Vec<QuietRegion>,
    /// Zero outside them.
    pub map: Heatmap,
    /// Cells that could be compared, as a share.
    pub compared: f64,
}

struct Block {
    column: usize,
    row: usize,
    brightness: f32,
    texture: f32,
    ln_sigma: f32,
}

/// Compares a picture with itself.
///
/// # Errors
/// `NotApplicable` without luma; `Cancelled`.
pub fn measure(evidence: &Evidence<'_>) -> Result<Regions, NoScore> {
    let luma = evidence.luma()?;
    let grid = Grid::of(&luma);
    let mut blocks = Vec::new();
    for row in 0..grid.rows {
        if row % 64 == 0 {
            evidence.check_cancelled()?;
        }
        blocks.extend((0..grid.columns).filter_map(|column| block_at(&luma, &grid, column, row)));
    }
    let deviations = deviations(blocks);
    evidence.check_cancelled()?;
    Ok(compare(&deviations, &grid))
}

/// How blocks and cells lie on the picture.
struct Grid {
    width: usize,
    height: usize,
    /// From one block to the next, px.
    spacing: usize,
    columns: usize,
    rows: usize,
    /// Blocks along a cell.
    cell: usize,
}

impl Grid {
    fn of(luma: &Luma8<'_>) -> Self {
        let (width, height) = (luma.width(), luma.height());
        let skip = (luma.pixels().div_ceil(DENSE_PIXELS) as f64).sqrt().ceil() as usize;
        let spacing = BLOCK_PX * skip.max(1);
        let along = |side: usize| (side + spacing).saturating_sub(BLOCK_PX) / spacing;
        let (columns, rows) = (along(width), along(height));
        let cell = (columns.min(rows) / CELLS_ALONG).max(2);
        Self { width, height, spacing, columns, rows, cell }
    }

    fn cell_px(&self) -> usize {
        self.cell * self.spacing
    }
}

/// A block, when it is unsaturated.
fn block_at(luma: &Luma8<'_>, grid: &Grid, column: usize, row: usize) -> Option<Block> {
    const SIDE: usize = BLOCK_PX + 2;
    let (x, y) = (column * grid.spacing, row * grid.spacing);
    // The block and a pixel around it; the picture is mirrored at its border.
    let mut around = [[0_i32; SIDE]; SIDE];
    for (j, out) in around.iter_mut().enumerate() {
        let samples = luma.row(mirrored(y + j, grid.height));
        if let Some(inside) = x.checked_sub(1).and_then(|left| samples.get(left..left + SIDE)) {
            out.iter_mut().zip(inside).for_each(|(out, &sample)| *out = i32::from(sample));
        } else {
            for (i, out) in out.iter_mut().enumerate() {
                *out = i32::from(samples[mirrored(x + i, grid.width)]);
            }
        }
    }
    let mut parts = [[0_i32; BLOCK_PX / PART_PX]; BLOCK_PX / PART_PX];
    let (mut energy, mut clipped) = (0_i32, 0);
    for j in 1..=BLOCK_PX {
        for i in 1..=BLOCK_PX {
            let centre = around[j][i];
            let beside = around[j - 1][i] + around[j + 1][i] + around[j][i - 1] + around[j][i + 1];
            energy += (4 * centre - beside).pow(2);
            clipped += i32::from(centre == 0 || centre == 255);
            parts[(j - 1) / PART_PX][(i - 1) / PART_PX] += centre;
        }
    }
    let means = parts.as_flattened().iter().map(|&sum| sum as f32 / (PART_PX * PART_PX) as f32);
    let count = means.len() as f32;
    let brightness = means.clone().sum::<f32>() / count;
    if clipped > 1 || !LUMA_RANGE.contains(&brightness) {
        return None;
    }
    let texture = (means.map(|mean| (mean - brightness).powi(2)).sum::<f32>() / count).sqrt();
    let variance = energy as f32 / (16.0 * RESIDUAL_GAIN * (BLOCK_PX * BLOCK_PX) as f32);
    Some(Block { column, row, brightness, texture, ln_sigma: (variance.sqrt() + SIGMA_FLOOR).ln() })
}

/// Sample `at - 1` of `length`, mirrored at both ends.
fn mirrored(at: usize, length: usize) -> usize {
    let index = if at == 0 { 1 } else { at - 1 };
    if index < length {
        index
    } else {
        (2 * length).saturating_sub(index + 2)
    }
}

/// Column, row and unexplained `ln sigma` of the kept blocks: of what the blocks of like brightness and
/// what all blocks explain, the less quiet. The first follows any curve over brightness, the second
/// is not led by a noisy part that most blocks of one brightness belong to.
fn deviations(mut blocks: Vec<Block>) -> Vec<(usize, usize, f32)> {
    blocks.sort_by(|a, b| a.brightness.total_cmp(&b.brightness));
    let size = blocks.len().div_ceil(GROUPS).max(1);
    let (mut all, mut in_groups) = (Vec::with_capacity(blocks.len()), Vec::new());
    for group in blocks.chunks(size) {
        let mut textures: Vec<f32> = group.iter().map(|block| block.texture).collect();
        let most = quantile(&mut textures, KEPT_SHARE).unwrap_or(0.0).min(MOST_TEXTURE);
        let kept: Vec<&Block> = group.iter().filter(|block| block.texture <= most).collect();
        if kept.len() >= FEWEST_BLOCKS {
            in_groups.extend(unexplained(&kept));
            all.extend(kept);
        }
    }
    let among_all = unexplained(&all);
    let both = in_groups.into_iter().zip(among_all);
    all.iter().zip(both).map(|(block, (a, b))| (block.column, block.row, a.max(b))).collect()
}

/// `ln sigma` less its robust regression on the logarithm of structure and on brightness.
fn unexplained(kept: &[&Block]) -> Vec<f32> {
    /// Added to structure before the logarithm: rounding leaves about this much.
    const FLOOR: f32 = 0.3;
    /// Rounds of reweighting, and the deviations from which a block weighs less [Huber 1981].
    const ROUNDS: usize = 3;
    const HUBER: f64 = 1.5;
    /// Least of those deviations.
    const LEAST: f64 = 0.05;
    let row =
        |b: &Block| [1.0, f64::from((b.texture + FLOOR).ln()), f64::from(b.brightness / 255.0)];
    let mut weights = vec![1.0; kept.len()];
    let mut residuals = vec![0.0_f32; kept.len()];
    for _ in 0..ROUNDS {
        let (mut matrix, mut right) = ([[0.0; TERMS]; TERMS], [0.0; TERMS]);
        for (block, weight) in kept.iter().zip(&weights) {
            let row = row(block);
            for (i, &a) in row.iter().enumerate() {
                right[i] += weight * a * f64::from(block.ln_sigma);
                row.iter().zip(&mut matrix[i]).for_each(|(b, sum)| *sum += weight * a * b);
            }
        }
        let factors = solved(matrix, right);
        for (block, residual) in kept.iter().zip(&mut residuals) {
            let expected: f64 = row(block).iter().zip(factors).map(|(x, factor)| x * factor).sum();
            *residual = (f64::from(block.ln_sigma) - expected) as f32;
        }
        let mut distances: Vec<f32> = residuals.iter().map(|r| r.abs()).collect();
        let middle = f64::from(median(&mut distances).unwrap_or(0.0));
        let reach = HUBER * 1.4826 * middle + LEAST;
        for (weight, residual) in weights.iter_mut().zip(&residuals) {
            *weight = (reach / f64::from(residual.abs()).max(1e-6)).min(1.0);
        }
    }
    residuals
}

/// Solves a symmetric system; a direction without data is left out.
fn solved(mut matrix: [[f64; TERMS]; TERMS], mut right: [f64; TERMS]) -> [f64; TERMS] {
    let scale = matrix[0][0].max(1.0);
    for i in 0..TERMS {
        let pivot = matrix[i][i];
        if pivot <= 1e-9 * scale {
            (matrix[i], right[i]) = ([0.0; TERMS], 0.0);
            matrix[i][i] = 1.0;
            continue;
        }
        for j in (0..TERMS).filter(|&j| j != i) {
            let factor = matrix[j][i] / pivot;
            let row = matrix[i];
            matrix[j].iter_mut().zip(row).for_each(|(value, from)| *value -= factor * from);
            right[j] -= factor * right[i];
        }
    }
    std::array::from_fn(|i| right[i] / matrix[i][i])
}

#[derive(Clone, Copy, Default)]
struct Cell {
    blocks: usize,
    sum: f64,
    /// Deviations below the middle of all cells.
    below: f32,
    compared: bool,
}

fn compare(deviations: &[(usize, usize, f32)], grid: &Grid) -> Regions {
    let (columns, rows) =
        (grid.width.div_ceil(grid.cell_px()), grid.height.div_ceil(grid.cell_px()));
    let mut cells = vec![Cell::default(); columns * rows];
    for &(column, row, deviation) in deviations {
        if let Some(cell) = cells.get_mut(row / grid.cell * columns + column / grid.cell) {
            cell.blocks += 1;
            cell.sum += f64::from(deviation);
        }
    }
    let fewest = (LEAST_KEPT * (grid.cell * grid.cell) as f64).max(3.0);
    let mean = |cell: &Cell| (cell.sum / cell.blocks.max(1) as f64) as f32;
    let mut means: Vec<f32> = Vec::new();
    for cell in &mut cells {
        cell.compared = cell.blocks as f64 >= fewest;
        means.extend(cell.compared.then(|| mean(cell)));
    }
    let compared = means.len();
    let middle = median(&mut means.clone()).unwrap_or(0.0);
    let spread = mad_sigma(&mut means).unwrap_or(0.0).max(LEAST_SPREAD);
    if compared >= FEWEST_CELLS {
        for cell in cells.iter_mut().filter(|cell| cell.compared) {
            cell.below = (middle - mean(cell)) / spread;
        }
    }
    let mut heat = vec![0.0_f32; cells.len()];
    let quiet = quiet_regions(&cells, (columns, rows), compared, spread, grid, &mut heat);
    let map = Heatmap::covering(grid.width, grid.height, grid.cell_px(), |column, row| {
        heat.get(row * columns + column).copied().unwrap_or(0.0)
    });
    Regions { quiet, map, compared: compared as f64 / cells.len().max(1) as f64 }
}

fn quiet_regions(
    cells: &[Cell],
    (columns, rows): (usize, usize),
    compared: usize,
    spread: f32,
    grid: &Grid,
    heat: &mut [f32],
) -> Vec<QuietRegion> {
    let stands_out = cells.iter().map(|cell| cell.below > STANDS_OUT).collect();
    let Ok(mask) = Mask::from_shape_vec((rows, columns), stands_out) else { return Vec::new() };
    let components = connected_components(&mask);
    let labels: Vec<u32> = components.labels.iter().copied().collect();
    // Every rectangle of cells.
    let log10_tests = ((columns * (columns + 1) / 2 * (rows * (rows + 1)) / 2) as f64).log10();
    let mut quiet = Vec::new();
    for (label, component) in (1_u32..).zip(&components.list) {
        let members = || labels.iter().zip(cells).filter(move |(of, _)| **of == label);
        let sum: f64 = members().map(|(_, cell)| f64::from(cell.below)).sum();
        let size = component.size as f64;
        let deviation = sum / size.sqrt();
        let log10_nfa = log10_tests + log10_normal_tail(deviation);
        if 2 * component.size > compared || log10_nfa >= LOG10_FALSE_ALARMS {
            continue;
        }
        let beyond = (log10_nfa / LOG10_FALSE_ALARMS - 1.0).min(1.0) as f32;
        let value = HEATS.0 + (HEATS.1 - HEATS.0) * beyond;
        let lit = heat.iter_mut().zip(&labels).filter(|(_, &of)| of == label);
        lit.for_each(|(heat, _)| *heat = value);
        let px = |cells: usize, most: usize| {
            u32::try_from((cells * grid.cell_px()).min(most)).unwrap_or(u32::MAX)
        };
        let (x, y) = (px(component.x, grid.width), px(component.y, grid.height));
        let region = Region {
            x,
            y,
            width: px(component.x + component.width, grid.width) - x,
            height: px(component.y + component.height, grid.height) - y,
        };
        let ratio = (-f64::from(spread) * sum / size).exp();
        quiet.push(QuietRegion { log10_nfa, region, ratio });
    }
    quiet
}

/// `log10 P[N >= z]` for a standard normal `N` and `z > 0`.
fn log10_normal_tail(z: f64) -> f64 {
    0.5_f64.log10() + log10_chi_square_tail(1.0, z * z)
}
