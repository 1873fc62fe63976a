// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bytes that another process may read without a copy, and nobody may change.
//!
//! A memory file is filled once, then sealed against writing, shrinking and growing [memfd_create(2),
//! fcntl(2) F_ADD_SEALS]. What is received from another process is read only if it carries these seals:
//! else the sender could change it under the reader, or shorten it and end the reader with a bus error.

#![allow(unsafe_code)] // mapping files whose seals say that they never change, telling the allocator to give back

use std::fs::File;
use std::io::{self, Write as _};
use std::ops::Deref;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, OnceLock};

use memmap2::{Mmap, MmapOptions};
use rustix::fs::{fcntl_add_seals, fcntl_get_seals, MemfdFlags, SealFlags};

mod free;
mod room;

pub use free::give_back;
pub use room::{Own, Room};

/// What makes a memory file safe to read.
const SEALS: SealFlags = SealFlags::WRITE.union(SealFlags::SHRINK).union(SealFlags::GROW);

/// A memory file that nobody can change, and its bytes.
#[derive(Debug)]
pub struct Sealed {
    file: OwnedFd,
    map: Mmap,
}

impl Sealed {
    /// A copy of `bytes`. Written and not mapped: that takes no fault a page.
    ///
    /// # Errors
    /// When the system has no memory for it.
    pub fn copy_of(bytes: &[u8]) -> io::Result<Self> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let mut file = File::from(rustix::fs::memfd_create("assay", flags)?);
        file.write_all(bytes)?;
        fcntl_add_seals(&file, SEALS | SealFlags::SEAL)?;
        Self::mapped(file.into(), bytes.len())
    }

    /// What another process sent, which says that it has `length` bytes.
    ///
    /// # Errors
    /// When it is not sealed or has another length.
    pub fn received(file: OwnedFd, length: u64) -> io::Result<Self> {
        let refused = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidData, what));
        if !fcntl_get_seals(&file).is_ok_and(|seals| seals.contains(SEALS)) {
            return refused("the memory that was sent is not sealed");
        }
        let found = u64::try_from(rustix::fs::fstat(&file)?.st_size).unwrap_or(0);
        if found != length {
            return refused("the memory that was sent has another length than was said");
        }
        let length = usize::try_from(length).map_err(io::Error::other)?;
        Self::mapped(file, length)
    }

    fn mapped(file: OwnedFd, length: usize) -> io::Result<Self> {
        // SAFETY: the seals keep the file's bytes and length as they are, whoever else has it.
        let map = unsafe { MmapOptions::new().len(length).map(&file) }?;
        Ok(Self { file, map })
    }
}

impl Deref for Sealed {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}

impl AsFd for Sealed {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// Bytes of this process, which become shared when another one is to read them.
#[derive(Debug)]
pub struct Bytes {
    own: Own,
    shared: OnceLock<Arc<Sealed>>,
}

impl Bytes {
    /// The bytes as another process may read them: copied when this is first asked for.
    ///
    /// # Errors
    /// When the system has no memory for a copy.
    pub fn share(&self) -> io::Result<Arc<Sealed>> {
        if let Some(shared) = self.shared.get() {
            return Ok(Arc::clone(shared));
        }
        let copy = Arc::new(Sealed::copy_of(&self.own)?);
        Ok(Arc::clone(self.shared.get_or_init(|| copy)))
    }
}

impl From<Own> for Bytes {
    fn from(own: Own) -> Self {
        Self { own, shared: OnceLock::new() }
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(own: Vec<u8>) -> Self {
        Own::holding(own).into()
    }
}

impl From<Sealed> for Bytes {
    fn from(sealed: Sealed) -> Self {
        Self { own: Own::holding(Vec::new()), shared: OnceLock::from(Arc::new(sealed)) }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self.shared.get() {
            Some(shared) if self.own.is_empty() => shared,
            _ => &self.own,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd;

    use super::*;

    fn memory_file(bytes: &[u8]) -> OwnedFd {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let file = rustix::fs::memfd_create("test", flags).unwrap();
        rustix::io::write(&file, bytes).unwrap();
        file
    }

    #[test]
    fn what_is_sealed_cannot_be_changed() {
        let sealed = Sealed::copy_of(b"abc").unwrap();
        assert_eq!(&*sealed, b"abc");
        assert!(rustix::io::write(&sealed, b"x").is_err());
        assert!(rustix::fs::ftruncate(&sealed, 1).is_err());
    }

    #[test]
    fn unsealed_or_shorter_memory_is_refused() {
        assert!(Sealed::received(memory_file(b"abc"), 3).is_err());
        let file = memory_file(b"abc");
        fcntl_add_seals(&file, SEALS).unwrap();
        let again = file.try_clone().unwrap();
        assert!(Sealed::received(again, 4).is_err());
        assert_eq!(&*Sealed::received(file, 3).unwrap(), b"abc");
    }

    #[test]
    fn bytes_are_shared_once_and_stay_the_same() {
        let bytes = Bytes::from(vec![1, 2, 3]);
        let first = bytes.share().unwrap();
        assert_eq!(first.as_fd().as_raw_fd(), bytes.share().unwrap().as_fd().as_raw_fd());
        assert_eq!((&*bytes, &**first), (&[1, 2, 3][..], &[1, 2, 3][..]));
        let received = Bytes::from(Sealed::copy_of(&[]).unwrap());
        assert!(received.is_empty());
    }
}
