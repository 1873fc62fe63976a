// SPDX-License-Identifier: MIT OR Apache-2.0
//! Work on two threads. What it gives does not depend on them: each part has its own results.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use assay_plugin_api::prelude::NoScore;

/// Does both, the second on a thread of its own. A panic of either goes on here.
pub(crate) fn both<A, B: Send>(
    first: impl FnOnce() -> A,
    second: impl FnOnce() -> B + Send,
) -> (A, B) {
    std::thread::scope(|scope| {
        let second = scope.spawn(second);
        let first = first();
        (first, second.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Does all tasks, each on whichever of two threads is free, in the order in which they are given.
pub(crate) fn share_out(tasks: &[&(dyn Fn() + Sync)]) {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            task();
        }
    };
    both(work, work);
}

/// Where a task leaves its result.
pub(crate) struct Slot<T>(Mutex<Option<Result<T, NoScore>>>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Slot<T> {
    pub(crate) fn fill(&self, result: Result<T, NoScore>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    }

    /// The result of the task, which was done.
    ///
    /// # Errors
    /// The task's own.
    pub(crate) fn taken(self) -> Result<T, NoScore> {
        let result = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        result.unwrap_or_else(|| {
            Err(NoScore::failed("A trace was not looked for; report this picture."))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_is_done_once_and_leaves_its_result() {
        let slots: [Slot<usize>; 9] = std::array::from_fn(|_| Slot::default());
        let runs = AtomicUsize::new(0);
        let tasks: [_; 9] = std::array::from_fn(|at| {
            let (runs, slot) = (&runs, &slots[at]);
            move || {
                runs.fetch_add(1, Ordering::Relaxed);
                slot.fill(Ok(at * at));
            }
        });
        share_out(&tasks.each_ref().map(|task| -> &(dyn Fn() + Sync) { task }));
        assert_eq!(runs.into_inner(), 9);
        assert_eq!(slots.map(|slot| slot.taken().unwrap()), [0, 1, 4, 9, 16, 25, 36, 49, 64]);
    }

    #[test]
    #[should_panic(expected = "of the second")]
    fn a_panic_of_a_thread_goes_on() {
        both(|| (), || panic!("of the second"));
    }
}
