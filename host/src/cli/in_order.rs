// SPDX-License-Identifier: MIT OR Apache-2.0
//! Work on many inputs at once, with results in the inputs' order.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use indicatif::{ProgressBar, ProgressStyle};

use super::CommandError;

/// Pictures from which a progress bar is shown.
const MANY: usize = 4;

/// Applies `work` to the inputs on `threads` threads and hands each result to `take`, in the
/// inputs' order, as soon as it and those before it are there. An error from `take` ends it all.
pub(super) fn each_in_order<I: Sync, T: Send>(
    inputs: &[I],
    threads: usize,
    work: impl Fn(&I) -> Result<T, CommandError> + Sync,
    mut take: impl FnMut(&T) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (sender, receiver) = mpsc::sync_channel(threads);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let sender = sender.clone();
            let (next, is_over, work) = (&next, &is_over, &work);
            scope.spawn(move || {
                while !is_over.load(Ordering::Acquire) {
                    let index = next.fetch_add(1, Ordering::AcqRel);
                    let Some(input) = inputs.get(index) else { return };
                    // Errors cross threads as text: most of them cannot be sent.
                    let result = work(input).map_err(|error| error.to_string());
                    if sender.send((index, result)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut due = 0;
        let mut collect = || {
            for (index, result) in &receiver {
                early.insert(index, result?);
                while let Some(item) = early.remove(&due) {
                    take(&item)?;
                    due += 1;
                }
            }
            Ok(())
        };
        let collected = collect();
        is_over.store(true, Ordering::Release);
        // Threads that wait to send what nobody takes any more must be let go.
        receiver.into_iter().for_each(drop);
        collected
    })
}

/// Threads that the machine runs at once.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// A bar on the terminal, if there is one and it is worth it.
pub(super) fn progress(pictures: usize) -> ProgressBar {
    if pictures < MANY || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(pictures as u64);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} pictures, {eta} left");
    style.map_or_else(|_| ProgressBar::hidden(), |style| bar.with_style(style))
}
