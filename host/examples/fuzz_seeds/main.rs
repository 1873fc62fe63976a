// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes the first inputs of the fuzz targets: `cargo run -p assay --example fuzz_seeds -- fuzz/seeds`.
//!
//! Every file is made here by a recipe, the same on every run; the two HEIC files are those of
//! `conformance-tests/data`.

#![allow(clippy::unwrap_used)] // a tool for developers: its own recipes must not fail

mod blocks;
mod files;
mod messages;
mod pictures;
mod texts;

use std::path::{Path, PathBuf};

/// Inputs of one target by name.
type Seeds = Vec<(&'static str, Vec<u8>)>;

fn main() {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or_else(|| "fuzz/seeds".into()));
    let jpegs = pictures::jpegs();
    let [png, webp, bmp, tiff, heic] = [
        pictures::pngs(),
        pictures::webps(),
        pictures::bmps(),
        pictures::tiffs(),
        pictures::heics(),
    ];
    let one_each = [&jpegs, &png, &webp, &bmp, &tiff, &heic];
    let one_each: Seeds = one_each.iter().filter_map(|seeds| seeds.first().cloned()).collect();
    let sniffed = one_each.iter().map(|(name, file)| (*name, file[..64.min(file.len())].to_vec()));
    write(&folder, "sniff", &sniffed.collect::<Vec<_>>());
    write(&folder, "decode_any", &one_each);
    write(&folder, "decode_jpeg", &jpegs);
    write(&folder, "jpeg_structure", &jpegs);
    write(&folder, "decode_png", &png);
    write(&folder, "decode_webp", &webp);
    write(&folder, "decode_bmp", &bmp);
    write(&folder, "decode_tiff", &tiff);
    write(&folder, "decode_heic", &heic);
    write(&folder, "metadata_file", &blocks::files());
    write(&folder, "metadata_exif", &blocks::exif());
    write(&folder, "metadata_xmp", &blocks::xmp());
    write(&folder, "metadata_photoshop", &blocks::photoshop());
    write(&folder, "metadata_png_text", &blocks::png_texts());
    write(&folder, "metadata_c2pa", &blocks::credentials());
    write(&folder, "metadata_stealth", &blocks::hidden_texts());
    write(&folder, "watermark", &files::patterns());
    write(&folder, "network", &files::networks());
    write(&folder, "model", &files::models());
    write(&folder, "camera", &files::cameras());
    write(&folder, "library", &files::libraries());
    write(&folder, "policy", &texts::policies());
    write(&folder, "config", &texts::configurations());
    write(&folder, "manifest", &texts::manifests());
    write(&folder, "writers", &texts::writers());
    write(&folder, "request", &texts::requests());
    write(&folder, "bodies", &messages::bodies());
    write(&folder, "form", &messages::forms());
    write(&folder, "frames", &messages::frames());
    write(&folder, "kept", &messages::kept());
    write(&folder, "archive", &messages::archives());
    write(&folder, "onnx", &messages::networks_of_operators());
}

fn write(folder: &Path, target: &str, seeds: &[(&'static str, Vec<u8>)]) {
    let folder = folder.join(target);
    std::fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in seeds {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}
