// SPDX-License-Identifier: MIT OR Apache-2.0
//! How an analysis is told that nobody waits for it any more: it begins nothing new then, and what is under way
//! ends when it looks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

/// Whether somebody still waits: for a whole analysis, or for one part of it.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    own: Arc<AtomicBool>,
    whole: Option<Arc<AtomicBool>>,
}

/// Cancels when it is dropped, as it is with a future that is given up.
#[derive(Debug)]
pub struct Waiting(Cancel);

impl Cancel {
    /// That of a part of what `self` cancels; cancelling the part leaves the whole alone.
    #[must_use]
    pub fn of_part(&self) -> Self {
        Self { own: Arc::default(), whole: Some(Arc::clone(&self.own)) }
    }

    /// Nobody waits any more.
    pub fn set(&self) {
        self.own.store(true, Ordering::Release);
    }

    /// Whether nobody waits any more.
    #[must_use]
    pub fn is_set(&self) -> bool {
        let is_set = |flag: &AtomicBool| flag.load(Ordering::Acquire);
        is_set(&self.own) || self.whole.as_deref().is_some_and(is_set)
    }

    /// Somebody who waits until this is dropped.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        Waiting(self.clone())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.set();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_ends_with_the_whole_and_the_whole_goes_on_without_it() {
        let whole = Cancel::default();
        let (first, second) = (whole.of_part(), whole.of_part());
        first.set();
        assert!(first.is_set() && !second.is_set() && !whole.is_set());
        drop(whole.waiting());
        assert!(whole.is_set() && second.is_set());
    }
}
