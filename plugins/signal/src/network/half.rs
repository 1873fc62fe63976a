// SPDX-License-Identifier: MIT OR Apache-2.0
//! IEEE 754 half precision, the form in which a network file stores weights.

use crate::input::{Input, InputError};

/// Finite numbers. Their bytes are taken first, so that memory grows only with bytes that are there.
pub(super) fn numbers(
    input: &mut Input<'_>,
    what: &'static str,
    count: usize,
) -> Result<Vec<f32>, InputError> {
    let (pairs, _) = input.bytes(what, 2 * count)?.as_chunks::<2>();
    let value = |&pair| f32_from_half(u16::from_le_bytes(pair)).unwrap_or(f32::NAN);
    let numbers: Vec<f32> = pairs.iter().map(value).collect();
    let (found, expected) = (f64::NAN, "a finite number");
    match numbers.iter().position(|number| number.is_nan()) {
        Some(index) => Err(InputError::Number { what, index, found, expected }),
        None => Ok(numbers),
    }
}

/// The value of a binary16 number; `None` for infinities and NaN.
fn f32_from_half(bits: u16) -> Option<f32> {
    let (exponent, fraction) = (u32::from(bits >> 10 & 0x1F), u32::from(bits & 0x3FF));
    let magnitude = match exponent {
        // Subnormal: fraction * 2^-24.
        0 => fraction as f32 / 16_777_216.0,
        0x1F => return None,
        // The exponent's bias is 15 there and 127 here, the fraction has 10 bits there and 23 here.
        _ => f32::from_bits((exponent + 127 - 15) << 23 | fraction << 13),
    };
    Some(if bits >> 15 == 1 { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::f32_from_half;

    #[test]
    fn halves_are_the_values_of_the_standard() {
        // IEEE 754-2019, table 3.5: bias 15, 10 bits of fraction, smallest subnormal 2^-24.
        for (bits, value) in [
            (0x0000, 0.0),
            (0x0001, 2.0_f32.powi(-24)),
            (0x03FF, 1023.0 * 2.0_f32.powi(-24)),
            (0x0400, 2.0_f32.powi(-14)),
            (0x3555, 0.333_251_95),
            (0x3C00, 1.0),
            (0xC000, -2.0),
            (0x7BFF, 65504.0),
        ] {
            assert_eq!(f32_from_half(bits), Some(value), "{bits:#06x}");
        }
        assert!(f32_from_half(0x8000).is_some_and(|zero| zero.is_sign_negative()));
        assert_eq!([0x7C00, 0xFC00, 0x7E01].map(f32_from_half), [None; 3]);
    }

    #[test]
    fn finite_halves_ascend_with_their_bits() {
        let values: Vec<f32> = (0..0x7C00).filter_map(f32_from_half).collect();
        assert_eq!(values.len(), 0x7C00);
        assert!(values.is_sorted_by(|a, b| a < b));
    }
}
