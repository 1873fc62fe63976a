// SPDX-License-Identifier: MIT OR Apache-2.0
//! How often each value occurs: in squares of [`TILE_PX`], from which larger ones are summed.
//!
//! A pixel counts in a channel if it differs there from the one to its left and the one above: flat areas,
//! whose few values depend on the scene or on coarse quantisation, say nothing of a curve.

use assay_plugin_api::plane::Rgb8;

/// Values of a sample.
pub(super) const VALUES: usize = 256;
/// Channels of a picture.
pub(super) const CHANNELS: usize = 3;
/// Side of a tile, px: two cells, and at most 256 pixels.
pub(super) const TILE_PX: usize = 16;

/// How often each value occurs in a channel.
pub(super) type Histogram = [u32; VALUES];

/// Histograms of the picture's whole tiles.
pub(super) struct Tiles {
    pub(super) columns: usize,
    pub(super) rows: usize,
    counts: Vec<[[u8; VALUES]; CHANNELS]>,
}

impl Tiles {
    pub(super) fn of<E>(
        rgb: &Rgb8<'_>,
        mut check: impl FnMut() -> Result<(), E>,
    ) -> Result<Self, E> {
        let (columns, rows) = (rgb.width() / TILE_PX, rgb.height() / TILE_PX);
        let mut counts = vec![[[0_u8; VALUES]; CHANNELS]; columns * rows];
        for (row, tiles) in counts.chunks_exact_mut(columns.max(1)).enumerate() {
            check()?;
            for y in row * TILE_PX..(row + 1) * TILE_PX {
                for (x, values) in counted(rgb, y, 0..columns * TILE_PX) {
                    let Some(tile) = tiles.get_mut(x / TILE_PX) else { continue };
                    for (counts, value) in tile.iter_mut().zip(values) {
                        let Some(value) = value else { continue };
                        let count = &mut counts[usize::from(value)];
                        *count = count.saturating_add(1);
                    }
                }
            }
        }
        Ok(Self { columns, rows, counts })
    }

    /// The histograms of a square of `side` tiles, which lies within the picture.
    pub(super) fn square(&self, (left, top): (usize, usize), side: usize) -> [Histogram; CHANNELS] {
        let mut sum = [[0; VALUES]; CHANNELS];
        for row in self.counts.chunks_exact(self.columns.max(1)).skip(top).take(side) {
            row.iter().skip(left).take(side).for_each(|tile| add(&mut sum, tile));
        }
        sum
    }

    /// The histograms of all tiles.
    pub(super) fn whole(&self) -> [Histogram; CHANNELS] {
        let mut sum = [[0; VALUES]; CHANNELS];
        self.counts.iter().for_each(|tile| add(&mut sum, tile));
        sum
    }
}

fn add(sum: &mut [Histogram; CHANNELS], tile: &[[u8; VALUES]; CHANNELS]) {
    for (sum, tile) in sum.iter_mut().zip(tile) {
        sum.iter_mut().zip(tile).for_each(|(sum, &count)| *sum += u32::from(count));
    }
}

/// The pixels of a row in a range of columns, with the value of each channel that counts.
pub(super) fn counted<'a>(
    rgb: &Rgb8<'a>,
    y: usize,
    columns: std::ops::Range<usize>,
) -> impl Iterator<Item = (usize, [Option<u8>; CHANNELS])> + 'a {
    let pixels = |y: usize| rgb.row(y).as_chunks::<CHANNELS>().0;
    let (above, here) = (pixels(y.saturating_sub(1)), pixels(y));
    let from = columns.start.max(1);
    let is_first = y == 0;
    (from..columns.end).zip(here.windows(2).zip(above.iter().skip(1)).skip(from - 1)).map(
        move |(x, (pair, above))| {
            let differs =
                |at: usize| !is_first && pair[1][at] != pair[0][at] && pair[1][at] != above[at];
            (x, std::array::from_fn(|at| differs(at).then_some(pair[1][at])))
        },
    )
}
