// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which side of a copy is the copy, on pictures made in memory and on traces that are put together.

#![allow(clippy::unwrap_used)] // helpers, called by tests only

mod noise;

use std::io::Cursor;

use assay_plugin_api::evidence::keys;
use assay_plugin_api::prelude::*;
use assay_plugin_api::testing::EvidenceBuilder;
use assay_signal::jpeg::{read_luma_coefficients, JpegFile, Limits};
use assay_splicing::copy_side::{copy, evidence, Side};
use assay_splicing::jpeg_grid::Grids;
use assay_splicing::trace::{self, Cells, Trace, CELL_PX};
use assay_splicing::traces::{Looked, Traces};
use assay_splicing::verbal;
use image::codecs::jpeg::JpegEncoder;
use image::{imageops, GenericImage, RgbImage};
use proptest::prelude::*;

use noise::noise;

/// Side of the square that is copied, and its two places, px: the second comes later in reading order.
const SIDE: u32 = 96;
const PLACES: [(u32, u32); 2] = [(24, 32), (203, 141)];

/// A number in `0..1` that depends on its place and channel only.
fn uniform(seed: u64, x: u32, y: u32, channel: u32) -> f64 {
    0.5 * (noise(seed, (x << 4) | channel, y << 2) + 1.0)
}

/// A textured scene: waves, and grain of three sizes.
fn scene(seed: u64) -> RgbImage {
    RgbImage::from_fn(336, 272, |x, y| {
        let wave = (f64::from(x) / 17.0).sin() + (f64::from(y) / 13.0).cos();
        let grain =
            |size: u32, strength: f64| strength * (uniform(seed, x / size, y / size, size) - 0.5);
        let value = 125.0 + 20.0 * wave + grain(1, 25.0) + grain(3, 35.0) + grain(7, 40.0);
        image::Rgb([value.round().clamp(0.0, 255.0) as u8; 3])
    })
}

fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(Cursor::new(&mut file), quality).encode_image(picture).unwrap();
    file
}

/// A picture of a JPEG with the square at one place copied to the other.
fn with_copy(from: (u32, u32), to: (u32, u32)) -> RgbImage {
    let mut picture = image::load_from_memory(&jpeg(&scene(1), 70)).unwrap().to_rgb8();
    let piece = imageops::crop_imm(&picture, from.0, from.1, SIDE, SIDE).to_image();
    picture.copy_from(&piece, to.0, to.1).unwrap();
    picture
}

fn pixels(picture: &RgbImage) -> EvidenceBuilder {
    EvidenceBuilder::from_rgb(picture.width(), picture.height(), picture.as_raw().clone())
}

/// The evidence of a file: pixels, coefficients and table.
fn of_file(file: &[u8]) -> EvidenceBuilder {
    let read = read_luma_coefficients(file, &Limits::default()).unwrap();
    let steps = *JpegFile::parse(file).unwrap().luma_dqt().unwrap();
    pixels(&image::load_from_memory(file).unwrap().to_rgb8())
        .coefficients(keys::JPEG_LUMA, read.block_columns, read.block_rows, read.values)
        .table(keys::JPEG_DQT_LUMA, &steps)
}

fn traces(evidence: &EvidenceBuilder) -> Traces {
    Traces::measure(&Evidence::new(evidence.as_source())).unwrap()
}

#[test]
fn the_side_that_was_pasted_into_a_jpeg_is_the_copy() {
    let [first, second] = PLACES;
    for (from, to) in [(first, second), (second, first)] {
        let traces = traces(&of_file(&jpeg(&with_copy(from, to), 93)));
        let trace = traces.copy_move.trace().unwrap();
        let region = &trace.regions[0];
        let pasted = match copy(region, &traces).unwrap() {
            Side::Cells => &region.cells,
            Side::SourceCells => &region.source_cells,
        };
        let is_there = |&&cell: &&usize| {
            let columns = trace.cells.columns;
            let (x, y) = ((cell % columns * CELL_PX) as u32, (cell / columns * CELL_PX) as u32);
            (to.0..to.0 + SIDE).contains(&(x + 4)) && (to.1..to.1 + SIDE).contains(&(y + 4))
        };
        let right = pasted.iter().filter(is_there).count();
        assert!(10 * right > 8 * pasted.len(), "{right} of {}", pasted.len());

        let score = Report::new(Score::new(0.5).unwrap());
        let report = verbal::describe(score, &traces, 336, 272);
        let report = format!("{report:?}");
        assert!(report.contains("The first region is a copy of the second one"), "{report}");
    }
}

#[test]
fn nothing_tells_the_sides_of_a_copy_within_pixels_alone() {
    let [from, to] = PLACES;
    let mut picture = scene(2);
    let piece = imageops::crop_imm(&picture, from.0, from.1, SIDE, SIDE).to_image();
    picture.copy_from(&piece, to.0, to.1).unwrap();
    let traces = traces(&pixels(&picture));
    let region = &traces.copy_move.trace().unwrap().regions[0];
    assert_eq!(copy(region, &traces), None);
}

/// Traces of a picture of 20 columns of cells with these log odds of double compression.
fn put_together(log_odds: Vec<f32>) -> Traces {
    let missing = || Looked::NotApplicable("not looked for".to_owned());
    let trace = Trace { cells: Cells { columns: 20, log_odds }, regions: Vec::new() };
    Traces {
        grids: Grids { main: None, foreign: Vec::new() },
        noise: None,
        double_jpeg: Looked::For(trace),
        off_grid: missing(),
        cropped: None,
        copy_move: missing(),
        contrast: missing(),
        residual_texture: missing(),
        resampling: missing(),
        cfa: missing(),
    }
}

proptest! {
    #[test]
    fn the_answer_does_not_depend_on_which_side_is_named_first(
        log_odds in proptest::collection::vec(-20.0_f32..20.0, 400),
        starts in (0_usize..100, 200_usize..300), counts in (1_usize..100, 1_usize..100),
    ) {
        let traces = put_together(log_odds);
        let cells: Vec<usize> = (starts.0..starts.0 + counts.0).collect();
        let source_cells: Vec<usize> = (starts.1..starts.1 + counts.1).collect();
        let there = trace::Region { cells, log10_nfa: -3.0, source_cells };
        let back = trace::Region {
            cells: there.source_cells.clone(),
            log10_nfa: -3.0,
            source_cells: there.cells.clone(),
        };
        for ((_, there), (_, back)) in evidence(&there, &traces).iter().zip(evidence(&back, &traces)) {
            prop_assert!(there.is_finite() && (there + back).abs() < 1e-9);
        }
        let turned = copy(&back, &traces).map(|side| match side {
            Side::Cells => Side::SourceCells,
            Side::SourceCells => Side::Cells,
        });
        prop_assert_eq!(copy(&there, &traces), turned);
    }

    #[test]
    fn a_few_cells_never_tell(count in 1_usize..8, said in -50.0_f32..50.0) {
        let traces = put_together((0..400).map(|at| if at < 200 { said } else { -said }).collect());
        let cells: Vec<usize> = (0..count).collect();
        let source_cells = (200..200 + count).collect();
        let region = trace::Region { cells, log10_nfa: -3.0, source_cells };
        prop_assert_eq!(copy(&region, &traces), None);
    }
}
