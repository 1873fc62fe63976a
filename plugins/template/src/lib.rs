// SPDX-License-Identifier: MIT OR Apache-2.0
//! Luma entropy: a teaching detector, not a forensic test. Score: `1 - H / 8` bits.

use assay_plugin_api::prelude::*;

struct LumaEntropy {
    min_pixels: i64,
}

impl Detector for LumaEntropy {
    const ID: &'static str = "luma-entropy";
    const MODEL_KEY: &'static str = "entropy";
    const RESULT_KEY: &'static str = "entropy_analysis";
    const TITLE: &'static str = "Luma entropy";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const LICENCE: &'static str = "MIT OR Apache-2.0";
    const KIND: Kind = Kind::Generation;
    const INPUTS: &'static [Input] = &[Input::Luma];

    fn card() -> ModelCard {
        ModelCard::new("Flags pictures whose luma histogram is nearly empty.")
            .method("Shannon entropy of the 256-bin luma histogram.")
            .limits("Dark or flat photographs score high.")
            .reference("Shannon (1948), A mathematical theory of communication")
    }

    fn params() -> Vec<ParamSpec> {
        let min_pixels = ParamSpec::int("min_pixels", 4_096, 64, 1_000_000_000);
        vec![min_pixels.unit("px").doc("Abstains on smaller pictures.")]
    }

    fn new(params: &Params) -> Result<Self, String> {
        Ok(Self { min_pixels: params.int("min_pixels") })
    }

    fn detect(&self, evidence: &Evidence<'_>) -> Result<Report, NoScore> {
        let luma = evidence.luma()?;
        if (luma.pixels() as i64) < self.min_pixels {
            return Err(NoScore::not_applicable("The picture has fewer pixels than min_pixels."));
        }
        let entropy = entropy_bits(&luma);
        Ok(Report::new(Score::clamped(1.0 - entropy / 8.0))
            .detail(format!("The luma histogram has {entropy:.2} of 8 bits."))
            .attribute("entropy_bits", entropy))
    }
}

/// Entropy of the luma histogram, `sum p log2(1 / p)` [Shannon 1948], in bits, `0..=8`.
fn entropy_bits(luma: &Luma8<'_>) -> f64 {
    let mut counts = [0_u64; 256];
    luma.rows().flatten().for_each(|&sample| counts[usize::from(sample)] += 1);
    let shares = counts.iter().filter(|&&n| n > 0).map(|&n| n as f64 / luma.pixels() as f64);
    shares.map(|p| p * p.recip().log2()).sum()
}

export_detector!(LumaEntropy);
#[cfg(test)]
mod tests;
