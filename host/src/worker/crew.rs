// SPDX-License-Identifier: MIT OR Apache-2.0
//! The workers that do one thing: taken for a call, given back, replaced when they fail.
//!
//! A worker answers one call at a time, so there are as many as there are calls at once. Once a crew is
//! in use one more is kept ready, so that a crash costs the next call no start. A worker is retired after
//! [`CALLS`] calls, and at once when threads of it go on computing: what a detector leaks is gone with it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::breaker::Breaker;
use super::confinement::Confinement;
use super::process::{Worker, WorkerFault};

/// Calls after which a worker is retired.
pub(super) const CALLS: u32 = 256;

/// Makes a worker that is ready for calls.
type Make = Box<dyn Fn() -> Result<Worker, CrewError> + Send + Sync>;

/// The workers that do one thing.
pub(super) struct Crew {
    /// By which memory is lent to its workers and no others.
    number: u64,
    make: Make,
    idle: Mutex<Vec<Worker>>,
    /// None where each failure is the fault of what was to be done and not of the crew.
    breaker: Option<Mutex<Breaker>>,
    /// Somebody makes a spare one.
    is_making: AtomicBool,
}

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum CrewError {
    /// The worker failed.
    #[error(transparent)]
    Fault(#[from] WorkerFault),
    /// The worker will not do it: a library that is none, parameters that are wrong.
    #[error("{0}")]
    Refused(String),
    /// It failed too often.
    #[error(
        "its process failed {faults} times in a row; it is tried again in {} s", wait.as_secs() + 1
    )]
    Paused {
        /// How often.
        faults: u32,
        /// How long nobody tries.
        wait: Duration,
    },
}

impl std::fmt::Debug for Crew {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Crew").field("breaker", &self.breaker).finish_non_exhaustive()
    }
}

impl Crew {
    /// A crew whose workers `make` makes; the first is made now.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(super) fn new(
        make: impl Fn() -> Result<Worker, CrewError> + Send + Sync + 'static,
    ) -> Result<Arc<Self>, CrewError> {
        Self::started(Box::new(make), Some(Mutex::default()))
    }

    /// [`Self::new`] for work that strangers' files decide on: a worker that fails says nothing about
    /// the next file, and nobody can bring about a pause for everybody.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub(super) fn of_files(
        make: impl Fn() -> Result<Worker, CrewError> + Send + Sync + 'static,
    ) -> Result<Arc<Self>, CrewError> {
        Self::started(Box::new(make), None)
    }

    fn started(make: Make, breaker: Option<Mutex<Breaker>>) -> Result<Arc<Self>, CrewError> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let is_making = AtomicBool::new(false);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let crew = Self { number, make, idle: Mutex::default(), breaker, is_making };
        let first = (crew.make)()?;
        crew.put_back(first);
        Ok(Arc::new(crew))
    }

    /// Has a worker do `job`. One that fails is ended; whether to leave the matter alone for a while is
    /// decided by how often that happened.
    ///
    /// # Errors
    /// When there is no worker, or it fails.
    pub(super) fn call<T>(
        self: &Arc<Self>,
        job: impl FnOnce(&mut Worker) -> Result<T, CrewError>,
    ) -> Result<T, CrewError> {
        let mut worker = self.take()?;
        let done = job(&mut worker);
        match &done {
            Ok(_) => {
                if let Some(breaker) = &self.breaker {
                    lock(breaker).ended_well();
                }
                worker.calls += 1;
                if worker.computes() {
                    drop(worker);
                    self.make_spare();
                } else {
                    self.put_back(worker);
                }
            }
            Err(_) => {
                self.note_failure();
                drop(worker);
                self.make_spare();
            }
        }
        done
    }

    /// Its number among those who read lent memory. No two have one.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// How far a worker that waits is closed in.
    pub(super) fn confinement(&self) -> Option<Confinement> {
        lock(&self.idle).last().map(|worker| worker.confinement)
    }

    fn take(self: &Arc<Self>) -> Result<Worker, CrewError> {
        if let Some(breaker) = &self.breaker {
            let mut breaker = lock(breaker);
            let faults = breaker.faults();
            breaker.admit(Instant::now()).map_err(|wait| CrewError::Paused { faults, wait })?;
        }
        let (found, left) = {
            let mut idle = lock(&self.idle);
            // One that ended while nobody called is no fault of the call that comes now.
            let is_alive = |mut worker: Worker| worker.is_alive().then_some(worker);
            let found = std::iter::from_fn(|| idle.pop()).find_map(is_alive);
            (found, idle.len())
        };
        let worker = match found {
            Some(worker) => worker,
            None => (self.make)().inspect_err(|_| self.note_failure())?,
        };
        if left == 0 && worker.calls > 0 {
            self.make_spare();
        }
        Ok(worker)
    }

    fn note_failure(&self) {
        if let Some(breaker) = &self.breaker {
            lock(breaker).failed(Instant::now());
        }
    }

    fn put_back(&self, mut worker: Worker) {
        if worker.calls >= CALLS {
            return;
        }
        worker.rest();
        let mut idle = lock(&self.idle);
        // One more than can be busy at once is what a rush leaves.
        if idle.len() <= cores() {
            idle.push(worker);
            return;
        }
        drop(idle);
        drop(worker);
    }

    /// Makes one more in the background, unless somebody does so already.
    fn make_spare(self: &Arc<Self>) {
        if self.is_making.swap(true, Ordering::AcqRel) {
            return;
        }
        let crew = Arc::downgrade(self);
        let make = move || {
            let Some(crew) = crew.upgrade() else { return };
            // What cannot be made now is found by the next call.
            if let Ok(worker) = (crew.make)() {
                crew.put_back(worker);
            }
            crew.is_making.store(false, Ordering::Release);
        };
        let started = std::thread::Builder::new().name("spare".into()).spawn(make);
        if started.is_err() {
            self.is_making.store(false, Ordering::Release);
        }
    }
}

/// Cores of the machine.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
