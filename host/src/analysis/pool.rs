// SPDX-License-Identifier: MIT OR Apache-2.0
//! A bounded pool of threads for detector calls.
//!
//! A call in another process only waits here, and how long is up to foreign code: such a detector has
//! threads of its own, as many as the pool, so that one that never answers in time holds up nobody but
//! itself.
//!
//! A call that overruns its deadline cannot be stopped inside the process, only left behind: the
//! pool starts a replacement for the thread that it holds, and refuses a detector that has left
//! [`MAX_ABANDONED_CALLS`] calls behind which are still running. So the number of threads is bounded
//! by `threads + MAX_ABANDONED_CALLS * detectors`, and `threads` for each detector in other processes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Calls of one detector that may be running past their deadline before it is refused.
pub const MAX_ABANDONED_CALLS: usize = 4;

/// A job tells whether it was left behind.
type Job = Box<dyn FnOnce() -> bool + Send>;

/// A bounded pool of threads.
pub struct Pool {
    shared: Arc<Shared>,
    threads: usize,
    /// The pools of detectors in other processes, by model key.
    apart: Mutex<BTreeMap<String, Arc<Self>>>,
}

struct Shared {
    queue: Mutex<Queue>,
    work: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// Replacements that run for threads whose jobs were left behind: as many of those threads end
    /// when their jobs do.
    surplus: usize,
    is_closed: bool,
}

/// Counts one detector's calls that run on past their deadline.
#[derive(Clone, Debug, Default)]
pub(super) struct Abandoned(Arc<AtomicUsize>);

impl Abandoned {
    /// Calls still running past their deadline.
    #[must_use]
    pub(super) fn count(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }

    /// Whether the detector has left too many calls behind to be called again.
    #[must_use]
    pub(super) fn is_full(&self) -> bool {
        self.count() >= MAX_ABANDONED_CALLS
    }

    /// The part of one call in the count.
    #[must_use]
    pub(super) fn of_call(&self) -> Abandonment {
        Abandonment { count: self.clone(), state: Arc::new(AtomicU8::new(RUNNING)) }
    }
}

const RUNNING: u8 = 0;
const LEFT_BEHIND: u8 = 1;
const ENDED: u8 = 2;

/// Whether one call was left behind, settled between the caller that stops waiting and the thread
/// that ends the call, whichever comes first.
#[derive(Clone, Debug)]
pub(super) struct Abandonment {
    count: Abandoned,
    state: Arc<AtomicU8>,
}

impl Abandonment {
    /// The caller stops waiting. Returns whether the call still runs, and then counts it.
    #[must_use]
    pub(super) fn begin(&self) -> bool {
        self.count.0.fetch_add(1, Ordering::AcqRel);
        let left =
            self.state.compare_exchange(RUNNING, LEFT_BEHIND, Ordering::AcqRel, Ordering::Acquire);
        if left.is_err() {
            self.count.0.fetch_sub(1, Ordering::AcqRel);
        }
        left.is_ok()
    }

    /// The call ends; it no longer counts. Returns whether it was left behind.
    pub(super) fn end(&self) -> bool {
        let was_left_behind = self.state.swap(ENDED, Ordering::AcqRel) == LEFT_BEHIND;
        if was_left_behind {
            self.count.0.fetch_sub(1, Ordering::AcqRel);
        }
        was_left_behind
    }
}

impl Pool {
    /// A pool of `threads` threads; 0 means as many as the machine has cores.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn new(threads: usize) -> std::io::Result<Self> {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads = if threads == 0 { cores() } else { threads };
        let shared = Arc::new(Shared { queue: Mutex::default(), work: Condvar::new() });
        let pool = Self { shared, threads, apart: Mutex::default() };
        (0..threads).try_for_each(|_| pool.start_thread())?;
        Ok(pool)
    }

    /// The pool of a detector in other processes, the same for all policies.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub(super) fn of_apart(&self, model_key: &str) -> std::io::Result<Arc<Self>> {
        let mut apart = self.apart.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = apart.get(model_key) {
            return Ok(Arc::clone(own));
        }
        let own = Arc::new(Self::new(self.threads)?);
        apart.insert(model_key.to_owned(), Arc::clone(&own));
        Ok(own)
    }

    /// Runs `job` as soon as a thread is free; it returns whether it was left behind meanwhile.
    pub fn submit(&self, job: impl FnOnce() -> bool + Send + 'static) {
        self.shared.lock().jobs.push_back(Box::new(job));
        self.shared.work.notify_one();
    }

    /// Starts a replacement for a thread whose job was left behind. Where the system refuses one,
    /// the pool is a thread smaller until the job ends.
    pub fn replace_thread(&self) {
        if self.start_thread().is_ok() {
            self.shared.lock().surplus += 1;
        }
    }

    fn start_thread(&self) -> std::io::Result<()> {
        let shared = Arc::clone(&self.shared);
        let builder = std::thread::Builder::new().name("detector".into());
        builder.spawn(move || shared.run()).map(drop)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.work.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        while let Some(job) = self.next_job() {
            let was_left_behind = job();
            let mut queue = self.lock();
            if was_left_behind && queue.surplus > 0 {
                queue.surplus -= 1;
                return;
            }
        }
    }

    fn next_job(&self) -> Option<Job> {
        let mut queue = self.lock();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                return Some(job);
            }
            if queue.is_closed {
                return None;
            }
            queue = self.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    #[test]
    fn replaced_threads_are_those_that_end() {
        let pool = Pool::new(1).unwrap();
        let (release, held) = mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        for _ in 0..3 {
            let held = Arc::clone(&held);
            pool.submit(move || {
                let _ = held.lock().unwrap().recv();
                true
            });
            pool.replace_thread();
        }
        let (done, finished) = mpsc::channel();
        let run_one = |number: i32| {
            let done = done.clone();
            pool.submit(move || {
                done.send(number).unwrap();
                false
            });
            assert_eq!(finished.recv_timeout(LIMIT), Ok(number));
        };
        // More jobs than there are replacements: none of their threads may end.
        (0..9).for_each(run_one);
        drop(release);
        (9..18).for_each(run_one);
    }

    #[test]
    fn call_left_behind_counts_until_it_ends_and_no_longer() {
        let abandoned = Abandoned::default();
        let calls: Vec<_> = (0..MAX_ABANDONED_CALLS).map(|_| abandoned.of_call()).collect();
        assert!(calls.iter().all(Abandonment::begin));
        assert!(abandoned.is_full());
        assert!(calls[0].end());
        assert_eq!(abandoned.count(), MAX_ABANDONED_CALLS - 1);
    }

    #[test]
    fn call_that_ended_first_is_not_left_behind() {
        let abandoned = Abandoned::default();
        let call = abandoned.of_call();
        assert!(!call.end());
        assert!(!call.begin());
        assert_eq!(abandoned.count(), 0);
    }
}
