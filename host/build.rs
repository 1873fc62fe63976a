// SPDX-License-Identifier: MIT OR Apache-2.0
//! A new migration is a reason to compile again.

#![allow(clippy::print_stdout)] // how a build script speaks

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
