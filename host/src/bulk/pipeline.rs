// SPDX-License-Identifier: MIT OR Apache-2.0
//! Many entries at once: those that come next are got while others are examined, and the rows come in the
//! entries' order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{mpsc, Arc, Mutex, PoisonError};

use futures_util::stream::{self, StreamExt as _};
use tokio::runtime::Runtime;
use tokio::sync::mpsc as queue;

use super::columns::Row;
use super::entries::Input;
use super::examine::{Examiner, Fatal};
use super::fetch::{Fetcher, Got};
use crate::depot::DepotError;

/// How a run ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every entry has its row.
    AtTheEnd,
    /// It was told to stop before.
    Early,
}

/// An entry that was got.
type Fetched = (u64, String, Result<Got, DepotError>);

/// Examines the entries of `names`, which are of `input`, on `threads` threads, and hands each row to
/// `take` as soon as it and those before it are there. When `stop` is set, what runs is finished;
/// it is set where the run fails.
///
/// # Errors
/// What `take` says, or what keeps every entry from being examined; the rows before that have been taken.
pub fn rows_of(
    runtime: &Runtime,
    (input, names): (&Input, impl Iterator<Item = String> + Send),
    examiner: &Examiner,
    threads: usize,
    stop: &AtomicBool,
    mut take: impl FnMut(Row) -> Result<(), String>,
) -> Result<Ended, String> {
    let threads = threads.max(1);
    let fetcher = Arc::new(Fetcher::of(input, examiner.limit()));
    let (to_fetch, names_to_fetch) = queue::channel(2 * threads);
    let (fetched, to_examine) = queue::channel(threads);
    runtime.spawn(fetch(names_to_fetch, fetcher, 2 * threads, fetched));
    let to_examine = Mutex::new(to_examine);
    let (rows, examined) = mpsc::channel();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (stop, is_over, to_examine) = (stop, &is_over, &to_examine);
        scope.spawn(move || {
            for numbered in (0..).zip(names) {
                let is_done = stop.load(Ordering::Acquire) || is_over.load(Ordering::Acquire);
                if is_done || to_fetch.blocking_send(numbered).is_err() {
                    return;
                }
            }
        });
        for _ in 0..threads {
            let rows = rows.clone();
            scope.spawn(move || loop {
                let mut queue = to_examine.lock().unwrap_or_else(PoisonError::into_inner);
                let next: Option<Fetched> = queue.blocking_recv();
                drop(queue);
                let Some((number, name, got)) = next else { return };
                let is_left = stop.load(Ordering::Acquire) || is_over.load(Ordering::Acquire);
                let row: Option<Result<Row, Fatal>> = (!is_left).then(|| {
                    got.map_err(|e| e.to_string()).and_then(|got| examiner.examine(&name, got))
                });
                if rows.send((number, row)).is_err() {
                    return;
                }
            });
        }
        drop(rows);
        let mut collect = || -> Result<(), String> {
            let (mut early, mut due) = (BTreeMap::new(), 0);
            for (number, row) in &examined {
                early.insert(number, row);
                while let Some(row) = early.remove(&due) {
                    let Some(row) = row else { return Ok(()) };
                    take(row?)?;
                    due += 1;
                }
            }
            Ok(())
        };
        let collected = collect();
        if collected.is_err() {
            // Whoever makes the names may be waiting for one.
            stop.store(true, Ordering::Release);
        }
        is_over.store(true, Ordering::Release);
        // What was got already is let go, so that nobody waits for a place.
        examined.into_iter().for_each(drop);
        collected
    })?;
    Ok(if stop.load(Ordering::Acquire) { Ended::Early } else { Ended::AtTheEnd })
}

/// Gets entries, so many at once, in their order, until nobody wants them any more.
async fn fetch(
    names: queue::Receiver<(u64, String)>,
    fetcher: Arc<Fetcher>,
    at_once: usize,
    fetched: queue::Sender<Fetched>,
) {
    let numbered = stream::unfold(names, |mut names: queue::Receiver<_>| async move {
        Some((names.recv().await?, names))
    });
    let got = numbered.map(|(number, name)| {
        let fetcher = Arc::clone(&fetcher);
        async move {
            let got = fetcher.get(&name).await;
            (number, name, got)
        }
    });
    let mut got = std::pin::pin!(got.buffered(at_once));
    while let Some(entry) = got.next().await {
        if fetched.send(entry).await.is_err() {
            return;
        }
    }
}
