// SPDX-License-Identifier: MIT OR Apache-2.0
//! How many such copies chance and repeated things would make.
//!
//! A piece fits its place better than any other place by a ratio of squared distances. Among things
//! that are alike by nature the nearest of many differs from the second nearest by a ratio `r` with
//! probability `r^(d/2)`, where `d` is the number of dimensions that they vary in: the volume of a
//! ball. `d` was measured, not assumed. A pair of like things (two windows, a mirrored front) is
//! nearer than chance to begin with, and that is given away: only what exceeds [`PAIR`] counts.
//! Pieces that fall short of it count against the others, for a copy fits everywhere.

use super::matches::MOST_MAPS;
use super::rivals::Rivalry;

/// Most pieces of a region that are compared.
pub(super) const MOST_PIECES: usize = 8;
/// log10 of the ratio that a pair of like things has: the median over the pieces of the most
/// striking such pairs (fronts, masts, cars) among authentic pictures.
const PAIR: f64 = 0.8;
/// `d / 2`: slope of the logarithm of the share of pieces over that of the ratio, between 0.5 and
/// 1.75, from 1,500 pieces of authentic pictures.
const HALF_DIMENSIONS: f64 = 1.5;
/// What one piece counts at most, so that no piece is enough, and what it counts at least, so that
/// one that the edge of the copy cuts does not outweigh the rest.
const MOST: f64 = 1.2;
const LEAST: f64 = -0.4;
/// Share of a piece's variance by which a copy may differ, from copies through JPEG of quality 65
/// and up. It is smooth to one pixel: what is left of coding noise there is little, while things
/// that are alike by nature differ at all scales.
const LARGEST_DIFFERENCE: f64 = 0.015;
/// A difference below which it is no longer told from none.
const SMALLEST_DIFFERENCE: f64 = 1e-4;

/// Expected number of copies as striking in a picture without any, log10.
pub(super) fn log10_nfa(rivalries: &[Rivalry]) -> f64 {
    let tests = (MOST_MAPS * MOST_PIECES) as f64;
    tests.log10() - HALF_DIMENSIONS * rivalries.iter().map(evidence).sum::<f64>()
}

/// Whether a piece by itself speaks for a copy.
pub(super) fn speaks_for_copy(piece: &Rivalry) -> bool {
    evidence(piece) > 0.0
}

fn evidence(piece: &Rivalry) -> f64 {
    let most = if piece.own <= LARGEST_DIFFERENCE { MOST } else { 0.0 };
    let ratio = piece.rival.max(SMALLEST_DIFFERENCE) / piece.own.max(SMALLEST_DIFFERENCE);
    (ratio.log10() - PAIR).clamp(LEAST, most)
}

#[cfg(test)]
mod tests {
    use super::{log10_nfa, Rivalry};

    fn pieces(count: usize, own: f64, rival: f64) -> Vec<Rivalry> {
        vec![Rivalry { own, rival }; count]
    }

    #[test]
    fn one_piece_is_never_enough_and_two_perfect_ones_are() {
        assert!(log10_nfa(&pieces(1, 0.0, 1.0)) > 0.0);
        // log10(80) - 1.5 * 2 * 1.2
        assert!((log10_nfa(&pieces(2, 0.0, 1.0)) + 1.697).abs() < 1e-3);
    }

    #[test]
    fn like_things_and_what_differs_are_no_copies_however_many() {
        assert!(log10_nfa(&pieces(8, 0.010, 0.060)) > 0.0);
        assert!(log10_nfa(&pieces(8, 0.020, 1.0)) > 0.0);
    }

    #[test]
    fn pieces_that_do_not_fit_speak_against_those_that_do() {
        let mut mixed = pieces(2, 0.0005, 0.1);
        let alone = log10_nfa(&mixed);
        mixed.extend(pieces(4, 0.05, 0.05));
        assert!(alone < 0.0 && log10_nfa(&mixed) > 0.0);
    }
}
