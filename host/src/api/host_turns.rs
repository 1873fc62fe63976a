// SPDX-License-Identifier: MIT OR Apache-2.0
//! What only one of all hosts works on at a time: an idempotency key, or an answer that identical requests
//! wait for. A host that is gone, or cut off from the database, has its turns for [`LEASE`] at most.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::watch;

use crate::store::{Store, StoreError};
use crate::view::RequestId;

/// How long a turn is lent.
const LEASE: Duration = Duration::from_secs(15);
/// How often turns are renewed: two renewals may fail.
const RENEWAL: Duration = Duration::from_secs(5);
/// How long somebody who waits looks again at first, and at last.
const LOOKS: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(200)];

/// Of which key, and which of the host's turns.
type Name = ([u8; 32], i64);

/// The turns of this host.
#[derive(Debug)]
pub struct HostTurns {
    /// What the other hosts know this one by.
    host: String,
    next: AtomicI64,
    held: Arc<AtomicUsize>,
    given: UnboundedSender<Name>,
    /// Taken by the task that gives them back.
    back: Mutex<Option<UnboundedReceiver<Name>>>,
}

/// A turn; given back when dropped.
#[derive(Debug)]
pub(super) struct HostTurn {
    name: Name,
    held: Arc<AtomicUsize>,
    given: UnboundedSender<Name>,
}

impl HostTurns {
    /// Those of a host that starts.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new() -> std::io::Result<Self> {
        let (given, back) = mpsc::unbounded_channel();
        let (host, next) = (RequestId::random()?.to_string(), AtomicI64::new(0));
        Ok(Self { host, next, held: Arc::default(), given, back: Mutex::new(Some(back)) })
    }

    /// Waits until no other host works on a key; `None` where there are no others.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn take(
        &self,
        store: &Store,
        key: [u8; 32],
    ) -> Result<Option<HostTurn>, StoreError> {
        if !store.is_shared() {
            return Ok(None);
        }
        self.held.fetch_add(1, Ordering::AcqRel);
        // Made before it is asked for: who stops waiting gives back what was just taken.
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (held, given) = (Arc::clone(&self.held), self.given.clone());
        let turn = HostTurn { name: (key, number), held, given };
        let [mut pause, last] = LOOKS;
        while !store.take_turn(&key, (&self.host, number), LEASE).await? {
            tokio::time::sleep(pause).await;
            pause = last.min(2 * pause);
        }
        Ok(Some(turn))
    }

    /// Renews what is held and gives back what is not, until `stop` says so.
    pub async fn run(self: Arc<Self>, store: Store, mut stop: watch::Receiver<bool>) {
        let back = self.back.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut back) = back else { return };
        let mut renewal = tokio::time::interval(RENEWAL);
        let mut left = Vec::new();
        loop {
            tokio::select! {
                name = back.recv() => left.extend(name),
                _ = renewal.tick() => {
                    if self.held.load(Ordering::Acquire) > 0 {
                        if let Err(error) = store.renew_turns(&self.host, LEASE).await {
                            tracing::warn!(%error, "turns are not renewed");
                        }
                    }
                }
                _ = stop.changed() => break,
            }
            self.give_back(&store, &mut left).await;
        }
        back.close();
        while let Some(name) = back.recv().await {
            left.push(name);
        }
        self.give_back(&store, &mut left).await;
    }

    /// Gives turns back; those that cannot be are left for the next time.
    async fn give_back(&self, store: &Store, left: &mut Vec<Name>) {
        while let Some((key, number)) = left.last() {
            if let Err(error) = store.give_turn(key, (&self.host, *number)).await {
                tracing::warn!(%error, "a turn is not given back");
                return;
            }
            left.pop();
        }
    }
}

impl Drop for HostTurn {
    fn drop(&mut self) {
        self.held.fetch_sub(1, Ordering::AcqRel);
        // Without the task that gives it back the process ends, and so does the turn.
        let _ = self.given.send(self.name);
    }
}
