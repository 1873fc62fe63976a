// SPDX-License-Identifier: MIT OR Apache-2.0
//! The binary from outside: real files, the built libraries, every format and exit code.

mod analyze;
mod support;
