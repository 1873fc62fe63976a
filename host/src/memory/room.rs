// SPDX-License-Identifier: MIT OR Apache-2.0
//! Memory for the large things that are made of each picture, its pixels and its luma. What one picture leaves
//! serves the next: given back to the system, it would take a fault for each page again, which is half of what
//! decoding costs.

use std::mem;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Least that is kept for the next picture, bytes.
const LEAST: usize = 1 << 20;

/// Most that lies idle, bytes: pixels and luma of a picture of 12 megapixels.
const MOST_IDLE: usize = 48 << 20;

static IDLE: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// Memory that somebody fills.
pub trait Room: DerefMut<Target = [u8]> + Sized {
    /// `length` zeros.
    fn zeros(length: usize) -> Self;

    /// What was made elsewhere.
    fn holding(bytes: Vec<u8>) -> Self;
}

impl Room for Vec<u8> {
    fn zeros(length: usize) -> Self {
        vec![0; length]
    }

    fn holding(bytes: Vec<u8>) -> Self {
        bytes
    }
}

/// Memory that is kept for the next picture when it is dropped, if it was made here.
#[derive(Debug)]
pub struct Own {
    bytes: Vec<u8>,
    is_kept: bool,
}

impl Room for Own {
    fn zeros(length: usize) -> Self {
        let bytes = match take(length) {
            Some(mut bytes) => {
                bytes.clear();
                bytes.resize(length, 0);
                bytes
            }
            None => vec![0; length],
        };
        Self { bytes, is_kept: true }
    }

    fn holding(bytes: Vec<u8>) -> Self {
        Self { bytes, is_kept: false }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if self.is_kept && self.bytes.capacity() >= LEAST {
            put_back(mem::take(&mut self.bytes));
        }
    }
}

impl Deref for Own {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl DerefMut for Own {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

/// The smallest idle memory that holds so much, if that is not much more.
fn take(length: usize) -> Option<Vec<u8>> {
    let mut idle = idle();
    let fits = |kept: &Vec<u8>| (length..=length.saturating_mul(2)).contains(&kept.capacity());
    let fitting = idle.iter().enumerate().filter(|(_, kept)| length >= LEAST && fits(kept));
    let (index, _) = fitting.min_by_key(|(_, kept)| kept.capacity())?;
    Some(idle.swap_remove(index))
}

/// Keeps memory, if that is not too much with what lies idle already.
fn put_back(bytes: Vec<u8>) {
    let mut idle = idle();
    let held: usize = idle.iter().map(Vec::capacity).sum();
    if held.saturating_add(bytes.capacity()) <= MOST_IDLE {
        idle.push(bytes);
    }
}

fn idle() -> MutexGuard<'static, Vec<Vec<u8>>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(length: usize) -> Own {
        let mut room = Own::zeros(length);
        assert_eq!(room.len(), length);
        assert!(room.iter().all(|byte| *byte == 0), "{length}");
        room.fill(7);
        room
    }

    #[test]
    fn memory_is_zero_however_often_it_serves_and_little_lies_idle() {
        for length in [0, 1, LEAST, LEAST + 9, 3 * LEAST, LEAST, MOST_IDLE + 1, 3 * LEAST] {
            let rooms = [filled(length), filled(length)];
            assert_eq!(rooms[0][..], rooms[1][..]);
        }
        assert!(idle().iter().map(Vec::capacity).sum::<usize>() <= MOST_IDLE);
        assert!(idle().iter().all(|kept| kept.capacity() >= LEAST));
    }

    #[test]
    fn what_was_made_elsewhere_is_not_kept() {
        const OF_NOBODY_ELSE: usize = 5 * LEAST + 12_345;
        drop(Own::holding(vec![1; OF_NOBODY_ELSE]));
        assert!(idle().iter().all(|kept| kept.capacity() != OF_NOBODY_ELSE));
    }
}
