// SPDX-License-Identifier: MIT OR Apache-2.0
//! The HTTP API from outside: the built binary, a real database, real sockets.

#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers, called by tests only

mod analyze;
mod cache;
mod keys;
mod rate_limits;
mod reading;
mod support;
mod surface;
