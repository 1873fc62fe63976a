// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tails of the binomial and gamma laws in log10, and numbers of false alarms.
//!
//! *Why.* A structure is reported when the expected number of equally striking ones in noise is
//! below 1: `NFA = tests * P[statistic >= observed]` [Desolneux, Moisan, Morel 2000]. Such
//! probabilities underflow, so everything is kept in log10; the tails are sums of their terms, not
//! bounds.
//!
//! *References.* Desolneux, Moisan and Morel, "Meaningful alignments", IJCV 40(1), 2000;
//! Abramowitz and Stegun, Handbook of Mathematical Functions, 6.1.40 (log gamma), 6.5.29 and 6.5.31
//! (incomplete gamma).

use std::f64::consts::{LN_10, TAU};

/// Relative size of a term below which the rest of a sum is left out.
const ENOUGH: f64 = 1e-16;
/// Most terms of a sum; a geometric tail is added for what is left.
const MOST_TERMS: u64 = 1_000_000;

/// Returns the natural logarithm of the gamma function for `x > 0`, to a relative error near 1e-14.
/// NaN for `x <= 0` or NaN.
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 {
        return f64::NAN;
    }
    // Stirling's series is exact to double precision from 15 on; smaller arguments are lifted.
    let (mut lifted, mut product) = (x, 1.0);
    while lifted < 15.0 {
        product *= lifted;
        lifted += 1.0;
    }
    let inverse = 1.0 / lifted;
    let square = inverse * inverse;
    let series = inverse
        * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0))));
    (lifted - 0.5) * lifted.ln() - lifted + 0.5 * TAU.ln() + series - product.ln()
}

/// Returns `log10 P[S >= k]` for `S` binomial with `n` trials of probability `p` in `0.0..=1.0`.
/// 0 for `k = 0`, negative infinity for `k > n`.
#[must_use]
pub fn log10_binomial_tail(n: u64, k: u64, p: f64) -> f64 {
    if k == 0 {
        return 0.0;
    }
    if k > n || p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if p >= 1.0 {
        return 0.0;
    }
    if k as f64 > n as f64 * p {
        let odds = p / (1.0 - p);
        let sum = sum_of_terms(|i| odds * (n - k - i) as f64 / (k + i + 1) as f64, n - k);
        ((ln_binomial_term(n, k, p) + sum.ln()) / LN_10).min(0.0)
    } else {
        let (last, odds) = (k - 1, (1.0 - p) / p);
        let sum = sum_of_terms(|i| odds * (last - i) as f64 / (n - last + i + 1) as f64, last);
        let below = (ln_binomial_term(n, last, p) + sum.ln()).min(0.0).exp();
        (-below).ln_1p().max(f64::MIN) / LN_10
    }
}

/// Returns `log10(tests * P[S >= k])`, the log10 of the number of false alarms of `k` successes in
/// `n` trials of probability `p` when `tests` (positive) such structures were looked at.
#[must_use]
pub fn log10_nfa(tests: f64, n: u64, k: u64, p: f64) -> f64 {
    tests.log10() + log10_binomial_tail(n, k, p)
}

/// Returns `log10 P[X >= x]` for `X` gamma-distributed with `shape > 0` and unit scale; the sum of
/// `j` unit exponentials has shape `j`. NaN for a shape that is not positive.
#[must_use]
pub fn log10_gamma_tail(shape: f64, x: f64) -> f64 {
    if shape.is_nan() || shape <= 0.0 || x.is_nan() {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 0.0;
    }
    if x.is_infinite() {
        return f64::NEG_INFINITY;
    }
    let ln_density = shape * x.ln() - x - ln_gamma(shape);
    if x < shape + 1.0 {
        // P = density * sum x^i / (shape (shape + 1) ... (shape + i)) [A&S 6.5.29]
        let sum = sum_of_terms(|i| x / (shape + 1.0 + i as f64), u64::MAX);
        let below = (ln_density + (sum / shape).ln()).min(0.0).exp();
        return (-below).ln_1p().max(f64::MIN) / LN_10;
    }
    ((ln_density + continued_fraction(shape, x).ln()) / LN_10).min(0.0)
}

/// Returns `log10 P[X >= x]` for `X` chi-square with `degrees > 0` degrees of freedom.
#[must_use]
pub fn log10_chi_square_tail(degrees: f64, x: f64) -> f64 {
    log10_gamma_tail(degrees / 2.0, x / 2.0)
}

/// `ln P[S = k]`.
fn ln_binomial_term(n: u64, k: u64, p: f64) -> f64 {
    let (n, k) = (n as f64, k as f64);
    ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0)
        + k * p.ln()
        + (n - k) * (-p).ln_1p()
}

/// `1 + r(0) + r(0) r(1) + …` with at most `last` factors, for ratios that fall towards 0 or a
/// constant below 1.
fn sum_of_terms(ratio: impl Fn(u64) -> f64, last: u64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for i in 0..last.min(MOST_TERMS) {
        let ratio = ratio(i);
        term *= ratio;
        sum += term;
        if ratio < 1.0 && term * ratio <= ENOUGH * sum * (1.0 - ratio) {
            break;
        }
    }
    sum
}

/// Legendre's continued fraction `1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - …))` [A&S 6.5.31],
/// evaluated forwards by Lentz's method.
fn continued_fraction(shape: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let mut base = x + 1.0 - shape;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / base;
    let mut value = d;
    for i in 1..=10_000 {
        let i = f64::from(i);
        let numerator = -i * (i - shape);
        base += 2.0;
        d = base + numerator * d;
        d = 1.0 / if d.abs() < TINY { TINY } else { d };
        c = base + numerator / c;
        c = if c.abs() < TINY { TINY } else { c };
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}
