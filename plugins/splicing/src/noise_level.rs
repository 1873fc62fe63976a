// SPDX-License-Identifier: MIT OR Apache-2.0
//! Noise level: is there a region with less noise than the rest at equal brightness?
//!
//! # What it tests
//! Blocks of 4x4 px are sorted by brightness into bins. Of each bin the flattest tenth is kept, and
//! the half of those with the lower standard deviation is called *quiet*. Each cell of the picture
//! has a deviation: how far its share of quiet blocks is from one half, in standard deviations of a
//! fair coin. Cells whose deviation stands out above that of the other cells make up regions.
//!
//! # Why it works
//! One sensor, one gain and one tone curve give flat areas of equal brightness equal noise. What is
//! pasted, painted or smoothed often brings less, so its blocks are quiet together.
//!
//! # When it does not apply
//! Adaptive denoising, portrait modes, defocus and JPEG at low quality vary the noise in honest
//! pictures too. The spread of the deviations over the cells, which is 1 under a fair coin, is
//! therefore taken from the picture. Few, large objects still break the null model, so what a
//! value is worth was measured on authentic pictures ([`crate::model`]). A quiet region that holds
//! the flattest tenth of the picture leaves nothing to compare it with, and a region with *more*
//! noise is never among the flattest, so it is not seen.
//!
//! # Constants and their source
//! Beside each; shares and bins follow the paper with blocks of 4 px, which the bounds on time set. A
//! kept share of a tenth was preferred to a fifth and a third on the pictures of the model card.
//!
//! # References
//! Gardella, Musé, Morel, Colom, "Noisesniffer: a fully automatic image forgery detector based on
//! noise analysis", IWBF 2021, and "Forgery detection in digital images by multi-scale noise
//! estimation", J. Imaging 2021.

use assay_plugin_api::plane::Luma8;
use assay_plugin_api::prelude::*;
use assay_signal::morphology::{connected_components, Mask};
use assay_signal::stats::nfa::log10_chi_square_tail;
use assay_signal::stats::robust::mad_sigma;

/// Side of a block, px.
const BLOCK_PX: usize = 4;
/// Pixels up to which blocks touch; in larger pictures as many are left out as keeps their number.
const DENSE_PIXELS: usize = 2_000_000;
/// Blocks of a brightness bin; the last bin takes the rest.
const BIN_BLOCKS: usize = 2_000;
/// One block in so many of a bin is flat enough to be kept.
const KEPT_SHARE: usize = 10;
/// Coefficients `(u, v)` with `0 < u + v` below this are the low band whose energy says how flat a
/// block is [Gardella 2021, §3: 3 for 3 px, 5 for 5 px].
const LOW_BAND: usize = 4;
/// Cells along the shorter side.
const CELLS_ALONG: usize = 8;
/// Least and most side of a cell, px.
const CELL_PX: (usize, usize) = (32, 512);
/// Kept blocks of a cell below which its share says nothing.
const FEWEST_BLOCKS: u64 = 8;
/// Least standard deviation to compare with: rounding to 8 bits.
const LEAST_SIGMA: f64 = 0.29;

/// A group of cells with less noise.
#[derive(Clone, Debug)]
pub struct NoiseRegion {
    /// Expected number of such regions under the null model, log10; below 0.
    pub log10_nfa: f64,
    /// Box around its cells.
    pub region: Region,
    /// Mean standard deviation of the kept blocks inside over that of all others.
    pub ratio: f64,
    /// Index of each of its cells, ascending.
    cells: Vec<usize>,
}

/// What the kept blocks say.
#[derive(Clone, Debug)]
pub struct NoiseLevels {
    /// Regions, the most significant first.
    pub regions: Vec<NoiseRegion>,
    /// Side of a cell, px.
    pub cell_px: usize,
    columns: usize,
}

impl NoiseLevels {
    /// Whether a region of this picture holds pixel `(x, y)`.
    #[must_use]
    pub fn covers(&self, region: &NoiseRegion, x: usize, y: usize) -> bool {
        let cell = y / self.cell_px * self.columns + x / self.cell_px;
        region.cells.binary_search(&cell).is_ok()
    }
}

#[derive(Clone, Copy)]
struct Block {
    x: usize,
    y: usize,
    /// Sum of the samples.
    brightness: u16,
    low_energy: f32,
    sigma: f32,
}

/// Measures a picture; `None` when too few blocks are flat and unsaturated to compare.
///
/// # Errors
/// `Cancelled`.
pub fn measure(evidence: &Evidence<'_>) -> Result<Option<NoiseLevels>, NoScore> {
    let luma = evidence.luma()?;
    let spacing = BLOCK_PX * (luma.pixels().div_ceil(DENSE_PIXELS) as f64).sqrt().ceil() as usize;
    let along = |side: usize| side.div_ceil(spacing);
    let mut blocks = Vec::with_capacity(along(luma.width()) * along(luma.height()));
    for y in (0..=luma.height().saturating_sub(BLOCK_PX)).step_by(spacing) {
        if y % (64 * spacing) == 0 {
            evidence.check_cancelled()?;
        }
        row_of_blocks(&luma, y, spacing, &mut blocks);
    }
    let kept = flattest(blocks);
    if kept.len() < BIN_BLOCKS / KEPT_SHARE {
        return Ok(None);
    }
    Ok(Some(compare(&kept, luma.width(), luma.height())))
}

/// Appends the unsaturated blocks whose top is row `y`.
fn row_of_blocks(luma: &Luma8<'_>, y: usize, spacing: usize, blocks: &mut Vec<Block>) {
    if y + BLOCK_PX > luma.height() {
        return;
    }
    let rows: [&[u8]; BLOCK_PX] = std::array::from_fn(|i| luma.row(y + i));
    for x in (0..(luma.width() + 1).saturating_sub(BLOCK_PX)).step_by(spacing) {
        let samples: [[u8; BLOCK_PX]; BLOCK_PX] =
            std::array::from_fn(|i| std::array::from_fn(|j| rows[i][x + j]));
        let flat = samples.as_flattened();
        if flat.iter().any(|&sample| sample == 0 || sample == 255) {
            continue;
        }
        let brightness: u16 = flat.iter().map(|&sample| u16::from(sample)).sum();
        let (low, all) = energies(&dct(&samples));
        let sigma = (all / (BLOCK_PX * BLOCK_PX) as f32).sqrt();
        blocks.push(Block { x, y, brightness, low_energy: low, sigma });
    }
}

/// Energy of the low band, and of all coefficients but the mean.
fn energies(coefficients: &[[f32; BLOCK_PX]; BLOCK_PX]) -> (f32, f32) {
    let (mut low, mut all) = (0.0, 0.0);
    for (v, row) in coefficients.iter().enumerate() {
        for (u, value) in row.iter().enumerate().filter(|(u, _)| u + v > 0) {
            all += value * value;
            low += if u + v < LOW_BAND { value * value } else { 0.0 };
        }
    }
    (low, all)
}

/// The orthonormal 4x4 DCT-II.
fn dct(samples: &[[u8; BLOCK_PX]; BLOCK_PX]) -> [[f32; BLOCK_PX]; BLOCK_PX] {
    let rows = samples.map(|row| dct_4(row.map(f32::from)));
    let columns: [[f32; 4]; 4] =
        std::array::from_fn(|u| dct_4(std::array::from_fn(|y| rows[y][u])));
    std::array::from_fn(|v| std::array::from_fn(|u| columns[u][v]))
}

fn dct_4([a, b, c, d]: [f32; 4]) -> [f32; 4] {
    /// `sqrt(1/2) cos(pi / 8)` and `sqrt(1/2) sin(pi / 8)`
    const LONG: f32 = 0.653_281_5;
    const SHORT: f32 = 0.270_598_06;
    let (outer, inner, far, near) = (a + d, b + c, a - d, b - c);
    [
        0.5 * (outer + inner),
        LONG * far + SHORT * near,
        0.5 * (outer - inner),
        SHORT * far - LONG * near,
    ]
}

/// The flattest share of the blocks of each brightness bin, with whether each is quiet in its bin.
fn flattest(mut blocks: Vec<Block>) -> Vec<(Block, bool)> {
    // Positions break ties, so that the outcome does not depend on the sort.
    blocks.sort_unstable_by_key(|block| (block.brightness, block.y, block.x));
    let bins = (blocks.len() / BIN_BLOCKS).max(1);
    let mut kept = Vec::with_capacity(blocks.len() / KEPT_SHARE + 1);
    let size = blocks.len().div_ceil(bins).max(1);
    for bin in blocks.chunks_mut(size) {
        let order = |a: &Block, b: &Block, key: fn(&Block) -> f32| {
            key(a).total_cmp(&key(b)).then((a.y, a.x).cmp(&(b.y, b.x)))
        };
        let flat = bin.len() / KEPT_SHARE;
        bin.select_nth_unstable_by(flat, |a, b| order(a, b, |block| block.low_energy));
        let Some(flat) = bin.get_mut(..flat) else { continue };
        flat.sort_unstable_by(|a, b| order(a, b, |block| block.sigma));
        let quiet = flat.len() / 2;
        kept.extend(flat.iter().enumerate().map(|(rank, &block)| (block, rank < quiet)));
    }
    kept
}

/// The kept blocks of one cell or of several.
#[derive(Clone, Copy, Default)]
struct Cell {
    kept: u64,
    quiet: u64,
    /// Sum of the standard deviations.
    sigma: f64,
}

impl Cell {
    fn with(self, other: Self) -> Self {
        Self {
            kept: self.kept + other.kept,
            quiet: self.quiet + other.quiet,
            sigma: self.sigma + other.sigma,
        }
    }

    /// Standard deviations of a fair coin by which quiet blocks exceed half; `None` with too few.
    fn deviation(self) -> Option<f64> {
        let (kept, quiet) = (self.kept as f64, self.quiet as f64);
        (self.kept >= FEWEST_BLOCKS).then(|| (2.0 * quiet - kept) / kept.sqrt())
    }
}

fn compare(kept: &[(Block, bool)], width: usize, height: usize) -> NoiseLevels {
    let cell_px = (width.min(height) / CELLS_ALONG).clamp(CELL_PX.0, CELL_PX.1);
    let (columns, rows) = (width.div_ceil(cell_px), height.div_ceil(cell_px));
    let mut cells = vec![Cell::default(); columns * rows];
    let mut all = Cell::default();
    for (block, quiet) in kept {
        let at = block.y / cell_px * columns + block.x / cell_px;
        let one = Cell { kept: 1, quiet: u64::from(*quiet), sigma: f64::from(block.sigma) };
        for cell in cells.get_mut(at).into_iter().chain([&mut all]) {
            *cell = cell.with(one);
        }
    }
    let mut regions = regions_of(&cells, all, (columns, rows), cell_px, (width, height));
    regions.sort_by(|a, b| a.log10_nfa.total_cmp(&b.log10_nfa));
    NoiseLevels { regions, cell_px, columns }
}

/// Cells whose deviation stands out from the others', those that touch joined into regions.
fn regions_of(
    cells: &[Cell],
    all: Cell,
    (columns, rows): (usize, usize),
    cell_px: usize,
    (width, height): (usize, usize),
) -> Vec<NoiseRegion> {
    let mut deviations: Vec<f32> =
        cells.iter().filter_map(|cell| cell.deviation()).map(|z| z as f32).collect();
    // Every rectangle of cells.
    let log10_tests = ((columns * (columns + 1) / 2 * (rows * (rows + 1)) / 2) as f64).log10();
    let spread = mad_sigma(&mut deviations).map_or(1.0, |spread| f64::from(spread).max(1.0));
    let log10_nfa = |cell: Cell| {
        cell.deviation().map_or(f64::INFINITY, |z| log10_tests + log10_normal_tail(z / spread))
    };
    let significant = cells.iter().map(|&cell| log10_nfa(cell) < 0.0).collect();
    let mask = Mask::from_shape_vec((rows, columns), significant)
        .unwrap_or_else(|_| unreachable!("there are rows * columns cells"));
    let components = connected_components(&mask);
    let labels: Vec<u32> = components.labels.iter().copied().collect();
    (1_u32..)
        .zip(&components.list)
        .map(|(label, component)| {
            let members = labels.iter().enumerate().filter(|(_, &of)| of == label);
            let members: Vec<usize> = members.map(|(at, _)| at).collect();
            let inside = members.iter().fold(Cell::default(), |sum, &at| sum.with(cells[at]));
            let mean = |deviation: f64, kept: u64| deviation / kept.max(1) as f64;
            let outside = mean(all.sigma - inside.sigma, all.kept - inside.kept);
            let px = |cells: usize, most: usize| {
                u32::try_from((cells * cell_px).min(most)).unwrap_or(u32::MAX)
            };
            let (x, y) = (px(component.x, width), px(component.y, height));
            NoiseRegion {
                log10_nfa: log10_nfa(inside),
                region: Region {
                    x,
                    y,
                    width: px(component.x + component.width, width) - x,
                    height: px(component.y + component.height, height) - y,
                },
                ratio: mean(inside.sigma, inside.kept) / outside.max(LEAST_SIGMA),
                cells: members,
            }
        })
        .collect()
}

/// `log10 P[N >= z]` for a standard normal `N`; 0.5 and above below the mean.
fn log10_normal_tail(z: f64) -> f64 {
    if z <= 0.0 {
        0.5_f64.log10()
    } else {
        0.5_f64.log10() + log10_chi_square_tail(1.0, z * z)
    }
}
