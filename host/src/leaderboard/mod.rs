// SPDX-License-Identifier: MIT OR Apache-2.0
//! Detectors and verdicts of several results of the same pictures, side by side: by what was done to the
//! pictures first, and by generator.

pub mod board;
mod page;
mod text;

pub use board::{Board, BoardError, Entrant, OrderBy};
pub use page::page;
