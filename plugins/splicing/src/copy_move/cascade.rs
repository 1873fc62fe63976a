// SPDX-License-Identifier: MIT OR Apache-2.0
//! The scales of an octave, row by row: of each no more rows are held than the next is blurred from.

use super::blur::Blur;
use super::extrema::{sigma_of, SCALES};
use super::field::Field;

/// Scales of an octave: those that are searched, one before and two after.
pub(super) const LEVELS: usize = SCALES + 3;

/// Standard deviation of the blur that makes scale `level` of the one before, px.
pub(super) fn blur_of(level: usize) -> f32 {
    let (before, after) = (sigma_of(level as f32 - 1.0), sigma_of(level as f32));
    (after * after - before * before).sqrt()
}

/// The last rows of a scale.
struct Rows {
    blur: Blur,
    /// Row after the last that is known.
    next: usize,
    held: Vec<f32>,
    width: usize,
}

impl Rows {
    /// Samples of a row that is held.
    fn row(&self, y: usize) -> &[f32] {
        &self.held[self.place(y)..][..self.width]
    }

    fn place(&self, y: usize) -> usize {
        y * self.width % self.held.len()
    }

    /// Adds the next row, given those of the scale before.
    fn advance<'a>(&mut self, height: usize, row: impl Fn(usize) -> &'a [f32]) {
        self.blur.down(self.next, height, row);
        let place = self.place(self.next);
        self.blur.across(&mut self.held[place..][..self.width]);
        self.next += 1;
    }
}

/// The scales of an octave.
pub(super) struct Cascade<'a> {
    first: &'a Field,
    /// Those after the first.
    further: Vec<Rows>,
}

impl<'a> Cascade<'a> {
    /// Of the octave of a first scale, from row `y` on.
    pub(super) fn new(first: &'a Field, y: usize) -> Self {
        let width = first.width;
        // Rows that a scale is ahead of the last one, and the radius of the next.
        let (mut ahead, mut radius) = (0, 0);
        let rows = |level: usize| {
            let blur = Blur::new(blur_of(level), width);
            let held = (2 * radius + 1).max(ahead + 1);
            let next = y.saturating_sub(ahead);
            radius = blur.radius();
            ahead += radius;
            Rows { blur, next, held: vec![0.0; held * width], width }
        };
        let mut further: Vec<Rows> = (1..LEVELS).rev().map(rows).collect();
        further.reverse();
        Self { first, further }
    }

    /// Goes on to row `y` of all scales: the one after the last, or the first.
    pub(super) fn reach(&mut self, y: usize) {
        Self::reach_in(self.first, &mut self.further, y);
    }

    fn reach_in(first: &Field, scales: &mut [Rows], y: usize) {
        let Some((last, before)) = scales.split_last_mut() else { return };
        while last.next <= y {
            let lowest = (last.next + last.blur.radius()).min(first.height - 1);
            Self::reach_in(first, before, lowest);
            match before.last() {
                Some(before) => last.advance(first.height, |row| before.row(row)),
                None => last.advance(first.height, |row| first.row(row)),
            }
        }
    }

    /// The row of a scale that was reached last.
    pub(super) fn row(&self, level: usize, y: usize) -> &[f32] {
        match level.checked_sub(1) {
            Some(further) => self.further[further].row(y),
            None => self.first.row(y),
        }
    }
}
