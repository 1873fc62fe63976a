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
//! # When it does not apply
//! Below 256x256 px in area nothing is embedded. Resizing, turning, and cropping by other than whole
//! blocks and rows of blocks lose the message, as does strong compression. Anybody can write it into
//! a photograph. Absence says nothing: most programs write none.
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
mod sharpen;
mod significance;
mod tally;
#[cfg(test)]
mod tests;
pub mod vote;

use carrier::{Carrier, Cells, CARRIERS, NEUTRAL_DIFFERENCE};
use message::{Message, KNOWN};
use sharpen::REACH;
use tally::Tally;
use vote::{Method, SIDE};

use crate::traces::Picture;

/// Expected false alarms in an unmarked picture, at most.
pub const MOST_FALSE_ALARMS: f64 = 1e-6;
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
    /// Decimal logarithm of the expected number of false alarms, at most -6.
    pub log10_nfa: f64,
}

/// The most certain known watermark of a picture, if one is certain enough.
#[must_use]
pub fn find(picture: &Picture<'_>) -> Option<Watermark> {
    if picture.width().saturating_mul(picture.height()) < LEAST_AREA {
        return None;
    }
    let settings = settings();
    let tests = (settings.len() * KNOWN.len()) as f64;
    let found = settings.iter().zip(tallies(picture, &settings)).flat_map(|(setting, tallies)| {
        KNOWN.iter().zip(tallies).map(|(message, tally)| {
            let sums = tally.centred(1);
            let agrees = |(sum, bit): &(&f64, bool)| (**sum > 0.0) == *bit;
            let matched = sums.iter().zip(message.bits()).filter(agrees).count();
            let share = |period| significance::log10_share(&tally.centred(period), message.bits());
            let is_told = share(message.period()) <= MOST_OTHER_TEXTS.log10();
            let log10_nfa = tests.log10() + if is_told { share(1) } else { 0.0 };
            let (method, carrier) = (setting.method, CARRIERS[setting.carrier]);
            Watermark { message, method, carrier, matched, log10_nfa }
        })
    });
    // Ties go to the first, which is the plainest setting.
    let best = found.reduce(|best, next| if next.log10_nfa < best.log10_nfa { next } else { best });
    best.filter(|best| best.log10_nfa <= MOST_FALSE_ALARMS.log10())
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
    for band in bands(columns, rows) {
        planes.read(picture, columns, band.clone());
        for row in band.clone() {
            for (setting, tallies) in settings.iter().zip(&mut tallies) {
                vote::of_blocks(
                    &planes.rows(setting, row - band.start),
                    setting.method,
                    &mut votes,
                );
                tallies.iter_mut().for_each(|tally| tally.add(row * columns, &votes));
            }
        }
    }
    tallies
}

/// Rows of blocks to read, in bands evenly spread over `rows` rows of `columns` blocks.
fn bands(columns: usize, rows: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let all = rows.div_ceil(BAND);
    let most = (MOST_BLOCKS / (BAND * columns.max(1))).max(1).min(all);
    (0..most).map(move |index| {
        let start = index * all / most * BAND;
        start..rows.min(start + BAND)
    })
}

/// Rows of cells of each of [`CARRIERS`].
type Row = [Vec<f32>; CARRIERS.len()];

/// The cells of a band of rows of blocks, plain and sharpened. Their memory serves one band after
/// the other.
#[derive(Debug, Default)]
struct Planes {
    cells: Cells,
    /// With [`REACH`] rows more above and below.
    plain: Vec<Row>,
    sharpened: Vec<Row>,
}

impl Planes {
    /// Reads `columns` blocks of each row of `band`; beyond the picture its border row goes on.
    fn read(&mut self, picture: &Picture<'_>, columns: usize, band: std::ops::Range<usize>) {
        let last = (picture.height() / 2).saturating_sub(1);
        let first = SIDE * band.start;
        self.plain.resize_with(SIDE * band.len() + 2 * REACH, Row::default);
        for (at, row) in self.plain.iter_mut().enumerate() {
            let y = 2 * (first + at).saturating_sub(REACH).min(last);
            let pixels = [y, y + 1].map(|y| picture.pixels(0, y, columns * BLOCK_PX));
            self.cells.read(pixels, row);
        }
        self.sharpened.resize_with(SIDE * band.len(), Row::default);
        let windows = self.plain.windows(2 * REACH + 1);
        for (window, [bytes, reals, exchanged_bytes, exchanged_reals]) in
            windows.zip(&mut self.sharpened)
        {
            let rows = |carrier: usize| std::array::from_fn(|at| window[at][carrier].as_slice());
            sharpen::sharpened(&rows(1), reals);
            sharpen::sharpened(&rows(3), exchanged_reals);
            // What rounding lost does not come back: bytes differ by what is neutral.
            for (bytes, reals) in [(bytes, reals), (exchanged_bytes, exchanged_reals)] {
                bytes.clear();
                bytes.extend(reals.iter().map(|cell| cell + NEUTRAL_DIFFERENCE));
            }
        }
    }

    /// The four rows of cells of a row of blocks, counted from the start of the band.
    fn rows(&self, setting: &Setting, row: usize) -> [&[f32]; SIDE] {
        let (planes, first) = match setting.is_sharpened {
            true => (&self.sharpened, SIDE * row),
            false => (&self.plain, SIDE * row + REACH),
        };
        std::array::from_fn(|at| planes[first + at][setting.carrier].as_slice())
    }
}
