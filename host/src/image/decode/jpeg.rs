// SPDX-License-Identifier: MIT OR Apache-2.0
//! JPEG through zune-jpeg, into one buffer.
//!
//! Damaged and truncated entropy-coded data are decoded as far as they go, as browsers and viewers
//! do: what people see of a file is what gets examined.

use assay_signal::jpeg::{marker, JpegFile};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::JpegDecoder;

use super::{DecodeError, DecodeLimits, Decoded, Format, JpegFacts, Meanwhile, Metadata};
use crate::memory::Room;

/// Most bytes of an ICC profile or an extended XMP packet that are put together from segments.
const MAX_BLOB_BYTES: usize = 16 << 20;

/// Bytes that a coefficient takes where the coefficients of the whole picture are held until all scans are
/// read, and where those of luma are read beside the pixels.
const COEFFICIENT_BYTES: u64 = 2;

/// Fewest pixels for which a thread is started to work while they are decoded: a millisecond's work, of which
/// starting it takes a twentieth.
const WORTH_A_THREAD: u64 = 250_000;

/// Which samples are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Components {
    /// Red, green and blue, whatever is stored.
    Rgb,
    /// Those of the file.
    AsStored,
}

/// Decoded samples.
#[derive(Clone, Debug)]
pub(super) struct Samples<P> {
    pub(super) width: u32,
    pub(super) components: usize,
    /// Interleaved, row by row.
    pub(super) bytes: P,
    height: u32,
    components_in_file: u8,
}

pub(super) fn decode<P: Room>(
    bytes: &[u8],
    limits: &DecodeLimits,
    meanwhile: Option<Meanwhile<'_>>,
) -> Result<Decoded<P>, DecodeError> {
    let file = JpegFile::parse(bytes).ok();
    let check = |width, height| limits.check_size(width, height);
    let is_held = is_held(file.as_ref());
    let samples = samples(bytes, Components::Rgb, is_held, limits, check, meanwhile)?;
    let metadata = file.as_ref().map(metadata).unwrap_or_default();
    Ok(Decoded {
        format: Format::Jpeg,
        width: samples.width,
        height: samples.height,
        rgb: samples.bytes,
        bit_depth: 8,
        channels: samples.components_in_file,
        has_alpha: false,
        orientation: metadata.orientation().unwrap_or(1),
        metadata,
        jpeg: file.as_ref().map(JpegFacts::of),
    })
}

/// Whether the coefficients of the whole picture are held until all scans are read: it is progressive, or
/// its first scan has not all components, or that cannot be told.
pub(super) fn is_held(file: Option<&JpegFile<'_>>) -> bool {
    let Some((file, frame)) = file.and_then(|file| Some((file, file.frame().ok()?))) else {
        return true;
    };
    let first = file.segments_of(marker::SOS).next().and_then(|scan| scan.payload.first());
    let components = frame.components.len();
    frame.is_progressive() || first.is_some_and(|count| usize::from(*count) < components)
}

/// Decodes one JPEG stream; `check` sees its columns and rows before pixels are allocated.
pub(super) fn samples<P: Room>(
    bytes: &[u8],
    wanted: Components,
    is_held: bool,
    limits: &DecodeLimits,
    check: impl FnOnce(u32, u32) -> Result<(), DecodeError>,
    meanwhile: Option<Meanwhile<'_>>,
) -> Result<Samples<P>, DecodeError> {
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(error)?;
    let info = decoder.info().ok_or_else(|| corrupt("it has no frame header"))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    check(width, height)?;
    if wanted == Components::AsStored {
        let stored = decoder.input_colorspace().unwrap_or(ColorSpace::RGB);
        decoder.set_options(options.jpeg_set_out_colorspace(stored));
    }
    let length = decoder.output_buffer_size().ok_or_else(|| corrupt("it has no size"))?;
    let pixels = u64::from(width) * u64::from(height);
    let coefficients =
        if is_held { pixels * u64::from(info.components) * COEFFICIENT_BYTES } else { 0 };
    let memory = coefficients.saturating_add(length as u64);
    limits.check_memory(memory)?;
    let mut samples = P::zeros(length);
    let of_luma = pixels * COEFFICIENT_BYTES;
    let has_room = limits.check_memory(memory.saturating_add(of_luma)).is_ok();
    let meanwhile = meanwhile.filter(|_| has_room && pixels >= WORTH_A_THREAD);
    let mut decode = || decoder.decode_into(&mut samples).map_err(error);
    match meanwhile {
        Some(meanwhile) => with(|| meanwhile(pixels), decode)?,
        None => decode()?,
    }
    Ok(Samples {
        width,
        height,
        components: decoder.output_colorspace().map_or(3, |color| color.num_components()),
        bytes: samples,
        components_in_file: info.components,
    })
}

/// Does `work` here and `meanwhile` on another thread, or not at all where the system refuses one.
fn with<T>(meanwhile: impl FnOnce() + Send, work: impl FnOnce() -> T) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("meanwhile".into());
        let started = thread.spawn_scoped(scope, meanwhile);
        let done = work();
        // A panic there costs what was to be done there alone.
        let _ = started.map(std::thread::ScopedJoinHandle::join);
        done
    })
}

fn metadata(file: &JpegFile<'_>) -> Metadata {
    Metadata {
        exif: file.exif().map(<[u8]>::to_vec),
        is_exif_the_file: false,
        xmp: file.xmp().map(<[u8]>::to_vec),
        icc: file.icc_profile(MAX_BLOB_BYTES).map(|profile| profile.into_owned()),
    }
}

fn corrupt(reason: &str) -> DecodeError {
    DecodeError::Corrupt { format: Format::Jpeg, reason: reason.into() }
}

fn error(error: DecodeErrors) -> DecodeError {
    match error {
        DecodeErrors::Unsupported(scheme) => {
            DecodeError::UnsupportedFeature { format: Format::Jpeg, feature: format!("{scheme:?}") }
        }
        error => corrupt(error.to_string().trim()),
    }
}
