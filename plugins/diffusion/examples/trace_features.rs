// SPDX-License-Identifier: MIT OR Apache-2.0
//! Computes trace features for the training script, with the decoder and the crops of the product.
//!
//! Reads records from standard input: the most crops wanted and the length of an encoded picture (u32
//! each, little endian) and its bytes. Writes for each the number of crops (u32) and their features (572 f32 each). A picture
//! that has no crop to read gives 0 crops.

use std::io::{self, Read, Write};

use assay_signal::traces::{crops, Picture, TraceExtractor};

fn main() -> io::Result<()> {
    let extractor = TraceExtractor::new();
    let (mut input, mut output) = (io::stdin().lock(), io::BufWriter::new(io::stdout().lock()));
    let (mut most, mut length) = ([0; 4], [0; 4]);
    while input.read_exact(&mut most).and_then(|()| input.read_exact(&mut length)).is_ok() {
        let most = (u32::from_le_bytes(most) as usize).min(crops::MOST_CROPS);
        let mut encoded = vec![0; u32::from_le_bytes(length) as usize];
        input.read_exact(&mut encoded)?;
        let rgb = image::load_from_memory(&encoded).map_err(io::Error::other)?.to_rgb8();
        let (width, height) = (rgb.width() as usize, rgb.height() as usize);
        let picture = Picture::new(rgb.as_raw(), width, height, 3 * width);
        let picture = picture.map_err(io::Error::other)?;
        let places = crops::choose(&picture, most).unwrap_or_default();
        output.write_all(&(places.len() as u32).to_le_bytes())?;
        for (x, y) in places {
            let features = extractor.features(&picture, x, y).unwrap_or_default();
            for value in features {
                output.write_all(&value.to_le_bytes())?;
            }
        }
        output.flush()?;
    }
    Ok(())
}
