// SPDX-License-Identifier: MIT OR Apache-2.0
//! The same evidence gives the same answer, bit for bit.

use std::thread;

use assay_plugin_api::abi::DetectorBox;

use super::{detect, difference, keeps, written_out, Case, Faults, Trial};
use crate::case::Problem;
use crate::evidence::{jpeg, Given};
use crate::fixtures::made;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "repeats",
        group: "repeats",
        description: "100 calls, with other pictures between them, give the same bits.",
        clause: keeps("The same answer for the same evidence, on any thread, in any order, by any detector of the library."),
        run: repeats,
    },
    Case {
        id: "threads",
        group: "repeats",
        description: "1, 2 and 8 threads that call one detector at once get the same bits.",
        clause: keeps("The same answer for the same evidence, on any thread, in any order, by any detector of the library."),
        run: threads,
    },
];

const CALLS: usize = 100;
/// Every so many calls another picture comes between.
const OTHER_EVERY: usize = 7;
const THREADS: [usize; 3] = [1, 2, 8];
const CALLS_A_THREAD: usize = 3;

fn repeats(trial: &Trial<'_>) -> Result<(), Problem> {
    let (_plugin, detector) = trial.detector()?;
    let photo = made(jpeg::of_photo(trial.seed()))?;
    let other = Given::of_picture(&jpeg::photo(trial.seed() + 1, 201, 155));
    let first = trial.answer(&detector, "first call", &photo, Faults::Allowed)?;
    let first = written_out(&first);
    for call in 2..=CALLS {
        if call % OTHER_EVERY == 0 {
            trial.ask(&detector, "another picture", &other, Faults::Allowed)?;
        }
        trial.at(&format!("call {call}"));
        let again = written_out(&detect(&detector, &photo));
        if again != first {
            let difference = difference(&first, &again);
            return Err(Problem::failed(format!("calls 1 and {call} answered {difference}")));
        }
    }
    Ok(())
}

fn threads(trial: &Trial<'_>) -> Result<(), Problem> {
    let (_plugin, detector) = trial.detector()?;
    let photo = made(jpeg::of_photo(trial.seed()))?;
    let first = trial.answer(&detector, "first call", &photo, Faults::Allowed)?;
    let first = written_out(&first);
    for count in THREADS {
        trial.at(&format!("{count} threads"));
        let answers = at_once(&detector, &photo, count);
        if let Some(other) = answers.iter().find(|answer| **answer != first) {
            let difference = difference(&first, other);
            let message = format!("alone and among {count} threads it answered {difference}");
            return Err(Problem::failed(message));
        }
    }
    Ok(())
}

/// The answers of `count` threads that ask at once.
fn at_once(detector: &DetectorBox, given: &Given, count: usize) -> Vec<String> {
    let ask = || -> Vec<String> {
        (0..CALLS_A_THREAD).map(|_| written_out(&detect(detector, given))).collect()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(ask)).collect();
        let answers = threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default());
        answers.collect()
    })
}
