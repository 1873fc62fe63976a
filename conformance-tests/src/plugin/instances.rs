// SPDX-License-Identifier: MIT OR Apache-2.0
//! Several detectors of one library, and the library opened twice.

use super::{detect, difference, keeps, written_out, Case, Trial};
use crate::case::Problem;
use crate::evidence::jpeg;
use crate::fixtures::made;

pub(super) const CASES: &[Case] = &[Case {
    id: "instances",
    group: "repeats",
    description: "Two detectors, and one of the library opened again, give the same bits.",
    clause: keeps("The same answer for the same evidence, on any thread, in any order, by any detector of the library."),
    run: instances,
}];

fn instances(trial: &Trial<'_>) -> Result<(), Problem> {
    let (plugin, first) = trial.detector()?;
    let photo = made(jpeg::of_photo(trial.seed()))?;
    let alone = written_out(&detect(&first, &photo));
    let (_again, third) = trial.detector()?;
    let second =
        plugin.create(&[]).map_err(|e| Problem::failed(format!("second detector: {e}")))?;
    let others = [("first", &first), ("second", &second), ("reopened", &third)];
    for (name, detector) in others.into_iter().chain(others) {
        trial.at(&format!("{name} detector of three"));
        let answer = written_out(&detect(detector, &photo));
        if answer != alone {
            let difference = difference(&alone, &answer);
            let message = format!("the first detector alone and the {name} of three: {difference}");
            return Err(Problem::failed(message));
        }
    }
    drop(first);
    trial.at("second detector after the first is gone");
    if written_out(&detect(&second, &photo)) == alone {
        return Ok(());
    }
    Err(Problem::failed("another answer of the second detector after the first was dropped"))
}
