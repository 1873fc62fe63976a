// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lent memory in messages: what the host notes of each worker, and what the worker has.
//!
//! Memory that is lent again and again is sent once and known by its number from then on. A worker forgets what
//! the host tells it to: what is no longer in use, and what was lent first when it has many.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::Weak;

use super::message::Lent;
use crate::memory::{Bytes, Kept, Loan, Sealed};

/// Most memory files that a worker keeps: file, pixels, luma and coefficients of two pictures.
const MOST_KEPT: usize = 8;

/// What a worker was sent and still has, the first sent first.
#[derive(Debug, Default)]
pub(super) struct Ledger(Vec<(u64, Weak<u64>)>);

impl Ledger {
    /// What to tell the worker, a `reader`, of bytes that it is lent; the file that is to be sent with it, if one is,
    /// is put behind `sent`.
    ///
    /// # Errors
    /// When the system has no memory for a copy.
    pub(super) fn lend<'b>(
        &mut self,
        bytes: &'b Bytes,
        reader: u64,
        sent: &mut Vec<BorrowedFd<'b>>,
    ) -> io::Result<Lent> {
        let memory = match bytes.share(reader)? {
            Loan::Again(memory) => memory,
            Loan::Once(sealed) => {
                sent.push(sealed.as_fd());
                let bytes = sealed.len() as u64;
                return Ok(Lent { number: 0, is_sent: true, bytes, forget: Vec::new() });
            }
        };
        let (number, in_use) = memory.number();
        let mut forget = Vec::new();
        self.0.retain(|(known, in_use)| {
            let is_kept = in_use.strong_count() > 0;
            forget.extend((!is_kept).then_some(*known));
            is_kept
        });
        let is_sent = self.0.iter().all(|(known, _)| *known != number);
        if let Some(file) = memory.file_for(reader).filter(|_| is_sent) {
            if self.0.len() >= MOST_KEPT {
                forget.push(self.0.remove(0).0);
            }
            self.0.push((number, in_use));
            sent.push(file);
        }
        Ok(Lent { number, is_sent, bytes: memory.len() as u64, forget })
    }
}

/// What a worker has been lent and keeps.
#[derive(Default)]
pub(super) struct Shelf(Vec<(u64, Kept)>);

/// Lent memory where it is read.
pub(super) enum Borrowing {
    /// For this call.
    Once(Sealed),
    /// Known from earlier calls, or to be known.
    Again(Kept),
}

impl Shelf {
    /// The memory that the host tells of; `sent` are the files that came with the message.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn find(
        &mut self,
        lent: &Lent,
        sent: &mut impl Iterator<Item = OwnedFd>,
    ) -> Result<Borrowing, String> {
        let Lent { number, is_sent, bytes, forget } = lent;
        self.0.retain(|(known, _)| !forget.contains(known));
        if *is_sent {
            let file = sent.next().ok_or("no memory was sent")?;
            if *number == 0 {
                let sealed = Sealed::received(file, *bytes).map_err(|e| e.to_string())?;
                return Ok(Borrowing::Once(sealed));
            }
            let kept = Kept::of_host(&File::from(file)).map_err(|e| e.to_string())?;
            self.0.push((*number, kept));
        }
        let kept = self.0.iter().find(|(known, _)| known == number);
        let (_, kept) = kept.ok_or("the memory that was lent is not known")?;
        let kept = kept.first(*bytes).ok_or("the memory that was lent is shorter than was said")?;
        Ok(Borrowing::Again(kept))
    }
}

impl Deref for Borrowing {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Once(sealed) => sealed,
            Self::Again(kept) => kept,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Readers;

    const READER: u64 = 1 << 51;
    const ANOTHER: u64 = READER + 1;

    fn lent(reader: u64, length: usize, with: u8) -> Bytes {
        let fill = |bytes: &mut [u8]| {
            bytes.fill(with);
            Ok::<_, ()>(())
        };
        Bytes::filled(&Readers::of([reader]), length, fill).unwrap()
    }

    /// What the worker reads of a loan, and what it was told.
    fn lend((ledger, shelf): &mut (Ledger, Shelf), reader: u64, bytes: &Bytes) -> (Vec<u8>, Lent) {
        let mut sent = Vec::new();
        let told = ledger.lend(bytes, reader, &mut sent).unwrap();
        let mut sent = sent.iter().map(|file| file.try_clone_to_owned().unwrap());
        let found = shelf.find(&told, &mut sent).unwrap().to_vec();
        assert!(sent.next().is_none(), "more was sent than was told");
        (found, told)
    }

    #[test]
    fn memory_is_sent_once_and_shows_what_it_holds_at_each_call() {
        let mut worker = (Ledger::default(), Shelf::default());
        let mut next = |with| {
            let bytes = lent(READER, 1000, with);
            let (found, told) = lend(&mut worker, READER, &bytes);
            assert_eq!(found, [with; 1000]);
            told
        };
        let told: Vec<_> = (0..50).map(&mut next).collect();
        assert!(told[0].is_sent);
        // Other tests may have memory taken away, which then serves no more.
        let again = told.windows(2).find(|pair| pair[0].number == pair[1].number);
        let again = again.unwrap().last().unwrap();
        assert!(!again.is_sent);
        let (_, shelf) = &mut worker;
        let unknown = Lent { number: 1 << 60, ..again.clone() };
        assert!(shelf.find(&unknown, &mut std::iter::empty()).is_err());
        let last = told.last().unwrap();
        let longer = Lent { bytes: 1 << 40, is_sent: false, ..last.clone() };
        assert!(shelf.find(&longer, &mut std::iter::empty()).is_err());
        // What is lent to others than its readers is for one call.
        let (found, once) = lend(&mut worker, READER, &Bytes::from(vec![3u8; 10]));
        assert!(once.is_sent && once.number == 0 && found == [3; 10]);
    }

    #[test]
    fn a_worker_has_what_the_host_notes_and_not_much() {
        let mut worker = (Ledger::default(), Shelf::default());
        let all: Vec<_> = (0..20).map(|i| lent(ANOTHER, 1000, i)).collect();
        for turn in 0..2 {
            for (with, bytes) in (0..).zip(&all) {
                let (found, told) = lend(&mut worker, ANOTHER, bytes);
                assert!(found == [with; 1000] && told.is_sent, "{turn}");
                let (ledger, shelf) = &worker;
                let noted: Vec<_> = ledger.0.iter().map(|(number, _)| number).collect();
                assert_eq!(noted, shelf.0.iter().map(|(number, _)| number).collect::<Vec<_>>());
                assert!(noted.len() <= MOST_KEPT);
            }
        }
    }
}
