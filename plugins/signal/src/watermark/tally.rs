// SPDX-License-Identifier: MIT OR Apache-2.0
//! The votes of all blocks, summed over those that carry the same bit.
//!
//! Blocks are numbered row by row, and block `i` carries bit `i mod L` of a message of `L` bits
//! (`maxDct.py` of the reference). Blocks in a row are as many as fit, so the number of a block
//! follows from its place and the picture's width alone, whichever blocks are looked at.

/// Sums for one message length.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tally {
    sums: Vec<f32>,
}

impl Tally {
    /// No votes yet for a message of `length` bits, at least 1.
    pub(super) fn new(length: usize) -> Self {
        Self { sums: vec![0.0; length.max(1)] }
    }

    /// Adds the votes of consecutive blocks, the first of which has the number `first`.
    pub(super) fn add(&mut self, first: usize, votes: &[f32]) {
        let length = self.sums.len();
        let phase = first % length;
        let (head, rest) = votes.split_at(votes.len().min(length - phase));
        let add = |sums: &mut [f32], votes: &[f32]| {
            for (sum, vote) in sums.iter_mut().zip(votes) {
                *sum += vote;
            }
        };
        add(&mut self.sums[phase..], head);
        for votes in rest.chunks(length) {
            add(&mut self.sums, votes);
        }
    }

    /// How many of as many bits the sums favour, less what all sums have in common.
    pub(super) fn matched(&self, bits: &[bool]) -> usize {
        self.centred(1).iter().zip(bits).filter(|&(&sum, &bit)| (sum > 0.0) == bit).count()
    }

    /// The sums less the mean of those whose bits have the same place modulo `period` (at least 1).
    /// What they have in common is the picture's or the alphabet's, and where all say the same nothing
    /// is left.
    pub(super) fn centred(&self, period: usize) -> Vec<f64> {
        let mut centred: Vec<f64> = self.sums.iter().map(|&sum| f64::from(sum)).collect();
        for place in 0..period {
            let alike = || (place..centred.len()).step_by(period);
            let sum: f64 = alike().map(|at| centred[at]).sum();
            let mean = sum / alike().count().max(1) as f64;
            for at in (place..centred.len()).step_by(period) {
                centred[at] -= mean;
            }
        }
        centred
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_reach_the_bit_of_their_number_however_they_are_split() {
        let votes: Vec<f32> = (0..500_u16).map(|i| f32::from(i) - 100.0).collect();
        let mut wanted = vec![0.0; 46];
        for (i, vote) in votes.iter().enumerate() {
            wanted[(7 + i) % 46] += vote;
        }
        for split in [0, 1, 38, 39, 40, 200, 500] {
            let mut tally = Tally::new(46);
            tally.add(7, &votes[..split]);
            tally.add(7 + split, &votes[split..]);
            assert_eq!(tally.sums, wanted, "{split}");
        }
    }

    #[test]
    fn votes_that_are_all_alike_leave_nothing() {
        let mut tally = Tally::new(32);
        tally.add(0, &[1.0; 320]);
        assert!(tally.centred(1).iter().all(|&sum| sum == 0.0));
    }

    #[test]
    fn what_every_eighth_bit_has_in_common_is_taken_out_on_request() {
        let mut tally = Tally::new(64);
        tally.add(0, &(0..640_u16).map(|i| f32::from(i % 8)).collect::<Vec<_>>());
        assert!(tally.centred(8).iter().all(|&sum| sum == 0.0));
        assert!(tally.centred(1).iter().any(|&sum| sum != 0.0));
    }
}
