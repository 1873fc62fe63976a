// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bytes that another process may read without a copy, and cannot change.
//!
//! What is lent once lies in a memory file that is filled, then sealed against writing, shrinking and growing
//! [memfd_create(2), fcntl(2) F_ADD_SEALS]. What is received from another process is mapped only if it carries
//! these seals: else the sender could change it under the reader, or shorten it and end the reader with a bus
//! error. What is lent with each picture lies in memory that is kept for the next: [`Lendable`] from here to
//! others, [`Outbox`] from others to here.

#![allow(unsafe_code)] // mapping files whose seals say that they never change, telling the allocator to give back

use std::fs::File;
use std::io::{self, Write as _};
use std::ops::Deref;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;

use memmap2::{Mmap, MmapOptions};
use rustix::fs::{fcntl_add_seals, fcntl_get_seals, MemfdFlags, SealFlags};

mod free;
mod lendable;
mod outbox;
mod room;

pub use free::give_back;
pub use lendable::{Kept, Lendable, Readers};
pub use outbox::{behind, Outbox};
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

/// Where bytes are.
#[derive(Debug)]
enum Memory {
    Own(Own),
    Numbers(Vec<i16>),
    Lendable(Lendable),
}

/// Bytes of this process, which another one can be lent.
#[derive(Debug)]
pub struct Bytes {
    memory: Memory,
    readers: Readers,
    /// A copy for the readers; none where the system has no memory of that kind.
    lendable: OnceLock<Option<Lendable>>,
    /// A copy for anybody.
    sealed: OnceLock<Sealed>,
}

/// Memory as another process gets it.
#[derive(Clone, Copy, Debug)]
pub enum Loan<'b> {
    /// For this call only.
    Once(&'b Sealed),
    /// It will be lent again with other contents.
    Again(&'b Lendable),
}

impl Bytes {
    /// `length` bytes that `fill` makes and `readers` will be lent. It is given bytes of any value.
    ///
    /// # Errors
    /// As `fill`.
    pub fn filled<E>(
        readers: &Readers,
        length: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let lendable = if readers.is_empty() { None } else { Lendable::new(readers, length).ok() };
        let memory = match lendable {
            Some(mut memory) => {
                fill(&mut memory)?;
                Memory::Lendable(memory)
            }
            // Also where the system has no memory of that kind.
            None => {
                let mut memory = Own::zeros(length);
                fill(&mut memory)?;
                Memory::Own(memory)
            }
        };
        Ok(Self::at(memory).lent_to(readers))
    }

    fn at(memory: Memory) -> Self {
        let (lendable, sealed) = (OnceLock::new(), OnceLock::new());
        Self { memory, readers: Readers::default(), lendable, sealed }
    }

    /// The same, to be lent to `readers`.
    #[must_use]
    pub fn lent_to(self, readers: &Readers) -> Self {
        Self { readers: readers.clone(), ..self }
    }

    /// Whom they will be lent to.
    #[must_use]
    pub fn readers(&self) -> &Readers {
        &self.readers
    }

    /// The bytes as `reader` may get them: copied when this is first asked for, unless they lie in memory that
    /// can be lent to it.
    ///
    /// # Errors
    /// When the system has no memory for a copy.
    pub fn share(&self, reader: u64) -> io::Result<Loan<'_>> {
        let kept = match &self.memory {
            _ if !self.readers.has(reader) => None,
            Memory::Lendable(memory) => Some(memory),
            Memory::Own(_) | Memory::Numbers(_) => {
                let copy = || {
                    let mut copy = Lendable::new(&self.readers, self.len()).ok()?;
                    copy.copy_from_slice(self);
                    Some(copy)
                };
                self.lendable.get_or_init(copy).as_ref()
            }
        };
        if let Some(kept) = kept {
            return Ok(Loan::Again(kept));
        }
        if let Some(sealed) = self.sealed.get() {
            return Ok(Loan::Once(sealed));
        }
        let copy = Sealed::copy_of(self)?;
        Ok(Loan::Once(self.sealed.get_or_init(|| copy)))
    }
}

impl From<Own> for Bytes {
    fn from(own: Own) -> Self {
        Self::at(Memory::Own(own))
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(own: Vec<u8>) -> Self {
        Own::holding(own).into()
    }
}

impl From<Vec<i16>> for Bytes {
    fn from(own: Vec<i16>) -> Self {
        Self::at(Memory::Numbers(own))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.memory {
            Memory::Own(own) => own,
            Memory::Numbers(own) => bytemuck::cast_slice(own),
            Memory::Lendable(memory) => memory,
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

    /// What a reader gets, and what it knows it by.
    fn lent(bytes: &Bytes, reader: u64) -> (Vec<u8>, Option<u64>, i32) {
        match bytes.share(reader).unwrap() {
            Loan::Once(sealed) => (sealed.to_vec(), None, sealed.as_fd().as_raw_fd()),
            Loan::Again(memory) => {
                let file = memory.file_for(reader).unwrap().as_raw_fd();
                (memory.to_vec(), Some(memory.number().0), file)
            }
        }
    }

    #[test]
    fn bytes_are_shared_once_and_stay_the_same() {
        const OURS: u64 = 1 << 50;
        let readers = Readers::of([OURS]);
        let made = || {
            let fill = |bytes: &mut [u8]| {
                bytes.copy_from_slice(&[1, 2, 3]);
                Ok::<_, ()>(())
            };
            Bytes::filled(&readers, 3, fill).unwrap()
        };
        for bytes in [made(), Bytes::from(vec![1u8, 2, 3]).lent_to(&readers)] {
            for (reader, is_kept) in [(OURS, true), (OURS + 1, false)] {
                let (found, number, file) = lent(&bytes, reader);
                assert_eq!((&found[..], &*bytes), (&[1, 2, 3][..], &[1, 2, 3][..]));
                assert_eq!(number.is_some(), is_kept, "only its readers may be lent what is kept");
                assert_eq!(lent(&bytes, reader), (found, number, file), "shared twice");
            }
        }
        let numbers = Bytes::from(vec![-1i16, 2]);
        assert_eq!(lent(&numbers, OURS).0, [0xff, 0xff, 2, 0]);
        assert!(Bytes::from(Vec::<u8>::new()).share(OURS).is_ok());
    }
}
