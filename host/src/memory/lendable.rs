// SPDX-License-Identifier: MIT OR Apache-2.0
//! Memory that this process fills again and again and that other processes read without a copy.
//!
//! Fresh memory costs clearing and counting every page, and mapping it in each process that reads it. So a memory
//! file is kept when the picture in it has been examined, and serves the next one; who has read it once keeps it
//! mapped. Two things make that safe:
//!
//! - *Only this process writes.* The file is mapped for writing here, then sealed with F_SEAL_FUTURE_WRITE, SHRINK
//!   and GROW [fcntl(2)]: nobody can map it for writing, write it or change its length from then on. It is filled
//!   by whoever has it alone ([`Lendable`] is neither shared nor lent while it is borrowed mutably), and lent by
//!   shared reference for as long as a call takes. A call that fails ends with the end of its process, before the
//!   reference is given back. So what is read here or there does not change while anybody may read it.
//! - *Nobody sees a picture that is not lent to it anyway.* Whoever keeps a mapping can see what is put there later.
//!   A file belongs to the [`Readers`] that it was made for, and takes pictures that are lent to all of them only.

#![allow(unsafe_code)] // mapping files that nobody else can change

use std::fs::File;
use std::io;
use std::ops::{Deref, DerefMut};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use memmap2::{Mmap, MmapMut, MmapOptions};
use rustix::fs::{fallocate, fcntl_add_seals, FallocateFlags, MemfdFlags, SealFlags};

/// Lengths are multiples of this, bytes, so that a file serves pictures of about the same size.
const GRAIN: usize = 256 << 10;

/// Most that lies idle, bytes: pixels, luma, coefficients and files of two pictures of 12 megapixels.
const MOST_IDLE: usize = 160 << 20;

/// What makes a file safe to lend.
const SEALS: SealFlags =
    SealFlags::FUTURE_WRITE.union(SealFlags::SHRINK).union(SealFlags::GROW).union(SealFlags::SEAL);

/// Those who wait for the next picture, the longest first.
static IDLE: Mutex<Vec<Place>> = Mutex::new(Vec::new());

/// Who reads a picture in other processes: the numbers of their kinds, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readers(Arc<[u64]>);

impl Readers {
    /// These, each once.
    #[must_use]
    pub fn of(numbers: impl IntoIterator<Item = u64>) -> Self {
        let mut numbers: Vec<_> = numbers.into_iter().collect();
        numbers.sort_unstable();
        numbers.dedup();
        Self(numbers.into())
    }

    /// These and those.
    #[must_use]
    pub fn and(&self, others: &Self) -> Self {
        Self::of(self.0.iter().chain(&*others.0).copied())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one is among them.
    #[must_use]
    pub fn has(&self, reader: u64) -> bool {
        self.0.contains(&reader)
    }
}

/// A memory file that is kept, mapped for writing.
#[derive(Debug)]
struct Place {
    number: Arc<u64>,
    readers: Readers,
    file: OwnedFd,
    map: MmapMut,
}

/// Bytes that others may read; their memory serves the next picture when they are dropped.
#[derive(Debug)]
pub struct Lendable {
    /// There until this is dropped.
    place: Option<Place>,
    length: usize,
}

impl Place {
    fn new(readers: &Readers, length: usize) -> io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let length = length.max(1).checked_next_multiple_of(GRAIN);
        let length = length.ok_or(io::ErrorKind::OutOfMemory)?;
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let file = rustix::fs::memfd_create("assay", flags)?;
        // The system finds the memory now or says that it has none; later it could only end this process.
        fallocate(&file, FallocateFlags::empty(), 0, length as u64)?;
        // SAFETY: the file is new, nobody else has it, and before anybody gets it the seals keep others from
        // changing its bytes and everybody from changing its length.
        let map = unsafe { MmapOptions::new().len(length).populate().map_mut(&file) }?;
        fcntl_add_seals(&file, SEALS)?;
        let number = Arc::new(NEXT.fetch_add(1, Ordering::Relaxed));
        Ok(Self { number, readers: readers.clone(), file, map })
    }

    /// Whether it serves bytes of this length without a waste.
    fn fits(&self, length: usize) -> bool {
        (length..=length.saturating_mul(2).max(GRAIN)).contains(&self.map.len())
    }
}

impl Lendable {
    /// Bytes of any value, to be filled and lent to `readers`.
    ///
    /// # Errors
    /// When the system has no memory, or no such seals (Linux before 5.1).
    pub fn new(readers: &Readers, length: usize) -> io::Result<Self> {
        let place = match take(readers, length) {
            Some(place) => place,
            None => Place::new(readers, length)?,
        };
        Ok(Self { place: Some(place), length })
    }

    /// The number of its memory, by which a reader knows that again, and whether it is still in use. No two have
    /// one number.
    #[must_use]
    pub fn number(&self) -> (u64, Weak<u64>) {
        let number = self.place.as_ref().map(|place| &place.number);
        number.map_or((0, Weak::new()), |number| (**number, Arc::downgrade(number)))
    }

    /// Its file, to be sent to one of its readers; `None` for anybody else.
    #[must_use]
    pub fn file_for(&self, reader: u64) -> Option<BorrowedFd<'_>> {
        let place = self.place.as_ref().filter(|place| place.readers.has(reader))?;
        Some(place.file.as_fd())
    }
}

impl Deref for Lendable {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.place.as_ref().and_then(|place| place.map.get(..self.length)).unwrap_or_default()
    }
}

impl DerefMut for Lendable {
    fn deref_mut(&mut self) -> &mut [u8] {
        let place = self.place.as_mut();
        place.and_then(|place| place.map.get_mut(..self.length)).unwrap_or_default()
    }
}

impl Drop for Lendable {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            put_back(place);
        }
    }
}

/// The smallest idle memory of these readers that fits.
fn take(readers: &Readers, length: usize) -> Option<Place> {
    let mut idle = idle();
    let fitting = idle.iter().enumerate().filter(|(_, place)| place.fits(length));
    let fitting = fitting.filter(|(_, place)| place.readers == *readers);
    let (index, _) = fitting.min_by_key(|(_, place)| place.map.len())?;
    Some(idle.remove(index))
}

/// Keeps memory, in the place of what has waited longest.
fn put_back(place: Place) {
    let mut idle = idle();
    idle.push(place);
    let mut held: usize = idle.iter().map(|place| place.map.len()).sum();
    while held > MOST_IDLE && !idle.is_empty() {
        held -= idle.remove(0).map.len();
    }
}

fn idle() -> MutexGuard<'static, Vec<Place>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The same memory where it is read: in a worker, which trusts its host.
#[derive(Clone, Debug)]
pub struct Kept {
    map: Arc<Mmap>,
    length: usize,
}

impl Kept {
    /// The memory of a file that the host keeps.
    ///
    /// # Errors
    /// When it cannot be mapped.
    pub fn of_host(file: &File) -> io::Result<Self> {
        // SAFETY: the host changes the bytes only when no call is under way that they were lent to, and they are
        // read during such a call only: what a detector gets of them does not outlive its call, and threads that it
        // leaves behind have no reference. The length is sealed.
        let map = unsafe { MmapOptions::new().map(file) }?;
        Ok(Self { length: map.len(), map: Arc::new(map) })
    }

    /// The first `length` bytes of it; `None` where it has fewer.
    #[must_use]
    pub fn first(&self, length: u64) -> Option<Self> {
        let length = usize::try_from(length).ok().filter(|length| *length <= self.map.len())?;
        Some(Self { map: Arc::clone(&self.map), length })
    }
}

impl Deref for Kept {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.map.get(..self.length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use memmap2::MmapRaw;
    use rustix::fs::ftruncate;

    use super::*;

    /// Who puts much there has what others left there taken away.
    static ALONE: Mutex<()> = Mutex::new(());

    /// Readers that no other test has.
    fn nobody_else() -> Readers {
        static NEXT: AtomicU64 = AtomicU64::new(1 << 40);
        Readers::of([NEXT.fetch_add(1, Ordering::Relaxed), 3, 3])
    }

    fn filled(readers: &Readers, length: usize, with: u8) -> Lendable {
        let mut memory = Lendable::new(readers, length).unwrap();
        assert_eq!(memory.len(), length);
        memory.fill(with);
        memory
    }

    #[test]
    fn a_reader_sees_what_is_written_and_can_change_nothing() {
        let readers = nobody_else();
        let memory = filled(&readers, 5000, 1);
        let file = File::from(memory.file_for(3).unwrap().try_clone_to_owned().unwrap());
        assert!(rustix::io::pwrite(&file, b"x", 0).is_err());
        assert!(ftruncate(&file, 1).is_err() && ftruncate(&file, 1 << 30).is_err());
        assert!(fallocate(&file, FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE, 0, 4096)
            .is_err());
        assert!(MmapRaw::map_raw(&file).is_err(), "it can be mapped for writing");
        // SAFETY: only its protection is tried.
        let readable = unsafe { Mmap::map(&file) }.unwrap();
        assert!(readable.make_mut().is_err(), "a mapping can be made one for writing");
        let kept = Kept::of_host(&file).unwrap();
        assert_eq!(kept.first(5000).unwrap()[..], memory[..]);
        assert!(kept.first(GRAIN as u64 + 1).is_none());
    }

    #[test]
    fn memory_serves_again_for_the_same_readers_only() {
        let _alone = ALONE.lock().unwrap();
        let (ours, others) = (nobody_else(), nobody_else());
        let first = filled(&ours, 5000, 1);
        let (number, alive) = first.number();
        assert!(first.file_for(4).is_none(), "lent to somebody else");
        let beside = filled(&ours, 5000, 2);
        assert_ne!(beside.number().0, number);
        assert!(first.iter().all(|byte| *byte == 1), "memory in use served twice");
        drop(first);
        assert_ne!(filled(&others, 5000, 3).number().0, number);
        assert_ne!(filled(&ours, 3 * GRAIN, 3).number().0, number, "it does not fit");
        assert_eq!(filled(&ours, 4000, 3).number().0, number);
        assert!(alive.upgrade().is_some());
    }

    #[test]
    fn little_lies_idle_and_what_is_gone_is_known_to_be() {
        let _alone = ALONE.lock().unwrap();
        let readers = nobody_else();
        let first = filled(&readers, GRAIN, 1);
        let (_, alive) = first.number();
        drop(first);
        drop([filled(&readers, MOST_IDLE / 2 + 1, 1), filled(&readers, MOST_IDLE / 2 + 1, 1)]);
        assert!(alive.upgrade().is_none());
        assert!(idle().iter().map(|place| place.map.len()).sum::<usize>() <= MOST_IDLE);
    }
}
