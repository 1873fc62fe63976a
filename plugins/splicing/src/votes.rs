// SPDX-License-Identifier: MIT OR Apache-2.0
//! Which JPEG grid each pixel votes for.
//!
//! A pixel belongs to 64 blocks, one of each grid origin. It votes for the origin of the block with
//! the most zero coefficients; a tie, or a winner that is constant along a direction, is no vote.
//! Pixels nearer than 7 px to the border, which have fewer than 64 blocks, do not vote.
//!
//! Votes are kept on a lattice of every second pixel in small pictures and every fourth in larger
//! ones: neighbouring pixels share their blocks, so a lattice loses little, and it bounds the work
//! that follows. In the largest pictures every sixteenth pixel votes, and only the blocks that hold
//! one are evaluated: a quarter of the work, and regions must be four times as large. There every second
//! row of them votes at first, and those between only near [sites that agree](spread) on another grid than
//! the picture's.
//!
//! *References.* Nikoukhah et al. 2021 (see [`crate::jpeg_grid`]).

use assay_plugin_api::prelude::NoScore;
use assay_signal::avx2_dispatch;

use crate::zero_counts::{Picture, ZeroCounter, BAND};

mod spread;

/// The value of a pixel that does not vote.
pub(crate) const NO_VOTE: u8 = 0xff;
/// First pixel that votes, along each axis.
pub(crate) const MARGIN: usize = 7;
/// Steps of the lattice, each with the pixels of a picture up to which it is taken.
const FINE: (usize, usize) = (2, 2_000_000);
const COARSE: (usize, usize) = (4, 4_000_000);
/// Votes on a lattice; site `(i, j)` is pixel `(MARGIN + i * step, MARGIN + j * step)`.
///
/// A vote is `(x0 mod 8) + 8 (y0 mod 8)` of the block that won.
#[derive(Clone, Debug)]
pub(crate) struct VoteMap {
    pub(crate) step: usize,
    pub(crate) columns: usize,
    pub(crate) votes: Vec<u8>,
    /// Sites that were asked; the others have [`NO_VOTE`].
    pub(crate) asked: usize,
}

impl VoteMap {
    /// Lets the pixels of a picture vote; both sides must be at least 15 px. `check` is asked
    /// between bands of rows and stops the work.
    pub(crate) fn of(
        picture: &Picture<'_>,
        mut check: impl FnMut() -> Result<(), NoScore>,
    ) -> Result<Self, NoScore> {
        let pixels = picture.width * picture.height;
        match [FINE, COARSE].into_iter().find(|&(_, most)| pixels <= most) {
            Some((step, _)) => Self::dense(picture, step, &mut check),
            None => spread::votes(picture, &mut check),
        }
    }

    fn dense(
        picture: &Picture<'_>,
        step: usize,
        check: &mut impl FnMut() -> Result<(), NoScore>,
    ) -> Result<Self, NoScore> {
        let (width, height) = (picture.width, picture.height);
        let columns = (width - 2 * MARGIN).div_ceil(step);
        let mut votes = Vec::with_capacity(columns * (height - 2 * MARGIN).div_ceil(step));
        let mut counter = ZeroCounter::dense(width);
        let mut window = Window::new(width);
        let positions = height - 7;
        for top in (0..positions).step_by(BAND) {
            check()?;
            let band = BAND.min(positions - top);
            counter.band(picture, top, band);
            for i in 0..band {
                let y = top + i;
                let (counts, constant) = counter.row(i);
                window.push(y, counts, constant);
                if y >= MARGIN && (y - MARGIN).is_multiple_of(step) {
                    let best = window.best(y).iter().step_by(step);
                    votes.extend(best.map(|&state| vote_of(state)));
                }
            }
        }
        let asked = votes.len();
        Ok(Self { step, columns, votes, asked })
    }

    /// Pixels that a site speaks for: never more than the 64 that share no block with another site.
    pub(crate) fn pixels_per_site(&self) -> usize {
        (self.step * self.step).min(64)
    }
}

/// The running maximum over the 8x8 block positions that contain a pixel.
///
/// A state is `zeros << 8 | vote`, the vote [`NO_VOTE`] after a tie; [`better`] joins two sets of
/// blocks. Windows of 8 are made of two windows of 4, and so on, along x and then along y.
struct Window {
    along_x: Vec<u16>,
    scratch: Vec<u16>,
    /// Rows of windows 8x1, 8x2 and 8x4, as many as the next size looks back.
    height_1: Ring<2>,
    height_2: Ring<3>,
    height_4: Ring<5>,
    height_8: Vec<u16>,
}

impl Window {
    fn new(width: usize) -> Self {
        let votes = width - 2 * MARGIN;
        Self {
            along_x: vec![0; width - 7],
            scratch: vec![0; width - 7],
            height_1: Ring::new(votes),
            height_2: Ring::new(votes),
            height_4: Ring::new(votes),
            height_8: vec![0; votes],
        }
    }

    /// Adds the block positions of row `y`; rows must come in order from 0.
    fn push(&mut self, y: usize, counts: &[u8], constant: &[u8]) {
        states_of_row(y % 8, counts, constant, &mut self.along_x);
        for shift in [1, 2, 4] {
            let n = self.along_x.len() - shift;
            join(&self.along_x[..n], &self.along_x[shift..], &mut self.scratch[..n]);
            std::mem::swap(&mut self.along_x, &mut self.scratch);
        }
        let votes = self.height_8.len();
        self.height_1.row_mut(y).copy_from_slice(&self.along_x[..votes]);
        if y >= 1 {
            join(self.height_1.row(y - 1), self.height_1.row(y), self.height_2.row_mut(y));
        }
        if y >= 3 {
            join(self.height_2.row(y - 2), self.height_2.row(y), self.height_4.row_mut(y));
        }
    }

    /// The states of pixel row `y >= 7`, the last row pushed, from pixel `MARGIN` on.
    fn best(&mut self, y: usize) -> &[u16] {
        join(self.height_4.row(y - 4), self.height_4.row(y), &mut self.height_8);
        &self.height_8
    }
}

/// The last `N` rows.
struct Ring<const N: usize>([Vec<u16>; N]);

impl<const N: usize> Ring<N> {
    fn new(length: usize) -> Self {
        Self(std::array::from_fn(|_| vec![0; length]))
    }

    fn row(&self, y: usize) -> &[u16] {
        &self.0[y % N]
    }

    fn row_mut(&mut self, y: usize) -> &mut [u16] {
        &mut self.0[y % N]
    }
}

fn vote_of(state: u16) -> u8 {
    state.to_le_bytes()[0]
}

/// The better of two states; equal numbers of zeros are a tie.
#[inline(always)]
fn better(a: u16, b: u16) -> u16 {
    let tie = if (a ^ b) & 0xff00 == 0 { u16::from(NO_VOTE) } else { 0 };
    a.max(b) | tie
}

#[inline(always)]
fn join_portable(a: &[u16], b: &[u16], out: &mut [u16]) {
    for (out, (&a, &b)) in out.iter_mut().zip(a.iter().zip(b)) {
        *out = better(a, b);
    }
}

#[inline(always)]
fn states_of_row_portable(y: usize, counts: &[u8], constant: &[u8], states: &mut [u16]) {
    let row = (y as u16 % 8) * 8;
    for (x, (state, (&zeros, &constant))) in
        states.iter_mut().zip(counts.iter().zip(constant)).enumerate()
    {
        let vote = if constant == 0 { row + (x as u16 & 7) } else { u16::from(NO_VOTE) };
        *state = u16::from(zeros) << 8 | vote;
    }
}

avx2_dispatch! {
    fn join(a: &[u16], b: &[u16], out: &mut [u16]) = join_portable
}
avx2_dispatch! {
    fn states_of_row(y: usize, counts: &[u8], constant: &[u8], states: &mut [u16])
        = states_of_row_portable
}

#[cfg(test)]
pub(crate) mod tests {
    use assay_signal::dct::forward;

    use super::*;

    pub(crate) fn naive_vote(picture: &Picture<'_>, x: usize, y: usize) -> u8 {
        let mut best = (0, NO_VOTE);
        for (y0, x0) in (y - 7..=y).flat_map(|y0| (x - 7..=x).map(move |x0| (y0, x0))) {
            let pixel = |i: usize| picture.row(y0 + i / 8)[x0 + i % 8];
            let coefficients = forward(&std::array::from_fn(|i| f32::from(pixel(i))));
            let zeros = coefficients[1..].iter().filter(|c| c.abs() < 0.5).count();
            let constant = (0..64).all(|i| pixel(i) == pixel(i / 8 * 8))
                || (0..64).all(|i| pixel(i) == pixel(i % 8));
            let vote = if constant { NO_VOTE } else { ((x0 % 8) + 8 * (y0 % 8)) as u8 };
            match zeros.cmp(&best.0) {
                std::cmp::Ordering::Greater => best = (zeros, vote),
                std::cmp::Ordering::Equal => best.1 = NO_VOTE,
                std::cmp::Ordering::Less => {}
            }
        }
        best.1
    }

    #[test]
    fn votes_equal_the_definition() {
        let (width, height) = (61, 47);
        let samples: Vec<u8> = (0..width * height)
            .map(|i| {
                let (x, y) = (i % width, i / width);
                if x < 20 && y < 20 {
                    9
                } else {
                    (x * x / 7 + y * 3 + (x * y) % 5) as u8
                }
            })
            .collect();
        let picture = Picture::new(&samples, width, height, width);
        let map = VoteMap::of(&picture, || Ok(())).unwrap();
        assert_eq!((map.step, map.columns, map.votes.len()), (2, 24, 24 * 17));
        for (i, &vote) in map.votes.iter().enumerate() {
            let (x, y) = (MARGIN + i % 24 * 2, MARGIN + i / 24 * 2);
            assert_eq!(vote, naive_vote(&picture, x, y), "({x}, {y})");
        }
        assert_eq!(map.votes[0], NO_VOTE);
    }
}
