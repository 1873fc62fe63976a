// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which periodic traces count as an up-sampler's, and why the others do not.
//!
//! # What it tests
//! Every pattern in step and every peak: is it the codec's grid; is it the sensor's; is it in a few
//! places only; is it strong enough to be seen; is it on a lattice.
//!
//! # Why it works
//! An up-sampler's trace lies over the whole picture, flat places too, on the lattice of its factor, and
//! is weak: nobody would publish a picture with a grid to be seen. Textiles, screens, halftones and
//! prints are content: they have periods of their own, end where the object ends, and are seen.
//!
//! A sensor's mosaic repeats every 2 px, and its readout every 2 or 4 along rows or columns: neither
//! counts, unless a lattice of 4 px shows along the diagonals too. Resizing moves a former JPEG's grid and
//! the mosaic, which can then fall on any lattice; and a pattern of the content has harmonics.
//!
//! # When it does not apply
//! A strong lattice of a poor generator is called content. A faint halftone of a scan whose period is a
//! power of two px would count; scans hit one by chance only.
//!
//! # Constants and their source
//! [`MOST_LEVELS`]: 2 % of mid grey, above the threshold of the eye for fine gratings at reading distance
//! [Mannos, Sakrison 1974]. [`SAME_BINS`]: the main lobe of the
//! Hann window. [`MOST_ON_GRID`]: what the grid explains is an estimate, so ten times stricter than off
//! it. What a sensor explains and [`MOST_LEVELS`] were set after looking at the pictures of the model card.
//!
//! # References
//! Mannos, Sakrison, "The effects of a visual fidelity criterion on the encoding of images", IEEE Trans.
//! Information Theory 1974 (contrast sensitivity).

use crate::background;
use crate::lattice::{self, Direction, Pattern};
use crate::peaks::{self, Peak};
use crate::spectra::Spectra;

/// Largest amplitude of a trace that is not content, 8-bit levels.
const MOST_LEVELS: f64 = 2.5;
/// log10 of the number of false alarms below which a pattern on the codec's grid counts.
const MOST_ON_GRID: f64 = -3.0;
/// Period of a sensor's mosaic and the longest of its readout, px.
const SENSOR_PX: [usize; 2] = [2, 4];
/// Longest period of the lattices on which the few frequencies of a resized grid or mosaic fall, px; those of
/// longer ones take several frequencies.
const LONGEST_MOVED_PX: f64 = 16.0;
/// Bins within which a peak and a pattern are the same.
const SAME_BINS: f64 = 2.0;

/// Why a periodic trace says nothing of a generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// In few tiles.
    Local,
    /// Strong enough to be seen.
    Visible,
    /// No up-sampler's period.
    OffLattice,
    /// Of a period that sensors have.
    Sensor,
    /// Weaker than a pattern of the content, and so perhaps one of its harmonics.
    Harmonic,
    /// In a picture that was resized, where a former grid or mosaic can fall on any lattice.
    Resized,
}

impl Reason {
    /// The clause for a sentence.
    #[must_use]
    pub fn clause(self) -> &'static str {
        match self {
            Self::Local => "in a few places only",
            Self::Visible => "strong enough to be seen",
            Self::OffLattice => "off the lattices of up-samplers",
            Self::Sensor => "as a sensor's mosaic and readout leave it",
            Self::Harmonic => "weaker than a pattern of the content",
            Self::Resized => "in a picture that was resized",
        }
    }

    /// The word among values.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Visible => "visible",
            Self::OffLattice => "off_lattice",
            Self::Sensor => "sensor",
            Self::Harmonic => "harmonic",
            Self::Resized => "resized",
        }
    }
}

/// A periodic trace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trace {
    /// Its frequency, share of tiles and amplitude.
    pub peak: Peak,
    /// Period of its lattice, px; its wavelength off all lattices.
    pub period_px: f64,
    /// log10 of its number of false alarms.
    pub log10_nfa: f64,
    /// Whether it is in step over the whole picture.
    pub is_in_step: bool,
}

impl Trace {
    /// Along which way it repeats.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.peak.direction()
    }
}

/// What became of all traces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// Those that count, most significant first.
    pub counted: Vec<Trace>,
    /// Those that are content, most significant first.
    pub content: Vec<(Trace, Reason)>,
    /// How many the codec's grid explains.
    pub on_grid: usize,
}

/// What else is known of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Side of its codec's blocks, px.
    pub block_px: Option<u32>,
    /// Whether patterns were measured against what the codec's tables let expect.
    pub is_explained: bool,
    /// Whether it was resized.
    pub is_resized: bool,
}

/// Judges the patterns in step and the peaks of a picture.
#[must_use]
pub fn judge(
    spectra: &Spectra,
    patterns: &[Pattern],
    peaks: &[Peak],
    picture: Picture,
) -> Judgement {
    let Picture { block_px, is_explained, .. } = picture;
    let mut judgement = Judgement::default();
    let ring = background::ring();
    let side = spectra.side;
    let [mosaic, readout] = SENSOR_PX;
    let is_crossed = patterns.iter().any(|pattern| {
        pattern.point.period_px == readout && pattern.point.direction() == Direction::Diagonal
    });
    for pattern in patterns {
        let row = pattern.point.v.rem_euclid(side as isize) as usize;
        let peak = peaks::at_bin(spectra, &ring, (row, pattern.point.u), pattern.log10_nfa);
        let [frequency_x, frequency_y] = pattern.point.frequency(side);
        let trace = Trace {
            peak: Peak { frequency_x, frequency_y, ..peak },
            period_px: pattern.point.period_px as f64,
            log10_nfa: pattern.log10_nfa,
            is_in_step: true,
        };
        let is_on_grid = block_px.is_some_and(|side| trace.peak.on_block_grid(side));
        let period = pattern.point.period_px;
        if is_on_grid && (!is_explained || trace.log10_nfa >= MOST_ON_GRID) {
            judgement.on_grid += 1;
        } else if period == mosaic || (period == readout && !is_crossed) {
            judgement.content.push((trace, Reason::Sensor));
        } else if trace.peak.amplitude > MOST_LEVELS {
            judgement.content.push((trace, Reason::Visible));
        } else if lattice::drifts(spectra, &pattern.point) {
            judgement.content.push((trace, Reason::OffLattice));
        } else {
            judgement.counted.push(trace);
        }
    }
    for peak in peaks {
        let is_pattern = |trace: &Trace| same(&trace.peak, peak);
        let lattice = peak.lattice_px();
        let trace = Trace {
            peak: *peak,
            period_px: peak.period_px(),
            log10_nfa: peak.log10_nfa(),
            is_in_step: false,
        };
        if judgement.counted.iter().any(is_pattern)
            || judgement.content.iter().any(|(trace, _)| is_pattern(trace))
        {
            continue;
        }
        if block_px.is_some_and(|side| peak.on_block_grid(side)) {
            judgement.on_grid += 1;
        } else if trace.log10_nfa >= 0.0 {
            judgement.content.push((trace, Reason::Local));
        } else if lattice.is_none() {
            judgement.content.push((trace, Reason::OffLattice));
        } else if peak.amplitude > MOST_LEVELS {
            judgement.content.push((trace, Reason::Visible));
        } else {
            judgement.counted.push(trace);
        }
    }
    let strongest = judgement
        .content
        .iter()
        .filter(|(trace, reason)| match reason {
            Reason::Visible => true,
            // Up-samplers by 32 and 64 have frequencies that are not named by themselves.
            Reason::OffLattice => trace.is_in_step || !trace.peak.on_finest_lattice(),
            _ => false,
        })
        .map(|(trace, _)| trace.peak.amplitude)
        .fold(0.0, f64::max);
    let explained = |trace: &Trace| match () {
        () if picture.is_resized && trace.period_px <= LONGEST_MOVED_PX => Some(Reason::Resized),
        () if trace.peak.amplitude < strongest => Some(Reason::Harmonic),
        () => None,
    };
    let counted = std::mem::take(&mut judgement.counted);
    for trace in counted {
        match explained(&trace) {
            Some(reason) => judgement.content.push((trace, reason)),
            None => judgement.counted.push(trace),
        }
    }
    judgement.counted.sort_by(|a, b| a.log10_nfa.total_cmp(&b.log10_nfa));
    judgement.content.sort_by(|a, b| a.0.log10_nfa.total_cmp(&b.0.log10_nfa));
    judgement
}

fn same(a: &Peak, b: &Peak) -> bool {
    let bins = SAME_BINS / a.side as f64;
    (a.frequency_x - b.frequency_x).abs() <= bins && (a.frequency_y - b.frequency_y).abs() <= bins
}
