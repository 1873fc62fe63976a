// SPDX-License-Identifier: MIT OR Apache-2.0
//! Memory that another process writes and this one copies from.
//!
//! It is the host's memory file and is kept over calls, which saves clearing and counting its pages for each picture.
//! Whoever writes it is not trusted and may do so at any time: it is never mapped here. The system copies out of it
//! [pread(2)], so that what has been read is nobody else's.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileExt as _;

use rustix::fs::{ftruncate, MemfdFlags};

/// Most that is kept, bytes: pixels and coefficients of a picture of 12 megapixels.
const MOST_KEPT: u64 = 64 << 20;

/// Second parts begin at a multiple of this, bytes.
const PAGE_BYTES: u64 = 4096;

/// A memory file that another process writes.
#[derive(Debug)]
pub struct Outbox(File);

impl Outbox {
    /// An empty one.
    ///
    /// # Errors
    /// When the system has none.
    pub fn new() -> io::Result<Self> {
        // Without ALLOW_SEALING nobody can seal it, which would keep it from being emptied.
        Ok(Self(rustix::fs::memfd_create("outbox", MemfdFlags::CLOEXEC)?.into()))
    }

    /// Copies from `offset` on.
    ///
    /// # Errors
    /// When so much is not there.
    pub fn read(&self, into: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(into, offset)
    }

    /// Whether `length` bytes are there from `offset` on.
    #[must_use]
    pub fn holds(&self, length: u64, offset: u64) -> bool {
        let end = offset.checked_add(length);
        self.0.metadata().is_ok_and(|found| end.is_some_and(|end| end <= found.len()))
    }

    /// Gives back to the system what is more than a usual picture takes.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn tidy(&self) -> io::Result<()> {
        if self.0.metadata()?.len() > MOST_KEPT {
            ftruncate(&self.0, 0)?;
        }
        Ok(())
    }
}

impl AsFd for Outbox {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Where the second of two parts begins.
#[must_use]
pub fn behind(first: u64) -> u64 {
    first.next_multiple_of(PAGE_BYTES)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn what_was_read_stays_whatever_the_writer_does_and_what_is_missing_is_an_error() {
        const LENGTH: usize = 1 << 20;
        let outbox = Outbox::new().unwrap();
        let writer = File::from(outbox.as_fd().try_clone_to_owned().unwrap());
        let is_over = AtomicBool::new(false);
        let (mut whole, mut short) = (0, 0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for turn in (0..u8::MAX).cycle().take_while(|_| !is_over.load(Ordering::Relaxed)) {
                    writer.write_all_at(&vec![turn; LENGTH], 0).unwrap();
                    if turn % 2 == 0 {
                        writer.set_len(LENGTH as u64 / 2).unwrap();
                    }
                }
            });
            let mut room = vec![0; LENGTH];
            while whole < 20 || short < 20 {
                match outbox.read(&mut room, 0) {
                    Ok(()) => whole += 1,
                    Err(error) => {
                        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
                        short += 1;
                    }
                }
                let copy = room.clone();
                std::thread::yield_now();
                assert!(copy == room, "memory changed after it was read");
            }
            is_over.store(true, Ordering::Relaxed);
        });
    }

    #[test]
    fn little_is_kept_and_nobody_can_seal_it() {
        use rustix::fs::{fcntl_add_seals, SealFlags};
        let outbox = Outbox::new().unwrap();
        assert!(fcntl_add_seals(&outbox, SealFlags::SHRINK).is_err());
        for (length, left) in [(MOST_KEPT, MOST_KEPT), (MOST_KEPT + 1, 0)] {
            ftruncate(&outbox, length).unwrap();
            outbox.tidy().unwrap();
            assert!(outbox.holds(left, 0) && !outbox.holds(1, left) && !outbox.holds(u64::MAX, 1));
        }
    }
}
