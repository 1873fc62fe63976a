// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pixels of a rectangle, a bit each.

use super::plane::Plane;

/// Pixels of a word.
const WORD: usize = u32::BITS as usize;

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Frame {
    /// The smallest that holds the points, wider by `margin` on each side, within a plane.
    pub(super) fn around(points: &[[f32; 2]], margin: f32, plane: &Plane<'_>) -> Self {
        let edge = |axis: usize, side: usize| {
            let values = points.iter().map(|at| at[axis]);
            let least = values.clone().fold(f32::INFINITY, f32::min) - margin;
            let most = values.fold(f32::NEG_INFINITY, f32::max) + margin;
            let from = (least.max(0.0) as usize).min(side.saturating_sub(1));
            (from, (most.max(0.0).ceil() as usize + 1).clamp(from + 1, side) - from)
        };
        let ((x, width), (y, height)) = (edge(0, plane.width), edge(1, plane.height));
        Self { x, y, width, height }
    }

    /// The point of a column and a row.
    pub(super) fn point(&self, x: usize, y: usize) -> [f32; 2] {
        [(self.x + x) as f32, (self.y + y) as f32]
    }

    /// Column and row of the pixel nearest to a point; `None` outside.
    pub(super) fn place(&self, [x, y]: [f32; 2]) -> Option<(usize, usize)> {
        let (x, y) = (x.round() - self.x as f32, y.round() - self.y as f32);
        let inside = x >= 0.0 && y >= 0.0 && x < self.width as f32 && y < self.height as f32;
        inside.then_some((x as usize, y as usize))
    }

    /// Words of a row of a [`Patch`].
    pub(super) fn words(&self) -> usize {
        self.width.div_ceil(WORD)
    }
}

/// Some of the pixels of a frame.
#[derive(Clone, Debug)]
pub(super) struct Patch {
    pub(super) frame: Frame,
    /// Row by row, [`Frame::words`] each, the lowest bit first.
    words: Vec<u32>,
}

impl Patch {
    pub(super) fn empty(frame: Frame) -> Self {
        Self { frame, words: vec![0; frame.words() * frame.height] }
    }

    /// The pixels of word `word` of row `y`.
    pub(super) fn word(&self, word: usize, y: usize) -> u32 {
        self.words[y * self.frame.words() + word]
    }

    /// Adds pixels to a word.
    pub(super) fn add(&mut self, word: usize, y: usize, pixels: u32) {
        self.words[y * self.frame.words() + word] |= pixels;
    }

    /// How many pixels it has.
    pub(super) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether it has the pixel at `(x, y)` of the plane.
    pub(super) fn holds(&self, x: usize, y: usize) -> bool {
        let (x, y) = (x.wrapping_sub(self.frame.x), y.wrapping_sub(self.frame.y));
        let inside = x < self.frame.width && y < self.frame.height;
        inside && self.word(x / WORD, y) >> (x % WORD) & 1 == 1
    }

    /// How many pixels it has of a square whose sides have at most [`WORD`] pixels, and whose corner
    /// lies within the frame.
    pub(super) fn count_in(&self, [left, top]: [usize; 2], side: usize) -> usize {
        let (x, y) = (left - self.frame.x, top - self.frame.y);
        let (word, shift) = (x / WORD, x % WORD);
        let wanted = (1_u64 << side) - 1;
        let of_row = |y: usize| {
            let row = &self.words[y * self.frame.words()..][..self.frame.words()];
            let next = row.get(word + 1).copied().unwrap_or(0);
            let both = u64::from(row[word]) | u64::from(next) << WORD;
            (both >> shift & wanted).count_ones() as usize
        };
        (y..(y + side).min(self.frame.height)).map(of_row).sum()
    }

    /// The points of its pixels, row by row.
    pub(super) fn points(&self) -> impl Iterator<Item = [f32; 2]> + '_ {
        let width = self.frame.words();
        let of_word = move |(at, &word): (usize, &u32)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                (rest != 0).then(|| {
                    rest &= rest - 1;
                    self.frame.point(at % width * WORD + bit, at / width)
                })
            })
        };
        self.words.iter().enumerate().filter(|(_, &word)| word != 0).flat_map(of_word)
    }

    /// The smallest frame that holds its pixels, wider by `margin` on each side; `None` without any.
    pub(super) fn around(&self, margin: f32, plane: &Plane<'_>) -> Option<Frame> {
        let mut of_columns = vec![0_u32; self.frame.words()];
        let (mut first, mut last) = (None, 0);
        for (y, row) in self.words.chunks_exact(self.frame.words()).enumerate() {
            of_columns.iter_mut().zip(row).for_each(|(all, word)| *all |= word);
            if row.iter().any(|&word| word != 0) {
                first = first.or(Some(y));
                last = y;
            }
        }
        let bits = |(at, word): (usize, &u32)| (at * WORD, *word);
        let mut set = of_columns.iter().enumerate().map(bits).filter(|&(_, word)| word != 0);
        let (start, lowest) = set.next()?;
        let (end, highest) = set.next_back().unwrap_or((start, lowest));
        let left = start + lowest.trailing_zeros() as usize;
        let right = end + WORD - 1 - highest.leading_zeros() as usize;
        let corners = [self.frame.point(left, first?), self.frame.point(right, last)];
        Some(Frame::around(&corners, margin, plane))
    }
}
