// SPDX-License-Identifier: MIT OR Apache-2.0
//! Computes the features of crops for the training scripts, with the decoder and the crops of the
//! product. The argument, if there is one, is the file of a network.
//!
//! Reads records from standard input: the most crops wanted and the length of an encoded picture (u32
//! each, little endian) and its bytes. Writes first the number of values of a crop (u32), then for
//! each picture the number of crops (u32) and their values (f32 each), set after set. A picture that
//! has no crop to read gives 0 crops.

use std::io::{self, Read, Write};

use assay_signal::classifier::Extractors;
use assay_signal::network::Network;
use assay_signal::traces::{crops, Picture};

fn main() -> io::Result<()> {
    let network = std::env::args().nth(1).map(|path| {
        std::fs::read(path).and_then(|bytes| Network::read(&bytes).map_err(io::Error::other))
    });
    let extractors = Extractors::new(network.transpose()?);
    let mut worker = extractors.worker();
    let values: usize = extractors.sets().iter().map(|set| set.features).sum();
    let (mut input, mut output) = (io::stdin().lock(), io::BufWriter::new(io::stdout().lock()));
    output.write_all(&(values as u32).to_le_bytes())?;
    output.flush()?;
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
        let crops = places.iter().filter_map(|&(x, y)| worker.features(&picture, x, y));
        let crops: Vec<_> = crops.collect();
        output.write_all(&(crops.len() as u32).to_le_bytes())?;
        for value in crops.iter().flat_map(|crop| &crop.0).flatten() {
            output.write_all(&value.to_le_bytes())?;
        }
        output.flush()?;
    }
    Ok(())
}
