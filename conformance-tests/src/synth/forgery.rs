// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changes made to a picture, each with the mask of what it changed.

use assay_plugin_api::finding::Region;

use super::codec::{decode, CodecError, Jpeg};
use super::{Camera, Light, Mask, Picture, Random, Scene};

/// A changed picture and where it was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgery {
    /// The picture after the change.
    pub picture: Picture,
    /// The pixels that the change wrote.
    pub mask: Mask,
}

/// Puts the part of `donor` that starts at `source` into `region` of `host`, with hard edges.
///
/// A source whose distance from the region is no multiple of 8 px in both directions shifts the
/// donor's JPEG grid against the host's.
///
/// # Panics
/// If either area is not within its picture.
#[must_use]
pub fn splice(host: &Picture, donor: &Picture, source: (u32, u32), region: Region) -> Forgery {
    let (x, y) = source;
    paste(host, &donor.crop(Region { x, y, ..region }), region)
}

/// Copies the area of `region`'s size at `source` onto `region` of the same picture.
///
/// # Panics
/// If either area is not within the picture.
#[must_use]
pub fn copy_move(picture: &Picture, source: (u32, u32), region: Region) -> Forgery {
    splice(picture, picture, source, region)
}

/// Blurs a region with a Gaussian of `sigma` px in linear light.
///
/// # Panics
/// If the region is not within the picture.
#[must_use]
pub fn blur(picture: &Picture, region: Region, sigma: f32) -> Forgery {
    let blurred = Light::of_picture(picture).blurred(sigma).picture();
    paste(picture, &blurred.crop(region), region)
}

/// Adds normal noise of `sigma` levels to a region, the same to all channels of a pixel.
///
/// # Panics
/// If the region is not within the picture.
#[must_use]
pub fn add_noise(picture: &Picture, region: Region, sigma: f64, seed: u64) -> Forgery {
    let mut random = Random::new(seed);
    let mut part = picture.crop(region);
    for pixel in part.rgb.as_chunks_mut::<3>().0 {
        let noise = sigma * random.normal();
        *pixel = pixel.map(|sample| (f64::from(sample) + noise).round().clamp(0.0, 255.0) as u8);
    }
    paste(picture, &part, region)
}

/// Saves as `first`, reads, cuts `shift` px off the left and the top, and saves as `second`: a
/// picture compressed twice, on the same grid if both shifts are multiples of 8.
///
/// # Errors
/// When either save fails.
///
/// # Panics
/// If the shift leaves nothing of the picture.
pub fn compress_twice(
    picture: &Picture,
    first: &Jpeg,
    shift: (u32, u32),
    second: &Jpeg,
) -> Result<Vec<u8>, CodecError> {
    let once = decode(&first.encode(picture)?)?;
    let (x, y) = shift;
    let rest = |length: usize, cut: u32| (length as u32).saturating_sub(cut);
    let region = Region { x, y, width: rest(once.width, x), height: rest(once.height, y) };
    second.encode(&once.crop(region))
}

/// A recipe of a spliced JPEG: a photo of one camera with a part of another camera's JPEG, saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplicedJpeg {
    /// Seed of both scenes and cameras.
    pub seed: u64,
    /// Columns, px.
    pub width: usize,
    /// Rows, px.
    pub height: usize,
    /// Quality at which the host was saved before the change.
    pub host_quality: u8,
    /// Quality at which the donor was saved before the change.
    pub donor_quality: u8,
    /// Offset of the donor's grid against the host's, `0..8` px in each direction.
    pub grid_shift: (u32, u32),
    /// Quality of the final file.
    pub final_quality: u8,
}

impl SplicedJpeg {
    /// A strongly compressed donor with a shifted grid, and a light last compression, which lets both
    /// grids outlast it.
    #[must_use]
    pub fn new(seed: u64, width: usize, height: usize) -> Self {
        let (host_quality, donor_quality, final_quality) = (85, 70, 98);
        Self { seed, width, height, host_quality, donor_quality, grid_shift: (3, 5), final_quality }
    }

    /// Makes the file; the picture of the forgery is what the file decodes to.
    ///
    /// # Errors
    /// When a save fails.
    ///
    /// # Panics
    /// If the picture is smaller than 64x64 px.
    pub fn make(&self) -> Result<(Vec<u8>, Forgery), CodecError> {
        let photo = |number: u64, quality: u8| {
            let scene = Scene::new(2 * self.seed + number).light(self.width, self.height);
            let photo = Camera::with_body(100 + number).shoot(&scene, self.seed);
            decode(&Jpeg::quality(quality).encode(&photo)?)
        };
        let (host, donor) = (photo(0, self.host_quality)?, photo(1, self.donor_quality)?);
        let eighth = |length: usize| (length / 8) as u32 / 8 * 8;
        let (x, y) = (3 * eighth(self.width), 3 * eighth(self.height));
        let region =
            Region { x, y, width: 3 * eighth(self.width), height: 3 * eighth(self.height) };
        let source = (x / 2 / 8 * 8 + self.grid_shift.0, y / 2 / 8 * 8 + self.grid_shift.1);
        let spliced = splice(&host, &donor, source, region);
        let file = Jpeg::quality(self.final_quality).encode(&spliced.picture)?;
        let picture = decode(&file)?;
        Ok((file, Forgery { picture, mask: spliced.mask }))
    }
}

/// `picture` with `part` in `region`.
fn paste(picture: &Picture, part: &Picture, region: Region) -> Forgery {
    let mut picture = picture.clone();
    let (x, y) = (region.x as usize, region.y as usize);
    for row in 0..part.height {
        let (from, to) = (row * part.width * 3, ((y + row) * picture.width + x) * 3);
        let length = part.width * 3;
        picture.rgb[to..to + length].copy_from_slice(&part.rgb[from..from + length]);
    }
    let mask = Mask::of_region(picture.width, picture.height, region);
    Forgery { picture, mask }
}

#[cfg(test)]
#[path = "forgery/tests.rs"]
mod tests;
