// SPDX-License-Identifier: MIT OR Apache-2.0
//! This process among those that share a database: its name, and the lease under which it does jobs and sends
//! webhooks.
//!
//! A host says every fifth of a lease that it lives, and its lease is over after four fifths without a word.
//! Every host looks as often for those that are silent and puts back in line what they have taken up: that
//! is taken up again within a lease of the host's last word. A host that was silent for so long, because it
//! stood still or was cut off, notices by its own monotonic clock, takes up nothing and sends nothing until it
//! holds a lease again; what it still works on it cannot finish where another host has it now.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{watch, Notify};

use crate::store::{Released, Store, StoreError};

/// Parts of a lease: how many there are, and how many of them a host may be silent.
const PARTS: u32 = 5;
const SILENT_PARTS: u32 = 4;

/// This process.
#[derive(Debug)]
pub struct Presence {
    store: Store,
    id: String,
    lease: Duration,
    held_until: Mutex<Option<Instant>>,
    /// Tells that something was put back in line.
    released: Notify,
}

impl Presence {
    /// A process with a name of its own that has no lease yet.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new(store: Store, lease: Duration) -> Result<Self, StoreError> {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes)
            .map_err(|error| StoreError::Random(std::io::Error::other(error)))?;
        let id = format!("host_{:016x}", u64::from_le_bytes(bytes));
        Ok(Self { store, id, lease, held_until: Mutex::default(), released: Notify::new() })
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether what it has taken up is still its own.
    #[must_use]
    pub fn is_held(&self) -> bool {
        let held_until = *self.held_until.lock().unwrap_or_else(PoisonError::into_inner);
        held_until.is_some_and(|until| Instant::now() < until)
    }

    /// Waits until something was put back in line.
    pub async fn released(&self) {
        self.released.notified().await;
    }

    /// Begins the lease, and puts back in line what a former life of this host had taken up, and hosts that are
    /// silent.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(&self, former: Option<&str>) -> Result<Released, StoreError> {
        if let Some(former) = former {
            self.store.end_lease(former).await?;
        }
        self.renew().await?;
        self.store.release_dead().await
    }

    /// Goes on with the lease until `stop` says so.
    pub async fn keep(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let was_held = self.is_held();
            let renewed = self.renew().await;
            if renewed.is_ok() && !was_held {
                tracing::warn!(host = self.id, "the lease was over; it begins anew");
            }
            let released = match renewed {
                Ok(()) => self.store.release_dead().await,
                Err(error) => Err(error),
            };
            match released {
                Ok(released) if released.is_empty() => {}
                Ok(Released { jobs, claims, deliveries }) => {
                    tracing::warn!(jobs, claims, deliveries, "silent hosts had taken these up");
                    self.released.notify_one();
                }
                Err(error) => tracing::error!(%error, "the lease cannot be renewed"),
            }
            tokio::select! {
                () = tokio::time::sleep(self.lease / PARTS) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Ends the lease: what it still had is others' at once.
    pub async fn end(&self) {
        let ended = async {
            self.store.end_lease(&self.id).await?;
            self.store.release_dead().await
        };
        if let Err(error) = ended.await {
            tracing::error!(%error, "the lease cannot be ended; it ends by itself");
        }
    }

    async fn renew(&self) -> Result<(), StoreError> {
        let hold = self.lease * SILENT_PARTS / PARTS;
        // By its own clock it ends no later than by the database's.
        let until = Instant::now() + hold;
        self.store.hold_lease(&self.id, hold).await?;
        *self.held_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
        Ok(())
    }
}
