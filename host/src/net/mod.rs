// SPDX-License-Identifier: MIT OR Apache-2.0
//! The way out: which addresses may be dialled, and fetching what clients point at.

mod address;
mod client;
mod fetch;
mod guard;
mod resolve;

pub use address::{AddressRange, AddressRangeError};
pub(crate) use client::provide_tls;
pub use client::{Client, ClientError, Timeouts};
pub use fetch::{FetchError, Fetcher};
pub use guard::{Guard, Target, TargetError};
pub use resolve::{Found, Names, SystemNames};
