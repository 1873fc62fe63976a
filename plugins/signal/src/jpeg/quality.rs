// SPDX-License-Identifier: MIT OR Apache-2.0
//! IJG quality 1..=100 of a quantisation table.
//!
//! libjpeg scales the example tables of T.81 Annex K: with `s = 5000 / q` for `q < 50` and
//! `s = 200 - 2 q` otherwise (integer division), a step becomes `(base * s + 50) / 100`, at least
//! 1 and at most 255 (baseline) or 32767. The estimate is the quality whose table is nearest in the
//! sum of absolute differences; it is exact when they agree in all 64 steps. Encoders with tables
//! of their own (cameras, Photoshop) get the nearest quality, which compares only roughly.

/// Example luma table, T.81 table K.1, natural order.
pub const STANDARD_LUMA: [u16; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, //
    12, 12, 14, 19, 26, 58, 60, 55, //
    14, 13, 16, 24, 40, 57, 69, 56, //
    14, 17, 22, 29, 51, 87, 80, 62, //
    18, 22, 37, 56, 68, 109, 103, 77, //
    24, 35, 55, 64, 81, 104, 113, 92, //
    49, 64, 78, 87, 103, 121, 120, 101, //
    72, 92, 95, 98, 112, 100, 103, 99,
];

/// Example chroma table, T.81 table K.2, natural order.
pub const STANDARD_CHROMA: [u16; 64] = [
    17, 18, 24, 47, 99, 99, 99, 99, //
    18, 21, 26, 66, 99, 99, 99, 99, //
    24, 26, 56, 99, 99, 99, 99, 99, //
    47, 66, 99, 99, 99, 99, 99, 99, //
    99, 99, 99, 99, 99, 99, 99, 99, //
    99, 99, 99, 99, 99, 99, 99, 99, //
    99, 99, 99, 99, 99, 99, 99, 99, //
    99, 99, 99, 99, 99, 99, 99, 99,
];

/// Largest step of a baseline table.
const BASELINE_LIMIT: u32 = 255;
/// Largest step that libjpeg writes when it is not held to baseline.
const EXTENDED_LIMIT: u32 = 32_767;

/// Which example table a table is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// Table K.1.
    Luma,
    /// Table K.2.
    Chroma,
}

impl TableKind {
    fn base(self) -> &'static [u16; 64] {
        match self {
            Self::Luma => &STANDARD_LUMA,
            Self::Chroma => &STANDARD_CHROMA,
        }
    }
}

/// The IJG quality that comes nearest to a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QualityEstimate {
    /// Quality 1..=100; the highest of those equally near.
    pub quality: u8,
    /// All 64 steps agree.
    pub exact: bool,
    /// Sum over the 64 steps of the absolute difference to the IJG table.
    pub distance: u32,
}

/// The IJG table of a quality, natural order, steps limited to 255.
///
/// Qualities outside 1..=100 are moved to the nearest one, as libjpeg does.
#[must_use]
pub fn ijg_table(quality: u8, kind: TableKind) -> [u16; 64] {
    scaled(quality, kind, BASELINE_LIMIT)
}

/// Estimates the IJG quality of a table in natural order.
#[must_use]
pub fn ijg_quality(steps: &[u16; 64], kind: TableKind) -> QualityEstimate {
    // Steps above 255 exist only where the encoder did not hold to baseline.
    let wide = steps.iter().any(|step| u32::from(*step) > BASELINE_LIMIT);
    let limit = if wide { EXTENDED_LIMIT } else { BASELINE_LIMIT };
    let distance = |quality| -> u32 {
        let table = scaled(quality, kind, limit);
        steps.iter().zip(&table).map(|(step, ijg)| u32::from(step.abs_diff(*ijg))).sum()
    };
    let mut best = QualityEstimate { quality: 100, exact: false, distance: distance(100) };
    for quality in (1..100).rev() {
        let found = distance(quality);
        if found < best.distance {
            best = QualityEstimate { quality, exact: false, distance: found };
        }
    }
    best.exact = best.distance == 0;
    best
}

fn scaled(quality: u8, kind: TableKind, limit: u32) -> [u16; 64] {
    let quality = u32::from(quality.clamp(1, 100));
    let scale = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    kind.base().map(|base| {
        let step = ((u32::from(base) * scale + 50) / 100).clamp(1, limit);
        u16::try_from(step).unwrap_or(u16::MAX)
    })
}

#[cfg(test)]
mod tests;
