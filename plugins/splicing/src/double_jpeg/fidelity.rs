// SPDX-License-Identifier: MIT OR Apache-2.0
//! Does the picture behave as the model of two compressions says?
//!
//! *Why.* Something always explains an odd picture a little better than one compression does. If it
//! is the right thing, the blocks say, on average, as much as the model expects of them; if not,
//! they say far less. What blocks say is therefore divided by what is expected of their classes:
//! 1 for blocks that follow the model, 0 for blocks that it does not concern.
//!
//! *Constants.* On the pictures made for the purpose (see [`super`]) the background of 39 spliced
//! ones with regions lay at 0.6 to 1.2 for 32, and that of authentic ones compressed once below 0.5
//! for 16 of 19 in which something was found.

use super::blocks::{Blocks, CLASSES};
use super::primary::Primary;

/// Least fidelity of the background for regions to be believed.
const CLEAR: f64 = 0.6;
/// Least fidelity of the background for the order of cells to mean something.
const FAINT: f64 = 0.3;
/// Least share of the gain that a picture without a foreign part would have.
const LEAST_SHARE: f64 = 0.2;
/// Least that a block says on average, nats: the mean of some 25 blocks makes a cell.
const LEAST_INFORMATION: f64 = 0.1;
/// Largest share of blocks that are foreign: a background is most of the picture.
const MOST_FOREIGN: f64 = 0.5;
/// Fidelity of a region that the model can explain.
const OF_REGION: std::ops::RangeInclusive<f64> = 0.5..=2.5;

/// How far the trace can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The background has the trace as strongly as expected.
    Clear,
    /// It has it, but weakly: cells can be compared with each other only.
    Faint,
    /// Nothing could be told even if it had.
    Drowned,
    /// It has not.
    None,
}

/// What a block says on average, nats, by class.
pub(crate) struct Expected {
    /// For two compressions, if there were two.
    twice: [f64; CLASSES],
    /// For one, if there was one.
    once: [f64; CLASSES],
}

impl Expected {
    pub(crate) fn of(primary: &Primary) -> Self {
        let mut expected = Self { twice: [0.0; CLASSES], once: [0.0; CLASSES] };
        for step in primary.steps.iter().flatten() {
            let sums = expected.twice.iter_mut().zip(&mut expected.once);
            for ((twice, once), means) in sums.zip(&step.means) {
                *twice += means.0;
                *once += means.1;
            }
        }
        expected
    }

    /// What a block of a class says for one compression, if there was one, nats.
    pub(crate) fn once(&self, class: u8) -> f64 {
        self.once.get(usize::from(class)).copied().unwrap_or_default()
    }

    /// Judges by the blocks whose cells do not speak for a foreign part.
    pub(crate) fn trust(
        &self,
        blocks: &Blocks,
        gain: f64,
        said: &[Option<f32>],
        log_odds: &[f32],
    ) -> Trust {
        let (mut found, mut background, mut all, mut foreign) = (0.0, 0.0, 0.0, 0.0);
        for (class, (said, &odds)) in blocks.classes.iter().zip(said.iter().zip(log_odds)) {
            let Some((class, said)) = class.zip(*said) else { continue };
            let expected = self.twice.get(usize::from(class)).copied().unwrap_or_default();
            all += expected;
            if odds <= 0.0 {
                found -= f64::from(said);
                background += expected;
            } else {
                foreign += 1.0;
            }
        }
        let usable = blocks.usable as f64;
        if all < LEAST_INFORMATION * usable {
            return Trust::Drowned;
        }
        if foreign > MOST_FOREIGN * usable {
            return Trust::None;
        }
        match found / background {
            fidelity if fidelity >= CLEAR && gain >= LEAST_SHARE * all => Trust::Clear,
            fidelity if fidelity >= FAINT => Trust::Faint,
            _ => Trust::None,
        }
    }
}

/// Whether blocks that said `nats` for one compression are blocks of which `expected` nats were.
pub(crate) fn is_explained(nats: f64, expected: f64) -> bool {
    OF_REGION.contains(&(nats / expected))
}
