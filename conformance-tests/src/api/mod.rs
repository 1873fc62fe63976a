// SPDX-License-Identifier: MIT OR Apache-2.0
//! The cases for a deployment: the API guide, over a real socket.

pub mod bench;
pub mod cases;
mod clause;
pub mod client;
mod expect;
pub mod hooks;
pub mod signature;
