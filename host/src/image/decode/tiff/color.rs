// SPDX-License-Identifier: MIT OR Apache-2.0
//! From stored samples to 8-bit RGB, by the photometric interpretation.

use super::directory::{tag, Directory};
use super::layout::Layout;
use super::{corrupt, unsupported};
use crate::image::decode::samples::{cmyk_to_rgb, to_eight_bits};
use crate::image::DecodeError;

/// From XYZ relative to D50 to linear sRGB, Bradford-adapted to its D65
/// [Lindbloom, *RGB/XYZ Matrices*; the colorants of the ICC sRGB profile].
const RGB_FROM_XYZ_D50: [[f64; 3]; 3] = [
    [3.133_856_1, -1.616_866_7, -0.490_614_6],
    [-0.978_768_4, 1.916_141_5, 0.033_454_0],
    [0.071_945_3, -0.228_991_4, 1.405_242_7],
];

/// The white point D50 [ICC.1:2022, 7.2.16].
const D50: [f64; 3] = [0.9642, 1.0, 0.8249];

/// What the samples of a pixel mean.
#[derive(Clone, Debug)]
pub(super) enum Color {
    /// One sample; 0 is white or black.
    Grey {
        is_inverted: bool,
    },
    Rgb,
    Palette(Vec<[u8; 3]>),
    /// Four inks, 0 is none.
    Cmyk,
    YCbCr(YCbCr),
    /// CIE L*a*b*; a* and b* are signed, or offset by half their range.
    Lab {
        is_offset: bool,
    },
}

/// Luma and two chroma differences [TIFF 6.0, sections 20 and 21].
#[derive(Clone, Copy, Debug)]
pub(super) struct YCbCr {
    /// Shares of red, green and blue in luma.
    shares: [f64; 3],
    /// Black and white of each sample.
    references: [f64; 6],
}

impl Color {
    pub(super) fn of(directory: &Directory<'_>, layout: &Layout) -> Result<Self, DecodeError> {
        Ok(match layout.photometric {
            0 => Self::Grey { is_inverted: true },
            1 | 4 => Self::Grey { is_inverted: false },
            2 => Self::Rgb,
            3 => Self::Palette(palette(directory, layout.bits)?),
            5 if directory.number(tag::INK_SET).unwrap_or(1) == 1 => Self::Cmyk,
            6 => Self::YCbCr(YCbCr::of(directory)),
            8 => Self::Lab { is_offset: false },
            9 => Self::Lab { is_offset: true },
            32803 | 34892 => return Err(unsupported("a camera raw (DNG) picture".into())),
            other => return Err(unsupported(format!("colour of kind {other}"))),
        })
    }

    /// Writes the colour of each pixel; `samples` has `step` samples of `bits` bits for each.
    pub(super) fn put(&self, samples: &[u16], step: usize, bits: u8, rgb: &mut [u8]) {
        let pixels = samples.chunks_exact(step).zip(rgb.as_chunks_mut::<3>().0);
        let eight = |sample: u16| to_eight_bits(u32::from(sample), bits);
        match self {
            Self::Grey { is_inverted } => pixels.for_each(|(pixel, rgb)| {
                let [grey] = first(pixel);
                *rgb = [if *is_inverted { 255 - eight(grey) } else { eight(grey) }; 3];
            }),
            Self::Rgb => pixels.for_each(|(pixel, rgb)| *rgb = first::<3>(pixel).map(eight)),
            Self::Palette(colors) => pixels.for_each(|(pixel, rgb)| {
                let [index] = first(pixel);
                *rgb = colors.get(usize::from(index)).copied().unwrap_or_default();
            }),
            Self::Cmyk => pixels.for_each(|(pixel, rgb)| {
                *rgb = cmyk_to_rgb(first::<4>(pixel).map(eight));
            }),
            Self::YCbCr(conversion) => pixels.for_each(|(pixel, rgb)| {
                *rgb = conversion.rgb(first::<3>(pixel).map(eight));
            }),
            Self::Lab { is_offset } => pixels.for_each(|(pixel, rgb)| {
                *rgb = lab(first(pixel), bits, *is_offset);
            }),
        }
    }
}

/// The first samples of a pixel; 0 for those that are missing.
fn first<const N: usize>(pixel: &[u16]) -> [u16; N] {
    pixel.first_chunk().copied().unwrap_or([0; N])
}

/// The colour map: all reds, all greens, all blues, 16 bits each.
fn palette(directory: &Directory<'_>, bits: u8) -> Result<Vec<[u8; 3]>, DecodeError> {
    let count = 1_usize.checked_shl(u32::from(bits)).filter(|_| bits <= 16);
    let count = count.ok_or_else(|| unsupported(format!("palettes of {bits} bits")))?;
    let entries = directory.first_numbers(tag::COLOR_MAP, count * 3);
    if entries.len() < count * 3 {
        return Err(corrupt("its colour map is too short"));
    }
    // Some writers store 8 bits where 16 are asked for.
    let depth = if entries.iter().all(|entry| *entry < 256) { 8 } else { 16 };
    let entry = |at: usize| to_eight_bits(entries[at].min(65_535) as u32, depth);
    Ok((0..count).map(|i| [entry(i), entry(count + i), entry(2 * count + i)]).collect())
}

impl YCbCr {
    fn of(directory: &Directory<'_>) -> Self {
        let shares = match directory.first_fractions(tag::YCBCR_COEFFICIENTS, 3).as_slice() {
            &[red, green, blue] if [red, green, blue].iter().all(|s| *s > 0.0 && *s < 1.0) => {
                [red, green, blue]
            }
            _ => [0.299, 0.587, 0.114],
        };
        let references: Option<[f64; 6]> =
            directory.first_fractions(tag::REFERENCE_BLACK_WHITE, 6).first_chunk().copied();
        let is_range = |r: &[f64; 6]| {
            r.iter().all(|v| v.is_finite()) && r.as_chunks::<2>().0.iter().all(|[b, w]| w > b)
        };
        let full = [0.0, 255.0, 128.0, 255.0, 128.0, 255.0];
        Self { shares, references: references.filter(is_range).unwrap_or(full) }
    }

    fn rgb(&self, samples: [u8; 3]) -> [u8; 3] {
        let [luma, blue_difference, red_difference] = samples.map(f64::from);
        let [black, white, cb_zero, cb_one, cr_zero, cr_one] = self.references;
        let luma = (luma - black) * 255.0 / (white - black);
        let blue_difference = (blue_difference - cb_zero) * 127.0 / (cb_one - cb_zero);
        let red_difference = (red_difference - cr_zero) * 127.0 / (cr_one - cr_zero);
        let [red_share, green_share, blue_share] = self.shares;
        let red = luma + red_difference * (2.0 - 2.0 * red_share);
        let blue = luma + blue_difference * (2.0 - 2.0 * blue_share);
        let green = (luma - blue_share * blue - red_share * red) / green_share;
        [red, green, blue].map(byte)
    }
}

fn lab(samples: [u16; 3], bits: u8, is_offset: bool) -> [u8; 3] {
    let full = f64::from((1_u32 << bits.min(16)) - 1);
    let half = f64::from(1_u32 << (bits.min(16) - 1));
    let unit = half / 128.0;
    let signed = |sample: u16| {
        let value = f64::from(sample);
        let value = if is_offset {
            value - half
        } else if value >= half {
            value - 2.0 * half
        } else {
            value
        };
        value / unit
    };
    let lightness = f64::from(samples[0]) * 100.0 / full;
    let y = (lightness + 16.0) / 116.0;
    let x = y + signed(samples[1]) / 500.0;
    let z = y - signed(samples[2]) / 200.0;
    let [x, y, z] = [x, y, z].map(inverse_f);
    let xyz = [x * D50[0], y * D50[1], z * D50[2]];
    RGB_FROM_XYZ_D50.map(|row| {
        let linear: f64 = row.iter().zip(xyz).map(|(weight, value)| weight * value).sum();
        byte(255.0 * encoded(linear))
    })
}

/// The inverse of CIE 1976's f(t) [ISO/CIE 11664-4].
fn inverse_f(value: f64) -> f64 {
    let delta = 6.0 / 29.0;
    if value > delta {
        value.powi(3)
    } else {
        3.0 * delta * delta * (value - 4.0 / 29.0)
    }
}

/// The transfer function of sRGB [IEC 61966-2-1].
fn encoded(linear: f64) -> f64 {
    if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    }
}

fn byte(value: f64) -> u8 {
    // Saturates at both ends.
    value.round() as u8
}
