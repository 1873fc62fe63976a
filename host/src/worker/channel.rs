// SPDX-License-Identifier: MIT OR Apache-2.0
//! Messages over a socket, with shared memory beside them.
//!
//! A frame is its length in four bytes, then the message. Descriptors come with the first bytes
//! [unix(7), SCM_RIGHTS]. Whoever is at the other end is not trusted: a frame has a largest length, and
//! reading it has an end in time, however slowly it trickles in.

use std::io::{self, IoSlice, IoSliceMut, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::net::{
    recvmsg, sendmsg, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags,
};

use super::wire::{whole, Malformed, Wire};

/// Largest frame, bytes: that of a heatmap of 100 MP and all that a report may have beside it.
const MAX_FRAME_BYTES: usize = 64 << 20;
/// Most descriptors with a frame.
const MAX_LENT: usize = 2;
/// Bytes of a frame's length.
const LENGTH_BYTES: usize = 4;

/// One end.
#[derive(Debug)]
pub(super) struct Channel(UnixStream);

/// Why there is no message.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChannelError {
    /// The other end is gone.
    #[error("the other end is gone")]
    Closed,
    /// Nothing, or not all of it, came in time.
    #[error("nothing came in time")]
    Late,
    /// The frame is longer than any may be.
    #[error("a message of {length} bytes, at most {MAX_FRAME_BYTES} are allowed")]
    TooLong {
        /// As the frame says.
        length: usize,
    },
    /// The frame is no message.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The socket failed.
    #[error("the channel failed: {0}")]
    Failed(io::Error),
}

impl From<io::Error> for ChannelError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset => Self::Closed,
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Self::Late,
            _ => Self::Failed(error),
        }
    }
}

impl From<rustix::io::Errno> for ChannelError {
    fn from(error: rustix::io::Errno) -> Self {
        io::Error::from(error).into()
    }
}

impl Channel {
    pub(super) fn new(socket: UnixStream) -> Self {
        Self(socket)
    }

    /// Sends a message, and lends memory with it.
    ///
    /// # Errors
    /// When the other end is gone or does not read before `until`.
    pub(super) fn send(
        &self,
        message: &impl Wire,
        lent: &[BorrowedFd<'_>],
        until: Option<Instant>,
    ) -> Result<(), ChannelError> {
        self.send_and_wake(message, lent, until, || ())
    }

    /// [`Self::send`] to a process that rests, which `wake` wakes when as much of the message is there as there is
    /// room for: mostly it finds all of it, and need not wait again.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub(super) fn send_and_wake(
        &self,
        message: &impl Wire,
        lent: &[BorrowedFd<'_>],
        until: Option<Instant>,
        wake: impl FnOnce(),
    ) -> Result<(), ChannelError> {
        let mut frame = vec![0; LENGTH_BYTES];
        message.put(&mut frame);
        let length = frame.len() - LENGTH_BYTES;
        if length > MAX_FRAME_BYTES {
            return Err(ChannelError::TooLong { length });
        }
        let length = u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
        frame.splice(..LENGTH_BYTES, length);
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_LENT))];
        let mut beside = SendAncillaryBuffer::new(&mut space);
        if !lent.is_empty() {
            beside.push(SendAncillaryMessage::ScmRights(lent));
        }
        self.0.set_write_timeout(left(until)?)?;
        let mut begin = |flags| {
            let flags = SendFlags::NOSIGNAL | flags;
            retrying(|| sendmsg(&self.0, &[IoSlice::new(&frame)], &mut beside, flags))
        };
        let begun = begin(SendFlags::DONTWAIT);
        wake();
        let sent = match begun {
            Err(rustix::io::Errno::AGAIN) => begin(SendFlags::empty())?,
            begun => begun?,
        };
        let mut rest = frame.get(sent..).unwrap_or_default();
        while !rest.is_empty() {
            self.0.set_write_timeout(left(until)?)?;
            let sent = (&self.0).write(rest)?;
            rest = rest.get(sent..).unwrap_or_default();
        }
        Ok(())
    }

    /// Waits for a message and what is lent with it.
    ///
    /// # Errors
    /// When the other end is gone, nothing whole comes before `until`, or it is no message.
    pub(super) fn receive<M: Wire>(
        &self,
        until: Option<Instant>,
    ) -> Result<(M, Vec<OwnedFd>), ChannelError> {
        let mut length = [0; LENGTH_BYTES];
        let mut lent = Vec::new();
        self.fill(&mut length, Some(&mut lent), until)?;
        let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
        if length > MAX_FRAME_BYTES {
            return Err(ChannelError::TooLong { length });
        }
        let mut frame = vec![0; length];
        self.fill(&mut frame, None, until)?;
        Ok((whole(&frame)?, lent))
    }

    /// Fills `buffer`; what is lent is kept only where `lent` is given.
    fn fill(
        &self,
        buffer: &mut [u8],
        mut lent: Option<&mut Vec<OwnedFd>>,
        until: Option<Instant>,
    ) -> Result<(), ChannelError> {
        let mut rest = buffer;
        while !rest.is_empty() {
            self.0.set_read_timeout(left(until)?)?;
            let read = match &mut lent {
                Some(lent) => self.read_with_lent(rest, lent)?,
                None => retrying_io(|| (&self.0).read(rest))?,
            };
            if read == 0 {
                return Err(ChannelError::Closed);
            }
            rest = rest.get_mut(read..).unwrap_or_default();
        }
        Ok(())
    }

    fn read_with_lent(
        &self,
        buffer: &mut [u8],
        lent: &mut Vec<OwnedFd>,
    ) -> Result<usize, ChannelError> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_LENT))];
        let mut beside = RecvAncillaryBuffer::new(&mut space);
        let read = retrying(|| {
            let mut into = [IoSliceMut::new(buffer)];
            recvmsg(&self.0, &mut into, &mut beside, RecvFlags::CMSG_CLOEXEC)
        })?;
        for message in beside.drain() {
            if let RecvAncillaryMessage::ScmRights(received) = message {
                lent.extend(received.take(MAX_LENT));
            }
        }
        Ok(read.bytes)
    }
}

/// What is left of the time, or that nothing is.
fn left(until: Option<Instant>) -> Result<Option<Duration>, ChannelError> {
    let Some(until) = until else { return Ok(None) };
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() {
        Err(ChannelError::Late)
    } else {
        Ok(Some(left))
    }
}

/// Tries again what a signal interrupted.
fn retrying<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> rustix::io::Result<T> {
    loop {
        match call() {
            Err(rustix::io::Errno::INTR) => {}
            done => return done,
        }
    }
}

fn retrying_io<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}
