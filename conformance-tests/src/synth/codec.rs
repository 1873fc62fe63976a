// SPDX-License-Identifier: MIT OR Apache-2.0
//! Saving pictures in the formats that the host reads, and reading them back.

use std::io::Cursor;

use image::{ExtendedColorType, ImageEncoder};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::{Exif, Picture};

/// Why a picture could not be saved or read.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// A side that the format cannot hold.
    #[error("{width}x{height} px do not fit into {format}, whose sides have at most {most}")]
    TooLarge {
        /// The format.
        format: &'static str,
        /// Columns, px.
        width: usize,
        /// Rows, px.
        height: usize,
        /// Longest side, px.
        most: u32,
    },
    /// The encoder refused.
    #[error("cannot be saved as {format}: {message}")]
    Encode {
        /// The format.
        format: &'static str,
        /// The encoder's reason.
        message: String,
    },
    /// The decoder refused.
    #[error("cannot be read: {message}")]
    Decode {
        /// The decoder's reason.
        message: String,
    },
}

/// Which components a JPEG has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Components {
    /// Luma alone.
    Grey,
    /// Luma and chroma.
    YCbCr,
    /// Four inks, inverted as Adobe writes them; never subsampled.
    Cmyk,
    /// Four inks with the first three turned into luma and chroma.
    Ycck,
}

/// How a JPEG is saved.
#[derive(Clone, Debug)]
pub struct Jpeg {
    /// IJG quality, `1..=100`.
    pub quality: u8,
    /// Horizontal and vertical chroma subsampling, 1, 2 or 4.
    pub subsampling: (u8, u8),
    /// Progressive coding.
    pub progressive: bool,
    /// Components.
    pub components: Components,
    /// Blocks between restart markers; 0 for none.
    pub restart_interval: u16,
    /// An APP1 segment with EXIF.
    pub exif: Option<Exif>,
    /// Further segments: APP number and payload.
    pub segments: Vec<(u8, Vec<u8>)>,
}

impl Jpeg {
    /// Baseline, 4:2:0, no metadata.
    #[must_use]
    pub fn quality(quality: u8) -> Self {
        Self {
            quality,
            subsampling: (2, 2),
            progressive: false,
            components: Components::YCbCr,
            restart_interval: 0,
            exif: None,
            segments: Vec::new(),
        }
    }

    /// Sets the chroma subsampling: `(1, 1)` for 4:4:4, `(2, 1)` for 4:2:2, `(4, 1)` for 4:1:1.
    #[must_use]
    pub fn subsampling(self, horizontal: u8, vertical: u8) -> Self {
        Self { subsampling: (horizontal, vertical), ..self }
    }

    /// Sets progressive coding.
    #[must_use]
    pub fn progressive(self) -> Self {
        Self { progressive: true, ..self }
    }

    /// Sets the components.
    #[must_use]
    pub fn components(self, components: Components) -> Self {
        Self { components, ..self }
    }

    /// Adds an EXIF block.
    #[must_use]
    pub fn exif(self, exif: Exif) -> Self {
        Self { exif: Some(exif), ..self }
    }

    /// Adds an APP segment, such as XMP in APP1.
    #[must_use]
    pub fn segment(mut self, number: u8, payload: impl Into<Vec<u8>>) -> Self {
        self.segments.push((number, payload.into()));
        self
    }

    /// Saves a picture.
    ///
    /// # Errors
    /// When a side is longer than 65,535 px or the settings are none that JPEG knows.
    pub fn encode(&self, picture: &Picture) -> Result<Vec<u8>, CodecError> {
        let too_large = || CodecError::TooLarge {
            format: "JPEG",
            width: picture.width,
            height: picture.height,
            most: u16::MAX.into(),
        };
        let width = u16::try_from(picture.width).map_err(|_| too_large())?;
        let height = u16::try_from(picture.height).map_err(|_| too_large())?;
        let refused = |message: String| CodecError::Encode { format: "JPEG", message };
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, self.quality);
        let inks = self.components == Components::Cmyk;
        let (horizontal, vertical) = if inks { (1, 1) } else { self.subsampling };
        let factor = SamplingFactor::from_factors(horizontal, vertical);
        let unknown = || refused(format!("no chroma subsampling {horizontal}x{vertical}"));
        encoder.set_sampling_factor(factor.ok_or_else(unknown)?);
        encoder.set_progressive(self.progressive);
        if self.restart_interval > 0 {
            encoder.set_restart_interval(self.restart_interval);
        }
        let exif = self.exif.iter().map(|exif| (1, [b"Exif\0\0", exif.tiff().as_slice()].concat()));
        for (number, payload) in exif.chain(self.segments.iter().cloned()) {
            encoder.add_app_segment(number, payload).map_err(|e| refused(e.to_string()))?;
        }
        let (samples, kind) = self.samples(picture);
        encoder.encode(&samples, width, height, kind).map_err(|e| refused(e.to_string()))?;
        Ok(bytes)
    }

    fn samples(&self, picture: &Picture) -> (Vec<u8>, ColorType) {
        // Inks without black: cyan is what red lacks. The encoder inverts them as Adobe does.
        let inks = || {
            let pixels = picture.rgb.as_chunks::<3>().0.iter();
            pixels.flat_map(|&[r, g, b]| [255 - r, 255 - g, 255 - b, 0]).collect()
        };
        match self.components {
            Components::Grey => (picture.luma(), ColorType::Luma),
            Components::YCbCr => (picture.rgb.clone(), ColorType::Rgb),
            Components::Cmyk => (inks(), ColorType::Cmyk),
            Components::Ycck => (inks(), ColorType::CmykAsYcck),
        }
    }
}

/// Saves as PNG, 8-bit RGB, with text chunks of keyword and Latin-1 text.
///
/// # Errors
/// When the encoder refuses.
pub fn png(picture: &Picture, texts: &[(&str, &str)]) -> Result<Vec<u8>, CodecError> {
    let mut bytes = Vec::new();
    write("PNG", image::codecs::png::PngEncoder::new(&mut bytes), picture)?;
    // Signature (8), then IHDR: length, type, 13 bytes, checksum.
    let after_header = 8 + 12 + 13;
    let chunks = texts.iter().flat_map(|(keyword, text)| {
        let body = [b"tEXt", keyword.as_bytes(), &[0], text.as_bytes()].concat();
        let length = (body.len() - 4) as u32;
        [&length.to_be_bytes()[..], &body, &checksum(&body).to_be_bytes()].concat()
    });
    let chunks: Vec<u8> = chunks.collect();
    bytes.splice(after_header..after_header, chunks);
    Ok(bytes)
}

/// Saves as BMP, 24 bit.
///
/// # Errors
/// When the encoder refuses.
pub fn bmp(picture: &Picture) -> Result<Vec<u8>, CodecError> {
    let mut bytes = Vec::new();
    write("BMP", image::codecs::bmp::BmpEncoder::new(&mut bytes), picture)?;
    Ok(bytes)
}

/// Saves as TIFF, uncompressed 8-bit RGB strips.
///
/// # Errors
/// When the encoder refuses.
pub fn tiff(picture: &Picture) -> Result<Vec<u8>, CodecError> {
    let mut bytes = Cursor::new(Vec::new());
    write("TIFF", image::codecs::tiff::TiffEncoder::new(&mut bytes), picture)?;
    Ok(bytes.into_inner())
}

/// Saves as lossless WebP.
///
/// # Errors
/// When a side is longer than 16,384 px.
pub fn webp(picture: &Picture) -> Result<Vec<u8>, CodecError> {
    let mut bytes = Vec::new();
    write("WebP", image::codecs::webp::WebPEncoder::new_lossless(&mut bytes), picture)?;
    Ok(bytes)
}

/// Reads a picture in any of the formats above; colours other than RGB are converted, alpha is
/// dropped, orientation is not applied.
///
/// # Errors
/// When the bytes are no picture.
pub fn decode(bytes: &[u8]) -> Result<Picture, CodecError> {
    let refused = |e: image::ImageError| CodecError::Decode { message: e.to_string() };
    let rgb = image::load_from_memory(bytes).map_err(refused)?.into_rgb8();
    let (width, height) = (rgb.width() as usize, rgb.height() as usize);
    Ok(Picture { width, height, rgb: rgb.into_raw() })
}

fn write(
    format: &'static str,
    encoder: impl ImageEncoder,
    picture: &Picture,
) -> Result<(), CodecError> {
    let (width, height) = (picture.width, picture.height);
    let too_large = |_| CodecError::TooLarge { format, width, height, most: u32::MAX };
    let columns = u32::try_from(width).map_err(too_large)?;
    let rows = u32::try_from(height).map_err(too_large)?;
    encoder
        .write_image(&picture.rgb, columns, rows, ExtendedColorType::Rgb8)
        .map_err(|e| CodecError::Encode { format, message: e.to_string() })
}

/// CRC-32 as PNG uses it [ISO/IEC 15948, annex D].
fn checksum(bytes: &[u8]) -> u32 {
    let step = |crc: u32, &byte: &u8| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::{Camera, Scene};

    fn photo() -> Picture {
        Camera::with_body(1).shoot(&Scene::new(1).light(67, 45), 1)
    }

    /// Mean absolute difference of samples.
    fn distance(a: &Picture, b: &Picture) -> f64 {
        let pairs = a.rgb.iter().zip(&b.rgb).map(|(a, b)| f64::from(a.abs_diff(*b)));
        pairs.sum::<f64>() / a.rgb.len() as f64
    }

    #[test]
    fn lossless_formats_give_the_pixels_back() {
        let photo = photo();
        for bytes in [png(&photo, &[]), bmp(&photo), tiff(&photo), webp(&photo)] {
            assert_eq!(decode(&bytes.unwrap()).unwrap(), photo);
        }
    }

    #[test]
    fn every_kind_of_jpeg_comes_back_alike() {
        let photo = photo();
        let plain = Jpeg::quality(95);
        let kinds = [
            plain.clone(),
            plain.clone().subsampling(1, 1),
            plain.clone().subsampling(2, 1),
            plain.clone().subsampling(4, 1),
            plain.clone().progressive(),
            plain.clone().components(Components::Cmyk),
            plain.clone().components(Components::Ycck),
            Jpeg { restart_interval: 3, ..plain.clone() },
        ];
        for kind in kinds {
            let back = decode(&kind.encode(&photo).unwrap()).unwrap();
            assert_eq!((back.width, back.height), (67, 45));
            assert!(distance(&photo, &back) < 6.0, "{kind:?}: {}", distance(&photo, &back));
        }
        let grey = decode(&plain.components(Components::Grey).encode(&photo).unwrap()).unwrap();
        assert!(distance(&photo.without_colour(), &grey) < 2.0);
    }

    #[test]
    fn exif_and_segments_are_in_the_file() {
        let exif = Exif::of_camera("Maker", "M-1", "2024:05:06 07:08:09");
        let jpeg = Jpeg::quality(80).exif(exif).segment(1, *b"http://ns.adobe.com/xap/1.0/\0<x/>");
        let file = jpeg.encode(&photo()).unwrap();
        let holds = |text: &[u8]| file.windows(text.len()).any(|window| window == text);
        assert!(
            holds(b"Exif\0\0II*\0") && holds(b"2024:05:06 07:08:09\0") && holds(b"xap/1.0/\0<x/>")
        );
    }

    #[test]
    fn png_texts_have_the_checksum_of_the_standard_and_do_not_hinder_reading() {
        // CRC-32 of "IEND", the last four bytes of every PNG.
        assert_eq!(checksum(b"IEND"), 0xae42_6082);
        let file = png(&photo(), &[("Software", "synth"), ("parameters", "seed 1")]).unwrap();
        assert!(file.windows(14).any(|window| window == b"Software\0synth"));
        assert_eq!(decode(&file).unwrap(), photo());
    }

    #[test]
    fn picture_too_wide_for_jpeg_is_refused_with_its_size() {
        let wide = Picture::from_fn(65_536, 1, |_, _| [0; 3]);
        let refused = Jpeg::quality(80).encode(&wide).unwrap_err().to_string();
        assert_eq!(refused, "65536x1 px do not fit into JPEG, whose sides have at most 65535");
    }
}
