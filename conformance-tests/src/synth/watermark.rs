// SPDX-License-Identifier: MIT OR Apache-2.0
//! Invisible watermarks as open generators write them: one bit a block of 8x8 px, in the blue
//! difference, the message over and over.
//!
//! The blue difference is averaged over 2x2 px; of the sixteen averages of a block one number is
//! moved to a quarter (for a 0) or three quarters (for a 1) of its step of 36: the largest magnitude
//! except the first one's, or the largest singular value. The pixels of a cell move together.
//!
//! *Source.* The description and behaviour of the package `invisible-watermark` 0.2.0 (methods `dwtDct`
//! and `dwtDctSvd`), which reads what is written here.

use super::Picture;

/// Side of a block, cells; a cell is 2x2 px.
const SIDE: usize = 4;
/// The step.
const STEP: f64 = 36.0;
/// Rounds of the power iteration for the largest singular value.
const ROUNDS: usize = 200;

/// Which number of a block is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// The largest magnitude but for the first cell's (`dwtDct`).
    LargestCell,
    /// The largest singular value (`dwtDctSvd`).
    SingularValue,
}

/// How a message is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watermark {
    /// Its bits.
    pub bits: Vec<bool>,
    /// Which number of a block is moved.
    pub number: Number,
    /// Whether neutral blue difference is 128, as for bytes, or 0.5, as for real numbers.
    pub is_of_bytes: bool,
    /// Whether red and blue are exchanged.
    pub is_exchanged: bool,
}

impl Watermark {
    /// A text, byte by byte, in the largest cells of a picture of bytes.
    #[must_use]
    pub fn text(text: &str) -> Self {
        let bits = text.bytes().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1 == 1));
        Self::bits(bits.collect())
    }

    /// Bits given as digits, in the largest cells of a picture of bytes.
    #[must_use]
    pub fn digits(digits: &str) -> Self {
        Self::bits(digits.chars().map(|digit| digit == '1').collect())
    }

    fn bits(bits: Vec<bool>) -> Self {
        Self { bits, number: Number::LargestCell, is_of_bytes: true, is_exchanged: false }
    }

    /// The marked picture.
    #[must_use]
    pub fn write(&self, picture: &Picture) -> Picture {
        let mut marked = picture.clone();
        let (columns, rows) = (picture.width / (2 * SIDE), picture.height / (2 * SIDE));
        let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)));
        for ((column, row), bit) in places.zip(self.bits.iter().cycle()) {
            let (x, y) = (2 * SIDE * column, 2 * SIDE * row);
            let cells: Cells = std::array::from_fn(|v| {
                std::array::from_fn(|u| self.cell(picture, x + 2 * u, y + 2 * v))
            });
            for (v, moved) in self.moves(&cells, *bit).iter().enumerate() {
                for (u, &by) in moved.iter().enumerate() {
                    self.move_cell(&mut marked, x + 2 * u, y + 2 * v, by / 2.0);
                }
            }
        }
        marked
    }

    /// Half the sum of the blue difference of 2x2 px.
    fn cell(&self, picture: &Picture, x: usize, y: usize) -> f64 {
        let neutral = if self.is_of_bytes { 128.0 } else { 0.5 };
        let difference = |(x, y)| {
            let [first, green, last] = picture.pixel(x, y).map(f64::from);
            let [red, blue] = if self.is_exchanged { [last, first] } else { [first, last] };
            0.492 * (blue - 0.299 * red - 0.587 * green - 0.114 * blue) + neutral
        };
        let pixels = [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)];
        pixels.map(difference).iter().sum::<f64>() / 2.0
    }

    /// By how much each cell has to move.
    fn moves(&self, cells: &Cells, bit: bool) -> Cells {
        let target = |value: f64| ((value / STEP).floor() + if bit { 0.75 } else { 0.25 }) * STEP;
        let mut moves = [[0.0; SIDE]; SIDE];
        match self.number {
            Number::LargestCell => {
                let places = (1..SIDE * SIDE).map(|at| (at / SIDE, at % SIDE));
                let size = |(v, u): (usize, usize)| cells[v][u].abs();
                let largest = places.reduce(|a, b| if size(b) > size(a) { b } else { a });
                if let Some((v, u)) = largest {
                    moves[v][u] = (target(size((v, u))) - size((v, u))).copysign(cells[v][u]);
                }
            }
            Number::SingularValue => {
                let (value, left, right) = leading(cells);
                for (row, left) in moves.iter_mut().zip(left) {
                    for (cell, right) in row.iter_mut().zip(right) {
                        *cell = (target(value) - value) * left * right;
                    }
                }
            }
        }
        moves
    }

    /// Adds `by` to the blue difference of 2x2 px and leaves luma and the red difference.
    fn move_cell(&self, picture: &mut Picture, x: usize, y: usize, by: f64) {
        for (x, y) in [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)] {
            let [first, green, last] = picture.pixel(x, y).map(f64::from);
            let blue = 2.032 * by;
            let [first, last] =
                if self.is_exchanged { [first + blue, last] } else { [first, last + blue] };
            let moved = [first, green - 0.395 * by, last];
            picture.set_pixel(x, y, moved.map(|value| value.round().clamp(0.0, 255.0) as u8));
        }
    }
}

/// The averages of a block, row by row.
type Cells = [[f64; SIDE]; SIDE];

/// Largest singular value with its vectors, by power iteration.
fn leading(cells: &Cells) -> (f64, [f64; SIDE], [f64; SIDE]) {
    let unit = |vector: [f64; SIDE]| {
        let length = vector.iter().map(|value| value * value).sum::<f64>().sqrt();
        (length, if length > 0.0 { vector.map(|value| value / length) } else { vector })
    };
    let mut right = [0.5; SIDE];
    let mut found = (0.0, [0.0; SIDE]);
    for _ in 0..ROUNDS {
        let dot = |row: &[f64; SIDE]| row.iter().zip(&right).map(|(a, b)| a * b).sum();
        found = unit(cells.each_ref().map(dot));
        let left = found.1;
        let back = |u: usize| (0..SIDE).map(|v| cells[v][u] * left[v]).sum();
        right = unit(std::array::from_fn(back)).1;
    }
    (found.0, found.1, right)
}
