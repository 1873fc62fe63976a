// SPDX-License-Identifier: MIT OR Apache-2.0
//! In which order jobs are taken up: organisations take turns, and single images go before batches.
//!
//! A job gets the number of its turn when it is accepted, and those with the lowest are taken up first, as in
//! start-time fair queueing [Goyal, Vin, Cheng 1996]. An organisation's single images are one line, its
//! batches another. A line that had nothing waiting begins at the turn that is being taken now; each job moves
//! the line's next turn on, one of a batch by more, so that a thousand images of one organisation stand
//! between each other's turns and not before the next one's image.

use super::engine::{sql, Connection};
use super::StoreError;

/// How far a single image moves its line on.
const SINGLE: i64 = 1;
/// How far one of a batch does: where both wait, four single images are taken up for each.
const OF_A_BATCH: i64 = 4;

/// What waits and runs when jobs are accepted: turns, where there are any.
#[derive(Clone, Copy, Debug)]
struct Standing {
    /// The first that waits.
    first: Option<i64>,
    /// The first of a batch.
    first_of_a_batch: Option<i64>,
    /// The last that runs.
    running: Option<i64>,
    /// The last of the same line.
    own: Option<i64>,
}

/// The turns of jobs that are being accepted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turns {
    pub(super) next: i64,
    pub(super) step: i64,
}

impl Turns {
    /// Those of an organisation's next jobs. Nobody else accepts jobs meanwhile.
    pub(super) async fn begin(
        connection: &mut Connection,
        organisation: &str,
        are_batch: bool,
    ) -> Result<Self, StoreError> {
        let step = if are_batch { OF_A_BATCH } else { SINGLE };
        let row = sql("SELECT (SELECT MIN(turn) FROM jobs WHERE state = 'queued'), \
             (SELECT MIN(turn) FROM jobs WHERE state = 'queued' AND step = $1), \
             (SELECT MAX(turn) FROM jobs WHERE state = 'running'), \
             (SELECT MAX(turn) FROM jobs WHERE state IN ('queued', 'running') \
             AND organisation = $2 AND step = $3)")
        .bind(OF_A_BATCH)
        .bind(organisation)
        .bind(step)
        .fetch_one(connection)
        .await?;
        Ok(Self::of(
            step,
            Standing {
                first: row.try_get(0)?,
                first_of_a_batch: row.try_get(1)?,
                running: row.try_get(2)?,
                own: row.try_get(3)?,
            },
        ))
    }

    /// The turns behind the line's own last one, and not before the turn that is being taken now.
    fn of(step: i64, standing: Standing) -> Self {
        let Standing { first, first_of_a_batch, running, own } = standing;
        let now = first.or(running).unwrap_or(0);
        // Single images go before all of batches, though not before others' single images.
        let now = match first_of_a_batch {
            Some(batch) if step == SINGLE => now.min(batch - 1),
            _ => now,
        };
        Self { next: own.map_or(now, |own| now.max(own + step)), step }
    }

    /// The next one.
    pub(super) fn take(&mut self) -> i64 {
        let turn = self.next;
        self.next += self.step;
        turn
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Job = (i64, usize, i64);

    /// A queue of (turn, organisation, step), and what runs.
    #[derive(Debug, Default)]
    struct Line {
        waiting: Vec<Job>,
        running: Vec<Job>,
    }

    impl Line {
        fn accept(&mut self, organisation: usize, step: i64, number: usize) {
            let Self { waiting, running } = self;
            let first = |of: fn(&Job) -> bool| waiting.iter().filter(|job| of(job)).min();
            let own = waiting.iter().chain(&*running);
            let own = own.filter(|(_, o, s)| (*o, *s) == (organisation, step)).max();
            let standing = Standing {
                first: first(|_| true).map(|job| job.0),
                first_of_a_batch: first(|job| job.2 == OF_A_BATCH).map(|job| job.0),
                running: running.iter().max().map(|job| job.0),
                own: own.map(|job| job.0),
            };
            let mut turns = Turns::of(step, standing);
            waiting.extend((0..number).map(|_| (turns.take(), organisation, step)));
        }

        /// Takes the next one up; two run at once.
        fn take(&mut self) -> Option<Job> {
            let next = self.waiting.iter().enumerate().min_by_key(|(place, job)| (job.0, *place));
            let job = self.waiting.remove(next?.0);
            self.running.insert(0, job);
            self.running.truncate(2);
            Some(job)
        }
    }

    #[test]
    fn single_images_go_first_and_starve_nobody() {
        let mut line = Line::default();
        line.accept(0, OF_A_BATCH, 10);
        line.accept(1, OF_A_BATCH, 10);
        line.accept(1, SINGLE, 40);
        let taken: Vec<_> = (0..20).filter_map(|_| line.take()).collect();
        assert_eq!((taken[0].1, taken[0].2), (1, SINGLE));
        let batches = taken.iter().filter(|job| job.2 == OF_A_BATCH).count();
        assert!((4..=10).contains(&batches), "{taken:?}");
    }

    proptest! {
        #[test]
        fn an_image_waits_for_no_more_than_one_of_each_line_that_came_before(
            past in prop::collection::vec((0..4_usize, any::<bool>(), 0..300_usize, 0..200_usize), 0..12),
            is_batch in any::<bool>(),
        ) {
            let step = |is_batch| if is_batch { OF_A_BATCH } else { SINGLE };
            let mut line = Line::default();
            for (organisation, is_batch, accepted, taken) in past {
                line.accept(organisation, step(is_batch), accepted);
                (0..taken).for_each(|_| { line.take(); });
            }
            line.accept(9, step(is_batch), 1);
            let mut before = Vec::new();
            while let Some(job) = line.take().filter(|job| job.1 != 9) {
                before.push((job.1, job.2));
            }
            let number = before.len();
            before.sort_unstable();
            before.dedup();
            prop_assert_eq!(before.len(), number);
        }
    }
}
