// SPDX-License-Identifier: MIT OR Apache-2.0
//! A small logistic model whose numbers are constants in the code.

/// One value's standardisation and weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    /// Mean of the value where it was fitted.
    pub mean: f64,
    /// Standard deviation there, above 0.
    pub deviation: f64,
    /// Change of the logit for one standard deviation.
    pub weight: f64,
}

/// Returns `offset + sum weight * clamp((value - mean) / deviation)`, each standardised value held
/// within `most_deviation` of 0, so that no single outlier decides. A NaN counts as the mean.
#[must_use]
pub fn logit<const N: usize>(
    offset: f64,
    terms: &[Term; N],
    values: [f64; N],
    most_deviation: f64,
) -> f64 {
    let parts = terms.iter().zip(values).map(|(term, value)| {
        let standardised = (value - term.mean) / term.deviation;
        let held = if standardised.is_nan() {
            0.0
        } else {
            standardised.clamp(-most_deviation, most_deviation)
        };
        term.weight * held
    });
    offset + parts.sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_add_up_and_outliers_are_held() {
        let terms = [
            Term { mean: 1.0, deviation: 2.0, weight: 0.5 },
            Term { mean: 0.0, deviation: 1.0, weight: -1.0 },
        ];
        assert_eq!(logit(0.25, &terms, [3.0, 0.5], 4.0), 0.25 + 0.5 - 0.5);
        assert_eq!(logit(0.0, &terms, [1e30, 0.0], 4.0), 2.0);
        assert_eq!(logit(0.0, &terms, [f64::NAN, f64::NEG_INFINITY], 4.0), 4.0);
    }
}
