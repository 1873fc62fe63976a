// SPDX-License-Identifier: MIT OR Apache-2.0
//! A call that is no longer wanted comes back.

use std::time::{Duration, Instant};

use assay_plugin_api::detector::NoScore;

use super::pictures::repeated;
use super::{detect, judge, keeps, Case, Faults, Trial};
use crate::case::Problem;
use crate::evidence::{jpeg, Cancel, Given};

pub(super) const CASES: &[Case] = &[Case {
    id: "cancellation",
    group: "limits",
    description: "A cancelled or late call on 12 megapixels comes back within 2 s.",
    clause: keeps("A call that is cancelled or late comes back within 2 s on 12 megapixels."),
    run: cancellation,
}];

/// Longest time from the cancellation to the answer, less the time that the thread waited for a
/// processor. The host's deadlines are of the order of seconds and it keeps no thread for longer.
const BOUND: Duration = Duration::from_secs(2);
/// When a running call is cancelled.
const RUNNING: Duration = Duration::from_millis(50);

/// Makes the cancellation of one call when the call begins.
type Begin = fn() -> Cancel;

fn cancellation(trial: &Trial<'_>) -> Result<(), Problem> {
    let (_plugin, detector) = trial.detector()?;
    let picture = repeated(&jpeg::photo(trial.seed(), 800, 600), 4_000, 3_000);
    let mut given = Given::of_picture(&picture);
    let cancels: [(&str, Begin); 3] = [
        ("cancelled before it began", || Cancel::FromTheStart),
        ("past its deadline before it began", || Cancel::PastDeadline),
        ("cancelled after 50 ms", || Cancel::At(Instant::now() + RUNNING)),
    ];
    for (what, cancel) in cancels {
        trial.at(&format!("12 megapixels, {what}"));
        let (start, waited) = (Instant::now(), waiting_time());
        given.cancel = cancel();
        let answer = detect(&detector, &given);
        let waited = waiting_time().saturating_sub(waited);
        let mut took = start.elapsed().saturating_sub(waited);
        if matches!(given.cancel, Cancel::At(_)) {
            took = took.saturating_sub(RUNNING);
        }
        if took > BOUND {
            let took = took.as_secs_f64();
            let message =
                format!("12 megapixels, {what}: expected an answer within 2 s, found {took:.1} s");
            return Err(Problem::failed(message));
        }
        if !matches!(answer, Err(NoScore::Cancelled)) {
            let judged = judge(&answer, given.size(), Faults::Refused);
            judged.map_err(|breach| Problem::failed(format!("12 megapixels, {what}: {breach}")))?;
        }
    }
    Ok(())
}

/// How long this thread has waited for a processor since it began, where the system tells: the
/// second number of `schedstat`, ns. On a busy machine that is no fault of the plugin.
fn waiting_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let waited = text.split_whitespace().nth(1).and_then(|number| number.parse().ok());
    Duration::from_nanos(waited.unwrap_or(0))
}
