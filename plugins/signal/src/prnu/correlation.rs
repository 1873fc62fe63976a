// SPDX-License-Identifier: MIT OR Apache-2.0
//! How well a picture fits a fingerprint at every shift at once.
//!
//! # What it tests
//! Whether one shift of the picture correlates with the fingerprint far more than all others do.
//!
//! # Why it works
//! With the Fourier transform all circular shifts cost as little as one. The peak-to-correlation
//! energy `PCE = sign(c) c^2 / mean(c'^2)`, the mean over all shifts `c'` but the square of 11 px
//! around the peak, is the squared number of standard deviations by which the peak stands out; a
//! negative correlation, which no camera makes, stays negative.
//!
//! # When it does not apply
//! Where both planes have the same periodic pattern, many shifts correlate and the ratio falls.
//!
//! # Constants and their source
//! [`EXCLUDED_PX`] [Goljan 2009, equation 3].
//!
//! # References
//! Goljan, Fridrich, Filler, "Large scale test of sensor fingerprint camera identification", SPIE
//! 7254, 2009; Kumar, Hassebrook, "Performance measures for correlation filters", Applied Optics
//! 1990.

use super::transform::{Spectrum, Transform};
use crate::Samples;

/// Side of the square around a peak that is left out of the energy, px [Goljan 2009].
pub const EXCLUDED_PX: usize = 11;

/// Correlations at all circular shifts of a picture over a frame.
#[derive(Clone, Debug)]
pub struct Correlations {
    plane: Samples,
    energy: f64,
}

/// The strongest of some shifts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// Column of the frame on which the picture's first column lies, px; negative when the picture
    /// begins before the frame.
    pub x: isize,
    /// The same of rows.
    pub y: isize,
    /// The signed peak-to-correlation energy.
    pub pce: f64,
}

impl Correlations {
    /// Correlates `picture`, which is no larger than `frame` along either axis, with it. Takes 8 bytes
    /// for each pixel of the frame beside the picture.
    ///
    /// # Panics
    /// If the picture is larger than the frame, or either is empty.
    #[must_use]
    pub fn new(picture: &Samples, frame: Samples) -> Self {
        let (height, width) = frame.dim();
        let (rows, columns) = picture.dim();
        assert!(
            (1..=height).contains(&rows) && (1..=width).contains(&columns),
            "picture of {columns}x{rows} in a frame of {width}x{height}"
        );
        let transform = Transform::new(width, height);
        let mut product = transform.forward(&frame);
        drop(frame);
        let other = if (rows, columns) == (height, width) {
            transform.forward(picture)
        } else {
            let mut padded = Samples::zeros((height, width));
            padded.slice_mut(ndarray::s![..rows, ..columns]).assign(picture);
            transform.forward(&padded)
        };
        multiply_with_conjugate(&mut product, &other);
        drop(other);
        let plane = transform.inverse(product);
        let energy = plane.iter().map(|&c| f64::from(c) * f64::from(c)).sum();
        Self { plane, energy }
    }

    /// The PCE at the circular shift `(x, y)`.
    #[must_use]
    pub fn pce(&self, x: isize, y: isize) -> f64 {
        let (height, width) = self.plane.dim();
        let reach = (EXCLUDED_PX / 2) as isize;
        let side = |length: usize| EXCLUDED_PX.min(length) as isize;
        let (mut excluded, mut count) = (0.0, 0_usize);
        for dy in -reach..side(height) - reach {
            for dx in -reach..side(width) - reach {
                let c = f64::from(self.at(x + dx, y + dy));
                excluded += c * c;
                count += 1;
            }
        }
        let rest = self.plane.len() - count;
        let mean = (self.energy - excluded) / rest.max(1) as f64;
        let peak = f64::from(self.at(x, y));
        // What is left beside the peak may be rounding only; then nothing stands out.
        if rest == 0 || mean <= self.energy * f64::EPSILON {
            return 0.0;
        }
        peak * peak.abs() / mean
    }

    /// The largest correlation among the shifts of these columns and rows.
    #[must_use]
    pub fn peak(
        &self,
        columns: std::ops::RangeInclusive<isize>,
        rows: std::ops::RangeInclusive<isize>,
    ) -> Peak {
        let mut best = (f32::NEG_INFINITY, *columns.start(), *rows.start());
        for y in rows {
            for x in columns.clone() {
                let c = self.at(x, y);
                if c > best.0 {
                    best = (c, x, y);
                }
            }
        }
        let (_, x, y) = best;
        Peak { x, y, pce: self.pce(x, y) }
    }

    fn at(&self, x: isize, y: isize) -> f32 {
        let (height, width) = self.plane.dim();
        let wrapped = |at: isize, length: usize| at.rem_euclid(length as isize) as usize;
        self.plane[[wrapped(y, height), wrapped(x, width)]]
    }
}

fn multiply_with_conjugate(product: &mut Spectrum, other: &Spectrum) {
    for (value, other) in product.values.iter_mut().zip(&other.values) {
        *value *= other.conj();
    }
}
