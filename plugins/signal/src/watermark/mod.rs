// SPDX-License-Identifier: MIT OR Apache-2.0
//! Invisible watermarks that open generators write by default.
//!
//! # What it tests
//! Whether a picture carries one of the [`message::KNOWN`] messages in the way of the package
//! `invisible-watermark`: each 8x8 px block of the picture carries one bit in a number of its blue
//! difference ([`carrier`], [`vote`]), the message repeated block after block ([`tally`]).
//!
//! # Why it works
//! The reference decoder takes the majority of the blocks for each bit and compares texts: one wrong bit
//! and nothing is found, although with its own embedder and no attack a fifth of the blocks say the
//! wrong thing, since the cell that was the largest often no longer is after it was set. Asked for a
//! *known* message the same votes have far more to say: their sum over all bits is held against those
//! of all messages of that length ([`significance`]). The reference's majority is not needed, and what it
//! finds is found.
//!
//! Under "this picture has nothing to do with the message" the message is as good as drawn by lot, so
//! the share of all messages that agree as well, times the number of tests, is the expected number of
//! false alarms. It is exact for any picture, since only the messages are counted; at most
//! [`MOST_FALSE_ALARMS`] is asked for. The sums are centred first: a picture whose blocks all say the
//! same, which bright and flat ones do, agrees with nothing. Texts share the highest bits of their letters, so a picture that
//! carries some other text is not without relation to a known one: what differs from letter to letter
//! must agree as well, as with less than [`MOST_OTHER_TEXTS`] of other texts.
//!
//! A picture that was cut out of a marked one is searched by itself ([`moved`]), for a fifth of the
//! false alarms that are allowed.
//!
//! # When it does not apply
//! Below 256x256 px in area nothing is embedded. Resizing and turning lose the message, as does strong
//! compression. Anybody can write it into a photograph. Absence says nothing: most programs write none.
//!
//! # Constants and their source
//! Block side, step and order: `maxDct.py`, `dwtDctSvd.py` and `watermark.py` of
//! ShieldMnt/invisible-watermark 0.2.0. At most [`MOST_BLOCKS`] blocks are read, in bands spread over the
//! height: as many as the 1024x1024 px have that SDXL and FLUX draw by themselves.
//!
//! # References
//! Al-Haj, "Combined DWT-DCT digital image watermarking", Journal of Computer Science 3(9), 2007, is
//! the idea that the package names. Messages: [`message`].

pub mod carrier;
pub mod message;
mod moved;
mod planes;
mod sharpen;
mod significance;
mod tally;
#[cfg(test)]
mod tests;
pub mod vote;

use carrier::{Carrier, CARRIERS};
use message::{Message, KNOWN};
use planes::Planes;
use tally::Tally;
use vote::{Method, SIDE};

use crate::traces::Picture;

/// Expected false alarms in an unmarked picture, at most.
pub const MOST_FALSE_ALARMS: f64 = 1e-6;
/// The part of them that is left to marks in their own place.
const PART_IN_PLACE: f64 = 0.8;
/// Share of other texts in whose place a text may stand, at most.
const MOST_OTHER_TEXTS: f64 = 1e-3;
/// Least area of a picture that is ever marked, px (`watermark.py`).
const LEAST_AREA: usize = 256 * 256;
/// Side of a block, px.
const BLOCK_PX: usize = 2 * SIDE;
/// Most blocks read.
const MOST_BLOCKS: usize = 16_384;
/// Rows of blocks of a band.
const BAND: usize = 8;

/// How the votes of one tally come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Setting {
    /// Index of the carrier in [`CARRIERS`].
    carrier: usize,
    is_sharpened: bool,
    method: Method,
}

/// A watermark that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watermark {
    /// What it says.
    pub message: &'static Message,
    /// Which number of a block carries it.
    pub method: Method,
    /// How the picture had reached the embedder.
    pub carrier: Carrier,
    /// Bits of the message that the votes of their blocks favour.
    pub matched: usize,
    /// The picture was cut out of the marked one.
    pub is_cut_out: bool,
    /// Decimal logarithm of the expected number of false alarms, at most -6.
    pub log10_nfa: f64,
}

/// The most certain known watermark of a picture, if one is certain enough.
#[must_use]
pub fn find(picture: &Picture<'_>) -> Option<Watermark> {
    if picture.width().saturating_mul(picture.height()) < LEAST_AREA {
        return None;
    }
    let is_certain = |found: &Watermark| found.log10_nfa <= MOST_FALSE_ALARMS.log10();
    in_place(picture).filter(is_certain).or_else(|| moved::find(picture).filter(is_certain))
}

/// The most certain mark whose blocks lie where its embedder put them.
fn in_place(picture: &Picture<'_>) -> Option<Watermark> {
    let settings = settings();
    let tests = (settings.len() * KNOWN.len()) as f64 / PART_IN_PLACE;
    let found = settings.iter().zip(tallies(picture, &settings)).flat_map(|(setting, tallies)| {
        KNOWN.iter().zip(tallies).map(|(message, tally)| {
            let bits: Vec<bool> = message.bits().collect();
            let share = |period| significance::log10_share(&tally.centred(period), &bits);
            let is_told = share(message.period()) <= MOST_OTHER_TEXTS.log10();
            let log10_nfa = tests.log10() + if is_told { share(1) } else { 0.0 };
            let (method, carrier) = (setting.method, CARRIERS[setting.carrier]);
            let matched = tally.matched(&bits);
            Watermark { message, method, carrier, matched, is_cut_out: false, log10_nfa }
        })
    });
    // Ties go to the first, which is the plainest setting.
    found.reduce(|best, next| if next.log10_nfa < best.log10_nfa { next } else { best })
}

/// Every way of voting that is tried.
fn settings() -> Vec<Setting> {
    let every = |method: Method, carriers: std::ops::Range<usize>| {
        [false, true].into_iter().flat_map(move |is_sharpened| {
            carriers.clone().map(move |carrier| Setting { carrier, is_sharpened, method })
        })
    };
    let largest = every(Method::LargestCell, 0..CARRIERS.len());
    // No program is known that writes these with red and blue exchanged.
    largest.chain(every(Method::SingularValue, 0..2)).collect()
}

/// For each setting the tallies of all known messages.
fn tallies(picture: &Picture<'_>, settings: &[Setting]) -> Vec<Vec<Tally>> {
    let (columns, rows) = (picture.width() / BLOCK_PX, picture.height() / BLOCK_PX);
    let empty: Vec<Tally> = KNOWN.iter().map(|message| Tally::new(message.length())).collect();
    let mut tallies = vec![empty; settings.len()];
    let (mut planes, mut votes) = (Planes::default(), Vec::with_capacity(columns));
    for band in bands(columns, rows, MOST_BLOCKS) {
        planes.read(picture, (0, 0), SIDE * columns, SIDE * band.start..SIDE * band.end);
        for row in band.clone() {
            for (setting, tallies) in settings.iter().zip(&mut tallies) {
                let cells = planes.rows(setting, (0, SIDE * (row - band.start)), SIDE * columns);
                vote::of_blocks(&cells, setting.method, &mut votes);
                tallies.iter_mut().for_each(|tally| tally.add(row * columns, &votes));
            }
        }
    }
    tallies
}

/// Rows of blocks to read, about `most_blocks`, in bands evenly spread over `rows` rows of `columns`.
fn bands(
    columns: usize,
    rows: usize,
    most_blocks: usize,
) -> impl Iterator<Item = std::ops::Range<usize>> {
    let all = rows.div_ceil(BAND);
    let most = (most_blocks / (BAND * columns.max(1))).max(1).min(all);
    (0..most).map(move |index| {
        let start = index * all / most * BAND;
        start..rows.min(start + BAND)
    })
}
