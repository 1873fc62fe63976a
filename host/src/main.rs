// SPDX-License-Identifier: MIT OR Apache-2.0
//! The `assay` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    assay::cli::main()
}
