// SPDX-License-Identifier: MIT OR Apache-2.0
//! The tail of a vote among tiles.

/// Returns `log10 P(X >= k)` for `X` binomial with `n` tiles that each vote with probability `p`,
/// strictly between 0 and 1; at most 0.
#[must_use]
pub fn log10_binomial_tail(n: usize, k: usize, p: f64) -> f64 {
    if k == 0 {
        return 0.0;
    }
    if k > n {
        return f64::NEG_INFINITY;
    }
    // ln C(n, k) + k ln p + (n - k) ln(1 - p), then each next term from the one before; the first is
    // taken out, so that nothing underflows.
    let ln_choose: f64 = (1..=k).map(|i| ((n - k + i) as f64 / i as f64).ln()).sum();
    let ln_first = ln_choose + k as f64 * p.ln() + (n - k) as f64 * (1.0 - p).ln();
    let (mut term, mut sum) = (1.0, 1.0);
    for j in k..n {
        term *= (n - j) as f64 / (j + 1) as f64 * p / (1.0 - p);
        sum += term;
    }
    ((ln_first + f64::ln(sum)) / std::f64::consts::LN_10).min(0.0)
}
