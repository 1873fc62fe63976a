// SPDX-License-Identifier: MIT OR Apache-2.0
//! Prints what the detector says of pictures, one a line: score, whether they look denoised, how much
//! of the heatmap is lit and, where a mask is given, how well it fits. Standard input holds a path a
//! line, after a tabulator that of a mask whose pixels other than 0 are altered.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a command-line tool

use std::error::Error;
use std::io::{stdin, BufRead};
use std::time::Instant;

use assay_noise::Noise;
use assay_plugin_api::heatmap::Heatmap;
use assay_plugin_api::report::Value;
use assay_plugin_api::testing::EvidenceBuilder;

/// Heat from which a pixel counts as lit, as in `assay evaluate`.
const LIT: f32 = 0.5;

fn main() -> Result<(), Box<dyn Error>> {
    println!("path\tscore\tdenoised\tms\tlit\tf1\tprecision\tauc\tdetail");
    for line in stdin().lock().lines() {
        let line = line?;
        let (path, mask) = line.split_once('\t').map_or((&*line, None), |(p, m)| (p, Some(m)));
        let picture = image::open(path)?.to_rgb8();
        let (width, height) = picture.dimensions();
        let picture = EvidenceBuilder::from_rgb(width, height, picture.into_raw());
        let start = Instant::now();
        let report = match picture.run::<Noise>() {
            Ok(report) => report,
            Err(why) => {
                eprintln!("{path}: {why:?}");
                continue;
            }
        };
        let milliseconds = start.elapsed().as_secs_f64() * 1e3;
        let denoised = report
            .attributes
            .iter()
            .any(|attribute| attribute.name == "denoised" && attribute.value == Value::Bool(true));
        let Some(map) = report.heatmap.as_ref().into_option() else { continue };
        let heat = |x: u32, y: u32| {
            let cell = y / map.cell_px * map.columns + x / map.cell_px;
            map.values.get(cell as usize).copied().unwrap_or(0.0)
        };
        let fits = mask.map(|mask| fits(mask, [width, height], heat)).transpose()?;
        let [f1, precision, auc] = fits.unwrap_or([f64::NAN; 3]);
        println!(
            "{path}\t{:.4}\t{}\t{milliseconds:.1}\t{:.5}\t{f1:.4}\t{precision:.4}\t{auc:.4}\t{}",
            report.score,
            u8::from(denoised),
            lit_share(map, [width, height]),
            report.detail,
        );
    }
    Ok(())
}

fn lit_share(map: &Heatmap, [width, height]: [u32; 2]) -> f64 {
    let side = |at: u32, whole: u32| f64::from(map.cell_px.min(whole - at * map.cell_px));
    let lit = (0_u32..).zip(&map.values).filter(|(_, &heat)| heat >= LIT);
    let area = lit.map(|(at, _)| side(at % map.columns, width) * side(at / map.columns, height));
    area.fold(0.0, |sum, cell| sum + cell) / (f64::from(width) * f64::from(height))
}

/// F1 and precision of the lit pixels, and AUC of the heat.
fn fits(
    mask: &str,
    [width, height]: [u32; 2],
    heat: impl Fn(u32, u32) -> f32,
) -> Result<[f64; 3], Box<dyn Error>> {
    let mask = image::open(mask)?.to_rgb8();
    if mask.dimensions() != (width, height) {
        return Err("the mask has another size than the picture".into());
    }
    let (mut hits, mut lit) = (0.0, 0.0);
    let (mut altered, mut untouched) = (Vec::new(), Vec::new());
    for (x, y, pixel) in mask.enumerate_pixels() {
        let is_altered = pixel.0 != [0; 3];
        let value = heat(x, y);
        lit += f64::from(u8::from(value >= LIT));
        hits += f64::from(u8::from(value >= LIT && is_altered));
        if is_altered { &mut altered } else { &mut untouched }.push(value);
    }
    untouched.sort_by(f32::total_cmp);
    let wins: f64 = altered
        .iter()
        .map(|value| {
            let below = untouched.partition_point(|other| other < value);
            let up_to = untouched.partition_point(|other| other <= value);
            0.5 * (below + up_to) as f64
        })
        .sum();
    let pairs = altered.len() as f64 * untouched.len() as f64;
    Ok([2.0 * hits / (lit + altered.len() as f64), hits / lit, wins / pairs])
}
