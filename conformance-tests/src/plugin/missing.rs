// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers when some of the evidence is not there.

use assay_plugin_api::detector::NoScore;

use super::{keeps, written_out, Case, Faults, Trial};
use crate::case::Problem;
use crate::evidence::{jpeg, Given, INPUTS};
use crate::fixtures::made;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "missing-evidence",
        group: "evidence",
        description: "Without one class of evidence there is still a score or a reason.",
        clause: keeps("Where a class of evidence is missing there is still a score or a reason"),
        run: missing,
    },
    Case {
        id: "no-evidence",
        group: "evidence",
        description: "Without any evidence the detector does not apply.",
        clause: keeps("without any evidence the detector does not apply."),
        run: none,
    },
    Case {
        id: "undeclared-evidence",
        group: "evidence",
        description: "Evidence that the descriptor does not list does not change the answer.",
        clause: keeps("Evidence that the descriptor does not list is not read."),
        run: undeclared,
    },
];

fn missing(trial: &Trial<'_>) -> Result<(), Problem> {
    let (_plugin, detector) = trial.detector()?;
    let whole = made(jpeg::of_photo(trial.seed()))?;
    for input in INPUTS {
        let mut given = whole.clone();
        given.remove(input);
        let what = format!("photo without `{}`", input.as_str());
        trial.ask(&detector, &what, &given, Faults::Refused)?;
    }
    let given = Given { facts: Default::default(), ..whole };
    trial.ask(&detector, "photo without facts", &given, Faults::Refused)?;
    Ok(())
}

fn none(trial: &Trial<'_>) -> Result<(), Problem> {
    let (_plugin, detector) = trial.detector()?;
    let answer = trial.answer(&detector, "nothing at all", &Given::default(), Faults::Refused)?;
    match answer {
        Err(NoScore::NotApplicable { .. }) => Ok(()),
        other => {
            let found = written_out(&other);
            Err(Problem::failed(format!("expected NotApplicable without evidence, found {found}")))
        }
    }
}

fn undeclared(trial: &Trial<'_>) -> Result<(), Problem> {
    let (plugin, detector) = trial.detector()?;
    let whole = made(jpeg::of_photo(trial.seed()))?;
    let mut declared = whole.clone();
    let undeclared = INPUTS.into_iter().filter(|input| !plugin.descriptor().inputs.contains(input));
    let undeclared: Vec<_> = undeclared.collect();
    undeclared.iter().for_each(|&input| declared.remove(input));
    trial.at("photo with all evidence, then with what is declared");
    let [whole, declared] =
        [&whole, &declared].map(|given| written_out(&super::detect(&detector, given)));
    if whole == declared {
        return Ok(());
    }
    let names: Vec<_> = undeclared.iter().map(|input| input.as_str()).collect();
    Err(Problem::failed(format!(
        "the descriptor does not list {}, but without it the answer is another: {}",
        names.join(", "),
        super::difference(&whole, &declared)
    )))
}
