// SPDX-License-Identifier: MIT OR Apache-2.0
//! Examining images: at once for those who wait, and later for those who do not.

mod blobs;
mod claim;
mod examine;
mod order;
mod runner;
mod throughput;

pub use blobs::Blobs;
pub(super) use examine::{again, examine, is_kept, kept, Charge, Examined, Question};
pub(super) use order::{ClaimOrder, Order, Source, Task, TaskSource};
pub use runner::Runner;
pub use throughput::Throughput;
