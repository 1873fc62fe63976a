// SPDX-License-Identifier: MIT OR Apache-2.0
//! Marks in a picture that was cut out of the marked one.
//!
//! *What a cut changes.* The grid of blocks lies up to 7 px to the right and below; the first block that is
//! left carries any bit of the message; and from one row of blocks to the next the bit moves on by
//! the blocks in a row of the *whole* picture, which nobody knows any more.
//!
//! *How.* All 64 places of the grid, all steps that whole pictures have ([`STEPS_PX`]) and all bits to
//! start with are tried, with the messages that are known to be written to each carrier, on
//! [`SCREENED_BLOCKS`] blocks. What would come about once by chance or less is looked at again on as many
//! blocks as a mark in its place is. Each trial counts as a test, so that the bound on false alarms
//! holds as it does there ([`super::significance`]); a message of 32 bits can never be told so, and is
//! not looked for. A text that is told from other texts must be so at any step and start.
//!
//! *When it does not apply.* To pictures whose width is no multiple of 64 px, to sides above those of a
//! generator's own pictures ([`MOST_SIDE`]), after resizing or turning, and hardly to a JPEG with halved
//! chroma that was cut before it was compressed, unless both sides of the cut are even.

use super::carrier::CARRIERS;
use super::message::{Message, KNOWN};
use super::planes::Planes;
use super::tally::Tally;
use super::vote::{self, Method, SIDE};
use super::{
    bands, significance, Setting, Watermark, BLOCK_PX, MOST_BLOCKS, MOST_OTHER_TEXTS, PART_IN_PLACE,
};
use crate::traces::Picture;

/// Widths of whole pictures, px: open generators draw multiples of 64.
const STEPS_PX: std::ops::RangeInclusive<usize> = 256..=2_048;
/// The unit of these widths, px.
const STEP_UNIT_PX: usize = 64;
/// Longest side that is searched, px.
const MOST_SIDE: usize = 2_048;
/// Blocks on which everything is tried.
const SCREENED_BLOCKS: usize = 2_048;
/// Most trials that are looked at again.
const MOST_AGAIN: usize = 4;
/// Deviations of an agreement below which its share is not counted.
const LEAST_DEVIATIONS: f32 = 4.5;
/// Numbers added side by side.
const LANES: usize = 8;

/// One way in which the blocks may lie and be counted.
#[derive(Clone, Debug)]
struct Trial {
    message: &'static Message,
    setting: Setting,
    /// Where the grid starts, px, below [`BLOCK_PX`].
    x: usize,
    y: usize,
    /// By how many bits the message moves on from row to row.
    step: usize,
    tally: Tally,
}

/// The most certain mark of a picture that was cut out of a marked one.
pub(super) fn find(picture: &Picture<'_>) -> Option<Watermark> {
    if picture.width().max(picture.height()) > MOST_SIDE
        || picture.width().min(picture.height()) < 2 * BLOCK_PX
    {
        return None;
    }
    let mut trials = trials();
    tally(picture, &mut trials, SCREENED_BLOCKS);
    let starts: usize = trials.iter().map(|trial| trial.message.length()).sum();
    let tests = (starts as f64 / (1.0 - PART_IN_PLACE)).log10();
    let mut likely: Vec<(f64, usize, Trial)> = Vec::new();
    for trial in trials {
        let (start, share) = best_start(&trial);
        if tests + share <= 0.0 {
            likely.push((share, start, trial));
        }
    }
    likely.sort_by(|one, other| one.0.total_cmp(&other.0));
    likely.truncate(MOST_AGAIN);
    let found = likely.into_iter().map(|(_, start, trial)| {
        let mut again = [Trial { tally: Tally::new(trial.message.length()), ..trial }];
        tally(picture, &mut again, MOST_BLOCKS);
        let [trial] = again;
        judged(&trial, start, tests)
    });
    found.reduce(|best, next| if next.log10_nfa < best.log10_nfa { next } else { best })
}

/// The messages that are known to be written to a carrier and have the bits to be told.
fn messages(carrier: usize) -> impl Iterator<Item = &'static Message> {
    let names: &[&str] = match carrier {
        0 => &["stable_diffusion_1", "stable_diffusion_xl", "invokeai"],
        1 => &["stable_diffusion_xl", "flux"],
        3 => &["stable_diffusion_xl"],
        _ => &[],
    };
    KNOWN.iter().filter(|message| names.contains(&message.name))
}

/// By how many bits a message of `length` bits moves on from row to row, for every width.
fn steps(length: usize) -> Vec<usize> {
    let widths = STEPS_PX.step_by(STEP_UNIT_PX);
    let mut steps: Vec<usize> = widths.map(|width| width / BLOCK_PX % length).collect();
    steps.sort_unstable();
    steps.dedup();
    steps
}

/// All ways that are tried, with empty tallies.
fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for place in 0..BLOCK_PX * BLOCK_PX {
        let (x, y) = (place % BLOCK_PX, place / BLOCK_PX);
        for carrier in 0..CARRIERS.len() {
            for is_sharpened in [false, true] {
                // A decoder enlarges chroma from cells that start with the picture.
                if is_sharpened && (x % 2, y % 2) != (0, 0) {
                    continue;
                }
                let setting = Setting { carrier, is_sharpened, method: Method::LargestCell };
                for message in messages(carrier) {
                    let tally = Tally::new(message.length());
                    let trial = |step| Trial { message, setting, x, y, step, tally: tally.clone() };
                    trials.extend(steps(message.length()).into_iter().map(trial));
                }
            }
        }
    }
    trials
}

/// Adds the votes of about `most_blocks` blocks to the tally of each trial. Trials of one grid and
/// setting stand side by side.
fn tally(picture: &Picture<'_>, trials: &mut [Trial], most_blocks: usize) {
    // As many blocks wherever the grid starts.
    let fits = |side: usize| (side + 1).saturating_sub(BLOCK_PX) / BLOCK_PX;
    let (columns, rows) = (fits(picture.width()), fits(picture.height()));
    let (mut planes, mut votes) = (Planes::default(), Vec::with_capacity(columns));
    for parity in 0..4 {
        let parity = (parity % 2, parity / 2);
        if !trials.iter().any(|trial| (trial.x % 2, trial.y % 2) == parity) {
            continue;
        }
        for band in bands(columns, rows, most_blocks) {
            // One block less of a cell: where the last grid ends.
            let (wide, end) = (SIDE * columns + SIDE - 1, SIDE * band.end + SIDE - 1);
            planes.read(picture, parity, wide, SIDE * band.start..end);
            let same = |a: &Trial, b: &Trial| (a.x, a.y, a.setting) == (b.x, b.y, b.setting);
            for alike in trials.chunk_by_mut(same) {
                let Some(Trial { x, y, setting, .. }) = alike.first() else { continue };
                if (x % 2, y % 2) != parity {
                    continue;
                }
                let (setting, column, down) = (*setting, x / 2, y / 2);
                for row in band.clone() {
                    let place = (column, down + SIDE * (row - band.start));
                    let cells = planes.rows(&setting, place, SIDE * columns);
                    vote::of_blocks(&cells, setting.method, &mut votes);
                    for trial in alike.iter_mut() {
                        trial.tally.add(trial.step * row, &votes);
                    }
                }
            }
        }
    }
}

/// The bit of the first block with which the message agrees best, and how rarely a message does.
fn best_start(trial: &Trial) -> (usize, f64) {
    let sums = trial.tally.centred(1);
    let length = sums.len();
    let deviation = sums.iter().map(|sum| sum * sum).sum::<f64>().sqrt() as f32;
    let values: Vec<f32> = sums.iter().map(|&sum| sum as f32).collect();
    let bits: Vec<bool> = trial.message.bits().collect();
    let signs: Vec<f32> = bits.iter().map(|&bit| if bit { 1.0 } else { -1.0 }).collect();
    let twice = [signs.as_slice(), signs.as_slice()].concat();
    let agreements = twice.windows(length).take(length).map(|signs| product(&values, signs));
    let best = agreements.enumerate().max_by(|(_, one), (_, other)| one.total_cmp(other));
    match best {
        Some((start, agreement)) if agreement > LEAST_DEVIATIONS * deviation => {
            (start, significance::log10_share(&sums, &turned(&bits, start)))
        }
        _ => (0, 0.0),
    }
}

/// The sum of products of equally many numbers.
fn product(one: &[f32], other: &[f32]) -> f32 {
    let (one, one_rest) = one.as_chunks::<LANES>();
    let (other, other_rest) = other.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (one, other) in one.iter().zip(other) {
        for (sum, (a, b)) in sums.iter_mut().zip(one.iter().zip(other)) {
            *sum += a * b;
        }
    }
    let rest = one_rest.iter().zip(other_rest).map(|(a, b)| a * b).sum::<f32>();
    sums.iter().sum::<f32>() + rest
}

/// The bits from number `start` on, the first ones last.
fn turned(bits: &[bool], start: usize) -> Vec<bool> {
    let (head, rest) = bits.split_at(start.min(bits.len()));
    [rest, head].concat()
}

/// What a trial says with the message starting at a bit; `tests` is the logarithm of their number.
fn judged(trial: &Trial, start: usize, tests: f64) -> Watermark {
    let Trial { message, setting, tally, .. } = trial;
    let bits = turned(&message.bits().collect::<Vec<_>>(), start);
    let share = |period| significance::log10_share(&tally.centred(period), &bits);
    // Another text is compared at every step and at every letter.
    let places = steps(message.length()).len() * (message.length() / message.period()).max(1);
    let is_told = message.period() == 1
        || share(message.period()) + (places as f64).log10() <= MOST_OTHER_TEXTS.log10();
    Watermark {
        message,
        method: setting.method,
        carrier: CARRIERS[setting.carrier],
        matched: tally.matched(&bits),
        is_cut_out: true,
        log10_nfa: if is_told { tests + share(1) } else { 0.0 },
    }
}
