// SPDX-License-Identifier: MIT OR Apache-2.0
//! How rarely a message agrees with the votes of a picture that does not carry it.
//!
//! *What it computes.* With the sums `s` of a picture given, the agreement of a message of signs `m`
//! is `T = sum m s`. `P[T >= t]` is over all messages of that length, each bit a fair coin: the share of all `2^L`
//! messages that would agree with this very picture so well. No assumption about pictures enters, so
//! flat, periodic and synthetic ones are no exception; only the message must not have been chosen
//! with the picture in view.
//!
//! *How.* The sums are rounded to [`LEVELS`] steps and the distribution of their signed total is
//! built one bit at a time. What rounding can add to `T` is subtracted from `t`, so that the result is
//! never below the true share. Hoeffding's bound `exp(-t^2 / (2 sum s^2))` says beforehand where
//! that is worth while.
//!
//! *Reference.* Hoeffding, "Probability inequalities for sums of bounded random variables", JASA
//! 58, 1963.

/// Steps up to the largest sum.
const LEVELS: f64 = 128.0;
/// Steps by which floating-point sums may be off.
const SLACK: f64 = 1e-6;
/// Squared deviations of the agreement below which the share is not counted but taken to be 1. It is
/// about 1e-4 there for 32 equal sums.
const LEAST_SQUARED_DEVIATIONS: f64 = 16.0;

/// Returns `log10 P[T >= sum m s]`; 0 where the agreement is not even four deviations.
pub(super) fn log10_share(sums: &[f64], bits: &[bool]) -> f64 {
    let agreement: f64 =
        sums.iter().zip(bits).map(|(sum, bit)| if *bit { *sum } else { -sum }).sum();
    let squares: f64 = sums.iter().map(|sum| sum * sum).sum();
    if agreement <= 0.0 || agreement * agreement < LEAST_SQUARED_DEVIATIONS * squares {
        return 0.0;
    }
    log10_share_reaching(agreement, sums)
}

/// Returns `log10 P[T >= agreement]`, for an agreement above 0.
fn log10_share_reaching(agreement: f64, sums: &[f64]) -> f64 {
    let largest = sums.iter().fold(0.0, |largest: f64, sum| largest.max(sum.abs()));
    // Above 0, since the agreement is.
    let step = largest / LEVELS;
    let steps: Vec<usize> = sums.iter().map(|sum| (sum.abs() / step).round() as usize).collect();
    let added: f64 = sums.iter().zip(&steps).map(|(s, &n)| (s.abs() - n as f64 * step).abs()).sum();
    // The signed total is that of all steps less twice that of those that disagree.
    let total: usize = steps.iter().sum();
    let disagreeing = (total as f64 - (agreement - added) / step) / 2.0;
    let most = (disagreeing + SLACK).floor().clamp(0.0, total as f64) as usize;
    share_of_sums_up_to(&steps, most).log10().min(0.0)
}

/// Share of the subsets of `steps` that sum to at most `most`.
fn share_of_sums_up_to(steps: &[usize], most: usize) -> f64 {
    let mut shares = vec![0.0; most + 1];
    shares[0] = 1.0;
    for &step in steps {
        for sum in (0..=most).rev() {
            let with = sum.checked_sub(step).map_or(0.0, |rest| shares[rest]);
            shares[sum] = 0.5 * (shares[sum] + with);
        }
    }
    shares.iter().sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::nfa::log10_binomial_tail;

    #[test]
    fn equal_sums_follow_the_binomial_law() {
        for wrong in 0..6_usize {
            let bits: Vec<bool> = (0..48).map(|i| i % 3 == 0).collect();
            let sign = |i: usize| if bits[i] == (i >= wrong) { 5.0 } else { -5.0 };
            let sums: Vec<f64> = (0..48).map(sign).collect();
            let share = log10_share(&sums, &bits);
            let wanted = log10_binomial_tail(48, 48 - wrong as u64, 0.5);
            assert!((share - wanted).abs() < 1e-9, "{wrong}: {share} {wanted}");
        }
    }

    #[test]
    fn nothing_agrees_with_sums_of_nothing() {
        assert_eq!(log10_share(&[0.0; 48], &[true; 48]), 0.0);
        assert_eq!(log10_share(&[], &[]), 0.0);
    }

    proptest! {
        #[test]
        fn the_share_is_never_below_that_of_all_messages_counted(
            sums in prop::collection::vec(-9.0_f64..9.0, 12),
            chosen in 0..4096_u32,
        ) {
            let agreement = |message: u32| -> f64 {
                let signed = |(i, sum): (usize, &f64)| if message >> i & 1 == 1 { *sum } else { -sum };
                sums.iter().enumerate().map(signed).sum()
            };
            let reached = agreement(chosen);
            prop_assume!(reached > 0.0);
            let counted = |least: f64| {
                let as_good = (0..4096_u32).filter(|&m| agreement(m) >= least).count() as u32;
                (f64::from(as_good) / 4096.0).log10()
            };
            let share = log10_share_reaching(reached, &sums);
            prop_assert!(share >= counted(reached - 1e-9) - 1e-9, "{}", share);
            // A sum is rounded by half a step, twelve of them twice.
            let step = sums.iter().fold(0.0, |largest: f64, sum| largest.max(sum.abs())) / LEVELS;
            prop_assert!(share <= counted(reached - 14.0 * step) + 1e-9, "{}", share);
        }
    }
}
