// SPDX-License-Identifier: MIT OR Apache-2.0
//! How well copies are found and other pictures are not: `cargo run -p assay --example claim_pairs -- MANIFEST [EVERY]`.
//!
//! The manifest is a CSV whose first column is a path beside it and which has a column `source`; every n-th line is
//! taken. Of each picture versions are made and compared with it; then every picture is compared with every other.
//! Pictures of one source may show one scene, so that pairs of two sources count as pairs of other pictures, and those
//! of one source are listed.

#![allow(clippy::print_stdout)] // a command-line tool

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use assay::claim::{compare, nearness, Facts, Fingerprint, Kinship, Look};
use assay::image::resave;
use assay_signal::color::luma_row_from_rgb;
use image::imageops::{crop_imm, flip_horizontal, resize, rotate180, rotate90, FilterType};
use image::RgbImage;
use sha2::{Digest as _, Sha256};

/// Most pairs of one source that are listed.
const LISTED: usize = 40;

struct Sample {
    path: String,
    source: String,
    pixels: RgbImage,
    print: Fingerprint,
}

/// The fingerprint of a picture as it is.
fn print_of(pixels: &RgbImage, name: &str) -> Fingerprint {
    let mut luma = vec![0; pixels.as_raw().len() / 3];
    luma_row_from_rgb(pixels.as_raw(), &mut luma);
    Look::of(Sha256::digest(name).into(), &luma, pixels.dimensions()).with(Facts::default())
}

fn saved(pixels: &RgbImage, quality: u8) -> Result<RgbImage, Box<dyn Error>> {
    Ok(image::load_from_memory(&resave::jpeg(pixels, quality)?)?.to_rgb8())
}

/// The middle of a picture with both sides times a share.
fn middle(pixels: &RgbImage, share: f64) -> RgbImage {
    let (width, height) = pixels.dimensions();
    let side = |length: u32| (f64::from(length) * share).round() as u32;
    let (columns, rows) = (side(width), side(height));
    crop_imm(pixels, (width - columns) / 2, (height - rows) / 2, columns, rows).to_image()
}

fn scaled(pixels: &RgbImage, across: f64, down: f64) -> RgbImage {
    let side = |length: u32, scale: f64| (f64::from(length) * scale).round().max(1.0) as u32;
    let (width, height) = pixels.dimensions();
    resize(pixels, side(width, across), side(height, down), FilterType::Triangle)
}

type Version = (&'static str, fn(&RgbImage) -> RgbImage, u8);

const VERSIONS: [Version; 12] = [
    ("JPEG 75", RgbImage::clone, 75),
    ("JPEG 50", RgbImage::clone, 50),
    ("half the size, JPEG 80", |p| scaled(p, 0.5, 0.5), 80),
    ("a third of the size, JPEG 80", |p| scaled(p, 0.33, 0.33), 80),
    ("middle 90 %, JPEG 85", |p| middle(p, 0.9), 85),
    ("middle 70 %, JPEG 85", |p| middle(p, 0.7), 85),
    ("middle 50 %, JPEG 85", |p| middle(p, 0.5), 85),
    ("mirrored, JPEG 85", flip_horizontal, 85),
    ("turned by 90 degrees, JPEG 85", rotate90, 85),
    ("turned by 180 degrees, JPEG 85", rotate180, 85),
    (
        "middle 80 %, mirrored, 0.7 of the size, JPEG 80",
        |p| flip_horizontal(&scaled(&middle(p, 0.8), 0.7, 0.7)),
        80,
    ),
    ("height times 0.95, JPEG 85", |p| scaled(p, 1.0, 0.95), 85),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let manifest = arguments.next().ok_or("expected a manifest")?;
    let every: usize = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let samples = samples(Path::new(&manifest), every)?;
    println!("{} pictures", samples.len());
    recall(&samples)?;
    others(&samples);
    Ok(())
}

fn samples(manifest: &Path, every: usize) -> Result<Vec<Sample>, Box<dyn Error>> {
    let folder = manifest.parent().unwrap_or(Path::new("."));
    let mut samples = Vec::new();
    let mut reader = csv::Reader::from_path(manifest)?;
    let column = reader.headers()?.iter().position(|name| name == "source").unwrap_or(0);
    for record in reader.records().step_by(every.max(1)) {
        let record = record?;
        let field = |index| record.get(index).unwrap_or_default().to_owned();
        let (path, source) = (field(0), field(column));
        // What the decoder of this tool does not know is left out.
        let Ok(picture) = image::open(folder.join(&path)) else { continue };
        let pixels = picture.to_rgb8();
        if pixels.width().min(pixels.height()) >= 100 {
            let print = print_of(&pixels, &path);
            samples.push(Sample { path, source, pixels, print });
        }
    }
    Ok(samples)
}

/// Of each version the share that is near by its hash, related at all, and called the same picture.
fn recall(samples: &[Sample]) -> Result<(), Box<dyn Error>> {
    println!("| version | near hash | related | same picture |\n|---|---|---|---|");
    for (name, make, quality) in VERSIONS {
        let (mut near, mut related, mut same) = (0, 0, 0);
        for sample in samples {
            let version = saved(&make(&sample.pixels), quality)?;
            let print = print_of(&version, name);
            near += usize::from(nearness(print.hashes(), sample.print.keys().hash).is_some());
            let kin = compare(&print, &sample.print);
            related += usize::from(kin.is_some());
            same += usize::from(kin.is_some_and(|kin| kin.kinship == Kinship::SamePicture));
        }
        let share = |count: usize| 100.0 * count as f64 / samples.len().max(1) as f64;
        println!(
            "| {name} | {:.1} % | {:.1} % | {:.1} % |",
            share(near),
            share(related),
            share(same)
        );
    }
    Ok(())
}

fn others(samples: &[Sample]) {
    let start = Instant::now();
    // Pairs, near hashes, same scenes, same pictures: of two sources, and of one.
    let mut counts = [[0_u64; 4]; 2];
    let mut listed = Vec::new();
    for (index, one) in samples.iter().enumerate() {
        for other in samples.iter().take(index) {
            let of = &mut counts[usize::from(one.source == other.source)];
            of[0] += 1;
            of[1] += u64::from(nearness(one.print.hashes(), other.print.keys().hash).is_some());
            if let Some(kin) = compare(&one.print, &other.print) {
                of[if kin.is_same_capture() { 3 } else { 2 }] += 1;
                listed.push(format!(
                    "{} {} {} {:.2} {:.1} {:?}",
                    kin.kinship.as_str(),
                    one.path,
                    other.path,
                    kin.score,
                    kin.log10_nfa,
                    kin.changes()
                ));
            }
        }
    }
    for (what, [pairs, near, scene, same]) in ["two sources", "one source"].iter().zip(counts) {
        println!(
            "{pairs} pairs of {what}: near hash {near}, same scene {scene}, same picture {same}"
        );
    }
    let pairs = counts[0][0] + counts[1][0];
    println!("{:.2} ms a pair", start.elapsed().as_secs_f64() * 1e3 / pairs.max(1) as f64);
    listed.iter().take(LISTED).for_each(|line| println!("{line}"));
}
