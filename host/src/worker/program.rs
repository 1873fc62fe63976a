// SPDX-License-Identifier: MIT OR Apache-2.0
//! A worker that has closed itself in becomes another program.
//!
//! The program has four descriptors: its questions, its answers (the worker's channel, both), its
//! complaints, and the picture. It has no environment but what Python needs to write texts as UTF-8.

#![allow(unsafe_code)] // descriptors by number

use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use super::message::Program;

/// Where the program finds the picture.
const PICTURE: libc::c_int = 3;

/// Becomes a program; returns only if that fails, with the reason, which is also written to the
/// complaints.
pub(super) fn become_program(program: &Program, picture: OwnedFd, complaints: OwnedFd) -> String {
    let numbers = (picture.as_raw_fd(), complaints.as_raw_fd());
    // SAFETY: the standard descriptors and the fourth get another meaning, and nothing that runs here
    // from now on uses what stood there: the channel is read by nobody but the program.
    let is_placed = unsafe {
        libc::dup2(numbers.1, libc::STDERR_FILENO) >= 0
            && libc::dup2(libc::STDIN_FILENO, libc::STDOUT_FILENO) >= 0
            // To itself a descriptor would keep the mark that closes it.
            && match numbers.0 == PICTURE {
                true => libc::fcntl(PICTURE, libc::F_SETFD, 0) >= 0,
                false => libc::dup2(numbers.0, PICTURE) >= 0,
            }
    };
    let failed = match is_placed {
        false => std::io::Error::last_os_error(),
        true => Command::new(&program.file)
            .args(&program.arguments)
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .current_dir(&program.folder)
            .exec(),
    };
    // What the descriptors were is over: they are not closed a second time.
    std::mem::forget((picture, complaints));
    format!("{}: cannot be run: {failed}", program.file)
}
