// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tails against hand-computed values and against plain sums.

use assay_signal::stats::nfa::{
    ln_gamma, log10_binomial_tail, log10_chi_square_tail, log10_gamma_tail, log10_nfa,
};
use proptest::prelude::*;

fn close(found: f64, wanted: f64) -> bool {
    (found - wanted).abs() <= 1e-9 * wanted.abs().max(1.0)
}

#[test]
fn log_gamma_has_its_known_values() {
    assert!(close(ln_gamma(1.0), 0.0) && close(ln_gamma(2.0), 0.0));
    assert!(close(ln_gamma(0.5), std::f64::consts::PI.sqrt().ln()));
    assert!(close(ln_gamma(11.0), 3_628_800_f64.ln()));
    // ln(1e7!) by Stirling with its first correction
    let n = 1e7_f64;
    let wanted = n * n.ln() - n + 0.5 * (std::f64::consts::TAU * n).ln() + 1.0 / (12.0 * n);
    assert!(close(ln_gamma(n + 1.0), wanted));
    assert!(ln_gamma(0.0).is_nan() && ln_gamma(-1.5).is_nan());
}

#[test]
fn binomial_tails_have_the_values_of_a_hand_computation() {
    assert_eq!(log10_binomial_tail(10, 0, 0.5), 0.0);
    assert_eq!(log10_binomial_tail(10, 11, 0.5), f64::NEG_INFINITY);
    // P[4 heads or 5 of 5] = 6 / 32
    assert!(close(log10_binomial_tail(5, 4, 0.5), (6.0_f64 / 32.0).log10()));
    // P[at least 1 of 3] = 1 - (63 / 64)^3
    let wanted = (1.0 - (63.0_f64 / 64.0).powi(3)).log10();
    assert!(close(log10_binomial_tail(3, 1, 1.0 / 64.0), wanted));
    // All of n: p^n
    assert!(close(log10_binomial_tail(1000, 1000, 1.0 / 64.0), -1000.0 * 64_f64.log10()));
    assert_eq!(log10_binomial_tail(5, 2, 1.0), 0.0);
    assert_eq!(log10_binomial_tail(5, 2, 0.0), f64::NEG_INFINITY);
}

#[test]
fn ten_million_trials_are_stable() {
    // At the mean the tail is one half, up to half a central term of about 1 / sqrt(2 pi n p q).
    let tail = 10_f64.powf(log10_binomial_tail(10_000_000, 5_000_000, 0.5));
    assert!((tail - 0.5).abs() < 2e-4, "{tail}");
    // Ten standard deviations out: the normal tail 7.6e-24, to the accuracy of that approximation.
    let far = log10_binomial_tail(10_000_000, 5_000_000 + 15_811, 0.5);
    assert!((far + 23.12).abs() < 0.05, "{far}");
}

#[test]
fn the_number_of_false_alarms_is_tests_times_the_tail() {
    assert!(close(log10_nfa(100.0, 5, 4, 0.5), 2.0 + (6.0_f64 / 32.0).log10()));
}

#[test]
fn gamma_tails_have_the_values_of_a_hand_computation() {
    assert!(close(log10_gamma_tail(1.0, 30.0), -30.0 / std::f64::consts::LN_10));
    // Shape 2: (1 + x) exp(-x)
    for x in [0.1, 1.0, 2.9, 3.1, 50.0, 2000.0] {
        let wanted = ((1.0_f64 + x).ln() - x) / std::f64::consts::LN_10;
        assert!(close(log10_gamma_tail(2.0, x), wanted), "{x}");
    }
    assert_eq!(log10_gamma_tail(3.0, 0.0), 0.0);
    assert!(log10_gamma_tail(0.0, 1.0).is_nan());
    // Chi-square, 3 degrees: 5 % at 7.814728
    assert!((log10_chi_square_tail(3.0, 7.814_728) - 0.05_f64.log10()).abs() < 1e-6);
    assert!((log10_chi_square_tail(100.0, 124.342_1) - 0.05_f64.log10()).abs() < 1e-5);
}

proptest! {
    #[test]
    fn tails_equal_the_plain_sum(n in 1_u64..60, k in 0_u64..60, p in 0.01_f64..0.99) {
        let choose = |i: u64| (0..i).fold(1.0, |c, j| c * (n - j) as f64 / (j + 1) as f64);
        let term = |i: u64| choose(i) * p.powf(i as f64) * (1.0 - p).powf((n - i) as f64);
        let plain: f64 = (k..=n).map(term).sum();
        let found = 10_f64.powf(log10_binomial_tail(n, k, p));
        prop_assert!((found - plain).abs() <= 1e-9 * plain + 1e-14, "{} not {}", found, plain);
    }

    #[test]
    fn more_successes_are_never_likelier(n in 1_u64..200_000, k in 1_u64..200_000, p in 0.001_f64..0.9) {
        let (fewer, more) = (log10_binomial_tail(n, k - 1, p), log10_binomial_tail(n, k, p));
        prop_assert!(more <= fewer + 1e-12 && fewer <= 0.0);
    }

    #[test]
    fn a_gamma_tail_of_whole_shape_is_a_poisson_sum(shape in 1_u32..40, x in 0.01_f64..100.0) {
        let mut term = (-x).exp();
        let mut plain = term;
        for i in 1..shape {
            term *= x / f64::from(i);
            plain += term;
        }
        let found = 10_f64.powf(log10_gamma_tail(f64::from(shape), x));
        prop_assert!((found - plain).abs() <= 1e-9 * plain + 1e-13, "{} not {}", found, plain);
    }
}
