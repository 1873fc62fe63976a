// SPDX-License-Identifier: MIT OR Apache-2.0
//! The runner from outside, on libraries that keep the contract and on those that do not.

mod command;
mod faults;
mod shipped;
mod support;
