// SPDX-License-Identifier: MIT OR Apache-2.0
//! What time it is, and waiting for another: passed in, so that an hour can be tested in no time.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

/// Tells and awaits the time, Unix milliseconds.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> i64;

    /// Waits until it is so late.
    fn wait_until(&self, at: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        Timestamp::now().as_millisecond()
    }

    fn wait_until(&self, at: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let wait = u64::try_from(at - self.now()).unwrap_or(0);
        Box::pin(tokio::time::sleep(Duration::from_millis(wait)))
    }
}

/// A clock that stands still until it is put forward.
#[derive(Debug)]
pub struct ManualClock(watch::Sender<i64>);

impl ManualClock {
    /// A clock that stands at a time.
    #[must_use]
    pub fn at(now: i64) -> Self {
        Self(watch::Sender::new(now))
    }

    /// Puts it forward, ms.
    pub fn advance(&self, by: i64) {
        self.0.send_modify(|now| *now += by);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> i64 {
        *self.0.borrow()
    }

    fn wait_until(&self, at: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let mut time = self.0.subscribe();
        Box::pin(async move {
            // The sender is this clock itself, which outlives the wait.
            let _ = time.wait_for(|now| *now >= at).await;
        })
    }
}
