// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a program shares with the host beside its questions: the picture, and what it complains of.
//!
//! The picture lies in memory that the program can only read and finds at a fixed descriptor, because not
//! every language can receive one with a message. It costs a copy a call. The host only writes it, so that
//! nothing that the program does to it can hurt the host.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd};

use rustix::fs::{fcntl_getfl, fcntl_setfl, ftruncate, MemfdFlags, OFlags};
use serde::Serialize;

use crate::image::evidence::ImageEvidence;

/// Where the file begins behind the pixels: at a multiple, so that it can be mapped by itself.
const PAGE_BYTES: u64 = 4096;

/// Most of what a program complained of that is read, bytes.
const LAST_BYTES: usize = 4096;

/// Longest line of it that is told, characters.
const MAX_CHARACTERS: usize = 300;

/// Bytes of the picture's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(in super::super) struct Extent {
    /// Where they begin.
    offset: u64,
    /// How many there are.
    bytes: u64,
}

/// The memory that a program shares with the host.
#[derive(Debug)]
pub(in super::super) struct Shared {
    picture: File,
    /// The same memory, only to be read.
    picture_of_program: File,
    complaints: File,
}

impl Shared {
    /// Empty memory.
    ///
    /// # Errors
    /// When the system has none.
    pub(in super::super) fn new() -> io::Result<Self> {
        let made = |name| rustix::fs::memfd_create(name, MemfdFlags::CLOEXEC).map(File::from);
        let (picture, complaints) = (made("picture")?, made("complaints")?);
        let picture_of_program =
            File::open(format!("/proc/self/fd/{}", picture.as_fd().as_raw_fd()))?;
        fcntl_setfl(&complaints, fcntl_getfl(&complaints)? | OFlags::APPEND)?;
        Ok(Self { picture, picture_of_program, complaints })
    }

    /// What the program gets: the picture, and where it complains.
    pub(in super::super) fn ends(&self) -> [BorrowedFd<'_>; 2] {
        [self.picture_of_program.as_fd(), self.complaints.as_fd()]
    }

    /// Puts a picture there: pixels, then the file.
    ///
    /// # Errors
    /// When the system has no memory for it.
    pub(in super::super) fn lend(&self, image: &ImageEvidence) -> io::Result<[Extent; 2]> {
        self.clear()?;
        let (pixels, file) = (image.rgb(), image.encoded());
        let second = (pixels.len() as u64).next_multiple_of(PAGE_BYTES);
        let mut memory = &self.picture;
        memory.rewind()?;
        memory.write_all(pixels)?;
        memory.seek(io::SeekFrom::Start(second))?;
        memory.write_all(file)?;
        Ok([(0, pixels), (second, file)]
            .map(|(offset, bytes)| Extent { offset, bytes: bytes.len() as u64 }))
    }

    /// Gives the memory back to the system, and forgets earlier complaints.
    ///
    /// # Errors
    /// When the system refuses.
    pub(in super::super) fn clear(&self) -> io::Result<()> {
        ftruncate(&self.picture, 0)?;
        Ok(ftruncate(&self.complaints, 0)?)
    }

    /// The last line that the program complained of, cut and without control characters.
    pub(in super::super) fn last_complaint(&self) -> Option<String> {
        let mut memory = &self.complaints;
        let length = self.complaints.metadata().ok()?.len();
        let start = length.saturating_sub(LAST_BYTES as u64);
        memory.seek(io::SeekFrom::Start(start)).ok()?;
        let mut bytes = Vec::new();
        memory.take(LAST_BYTES as u64).read_to_end(&mut bytes).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        let line = text.lines().rev().find(|line| !line.trim().is_empty())?;
        Some(line.trim().chars().filter(|c| !c.is_control()).take(MAX_CHARACTERS).collect())
    }
}
