// SPDX-License-Identifier: MIT OR Apache-2.0
//! How many requests that bring an image may be inside, and how many of them of one organisation.
//!
//! A request holds its place until it is answered, so that the memory of waiting images is bounded. One
//! organisation cannot hold all places, however slowly it sends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Places for requests.
#[derive(Debug)]
pub struct Places {
    all: usize,
    each: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_organisation: HashMap<Arc<str>, usize>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    organisation: Arc<str>,
}

impl Places {
    /// So many places, of which one organisation may take `each`; half of them for 0.
    #[must_use]
    pub fn new(all: usize, each: usize) -> Self {
        let each = if each == 0 { all.div_ceil(2) } else { each };
        Self { all, each, taken: Mutex::default() }
    }

    /// Takes a place, if one is left.
    pub(super) fn take(self: &Arc<Self>, organisation: &Arc<str>) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= self.all {
            return None;
        }
        let own = taken.by_organisation.entry(Arc::clone(organisation)).or_default();
        if *own >= self.each {
            return None;
        }
        *own += 1;
        taken.all += 1;
        Some(Place { places: Arc::clone(self), organisation: Arc::clone(organisation) })
    }

    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).all
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        if let Some(own) = taken.by_organisation.get_mut(&self.organisation) {
            *own -= 1;
            if *own == 0 {
                taken.by_organisation.remove(&self.organisation);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_organisation_leaves_places_for_the_others_and_gives_its_own_back() {
        let places = Arc::new(Places::new(4, 0));
        let (a, b): (Arc<str>, Arc<str>) = ("a".into(), "b".into());
        let held = [places.take(&a).unwrap(), places.take(&a).unwrap()];
        assert!(places.take(&a).is_none());
        let other = [places.take(&b).unwrap(), places.take(&b).unwrap()];
        assert!(places.take(&"c".into()).is_none());
        drop(held);
        assert_eq!(places.taken(), 2);
        assert!(places.take(&a).is_some());
        drop(other);
        assert_eq!(places.taken(), 0);
        assert!(places.taken.lock().unwrap().by_organisation.is_empty());
    }
}
