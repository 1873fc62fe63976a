// SPDX-License-Identifier: MIT OR Apache-2.0
//! Work on independent items, spread over the processor's cores.
//!
//! Each item is worked on alone and the results are put back in the order of the items, so that no bit
//! of them depends on the number of threads.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::LazyLock;

/// Threads that can run at once.
pub(super) static CORES: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, NonZero::get));

/// What `work` makes of each item, on at most `threads` threads of which the calling one is the first;
/// where the system refuses a thread, on fewer. Each makes a `worker` for itself. The calling thread
/// asks `go_on` before each item that it takes; after an error no item is begun.
///
/// # Errors
/// The error of `go_on`.
pub(super) fn spread<T: Sync, W, R: Send, E>(
    items: &[T],
    threads: usize,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, &T) -> R + Sync,
    mut go_on: impl FnMut() -> Result<(), E>,
) -> Result<Vec<R>, E> {
    let (next, is_stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
    let take = || {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let item = items.get(index).filter(|_| !is_stopped.load(Ordering::Relaxed));
        item.map(|item| (index, item))
    };
    let help = || {
        let (mut worker, mut done) = (worker(), Vec::new());
        while let Some((index, item)) = take() {
            done.push((index, work(&mut worker, item)));
        }
        done
    };
    let mut done = std::thread::scope(|scope| {
        let start = |_| std::thread::Builder::new().spawn_scoped(scope, help).ok();
        let helpers: Vec<_> = (1..threads.min(items.len())).filter_map(start).collect();
        let (mut worker, mut done) = (worker(), Vec::with_capacity(items.len()));
        let mut result = go_on();
        while result.is_ok() {
            let Some((index, item)) = take() else { break };
            done.push((index, work(&mut worker, item)));
            result = go_on();
        }
        is_stopped.store(result.is_err(), Ordering::Relaxed);
        for helper in helpers {
            match helper.join() {
                Ok(others) => done.extend(others),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        result.map(|()| done)
    })?;
    done.sort_unstable_by_key(|&(index, _)| index);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items_on_any_number_of_threads() {
        let items: Vec<u64> = (0..50).collect();
        for threads in [0, 1, 2, 7, 100] {
            let squares = |_: &mut (), &item: &u64| {
                // The first items take longest.
                std::thread::sleep(std::time::Duration::from_micros(50 - item));
                item * item
            };
            let found = spread(&items, threads, || (), squares, || Ok::<_, ()>(()));
            assert_eq!(found, Ok(items.iter().map(|item| item * item).collect()), "{threads}");
        }
    }

    #[test]
    fn no_item_is_begun_after_an_error() {
        let begun = AtomicUsize::new(0);
        let count = |_: &mut (), _: &u8| {
            begun.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(std::time::Duration::from_millis(1));
        };
        let mut asked = 0;
        let stop_at_third = || {
            asked += 1;
            if asked < 3 {
                Ok(())
            } else {
                Err("stop")
            }
        };
        assert_eq!(spread(&[0; 1000], 2, || (), count, stop_at_third), Err("stop"));
        let begun = begun.into_inner();
        assert!((2..900).contains(&begun), "{begun}");
        assert_eq!(
            spread(&[0; 9], 1, || (), |_: &mut (), _: &u8| (), || Err("never")),
            Err("never")
        );
    }

    #[test]
    fn a_panic_of_a_helper_reaches_the_caller() {
        let panics_elsewhere = || {
            let caller = std::thread::current().id();
            let work = move |_: &mut (), _: &u8| {
                std::thread::sleep(std::time::Duration::from_millis(1));
                assert_eq!(std::thread::current().id(), caller);
            };
            spread(&[0; 100], 2, || (), work, || Ok::<_, ()>(()))
        };
        assert!(std::panic::catch_unwind(panics_elsewhere).is_err());
    }
}
