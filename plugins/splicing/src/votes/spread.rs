// SPDX-License-Identifier: MIT OR Apache-2.0
//! Votes of a large picture, on a lattice so wide that no block holds two voting pixels.
//!
//! *How.* Every second row of sites is asked. Of the rows between, parts of [`PART`] sites are asked where
//! two sites beside them, near each other, agree on another grid than the one that most of the picture votes
//! for: a foreign region takes some ten sites, which hardly ever lack such a pair, and a picture with a grid
//! of its own has few others. A site that is not asked counts as one that does not vote, so no region gains by it.

use assay_plugin_api::prelude::NoScore;

use super::{better, join, states_of_row, vote_of, VoteMap, NO_VOTE};
use crate::zero_counts::{Picture, ZeroCounter, GROUP, GROUP_PIXELS};

/// Distance of neighbouring sites, px.
const STEP: usize = 16;
/// Sites of a row between that are asked together, and pixels that their blocks touch.
const PART: usize = 16;
const PART_PX: usize = (PART - 1) * STEP + GROUP_PIXELS;
/// Columns that two sites which agree are apart at most: a site between them may belong to both.
const NEAR: usize = 2;
/// One in so many sites must agree for a grid to be the picture's own: far more than chance explains.
const OWN_SHARE: usize = 8;

/// Lets the sites vote. `check` is asked between rows and stops the work.
///
/// # Errors
/// Those of `check`.
pub(super) fn votes(
    picture: &Picture<'_>,
    check: &mut impl FnMut() -> Result<(), NoScore>,
) -> Result<VoteMap, NoScore> {
    let mut whole = Row::new(picture.width);
    let (columns, rows) = (whole.sites(), (picture.height - GROUP_PIXELS) / STEP + 1);
    let mut votes = vec![NO_VOTE; columns * rows];
    for (row, votes) in votes.chunks_exact_mut(columns).enumerate().step_by(2) {
        check()?;
        whole.vote(picture, row, votes);
    }
    let mut asked = columns * rows.div_ceil(2);
    let own = own_vote(&votes);
    let mut part = Row::new(PART_PX.min(picture.width));
    for row in (1..rows).step_by(2) {
        check()?;
        let mut next = 0;
        for first in (0..columns).step_by(PART) {
            if !agree(&votes, columns, row, first, own) {
                continue;
            }
            // The last part is a whole one too.
            let left = first.min(columns - part.sites());
            let sites = &mut votes[row * columns + left..][..part.sites()];
            part.vote(&picture.columns(left * STEP, PART_PX), row, sites);
            let end = left + part.sites();
            asked += end - left.max(next);
            next = end;
        }
    }
    Ok(VoteMap { step: STEP, columns, votes, asked })
}

/// The vote of at least one in [`OWN_SHARE`] of all sites; of several the most frequent.
fn own_vote(votes: &[u8]) -> Option<u8> {
    let mut counts = [0_usize; 64];
    for &vote in votes {
        if let Some(count) = counts.get_mut(usize::from(vote)) {
            *count += 1;
        }
    }
    let most = (0_u8..).zip(&counts).max_by_key(|&(_, count)| count);
    // Half of the sites were asked.
    most.filter(|(_, count)| 2 * OWN_SHARE * **count >= votes.len()).map(|(vote, _)| vote)
}

/// Whether two sites of the rows above and below those from `first` on, near each other, have the same
/// vote, which is not the picture's own.
fn agree(votes: &[u8], columns: usize, row: usize, first: usize, own: Option<u8>) -> bool {
    let span = first.saturating_sub(NEAR)..(first + PART + NEAR).min(columns);
    let of_row = |row: usize| votes.get(row * columns..).and_then(|row| row.get(span.clone()));
    let (Some(above), below) = (of_row(row - 1), of_row(row + 1).unwrap_or_default()) else {
        return false;
    };
    let is_foreign = |vote: u8| vote != NO_VOTE && Some(vote) != own;
    let near = |row: &[u8], at: usize, from: usize, vote: u8| {
        row.iter().take(at + NEAR + 1).skip(from).any(|&other| other == vote)
    };
    let with_above = |(at, &vote): (usize, &u8)| {
        is_foreign(vote)
            && (near(above, at, at + 1, vote) || near(below, at, at.saturating_sub(NEAR), vote))
    };
    let with_below = |(at, &vote): (usize, &u8)| is_foreign(vote) && near(below, at, at + 1, vote);
    above.iter().enumerate().any(with_above) || below.iter().enumerate().any(with_below)
}

/// Asks rows of sites of pictures of one width; owns the buffers.
struct Row {
    counter: ZeroCounter,
    states: Vec<u16>,
    best: Vec<u16>,
    joined: Vec<u16>,
}

impl Row {
    fn new(width: usize) -> Self {
        let counter = ZeroCounter::spread(width, STEP);
        let states = || vec![0; counter.positions()];
        Self { states: states(), best: states(), joined: states(), counter }
    }

    fn sites(&self) -> usize {
        self.states.len() / GROUP
    }

    /// Writes the votes of a row of sites.
    fn vote(&mut self, picture: &Picture<'_>, row: usize, votes: &mut [u8]) {
        self.counter.band(picture, row * STEP, GROUP);
        self.best.fill(0);
        for i in 0..GROUP {
            let (counts, constant) = self.counter.row(i);
            states_of_row(i, counts, constant, &mut self.states);
            join(&self.best, &self.states, &mut self.joined);
            std::mem::swap(&mut self.best, &mut self.joined);
        }
        for (vote, states) in votes.iter_mut().zip(self.best.as_chunks::<GROUP>().0) {
            *vote = vote_of(states.iter().copied().fold(0, better));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::naive_vote;
    use super::super::MARGIN;
    use super::*;

    #[test]
    fn votes_are_those_of_the_definition_where_sites_are_asked() {
        // Without a grid of its own: parts of all kinds are asked.
        let (width, height) = (351, 303);
        let samples: Vec<u8> = (0..width * height)
            .map(|i| ((i * i / 7 + (i / width) * 3 + i % 5) as u8 / 3) ^ (i / 9 % 4) as u8)
            .collect();
        let picture = Picture::new(&samples, width, height, width);
        let map = votes(&picture, &mut || Ok(())).unwrap();
        assert_eq!((map.step, map.columns, map.votes.len()), (16, 22, 22 * 19));
        let of_site = |i: usize| naive_vote(&picture, MARGIN + i % 22 * 16, MARGIN + i / 22 * 16);
        let first: Vec<usize> = (0..22 * 19).filter(|i| i / 22 % 2 == 0).collect();
        assert!(first.iter().all(|&i| map.votes[i] == of_site(i)));
        let between = |i: &usize| i / 22 % 2 == 1 && map.votes[*i] != NO_VOTE;
        let between: Vec<usize> = (0..22 * 19).filter(between).collect();
        assert!(!between.is_empty() && map.asked > first.len() + between.len() / 2);
        assert!(between.iter().all(|&i| map.votes[i] == of_site(i)));
    }

    #[test]
    fn rows_between_are_asked_where_two_sites_agree_on_another_grid() {
        let columns = 40;
        let with = |sites: &[(usize, usize)]| {
            let mut votes = vec![NO_VOTE; columns * 3];
            sites.iter().for_each(|&(row, column)| votes[row * columns + column] = 9);
            votes
        };
        let parts = |sites: &[(usize, usize)], own| {
            let votes = with(sites);
            [0, 16, 32].map(|first| agree(&votes, columns, 1, first, own))
        };
        assert_eq!(parts(&[(0, 20), (0, 21)], None), [false, true, false]);
        assert_eq!(parts(&[(0, 20), (2, 18)], None), [false, true, false]);
        assert_eq!(parts(&[(2, 31), (2, 33)], None), [false, true, true]);
        assert_eq!(parts(&[(0, 20), (0, 23)], None), [false; 3]);
        assert_eq!(parts(&[(0, 20), (0, 21)], Some(9)), [false; 3]);
        assert_eq!(parts(&[(0, 20)], None), [false; 3]);
    }
}
