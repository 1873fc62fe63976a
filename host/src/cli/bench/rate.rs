// SPDX-License-Identifier: MIT OR Apache-2.0
//! How many pictures a second are examined, several at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::clock::{self, Taken};
use super::road::{runtime, Road};
use crate::cli::inputs::Input;
use crate::cli::CommandError;

/// Pictures that each thread examines at least, so that the last ones alone weigh little.
const FEWEST_EACH: usize = 8;

/// What examining pictures took, so many at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    /// At once.
    pub(super) jobs: usize,
    /// In all.
    pub(super) pictures: usize,
    /// All of them.
    pub(super) taken: Taken,
}

impl Rate {
    /// Pictures a second.
    pub(super) fn pictures_per_second(&self) -> f64 {
        self.pictures as f64 / self.taken.wall.as_secs_f64()
    }

    /// CPU seconds a picture.
    pub(super) fn cpu_seconds(&self) -> Option<f64> {
        Some(self.taken.cpu?.as_secs_f64() / self.pictures as f64)
    }
}

/// Takes some pictures through the whole road, `rounds` times and oftener where they are few.
pub(super) fn measure(
    road: &Road<'_>,
    inputs: &[Input],
    rounds: usize,
    jobs: usize,
) -> Result<Rate, CommandError> {
    let pictures = (rounds * inputs.len()).max(FEWEST_EACH * jobs);
    let next = AtomicUsize::new(0);
    let lane = || -> Result<(), String> {
        let waiting = runtime().map_err(|error| error.to_string())?;
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= pictures {
                return Ok(());
            }
            let Some(input) = inputs.get(index % inputs.len()) else { return Ok(()) };
            // Errors cross threads as text: most of them cannot be sent.
            road.whole(input, &waiting).map_err(|error| error.to_string())?;
        }
    };
    let (ended, taken) = clock::time(|| {
        std::thread::scope(|scope| {
            let lanes: Vec<_> = (0..jobs).map(|_| scope.spawn(lane)).collect();
            let joined = lanes
                .into_iter()
                .map(|lane| lane.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            // All of them, so that none runs on.
            joined.collect::<Vec<_>>().into_iter().collect::<Result<(), _>>()
        })
    });
    ended?;
    Ok(Rate { jobs, pictures, taken })
}
