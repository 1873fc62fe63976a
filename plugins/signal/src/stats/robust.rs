// SPDX-License-Identifier: MIT OR Apache-2.0
//! Median, MAD, quantiles.
//!
//! Values must not be NaN: a NaN sorts after every number ([`f32::total_cmp`]) and shifts the
//! result, it is not reported. Functions that take `&mut [f32]` reorder it.

/// Standard deviation of a normal law over its median absolute deviation: `1 / Phi^-1(3/4)`
/// [Rousseeuw & Croux 1993, Alternatives to the Median Absolute Deviation, §1].
pub const SIGMA_PER_MAD: f32 = 1.4826;

/// Returns the median, the mean of the two middle values for an even count; `None` for no values.
pub fn median(values: &mut [f32]) -> Option<f32> {
    quantile(values, 0.5)
}

/// Returns the `q`-quantile, `0.0..=1.0`, by linear interpolation between the order statistics
/// around `q (n - 1)` [Hyndman & Fan 1996, type 7]; `None` for no values.
///
/// `q` outside its range counts as the nearer end.
pub fn quantile(values: &mut [f32], q: f64) -> Option<f32> {
    let last = values.len().checked_sub(1)?;
    let place = q.clamp(0.0, 1.0) * last as f64;
    let index = place.floor() as usize;
    let (_, &mut low, above) = values.select_nth_unstable_by(index, f32::total_cmp);
    let fraction = (place - index as f64) as f32;
    if fraction == 0.0 {
        return Some(low);
    }
    let high = above.iter().copied().min_by(f32::total_cmp).unwrap_or(low);
    Some(low + (high - low) * fraction)
}

/// Returns several quantiles with one sort, in the order of `qs`; `None` for no values.
pub fn quantiles<const N: usize>(values: &mut [f32], qs: [f64; N]) -> Option<[f32; N]> {
    let last = values.len().checked_sub(1)?;
    values.sort_unstable_by(f32::total_cmp);
    Some(qs.map(|q| {
        let place = q.clamp(0.0, 1.0) * last as f64;
        let index = place.floor() as usize;
        let (low, high) = (values[index], values[(index + 1).min(last)]);
        low + (high - low) * (place - index as f64) as f32
    }))
}

/// Returns the median absolute deviation from the median; `None` for no values.
pub fn mad(values: &mut [f32]) -> Option<f32> {
    let centre = median(values)?;
    values.iter_mut().for_each(|value| *value = (*value - centre).abs());
    median(values)
}

/// Returns the standard deviation of the normal law that has the values' MAD; `None` for no values.
pub fn mad_sigma(values: &mut [f32]) -> Option<f32> {
    mad(values).map(|mad| SIGMA_PER_MAD * mad)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_sets_have_the_values_of_a_hand_computation() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [4.0]), Some(4.0));
        assert_eq!(median(&mut [4.0, 1.0]), Some(2.5));
        assert_eq!(median(&mut [9.0, 1.0, 5.0]), Some(5.0));
        assert_eq!(quantile(&mut [1.0, 2.0, 3.0, 4.0, 5.0], 0.25), Some(2.0));
        assert_eq!(quantile(&mut [1.0, 2.0], 0.75), Some(1.75));
        assert_eq!(mad(&mut [1.0, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0]), Some(1.0));
        assert_eq!(mad_sigma(&mut [1.0, 2.0, 3.0]), Some(1.4826));
        assert_eq!(quantiles(&mut [3.0, 1.0, 2.0], [0.0, 0.5, 1.0]), Some([1.0, 2.0, 3.0]));
        assert_eq!(quantiles::<1>(&mut [], [0.5]), None);
    }

    proptest! {
        #[test]
        fn selection_agrees_with_sorting(
            values in prop::collection::vec(-1e6_f32..1e6, 1..200), q in 0.0..=1.0,
        ) {
            let [sorted] = quantiles(&mut values.clone(), [q]).unwrap();
            let selected = quantile(&mut values.clone(), q).unwrap();
            prop_assert_eq!(selected, sorted);
            let low = values.iter().copied().fold(f32::INFINITY, f32::min);
            let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            prop_assert!((low..=high).contains(&selected));
        }

        #[test]
        fn mad_ignores_shift_and_follows_scale(
            values in prop::collection::vec(-100_i32..100, 1..100), shift in -50_i32..50,
        ) {
            let plain: Vec<f32> = values.iter().map(|&v| v as f32).collect();
            let moved: Vec<f32> = values.iter().map(|&v| (2 * v + shift) as f32).collect();
            prop_assert_eq!(2.0 * mad(&mut plain.clone()).unwrap(), mad(&mut moved.clone()).unwrap());
        }
    }
}
