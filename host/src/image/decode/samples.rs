// SPDX-License-Identifier: MIT OR Apache-2.0
//! The rules by which samples become 8-bit RGB, the same for every format.

/// Scales a sample of `bits` bits to 8, to the nearest value.
pub(super) fn to_eight_bits(sample: u32, bits: u8) -> u8 {
    let full = (1_u32 << bits.clamp(1, 16)) - 1;
    // At most 255.
    ((sample.min(full) * 255 + full / 2) / full) as u8
}

/// Inks over white paper, multiplied: `red = (255 - cyan) (255 - black) / 255`, to the nearest
/// value. No profile is applied.
pub(super) fn cmyk_to_rgb([cyan, magenta, yellow, black]: [u8; 4]) -> [u8; 3] {
    let light = 255 - u32::from(black);
    [cyan, magenta, yellow].map(|ink| (((255 - u32::from(ink)) * light + 127) / 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depths_scale_to_the_nearest_of_256_levels() {
        assert_eq!([0, 1].map(|v| to_eight_bits(v, 1)), [0, 255]);
        assert_eq!([0, 1, 2, 3].map(|v| to_eight_bits(v, 2)), [0, 85, 170, 255]);
        // 128 * 257 = 32896 is exact; 128 less is exactly between 127 and 128.
        assert_eq!(
            [32_896, 32_767, 32_768, 65_535].map(|v| to_eight_bits(v, 16)),
            [128, 127, 128, 255]
        );
        assert!((0..=255).all(|v| to_eight_bits(v, 8) == v as u8));
    }

    #[test]
    fn inks_darken_and_black_takes_all_light() {
        assert_eq!(cmyk_to_rgb([0, 0, 0, 0]), [255; 3]);
        assert_eq!(cmyk_to_rgb([255, 0, 0, 0]), [0, 255, 255]);
        assert_eq!(cmyk_to_rgb([10, 20, 30, 255]), [0; 3]);
        // 155 * 205 / 255 = 124.6
        assert_eq!(cmyk_to_rgb([100, 0, 0, 50]), [125, 205, 205]);
    }
}
