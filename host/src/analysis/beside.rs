// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is made of an image while its detectors run: work for a thread of theirs that has none.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, LazyLock};

use super::pool::Pool;

type Work<T> = Box<dyn FnOnce() -> T + Send>;

/// Something that a thread of the pool makes once one is free, or whoever needs it before.
pub struct Beside<T>(Arc<LazyLock<T, Work<T>>>);

impl<T: Send + Sync + 'static> Beside<T> {
    /// Gives the pool `work`, which is dropped undone if this is.
    pub(super) fn new(pool: &Pool, work: impl FnOnce() -> T + Send + 'static) -> Self {
        let work: Work<T> = Box::new(work);
        let made = Arc::new(LazyLock::new(work));
        let wanted = Arc::downgrade(&made);
        pool.submit(move || {
            // A panic is met by whoever needs what it kept from being made.
            let make = || {
                if let Some(made) = wanted.upgrade() {
                    LazyLock::force(&made);
                }
            };
            let _ = catch_unwind(AssertUnwindSafe(make));
            false
        });
        Self(made)
    }
}

impl<T> Beside<T> {
    /// What was made; made now where no thread has begun with it.
    ///
    /// # Panics
    /// If making it did.
    #[must_use]
    pub fn get(&self) -> &T {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    /// A pool whose only thread is busy until the sender is dropped.
    fn busy() -> (Pool, mpsc::Sender<()>) {
        let pool = Pool::new(1).unwrap();
        let (release, held) = mpsc::channel::<()>();
        pool.submit(move || held.recv().is_ok());
        (pool, release)
    }

    #[test]
    fn what_no_thread_has_begun_is_made_by_whoever_needs_it_and_once() {
        let (pool, release) = busy();
        let (done, made) = mpsc::channel();
        let beside = Beside::new(&pool, move || done.send(7).map(|()| 8));
        assert_eq!(*beside.get(), Ok(8));
        drop(release);
        let (end, ended) = mpsc::channel();
        pool.submit(move || end.send(()).is_err());
        ended.recv_timeout(LIMIT).unwrap();
        assert_eq!(made.iter().collect::<Vec<_>>(), [7]);
    }

    #[test]
    fn a_free_thread_makes_it_before_it_is_needed() {
        let pool = Pool::new(1).unwrap();
        let (done, made) = mpsc::channel();
        let beside = Beside::new(&pool, move || {
            let name = std::thread::current().name().map(str::to_owned);
            done.send(()).map(|()| name)
        });
        made.recv_timeout(LIMIT).unwrap();
        assert_eq!(beside.get().as_ref().unwrap().as_deref(), Some("detector"));
    }

    #[test]
    fn what_nobody_needs_any_more_is_not_made_and_holds_nothing() {
        let (pool, release) = busy();
        let image = Arc::new(());
        let held = Arc::clone(&image);
        let beside = Beside::new(&pool, move || drop(held));
        drop(beside);
        assert_eq!(Arc::strong_count(&image), 1);
        drop(release);
    }

    #[test]
    fn a_panic_costs_the_pool_no_thread() {
        let pool = Pool::new(1).unwrap();
        let beside = Beside::<()>::new(&pool, || std::panic::resume_unwind(Box::new("broken")));
        let (end, ended) = mpsc::channel();
        pool.submit(move || end.send(()).is_err());
        ended.recv_timeout(LIMIT).unwrap();
        assert!(catch_unwind(AssertUnwindSafe(|| *beside.get())).is_err());
    }
}
