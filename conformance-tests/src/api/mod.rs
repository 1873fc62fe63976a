// SPDX-License-Identifier: MIT OR Apache-2.0
//! Checks a deployment against the API guide, over a real socket.

pub mod bench;
pub mod case;
pub mod cases;
pub mod client;
pub mod command;
mod expect;
pub mod hooks;
pub mod output;
pub mod signature;
