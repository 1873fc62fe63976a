// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tells receivers what became of their images: at least once, signed, with retries.

mod clock;
mod payload;
mod schedule;
mod sender;
mod sign;

pub use clock::{Clock, ManualClock, SystemClock};
pub use payload::{analysis_complete, analysis_failed, batch_complete};
pub use schedule::Schedule;
pub use sender::Sender;
pub use sign::{guide_signature, standard_signature};
