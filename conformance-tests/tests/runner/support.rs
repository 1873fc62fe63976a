// SPDX-License-Identifier: MIT OR Apache-2.0
//! The built runner and the built libraries.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What one run printed.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// The report of `--format json`.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {} {}", self.out, self.err))
    }

    /// Status and message of the case `id` in the report.
    pub(crate) fn case(&self, id: &str) -> (String, String) {
        let report = self.json();
        let cases = report["cases"].as_array().unwrap();
        let case = cases.iter().find(|case| case["id"] == id).unwrap();
        let text = |field: &str| case[field].as_str().unwrap().to_owned();
        (text("status"), text("message"))
    }
}

/// Runs the runner; `faulty` is how the faulty detector behaves.
pub(crate) fn runner(arguments: &[&str], faulty: Option<&str>) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay-conformance"));
    command.args(arguments).env_remove("ASSAY_FAULTY");
    if let Some(behaviour) = faulty {
        command.env("ASSAY_FAULTY", behaviour);
    }
    let output = command.output().unwrap();
    Run {
        code: output.status.code().expect("an exit code, not a signal"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A built plugin library, by crate name.
pub(crate) fn library(name: &str) -> PathBuf {
    use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
    let folder = Path::new(env!("CARGO_BIN_EXE_assay-conformance")).parent().unwrap();
    let path = folder.join(format!("{DLL_PREFIX}{name}{DLL_SUFFIX}"));
    assert!(path.is_file(), "{} is missing; run `cargo build --workspace` first", path.display());
    path
}
