// SPDX-License-Identifier: MIT OR Apache-2.0
//! Formats that the `image` crate decodes as they are.

use std::io::Cursor;

use image::codecs::{bmp::BmpDecoder, png::PngDecoder, webp::WebPDecoder};
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, Limits};

use super::{DecodeError, DecodeLimits, Decoded, Format, Metadata};

/// Exif 3.0, 4.7.2: identifier code and padding before the TIFF header.
const EXIF_IDENTIFIER: &[u8] = b"Exif\0\0";

/// Most bytes that the PNG decoder may take beside the picture: rows, texts, and a profile that it inflates
/// while it reads the header. Profiles have at most some megabytes.
const MOST_PNG_BYTES: u64 = 64 << 20;

pub(super) fn decode(
    bytes: &[u8],
    format: Format,
    limits: &DecodeLimits,
) -> Result<Decoded, DecodeError> {
    let fail = |e| error(format, &e);
    match format {
        Format::Png => {
            let mut own = Limits::default();
            own.max_alloc = Some(MOST_PNG_BYTES);
            let decoder = PngDecoder::with_limits(Cursor::new(bytes), own).map_err(fail)?;
            read(decoder, format, limits)
        }
        Format::Webp => read(WebPDecoder::new(Cursor::new(bytes)).map_err(fail)?, format, limits),
        Format::Bmp => read(BmpDecoder::new(Cursor::new(bytes)).map_err(fail)?, format, limits),

        Format::Jpeg | Format::Heic | Format::Tiff => {
            Err(DecodeError::UnsupportedFormat { found: format.as_str().into() })
        }
    }
}

fn read(
    mut decoder: impl ImageDecoder,
    format: Format,
    limits: &DecodeLimits,
) -> Result<Decoded, DecodeError> {
    let (width, height) = decoder.dimensions();
    limits.check_size(width, height)?;
    let mut of_image = Limits::default();
    of_image.max_alloc = Some(limits.max_memory_bytes);
    decoder.set_limits(of_image).map_err(|e| error(format, &e))?;
    let metadata = Metadata {
        exif: decoder.exif_metadata().unwrap_or_default().map(from_tiff_header),
        is_exif_the_file: false,
        xmp: decoder.xmp_metadata().unwrap_or_default(),
        icc: decoder.icc_profile().unwrap_or_default(),
    };
    let rgb = u64::from(width) * u64::from(height) * 3;
    let converted = if decoder.color_type() == ColorType::Rgb8 { 0 } else { rgb };
    limits.check_memory(decoder.total_bytes().saturating_add(converted))?;
    let kind = decoder.original_color_type();
    let channels = kind.channel_count();
    let bit_depth = u8::try_from(kind.bits_per_pixel() / u16::from(channels)).unwrap_or(u8::MAX);
    let has_alpha = decoder.color_type().has_alpha();
    let picture = DynamicImage::from_decoder(decoder).map_err(|e| error(format, &e))?;
    Ok(Decoded {
        format,
        width,
        height,
        rgb: picture.into_rgb8().into_raw(),
        bit_depth,
        channels,
        has_alpha,
        orientation: metadata.orientation().unwrap_or(1),
        metadata,
        jpeg: None,
    })
}

/// An EXIF block without the identifier of JPEG segments, which some programs put in front of it in WebP
/// and PNG files too.
fn from_tiff_header(mut block: Vec<u8>) -> Vec<u8> {
    if block.starts_with(EXIF_IDENTIFIER) {
        block.drain(..EXIF_IDENTIFIER.len());
    }
    block
}

fn error(format: Format, error: &ImageError) -> DecodeError {
    match error {
        ImageError::Unsupported(error) => {
            DecodeError::UnsupportedFeature { format, feature: error.to_string() }
        }
        error => DecodeError::Corrupt { format, reason: error.to_string() },
    }
}
