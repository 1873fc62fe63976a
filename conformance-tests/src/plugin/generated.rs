// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers on evidence that proptest makes and, when an answer breaks the contract, shrinks to the
//! smallest that still does.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use super::{detect, judge, keeps, Case, Faults, Trial};
use crate::case::Problem;
use crate::evidence::{jpeg, Given};
use crate::fixtures::made;

mod broken;
mod contradiction;
mod recipe;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "any-picture",
        group: "evidence",
        description: "Whatever the size, content and padding, answers keep the contract.",
        clause: keeps("Every picture gets a score or a reason, whatever its size, its content and its coding."),
        run: any_picture,
    },
    Case {
        id: "broken-file",
        group: "evidence",
        description: "Files cut short, overwritten or with bytes turned get an answer, no panic.",
        clause: keeps("Evidence that is damaged or contradicts itself may be a failure with a message, and is never a panic."),
        run: broken_file,
    },
    Case {
        id: "contradictory-evidence",
        group: "evidence",
        description: "Facts, tables and planes that cannot be get an answer, no panic.",
        clause: keeps("Evidence that is damaged or contradicts itself may be a failure with a message, and is never a panic."),
        run: contradictory,
    },
];

/// Inputs tried a case.
const INPUTS: u32 = 160;

fn any_picture(trial: &Trial<'_>) -> Result<(), Problem> {
    let (_plugin, detector) = trial.detector()?;
    explore(trial, &recipe::strategy(), |recipe| {
        let given = recipe.make();
        judge(&detect(&detector, &given), given.size(), Faults::Refused)
    })
}

fn broken_file(trial: &Trial<'_>) -> Result<(), Problem> {
    let (_plugin, detector) = trial.detector()?;
    let originals = made(broken::originals(trial.seed()))?;
    explore(trial, &broken::strategy(originals.len()), |damage| {
        let given = damage.make(&originals);
        judge(&detect(&detector, &given), given.size(), Faults::Allowed)
    })
}

fn contradictory(trial: &Trial<'_>) -> Result<(), Problem> {
    let (_plugin, detector) = trial.detector()?;
    let whole = made(jpeg::of_photo(trial.seed()))?;
    explore(trial, &contradiction::strategy(), |lies| {
        let mut given: Given = whole.clone();
        lies.iter().for_each(|lie| lie.tell(&mut given));
        let answer = detect(&detector, &given);
        // With two sizes, a map or a region may go by either.
        let sizes = given.planes.values().map(|plane| (plane.width, plane.height));
        let mut judged = sizes.chain([(0, 0)]).map(|size| judge(&answer, size, Faults::Allowed));
        let first = judged.next().unwrap_or(Ok(()));
        if judged.any(|other| other.is_ok()) {
            Ok(())
        } else {
            first
        }
    })
}

/// Tries a rule on many inputs of a strategy.
fn explore<S: Strategy>(
    trial: &Trial<'_>,
    strategy: &S,
    rule: impl Fn(&S::Value) -> Result<(), String>,
) -> Result<(), Problem> {
    let config = Config {
        cases: INPUTS,
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&trial.seed().to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(config, random);
    let tried = runner.run(strategy, |input| {
        trial.at(&format!("{input:?}"));
        rule(&input).map_err(TestCaseError::fail)
    });
    match tried {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, input)) => {
            Err(Problem::failed(format!("{}; smallest input: {input:?}", reason.message())))
        }
        Err(TestError::Abort(reason)) => Err(Problem::skipped(reason.message().to_owned())),
    }
}
