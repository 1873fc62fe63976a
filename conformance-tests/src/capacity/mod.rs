// SPDX-License-Identifier: MIT OR Apache-2.0
//! How much of a machine a stream of pictures takes: a line through what was measured, and queues.

mod line;
mod queue;

pub use line::Line;
pub use queue::{simulate, Station, Waits};
