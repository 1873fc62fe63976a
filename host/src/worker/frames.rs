// SPDX-License-Identifier: MIT OR Apache-2.0
//! Frames by themselves, read as they are where they come out of a channel. For those who hold the readers against bytes of
//! any kind.

use assay_plugin_api::detector::NoScore;
use assay_plugin_api::report::Report;

use super::message::{Reply, Task};
use super::script::{read_answer, Text};
use super::wire::{whole, Wire};

/// What a worker answers, written again; `None` for what is no answer.
#[must_use]
pub fn reply_again(frame: &[u8]) -> Option<Vec<u8>> {
    written_again::<Reply>(frame)
}

/// What a worker is told, written again; `None` for what it is never told.
#[must_use]
pub fn task_again(frame: &[u8]) -> Option<Vec<u8>> {
    written_again::<Task>(frame)
}

/// What a program answers about a picture of `width` x `height` px; `None` for a greeting.
///
/// # Errors
/// What of it is no answer.
pub fn program_answer(
    frame: &[u8],
    width: u32,
    height: u32,
) -> Result<Option<Result<Report, NoScore>>, String> {
    let text = whole::<Text>(frame).map_err(|malformed| malformed.to_string())?;
    read_answer(&text, width, height)
}

fn written_again<M: Wire>(frame: &[u8]) -> Option<Vec<u8>> {
    let message: M = whole(frame).ok()?;
    let mut written = Vec::new();
    message.put(&mut written);
    Some(written)
}
